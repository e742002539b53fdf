"""Exports hold the values of the record, and other programs take them."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bids_validator import BIDSValidator
from click.testing import CliRunner
from PIL import Image
from pyarrow import parquet

import engramlab as lab
from engramlab.analysis.style import COLOURS
from engramlab.cli import main
from engramlab.errors import OutputError, ParameterError
from engramlab.export import Recording, export_bids, export_figures, export_nwb, export_parquet
from engramlab.export.animals import animals_of, labels, sessions_of
from engramlab.importers import read_data
from engramlab.importers.imaging import Imaging
from engramlab.measures import correlation
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.report.figures import FIGURES
from engramlab.report.picture import save_figure

RECORDING = Recording("CA1", cells=40, frame_rate_Hz=5.0)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    """Two groups that met a shock, a cue and light; a name that labels cannot hold."""
    protocol = Protocol.create(
        name="shock_and-light",
        title="Shock, cue and light",
        contexts={"A": {}, "B": {}},
        cues={"tone": {}},
        tags={"engram": {}},
        cells={"tagged-DG": {"tagged": "engram", "region": "DG"}},
        groups={"no-light": {}, "light": {"title": "light on DG"}},
        timeline=[
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            {
                "do": "session",
                "name": "training",
                "context": "A",
                "minutes": 3,
                "at_hours": 0,
                "shocks": {"at_minutes": [1.0, 2.5], "shock_mA": 0.75},
                "cue": [{"name": "tone", "at_minutes": [0.5], "seconds": 60}],
            },
            *(
                {
                    "do": "session",
                    "name": "test-B",
                    "context": "B",
                    "minutes": 2,
                    "at_hours": 24,
                    "probe": True,
                    "groups": [group],
                    **light,
                }
                for group, light in (
                    ("no-light", {}),
                    ("light", {"light": [{"cells": "tagged-DG", "effect": "drive"}]}),
                )
            ),
        ],
    )
    return lab.run(protocol, animals=2, workers=1)


@pytest.fixture(scope="module")
def nwb(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return export_nwb(experiment, tmp_path_factory.mktemp("nwb"), recording=RECORDING)


# --- NWB --------------------------------------------------------------------------------------


def test_nwb_inspector_has_nothing_but_suggestions(nwb: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nwbinspector import Importance, inspect_all

        messages = list(inspect_all(nwb / "sub-light00", progress_bar=False, n_jobs=1))
    grave = [m for m in messages if m.importance != Importance.BEST_PRACTICE_SUGGESTION]
    assert [(m.check_function_name, m.message) for m in grave] == []
    assert len(list(nwb.rglob("*.nwb"))) == 8


def test_pynapple_opens_it_and_finds_the_values_of_the_record(
    nwb: Path, experiment: Experiment
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pynapple

    file = pynapple.load_file(str(nwb / "sub-noLight01" / "sub-noLight01_ses-training.nwb"))
    freezing = experiment.data["freezing_by_moment"].sel(session="training").values[1]
    assert file["freezing"].values == pytest.approx(freezing[:6])
    assert file["freezing"].index.values == pytest.approx(np.arange(6) * 30.0)
    assert file["epochs"].values.tolist() == [[0.0, 180.0]]
    assert file["shock"].values.tolist() == [[60.0, 90.0], [150.0, 180.0]]
    assert file["cue_tone"].values.tolist() == [[30.0, 90.0]]
    assert file["fluorescence"].shape == (900, 40)
    test = pynapple.load_file(str(nwb / "sub-light00" / "sub-light00_ses-testB.nwb"))
    assert test["light_drive_tagged-DG"].values.tolist() == [[0.0, 120.0]]


def test_a_file_says_that_the_animal_is_virtual_and_how_to_make_it(
    nwb: Path, experiment: Experiment
) -> None:
    import pynwb

    with pynwb.NWBHDF5IO(nwb / "sub-light00" / "sub-light00_ses-testB.nwb", "r") as io:
        file = io.read()
        assert file.session_start_time == datetime(2000, 1, 1, 9, tzinfo=UTC) + timedelta(hours=24)
        assert "no animal was used" in file.notes
        assert json.loads(file.data_collection)["digest"] == experiment.provenance["digest"]
        assert file.protocol == experiment.protocol.to_yaml()
        neurons = file.acquisition["neurons"].to_dataframe()
        own = animals_of(experiment)[2].data
        assert neurons["peak"].to_numpy() == pytest.approx(own["ieg"].sel(session="test-B").values)
        assert neurons["tag_engram"].tolist() == own["tagged"].values[0].tolist()
        assert neurons["region"].tolist() == own["region"].values.tolist()


def test_our_own_importer_reads_what_was_exported(nwb: Path, experiment: Experiment) -> None:
    told = {"cell_column": "cell_id", "kind": "traces"}
    found = read_data(nwb / "sub-noLight00", told=told)
    assert isinstance(found, Imaging)
    assert (found.animal, found.frame_rate_Hz) == ("noLight00", 5.0)
    assert found.data["hours"].values.tolist() == [0.0, 24.0]
    animal = animals_of(experiment)[0]
    cells = RECORDING.field(animal, 1)
    assert found.data["cell"].values.tolist() == [str(cell) for cell in cells]
    session = sessions_of(experiment, animal)[1]
    assert found.session(found.sessions[1]).to_numpy() == pytest.approx(
        RECORDING.traces(animal, session, cells, 1)
    )


def test_a_recording_shows_activity_and_the_same_cells_every_time(experiment: Experiment) -> None:
    animal = animals_of(experiment)[0]
    session = sessions_of(experiment, animal)[0]
    wide = Recording("CA1", cells=10_000, background_per_second=0.0, noise=0.0)
    cells = wide.field(animal, 1)
    assert set(animal.data["region"].values[cells]) == {"CA1"}
    traces = wide.traces(animal, session, cells, 1)
    rate = session.data["rate"].values[cells]
    assert traces[:, rate == 0].max() == 0.0
    assert correlation(traces.mean(axis=0), rate) > 0.9
    # Events arrive at the rate that was asked for: a transient holds 1 / (1 - keep) frames' worth.
    keep = np.exp(-1 / (0.6 * 10))
    expected = 0.5 * rate.sum() * session.seconds / (1 - keep)
    assert traces.sum() == pytest.approx(expected, rel=0.15)
    again = wide.traces(animal, session, cells, 1)
    assert (again == traces).all()
    assert not (
        wide.field(animals_of(experiment)[1], 1)[:5] == RECORDING.field(animal, 1)[:5]
    ).all()
    with pytest.raises(ParameterError, match=r"region 'CA9'.*\n.*CA1"):
        Recording("CA9").check(["CA1", "DG"])


# --- BIDS -------------------------------------------------------------------------------------


def test_bids_names_are_valid_and_every_column_is_described(
    experiment: Experiment, tmp_path: Path
) -> None:
    folder = export_bids(experiment, tmp_path / "bids")
    files = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    validator = BIDSValidator()
    raw = [name for name in files if not name.startswith("derivatives/")]
    assert [name for name in raw if not validator.is_bids("/" + name)] == []
    assert json.loads((folder / "dataset_description.json").read_text())["DatasetType"] == "raw"
    for kind in ("beh", "events"):
        described = json.loads((folder / f"task-shockAndLight_{kind}.json").read_text())
        for path in folder.glob(f"sub-*/ses-*/beh/*_{kind}.tsv"):
            columns = set(pd.read_csv(path, sep="\t").columns)
            assert columns - set(described) - {"onset", "duration"} == set()
    people = pd.read_csv(folder / "participants.tsv", sep="\t")
    assert people["participant_id"].tolist() == [
        "sub-noLight00",
        "sub-noLight01",
        "sub-light00",
        "sub-light01",
    ]
    beh = folder / "sub-light01" / "ses-training" / "beh"
    moments = pd.read_csv(beh / "sub-light01_ses-training_task-shockAndLight_beh.tsv", sep="\t")
    expected = experiment.data["freezing_by_moment"].sel(session="training").values[3, :6]
    assert moments["freezing"].to_numpy() == pytest.approx(expected, rel=1e-5)
    events = pd.read_csv(beh / "sub-light01_ses-training_task-shockAndLight_events.tsv", sep="\t")
    assert events["trial_type"].tolist() == ["cue", "shock", "shock"]
    assert events["onset"].is_monotonic_increasing
    neurons = next(folder.glob("derivatives/engramlab/sub-light01/ses-training/*.tsv.gz"))
    table = pd.read_csv(neurons, sep="\t")
    assert table["tag_engram"].sum() == int(experiment.data["tagged"].values[3, 0].sum())


def test_names_that_labels_cannot_tell_apart_are_refused() -> None:
    assert labels(["no-shock", "a_b c", "x2"], "group") == {
        "no-shock": "noShock",
        "a_b c": "aBC",
        "x2": "x2",
    }
    with pytest.raises(ParameterError, match=r"groups 'a-b' and 'a_b'.*would both"):
        labels(["a-b", "a_b"], "group")


# --- Parquet ----------------------------------------------------------------------------------


def test_parquet_tables_hold_the_record_and_join(experiment: Experiment, tmp_path: Path) -> None:
    folder = export_parquet(experiment, tmp_path / "tables")
    scores = pd.read_parquet(folder / "scores.parquet")
    pd.testing.assert_frame_equal(scores, experiment.table, check_dtype=False)
    activity = pd.read_parquet(folder / "activity.parquet")
    neurons = pd.read_parquet(folder / "neurons.parquet")
    moments = pd.read_parquet(folder / "moments.parquet")
    data = experiment.data
    assert len(neurons) == data.sizes["animal"] * data.sizes["neuron"]
    assert len(activity) == len(neurons) * data.sizes["session"]
    assert activity["peak"].sum() == pytest.approx(float(data["ieg"].sum()), rel=1e-5)
    joined = activity.merge(neurons, on=["group", "animal", "neuron"])
    size = (
        (joined["peak"] > 0.3)[joined["region"] == "CA1"]
        .groupby([joined["group"], joined["animal"], joined["session"]])
        .mean()
    )
    row = experiment.table.query(
        "measure == 'engram_size' and region == 'CA1' and session == 'training'"
    ).iloc[0]
    assert 100 * size[row["group"], row["animal"], "training"] == pytest.approx(row["value"])
    freezing = moments.groupby(["group", "animal", "session"])["freezing"].mean()
    assert freezing["light", 1, "test-B"] == pytest.approx(
        float(data["freezing"].sel(session="test-B").values[3]), rel=1e-5
    )
    schema = parquet.read_schema(folder / "moments.parquet")
    assert schema.field("freezing").metadata[b"unit"] == b"percent"
    assert b"no animal was used" in schema.metadata[b"engramlab"]


# --- figures ----------------------------------------------------------------------------------


def test_figures_for_paper_are_editable_dense_and_always_the_same(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {name: FIGURES[name] for name in ("freezing", "differences")}
    monkeypatch.setattr("engramlab.export.figures.FIGURES", some)
    folder = export_figures(experiment, tmp_path / "one")
    names = {path.stem for path in folder.glob("*.pdf")}
    assert names == set(some)
    for ending in ("svg", "png"):
        assert {path.stem for path in folder.glob(f"*.{ending}")} == names
    pdf = (folder / "freezing.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf  # TrueType
    assert b"CreationDate" not in pdf
    assert "<text" in (folder / "freezing.svg").read_text(encoding="utf-8")
    assert round(Image.open(folder / "freezing.png").info["dpi"][0]) == 300
    again = export_figures(experiment, tmp_path / "two", formats=["pdf", "svg"])
    for path in again.glob("freezing.*"):
        assert path.read_bytes() == (folder / path.name).read_bytes()
    with pytest.raises(ParameterError, match="tiff"):
        export_figures(experiment, tmp_path / "three", formats=["tiff"])


def test_a_figure_has_the_width_of_a_column(experiment: Experiment, tmp_path: Path) -> None:
    figure = lab.plot(experiment, "freezing")
    assert figure is not None
    path = save_figure(figure, tmp_path / "f.png", width_mm=85)
    assert Image.open(path).width == pytest.approx(85 / 25.4 * 300, abs=1)
    with pytest.raises(ParameterError, match=r"\.svg, \.pdf, \.png"):
        save_figure(figure, tmp_path / "f.tiff")
    with pytest.raises(OutputError):
        save_figure(figure, tmp_path / "nowhere" / "f.png")


# Machado, Oliveira & Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291, full severity.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab_of(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x = np.clip(rgb, 0, 1) @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colour_blind_readers_tell_the_groups_apart(kind: str) -> None:
    srgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLOURS[:6]])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = lab_of(linear @ np.array(BLINDNESS[kind]).T)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)[np.triu_indices(6, 1)]
    assert apart.min() > 10  # about 2 is just noticeable side by side
    first_two = np.linalg.norm(seen[0] - seen[1])
    assert first_two > 50  # most figures have two groups


# --- the command ------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_the_command_writes_beside_the_results_and_never_over_anything(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment.save("mine")
    printed = json.loads(run("export", "mine", "--format", "parquet", "--json").stdout)
    assert printed["files"] == [
        "activity.parquet",
        "moments.parquet",
        "neurons.parquet",
        "scores.parquet",
    ]
    assert (tmp_path / "mine-parquet" / "scores.parquet").exists()
    refused = run("export", "mine", "--format", "parquet")
    assert (refused.exit_code, "--out" in refused.stderr) == (2, True)
    for arguments, reason in (
        (["--format", "nwb", "--record", "CA9"], "CA9"),
        (["--format", "bids", "--record", "CA1"], "--format nwb"),
        (["--format", "docx"], "docx"),
    ):
        result = run("export", "mine", *arguments, "--out", "new")
        assert (result.exit_code, reason in result.stderr) == (2, True)
        assert not (tmp_path / "new").exists()
    assert run("export", "nothing-here", "--format", "bids").exit_code == 2
