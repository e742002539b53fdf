"""Results folders: round trips, and what damage, full disks and strangers' files do."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_records import random_experiment, random_records, two_groups

from engramlab.brain import Brain
from engramlab.errors import OutputError
from engramlab.protocol import Protocol, paradigm_names
from engramlab.record import (
    Experiment,
    describe_run,
    digest,
    read_provenance,
    staged,
    write_provenance,
)

FILES = {"record.nc", "table.csv", "table.parquet", "provenance.json", "protocol.yaml"}


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return random_experiment(two_groups(), 2)


@pytest.fixture
def folder(experiment: Experiment, tmp_path: Path) -> Path:
    return experiment.save(tmp_path / "new" / "results")


def refused(action: Any, *arguments: Any) -> str:
    with pytest.raises(OutputError) as caught:
        action(*arguments)
    assert all(problem.where and problem.allowed for problem in caught.value.problems)
    return str(caught.value)


def test_what_is_saved_is_what_is_loaded(experiment: Experiment, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES
    loaded = Experiment.load(folder)
    assert loaded.data.identical(experiment.data)
    for name, variable in experiment.data.variables.items():
        assert loaded.data[name].dtype == variable.dtype, name
    assert loaded.protocol == experiment.protocol
    assert loaded.provenance == experiment.provenance
    assert digest(loaded.data) == experiment.provenance["digest"]
    pd.testing.assert_frame_equal(loaded.table, experiment.table)


def test_the_tables_on_disk_are_the_table(experiment: Experiment, folder: Path) -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "table.parquet"), experiment.table)
    texts = dict.fromkeys(("region", "tag", "cells", "session", "context", "unit"), str)
    csv = pd.read_csv(
        folder / "table.csv", dtype=texts, keep_default_na=False, na_values={"hours": ""}
    )
    pd.testing.assert_series_equal(csv["value"], experiment.table["value"], check_exact=True)
    assert (csv["session"] == experiment.table["session"]).all()


def test_a_protocol_without_tags_or_cells_survives(tmp_path: Path) -> None:
    plain = Protocol.create(
        name="plain",
        contexts={"A": {}},
        groups={"one": {}},
        timeline=[{"do": "session", "name": "s", "context": "A", "minutes": 1, "at_hours": 0}],
    )
    experiment = random_experiment(plain, 1)
    loaded = Experiment.load(experiment.save(tmp_path / "out"))
    assert loaded.data.identical(experiment.data)
    assert loaded.data.sizes["tag"] == 0


def test_provenance_makes_the_run_again() -> None:
    brain = Brain().with_parameters(boost_gain=2.5).without("replay")
    provenance = describe_run(two_groups(), brain, animals=3, seed=2**62)
    again = Brain().with_parameters(provenance["brain"]["changed"])
    assert again.without(*provenance["brain"]["switched_off"]) == brain
    assert provenance["brain"]["digest"] == brain.digest()
    assert provenance["command"] == (
        f"engramlab run protocol.yaml --animals 3 --seed {2**62} --set boost_gain=2.5 "
        "--without replay"
    )
    assert {row["name"] for row in provenance["parameters"]} == set(brain.parameters)
    assert json.loads(json.dumps(provenance)) == provenance


@pytest.mark.parametrize("name", paradigm_names())
def test_the_command_of_a_built_in_paradigm_names_it(name: str) -> None:
    from engramlab.protocol import load_protocol

    command = describe_run(load_protocol(name), Brain(), animals=2, seed=1)["command"]
    assert command == f"engramlab run {name} --animals 2 --seed 1"


def test_freezing_is_wide(experiment: Experiment) -> None:
    wide = experiment.freezing
    assert list(wide.columns) == ["training", "probe-at-tag", "test", "exit"]
    assert wide.loc[("safe", 1), "exit"] == experiment.data["freezing"].values[3, 3]
    missing = wide["probe-at-tag"].isna()
    assert list(missing[missing].index) == [("safe", 0), ("safe", 1)]


def test_a_folder_that_holds_something_is_not_touched(
    experiment: Experiment, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert "not empty" in refused(experiment.save, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_results_are_not_overwritten(experiment: Experiment, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    refused(experiment.save, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_begun_run_is_completed_but_not_that_of_another(
    experiment: Experiment, tmp_path: Path
) -> None:
    begun = describe_run(two_groups(), Brain(), animals=2, seed=7, status="running")
    write_provenance(tmp_path, begun)
    assert "resume" in refused(Experiment.load, tmp_path)
    other = Experiment.from_records(random_records(two_groups(), 2), two_groups(), Brain(), seed=8)
    refused(other.save, tmp_path)
    experiment.save(tmp_path)
    assert read_provenance(tmp_path)["status"] == "complete"
    assert Experiment.load(tmp_path).data.identical(experiment.data)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_record_is_refused(folder: Path, share: float) -> None:
    path = folder / "record.nc"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    message = refused(Experiment.load, folder)
    assert str(path) in message
    assert "damaged" in message


def test_a_flipped_bit_is_found_wherever_it_changes_a_value(folder: Path) -> None:
    path = folder / "record.nc"
    whole = path.read_bytes()
    expected = Experiment.load(folder).data
    random = np.random.default_rng(5)
    found = 0
    for place in random.integers(0, len(whole), 25):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(random.integers(8))
        path.write_bytes(damaged)
        try:
            loaded = Experiment.load(folder)
        except OutputError:
            found += 1
        else:  # in padding, or in an attribute
            assert digest(loaded.data) == digest(expected)
    assert found > 10


@pytest.mark.parametrize("file", ["record.nc", "provenance.json"])
def test_an_unknown_format_version_is_refused(folder: Path, file: str) -> None:
    if file == "record.nc":
        import h5netcdf

        with h5netcdf.File(folder / file, "a") as record:
            record.attrs["format"] = 99
    else:
        provenance = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps({**provenance, "format": 99}))
    message = refused(Experiment.load, folder)
    assert "99" in message
    assert file in message


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "{}", '{"format": null}'])
def test_damaged_provenance_is_refused(folder: Path, content: str) -> None:
    (folder / "provenance.json").write_text(content)
    assert "provenance.json" in refused(Experiment.load, folder)


def test_a_missing_record_and_a_stranger_s_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "record.nc").unlink()
    assert "record.nc" in refused(Experiment.load, folder)
    assert "no results folder" in refused(Experiment.load, tmp_path)
    assert "no results folder" in refused(Experiment.load, tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    refused(experiment.save, tmp_path / "x" / "results")
    refused(experiment.save, tmp_path / "x")
    assert (tmp_path / "x").read_text() == "mine"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk that the record does not fit on, where one may."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a tiny disk; a full disk is simulated in another test")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_nothing(experiment: Experiment, small_disk: Path) -> None:
    message = refused(experiment.save, small_disk / "results")
    assert "No space left" in message
    assert "free some space" in message
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("method", ["to_csv", "to_parquet"])
def test_a_disk_that_fills_up_late_leaves_nothing(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def full(self: pd.DataFrame, path: Path, **_: Any) -> None:
        path.write_text("half a tab")
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(pd.DataFrame, method, full)
    assert "No space left" in refused(experiment.save, tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_staged_files_appear_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("old")

    def write(fail: bool) -> None:
        with staged(tmp_path) as place:
            (place / "deep").mkdir()
            (place / "deep" / "file").write_text("new")
            (place / "kept").write_text("new")
            assert (tmp_path / "kept").read_text() == "old"
            if fail:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(fail=True)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_text() == "old"
    write(fail=False)
    assert (tmp_path / "deep" / "file").read_text() == (tmp_path / "kept").read_text() == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "kept"}


@pytest.mark.parametrize("name", paradigm_names())
def test_the_summary_fits_a_screen(name: str) -> None:
    from engramlab.protocol import load_protocol

    experiment = random_experiment(load_protocol(name), 2)
    lines = experiment.summary().splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    assert name in lines[0]
    first = experiment.freezing.xs(next(iter(experiment.protocol.groups)))
    assert f"{first.to_numpy()[:, -1].mean():.1f} ± " in experiment.summary()


def test_the_summary_of_a_large_protocol_counts_what_it_leaves_out() -> None:
    large = Protocol.create(
        name="large",
        title="many words " * 20,
        contexts={"A": {}},
        groups={f"group-with-a-long-name-{number}": {} for number in range(9)},
        timeline=[
            {"do": "session", "name": f"s{day}", "context": "A", "minutes": 0.5, "at_days": day}
            for day in range(30)
        ],
    )
    lines = random_experiment(large, 1).summary().splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    assert any("rows more" in line or "row more" in line for line in lines)


def test_html_is_escaped(experiment: Experiment) -> None:
    html = experiment._repr_html_()
    assert "<b>with</b>" not in html
    assert "&lt;b&gt;with&lt;/b&gt;" in html
