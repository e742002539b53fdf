"""Analysis of imaging: recordings whose truth is known, the shared ones, and what is refused."""

from __future__ import annotations

import json
import os
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import engramlab as lab
from engramlab.analysis import ImagingAnalysis
from engramlab.cli import main
from engramlab.errors import DataError, ParameterError
from engramlab.measures import (
    correlation,
    density,
    ensemble_by_share,
    overlap_over_chance,
    overlaps_keeping_activity,
)

DATA = Path(os.environ.get("ENGRAMLAB_DATA", Path(__file__).parents[3] / "shared" / "data"))
IMAGING = DATA / "tome2024" / "imaging"
SESSIONS = ("home", "A1", "B1", "A2", "B2")
CONTEXTS = {name: name[0] for name in SESSIONS[1:]}
CELLS, FRAMES = 60, 400


def write_recording(folder: Path, animal: str, seed: int) -> dict[str, np.ndarray]:
    """Cells that are lively on their own; ten answer to context A, ten others to B."""
    random = np.random.default_rng(seed)
    lively = np.exp(random.normal(0, 1, CELLS))
    lively[:20] = 0.3
    folder.mkdir(parents=True, exist_ok=True)
    traces = {}
    for name in SESSIONS:
        rate = 0.05 * lively
        rate[0:10] += 1.0 * (name[0] == "A")
        rate[10:20] += 1.0 * (name[0] == "B")
        traces[name] = random.poisson(rate, (FRAMES, CELLS)).astype(float)
        np.savetxt(folder / f"{animal}_{name}.csv", traces[name], fmt="%g", delimiter=",")
    return traces


