"""Which formats there are, how one is chosen, plug-ins, and the command line over all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from engramlab.cli import main
from engramlab.errors import DataError
from engramlab.importers import Importer, Options, Scores, importers, read_data, registry
from engramlab.importers.formats.scores import IMPORTER as SCORES

FORMATS = {
    "caiman",
    "cellprofiler",
    "cellreg",
    "counts",
    "eztrack",
    "imagej",
    "imaging-csv",
    "minian",
    "nwb",
    "qupath",
    "scores",
    "suite2p",
    "videofreeze",
}
SUMMARY = "Slice,Count,Total Area,Average Size,%Area\n"
SUMMARY += "".join(f"m{number}_DG.tif,{number * 10},1,1,1\n" for number in range(1, 5))


@dataclass(frozen=True)
class Point:
    """An entry point, as far as it is used."""

    loaded: object
    value: str = "plugin:IMPORTER"

    def load(self) -> object:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Point]]:
    points: list[Point] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group else [])
    importers.cache_clear()
    yield points
    importers.cache_clear()


def plugin(name: str) -> Importer:
    def read(path: Path, options: Options) -> Scores:
        table = pd.DataFrame(
            {
                **dict.fromkeys(("experiment", "group", "condition"), "all"),
                "hours": [np.nan],
                "measure": "freezing",
                "animal": "m1",
                "value": 42.0,
            }
        )
        return Scores(table, options.columns, str(path))

    return Importer(name, "ours", "scores", (".ours",), lambda path: path.suffix == ".ours", read)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_all_formats_are_found_and_say_what_they_read() -> None:
    assert set(importers()) == FORMATS
    for name, importer in importers().items():
        assert importer.name == name
        assert importer.reads in ("scores", "cell counts", "imaging", "cell map")
        names = [ask.name for ask in importer.asks]
        assert len(set(names)) == len(names), name
        for ask in importer.asks:
            assert ask.what
            assert ask.example


def test_nothing_that_is_not_there_or_empty_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for ending in ("csv", "tsv", "xlsx", "hdf5", "nwb", "mat", "nc", "csv.gz", ""):
        path = tmp_path / f"a.{ending}"
        path.write_bytes(b"")
        for importer in importers().values():
            assert not importer.recognise(path), (importer.name, ending)
            assert not importer.recognise(tmp_path / "none" / path.name)
    assert not any(one.recognise(tmp_path / "empty") for one in importers().values())


def test_a_plugin_is_found_and_used(plugins: list[Point], tmp_path: Path) -> None:
    plugins.append(Point(plugin("ours")))
    assert set(importers()) == FORMATS | {"ours"}
    path = tmp_path / "a.ours"
    path.write_text("whatever")
    data = read_data(path)
    assert isinstance(data, Scores)
    assert data.table["value"].tolist() == [42.0]


@pytest.mark.parametrize(
    ("loaded", "says"),
    [
        (ImportError("no such module"), "left out: ImportError"),
        ("text", "it is no Importer"),
        (plugin("qupath"), "there is a format 'qupath'"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out_with_a_warning(
    plugins: list[Point], loaded: object, says: str
) -> None:
    plugins.append(Point(loaded))
    with pytest.warns(UserWarning, match=says):
        assert set(importers()) == FORMATS
    assert importers()["qupath"].title.startswith("QuPath")


def test_a_file_of_two_formats_is_asked_about(plugins: list[Point], tmp_path: Path) -> None:
    plugins += [Point(plugin("ours")), Point(plugin("theirs"))]
    path = tmp_path / "a.ours"
    path.write_text("whatever")
    with pytest.raises(DataError, match=r"several formats\n.*--format ours .*--format theirs"):
        read_data(path)
    assert isinstance(read_data(path, "theirs"), Scores)


def test_a_format_that_does_not_exist_and_an_answer_nobody_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("animal,value\n1,2\n")
    with pytest.raises(DataError, match="did you mean 'qupath'"):
        read_data(path, "qupaht")
    with pytest.raises(DataError, match=r"'frame_rate_Hz' is not asked for by .*'scores'"):
        read_data(path, told={"frame_rate_Hz": 20})


def test_a_table_of_no_known_layout_is_asked_about_as_scores(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("mouse,score\n1,2\n")
    with pytest.raises(DataError, match="--column animal=NAME"):
        read_data(path)
    assert not SCORES.recognise(path)


def test_other_files_and_folders_of_no_known_format_name_the_formats(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"folder of no known format\n.*--format with one of"):
        read_data(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read_data(tmp_path / "none.hdf5")
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00")
    with pytest.raises(DataError, match="is of no known format"):
        read_data(path)


def test_formats_are_listed_with_what_they_ask_for() -> None:
    listed = run("formats").stdout
    for name in FORMATS:
        assert f"{name}: " in listed
    one = run("formats", "suite2p").stdout
    assert "--tell frame_rate_Hz=20" in one
    assert "--tell signal=spks" in one
    content = answer("formats")
    assert set(content) == FORMATS
    assert {ask["tell"] for ask in content["nwb"]["asks"]} >= {"cell_column", "kind"}
    unknown = run("formats", "spss")
    assert unknown.exit_code == 2
    assert "there is no 'spss'" in unknown.stderr


def test_counts_of_cells_are_analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Summary.csv").write_text(SUMMARY)
    told = ["--tell", "names={animal}_{region}", "--tell", "marker=cFos"]
    printed = answer("analyze", "Summary.csv", *told)
    (mean,) = printed["other_measures"]
    assert mean["measure"] == "cFos, DG [cells per image]"
    assert mean["mean"] == 25.0
    assert mean["animals"] == 4
    out = Path(printed["folder"])
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["told"] == {"names": "{animal}_{region}", "marker": "cFos"}
    refused = run("analyze", "Summary.csv", "--out", "b", "--tell", "names={animal}_{region}")
    assert refused.exit_code == 2
    assert "--tell marker=cFos" in refused.stderr
    assert not Path("b").exists()


def test_a_recording_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rec").mkdir()
    for number, name in enumerate(("a", "b")):
        values = np.random.default_rng(number).random((20, 3))
        pd.DataFrame(values).to_csv(f"rec/m1_{name}.csv", header=False, index=False)
    told = {"kind": "traces", "frame_rate_Hz": "10", "names": "{animal}_{session}"}
    flags = [word for item in told.items() for word in ("--tell", "=".join(item))]
    unordered = run("analyze", "rec", *flags)
    assert unordered.exit_code == 2
    assert "--tell sessions=" in unordered.stderr
    assert not Path("results").exists()
    printed = answer("analyze", "rec", *flags, "--tell", "sessions=b,a")
    assert [row["session"] for row in printed["sessions"]] == ["b", "a"]
    assert printed["sessions"][0]["seconds"] == 2.0
    out = Path(printed["folder"])
    assert len(pd.read_csv(out / "cells.csv")) == 6
    assert len(json.loads((out / "provenance.json").read_text())["sha256"]) == 64
    against = run("analyze", "rec", *flags, "--out", "x", "--against", "contextual-fear")
    assert against.exit_code == 2
    assert not Path("x").exists()


def test_the_digest_of_a_folder_follows_its_files(tmp_path: Path) -> None:
    from engramlab.cli.analyze import _digest

    (tmp_path / "a").write_text("1")
    first = _digest(tmp_path)
    (tmp_path / "a").write_text("2")
    second = _digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, _digest(tmp_path)}) == 3