TOLD = {
    "names": "{animal}_{session}",
    "sessions": ",".join(SESSIONS),
    "kind": "events",
    "frame_rate_Hz": 10,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imaging") / "mice"
    for animal, seed in (("m1", 1), ("m2", 2), ("m3", 3)):
        write_recording(folder, animal, seed)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> ImagingAnalysis:
    told = {**TOLD, "animal": "m1,m2,m3"}
    return lab.analyze_imaging(folder, told=told, contexts=CONTEXTS, reference="A1")


def traces_of(folder: Path, animal: str) -> list[np.ndarray]:
    return [np.loadtxt(folder / f"{animal}_{name}.csv", delimiter=",") for name in SESSIONS]


def test_every_number_is_that_of_the_measures(folder: Path, found: ImagingAnalysis) -> None:
    traces = traces_of(folder, "m2")
    means = np.array([one.mean(axis=0) for one in traces])
    active = ensemble_by_share(means, 0.2)
    kept = overlaps_keeping_activity(active)
    rows = found.overlaps[found.overlaps["animal"] == "m2"]
    for row, (i, j) in zip(
        rows.to_dict(orient="records"), combinations(range(len(SESSIONS)), 2), strict=True
    ):
        assert (row["first"], row["second"]) == (SESSIONS[i], SESSIONS[j])
        assert row["plain_ratio"] == pytest.approx(overlap_over_chance(active[i], active[j]))
        assert row["ratio"] == pytest.approx(kept.ratio[i, j])
        assert row["p_more"] == pytest.approx(kept.p_more[i, j])
    similar = found.similarity[found.similarity["animal"] == "m2"].iloc[0]
    assert similar["correlation"] == pytest.approx(correlation(means[0], means[1], ranks=False))
    size = found.sessions[found.sessions["animal"] == "m2"]["ensemble_cells"]
    assert size.tolist() == [12] * 5
    cells = found.cells[(found.cells["animal"] == "m2") & (found.cells["session"] == "A1")]
    assert cells["in_ensemble"].tolist() == active[1].tolist()
    network = found.network[found.network["animal"] == "m2"].iloc[0]
    assert network["density_over_level"] == pytest.approx(network["density"] / 0.01)
    assert 0 <= network["density"] <= density(~np.eye(CELLS, dtype=bool))


def test_what_was_put_in_comes_out(found: ImagingAnalysis) -> None:
    pairs = found.overlaps.groupby(["first", "second"])["ratio"].mean()
    assert pairs["A1", "A2"] > 1.3 > pairs["A1", "B1"]
    assert pairs["B1", "B2"] > 1.3 > pairs["A2", "B2"]
    assert (found.overlaps.groupby("animal")["p_corrected"].min() < 0.05).all()
    contexts = found.decoding[found.decoding["labels"] == "contexts"]
    assert (contexts["accuracy"] == 1.0).all()
    assert (contexts["smallest_p"] == 0.5).all()
    assert "cannot be below 0.5" in found.summary()
    assert found.over_animals["animals"].eq(3).all()
    survival = found.survival[found.survival["session"] == "A2"]
    assert (survival["retention"] > survival["retention_high"]).all()


@pytest.mark.filterwarnings("error")
def test_figures_are_drawn_and_the_summary_fits(found: ImagingAnalysis) -> None:
    for name in lab.figures(found):
        figure = lab.plot(found, name)
        assert figure is not None, name
        figure.draw_without_rendering()
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert max(map(len, found.summary().splitlines()[:-3])) <= 100


def test_one_session_alone_gives_what_it_can(folder: Path) -> None:
    told = {**TOLD, "animal": "m1", "sessions": "A1"}
    found = lab.analyze_imaging(folder, told=told)
    assert found.overlaps.empty
    assert found.decoding.empty
    assert len(found.network) == 1
    assert found.summary()
    two = lab.analyze_imaging(folder, told={**told, "sessions": "A1,A2"})
    assert two.overlaps["ratio"].isna().all()  # general activity takes a third session
    assert two.overlaps["plain_ratio"].notna().all()
    assert lab.plot(two, "overlaps") is None


def test_what_makes_no_sense_is_refused(folder: Path) -> None:
    told = {**TOLD, "animal": "m1"}
    with pytest.raises(DataError, match="no session 'A9'"):
        lab.analyze_imaging(folder, told=told, reference="A9")
    with pytest.raises(DataError, match=r"animal 'm1'.*several recordings"):
        lab.analyze_imaging(folder, folder, told=told)
    with pytest.raises(ParameterError, match=r"share: is 1\.5"):
        lab.analyze_imaging(folder, told=told, share=1.5)
    with pytest.raises(DataError, match="names 2 animals"):
        lab.analyze_imaging(folder, folder, folder, told={**TOLD, "animal": "m1,m2"})
    with pytest.raises(DataError, match="several between commas, of m1,m2,m3"):
        lab.analyze_imaging(folder, told=TOLD)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_command_analyses_several_animals(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = [f"--tell={name}={value}" for name, value in TOLD.items()]
    flags += [f"--context={name}={context}" for name, context in CONTEXTS.items()]
    result = run("analyze", str(folder), *flags, "--tell=animal=m1,m3", "--json")
    assert result.exit_code == 0, result.output
    printed: dict[str, Any] = json.loads(result.stdout)
    out = tmp_path / "results" / "analysis-mice"
    assert {row["animal"] for row in printed["sessions"]} == {"m1", "m3"}
    assert (out / "report.html").exists()
    assert len(pd.read_csv(out / "overlaps.csv")) == len(printed["overlaps"]) == 20
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["plan"]["contexts"] == CONTEXTS
    wrong = run("analyze", str(folder), *flags, "--tell=animal=m1", "--reference=Z", "--out=new")
    assert (wrong.exit_code, (tmp_path / "new").exists()) == (2, False)


def test_virtual_animals_go_out_as_nwb_and_come_back_with_their_truth(tmp_path: Path) -> None:
    from engramlab.export import Recording, export_nwb
    from engramlab.export.animals import animals_of, sessions_of
    from engramlab.protocol import Protocol

    protocol = Protocol.create(
        name="there-and-back",
        contexts={"A": {}, "B": {}},
        groups={"mice": {}},
        timeline=[
            {"do": "session", "name": name, "context": name[0], "minutes": 4, "at_days": day}
            for day, name in enumerate(("A1", "B1", "A2", "B2"))
        ],
    )
    experiment = lab.run(protocol, animals=2, workers=1)
    recording = Recording("CA1", cells=60, frame_rate_Hz=2.0, events_per_second=1.0)
    folder = export_nwb(experiment, tmp_path / "nwb", recording=recording)
    found = lab.analyze_imaging(
        *sorted(folder.iterdir()), told={"cell_column": "cell_id", "kind": "traces"}, share=0.1
    )
    assert found.animals == ("mice00", "mice01")
    animal = animals_of(experiment)[0]
    cells = recording.field(animal, 1)
    truth = np.array([s.data["rate"].values[cells] for s in sessions_of(experiment, animal)])
    assert ((truth > 0).mean(axis=1) > 0.05).all()
    active = ensemble_by_share(truth, 0.1) & (truth > 0)  # of silent cells none is more active
    measured = found.cells[found.cells["animal"] == "mice00"]
    hits = measured["in_ensemble"].to_numpy().reshape(4, -1)
    assert (hits & active).sum() > 0.6 * active.sum()


needs_data = pytest.mark.skipif(not IMAGING.exists(), reason=f"recordings not found at {IMAGING}")


@needs_data
def test_the_shared_recordings_by_one_command(tmp_path: Path) -> None:
    told = {
        "names": "{animal}_{session}",
        "animal": "mouse3",
        "sessions": "hc0,cfc,hc1,neutral1,training1,hc2,neutral2,training2",
        "kind": "events",
        "frame_rate_Hz": "20",
    }
    flags = [f"--tell={name}={value}" for name, value in told.items()]
    flags += [
        f"--context={context}{n}={context}" for context in ("neutral", "training") for n in "12"
    ]
    result = run("analyze", str(IMAGING), *flags, "--reference=cfc", f"--out={tmp_path / 'new'}")
    assert result.exit_code == 0, result.output
    pairs = pd.read_csv(tmp_path / "new" / "overlaps.csv")
    row = pairs[(pairs["first"] == "hc0") & (pairs["second"] == "cfc")]
    assert row["animal"].tolist() == ["mouse3"]  # numbers as in docs/measures.md
    assert row["plain_ratio"].tolist() == pytest.approx([2.65], abs=0.01)
    assert row["ratio"].tolist() == pytest.approx([1.16], abs=0.05)
    assert (pairs["p_corrected"] > 0.05).all()
    assert "no pair of sessions stands out" in result.stdout
