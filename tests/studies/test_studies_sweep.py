"""Sweeps: designs, sensitivity indices against a known function, resumption, cluster, errors."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import engramlab as lab
from engramlab.brain.brain import declared_parameters
from engramlab.cli import main
from engramlab.cohort import run_cohorts
from engramlab.errors import OutputError, ParameterError, Problem, ProtocolError
from engramlab.record.table import MEASURES
from engramlab.studies import sweep as sweep_module
from engramlab.studies.result import append_lines
from engramlab.studies.sweep import POINTS
from engramlab.studies.sweep_design import dimensions_of, points_of
from engramlab.studies.sweep_tables import KEYS, effects, sensitivity

PROTOCOL = """\
engramlab: 1
name: small
contexts: {A: {}}
groups: {shock: {}, control: {}}
timeline:
  - do: session
    name: training
    at_hours: 0
    context: A
    minutes: 3
    shocks: {at_minutes: [2], shock_mA: 0.75}
    groups: [shock]
  - {do: session, name: test, at_hours: 5, context: A, minutes: 2}
"""
# Over both, strength fades more or less until the test.
GRID, SOBOL = "protein_capture.labile_tau_hours=2,8", "capture_per_hour=0.5..4"


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("protocol") / "small.yaml"
    path.write_text(PROTOCOL)
    return path


# Designs


def test_a_grid_is_every_combination_and_crosses_the_samples() -> None:
    dimensions = dimensions_of(
        ["destabilised=0,0.5,1", "cue_weight=2..6:3"], ["replays_per_night=0..60"]
    )
    points = points_of(dimensions, 4, seed=1)
    assert len(set(points)) == len(points) == 3 * 3 * 4
    drawn = sorted({point[2] for point in points})
    assert set(points) == set(itertools.product((0, 0.5, 1), (2, 4, 6), drawn))
    assert all(0 <= value <= 60 for value in drawn)


@given(st.integers(1, 200), st.integers(0, 2**63 - 1))
@settings(max_examples=20)
def test_more_samples_keep_the_first_ones(samples: int, seed: int) -> None:
    dimensions = dimensions_of([], ["destabilised", "labile_tau_hours=0.5..24:log"])
    few, many = (points_of(dimensions, n, seed) for n in (samples, samples + 57))
    assert many[: len(few)] == few
    low, high = 0.5, 24.0
    assert all(0 <= a <= 1 and low <= b <= high for a, b in many)


def test_samples_fill_their_range_evenly_and_by_factors_where_asked() -> None:
    dimensions = dimensions_of([], ["destabilised=0.2..0.6", "labile_tau_hours=1..16:log"])
    even, factors = np.array(points_of(dimensions, 64, seed=3)).T
    np.testing.assert_array_equal(np.histogram(even, 8, (0.2, 0.6))[0], 8)
    np.testing.assert_array_equal(np.histogram(np.log2(factors), 8, (0, 4))[0], 8)


def test_a_name_alone_is_its_whole_range_and_mappings_are_the_same() -> None:
    [whole] = dimensions_of([], ["lability.destabilised"])
    declared = declared_parameters()["destabilised"][1]
    assert (whole.low, whole.high) == (declared.low, declared.high)
    by_name = dimensions_of({"destabilised": [0, 1]}, {"replays_per_night": (0, 60)})
    assert by_name == dimensions_of(["destabilised=0,1"], ["replays_per_night=0..60"])
    assert dimensions_of([str(by_name[0])], [str(by_name[1])]) == by_name


@pytest.mark.parametrize(
    ("grid", "sobol", "said"),
    [
        ("destabilsed=1", "", "did you mean 'destabilised'"),
        ("lability.destabilsed=1", "", "did you mean 'lability.destabilised'"),
        ("replay.destabilised=1", "", "no parameter 'replay.destabilised'"),
        ("destabilised=0,2", "", "2 is outside the range of 'destabilised'.*0 to 1"),
        ("destabilised=nan", "", "nan is outside the range"),
        ("", "destabilised=-1..1", "-1 is outside the range"),
        ("", "labile_tau_hours=1..99", "99 is outside.*0.5 to 24 h"),
        ("", "destabilised=0.7..0.2", "no width"),
        ("", "destabilised=0..1:log", "no logarithm"),
        ("", "destabilised=0,1", "NAME=LOW..HIGH"),
        ("destabilised=0..1", "", "NAME=LOW..HIGH:COUNT"),
        ("destabilised=", "", "cannot be read"),
        ("destabilised=1,1", "", "twice"),
        ("destabilised=1", "destabilised", "varied twice"),
        ("", "", "nothing is to vary"),
    ],
)
def test_what_cannot_be_varied_is_said(grid: str, sobol: str, said: str) -> None:
    with pytest.raises(ParameterError, match=f"(?s){said}") as caught:
        dimensions_of([grid] if grid else [], [sobol] if sobol else [])
    assert all(problem.allowed for problem in caught.value.problems)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        dimensions_of(["x=1", "destabilised=7"], ["y"])
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(("samples", "indices"), [(0, False), (6, True), (2, True), (10**7, False)])
def test_senseless_numbers_of_samples_are_refused(samples: int, indices: bool) -> None:
    with pytest.raises(ParameterError, match=r"samples|points"):
        points_of(dimensions_of([], ["destabilised"]), samples, 1, indices=indices)
    with pytest.raises(ParameterError, match="drawn"):
        points_of(dimensions_of(["destabilised=0,1"], []), 4, 1, indices=True)


# Tables


def table_of(dimensions: Any, points: Any, function: Any) -> pd.DataFrame:
    """A sweep's table in which one mean is a function of the point and another is constant."""
    names = [one.name for one in dimensions]
    fixed = {"group": "g", "region": "", "tag": "", "cells": "", "unit": "1", "session": "s"}
    rows = [
        {"point": n, **dict(zip(names, p, strict=True)), **fixed, "measure": name, "mean": mean}
        for n, p in enumerate(points)
        for name, mean in (("f", function(*p)), ("constant", 1.0))
    ]
    return pd.DataFrame(rows)


def test_sensitivity_indices_are_those_of_the_ishigami_function() -> None:
    """Known in closed form (Ishigami & Homma 1990), laid on ranges of ours: a = 7, b = 0.1."""
    ranges = {"destabilised": (0, 1), "broadcast": (0, 1), "sleep_loss": (0, 1)}
    dimensions = dimensions_of([], ranges)
    points = points_of(dimensions, 1024, 5, indices=True)
    assert len(points) == 1024 * 5

    def ishigami(*shares: float) -> float:
        x = [math.pi * (2 * share - 1) for share in shares]
        return math.sin(x[0]) + 7 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0])

    found = sensitivity(table_of(dimensions, points, ishigami), dimensions, 1024, 5)
    assert set(found["measure"]) == {"f"}  # none of a mean that is the same everywhere
    by_name = found.set_index("parameter").loc[list(ranges)]
    a, b = 7, 0.1
    variance = a**2 / 8 + b * math.pi**4 / 5 + b**2 * math.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + b * math.pi**4 / 5) ** 2, a**2 / 8, 0]) / variance
    mixed = 8 * b**2 * math.pi**8 / 225 / variance
    np.testing.assert_allclose(by_name["first"], first, atol=0.03)
    np.testing.assert_allclose(by_name["total"], first + np.array([mixed, 0, mixed]), atol=0.03)
    assert (by_name["first_low"] < first + 0.02).all()
    assert (by_name["first_high"] > first - 0.02).all()
    assert (by_name["total_low"] < by_name["total"]).all()


def test_effects_name_direction_and_reach() -> None:
    dimensions = dimensions_of(["destabilised=0,0.5,1", "broadcast=0,1"], [])
    points = points_of(dimensions, 1, 1)
    found = effects(table_of(dimensions, points, lambda a, b: 3 - a), ["destabilised", "broadcast"])
    row = found[found["measure"] == "f"].iloc[0]
    assert (row["lowest"], row["highest"]) == (2, 3)
    assert row["destabilised"] == pytest.approx(-1)
    assert row["broadcast"] == pytest.approx(0)
    constant = found[found["measure"] == "constant"].iloc[0]
    assert math.isnan(constant["destabilised"])


# Runs


def asked(protocol: Path, out: Path, *more: str) -> list[str]:
    words = ["sweep", str(protocol), "--grid", GRID, "--sobol", SOBOL, "--samples", "2"]
    return [*words, "--animals", "2", "--out", str(out), "--quiet", "--workers", "1", *more]


def run(words: list[str]) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture(scope="module")
def done(protocol: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "done"
    result = run(asked(protocol, folder))
    assert result.exit_code == 0, result.output
    return folder


def test_a_sweep_is_what_its_runs_are(protocol: Path, done: Path) -> None:
    table = pd.read_csv(done / "sweep.csv", keep_default_na=False)
    again = pd.read_parquet(done / "sweep.parquet")
    assert table["mean"].tolist() == pytest.approx(again["mean"].tolist())
    assert table["point"].nunique() == 4
    for _, rows in table.groupby("point"):
        values = {
            name: float(rows[name].iloc[0]) for name in ("labile_tau_hours", "capture_per_hour")
        }
        brain = lab.Brain().with_parameters(values)
        alone = lab.run(protocol, animals=2, seed=1, workers=1, brain=brain).freezing
        means = alone.groupby(level="group").mean()
        for row in rows.to_dict("records"):
            assert row["mean"] == pytest.approx(means.loc[row["group"], row["session"]], rel=1e-12)
            assert row["animals"] == 2
    test = table[(table["group"] == "shock") & (table["session"] == "test")]
    by_tau = test.groupby("labile_tau_hours")["mean"].mean()
    assert by_tau[8.0] > by_tau[2.0]  # what fades more slowly is still there after five hours


def test_a_folder_holds_tables_figure_and_page(done: Path) -> None:
    names = {path.name for path in done.iterdir()}
    assert names >= {"sweep.csv", "sweep.parquet", "effects.csv", "report.html", "sweep.json"}
    assert (done / "figures" / "sweep.png").stat().st_size > 10_000
    page = (done / "report.html").read_text()
    assert "labile_tau_hours" in page
    assert "engramlab sweep" in page
    header = json.loads((done / "sweep.json").read_text())
    assert (header["status"], header["points"], header["failed"]) == ("complete", 4, [])


def test_a_stopped_sweep_goes_on_and_more_samples_are_added(
    protocol: Path, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "stopped"
    lines: list[Any] = []
    keep = append_lines

    def stop(path: Path, contents: Any) -> None:
        if len(lines) == 2:
            raise KeyboardInterrupt
        lines.extend(contents)
        keep(path, lines[-1:])

    with monkeypatch.context() as patch:
        patch.setattr(sweep_module, "append_lines", stop)
        stopped = run(asked(protocol, folder))
    assert stopped.exit_code == 130
    assert "the same command goes on there" in stopped.output
    with (folder / POINTS).open("a") as stream:
        stream.write('{"values": [2.0')  # torn by a kill
    ran: list[Any] = []

    def count(path: Path, contents: Any) -> None:
        ran.extend(contents)
        keep(path, ran[-1:])

    monkeypatch.setattr(sweep_module, "append_lines", count)
    assert run(asked(protocol, folder)).exit_code == 0
    assert len(ran) == 2
    for name in ("sweep.csv", "effects.csv"):
        assert (folder / name).read_bytes() == (done / name).read_bytes()
    more = run([*asked(protocol, folder), "--samples", "3"])
    assert more.exit_code == 0, more.output
    assert len(ran) == 2 + 2


def test_another_sweep_in_the_folder_is_refused(protocol: Path, done: Path, tmp_path: Path) -> None:
    before = (done / "sweep.json").read_bytes()
    other = run([*asked(protocol, done), "--seed", "2"])
    assert other.exit_code == 2
    assert "holds another sweep (different seed)" in other.output
    assert (done / "sweep.json").read_bytes() == before
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputError, match="holds no sweep"):
        lab.sweep(protocol, grid={"destabilised": [0, 1]}, folder=tmp_path)


def test_json_and_python_say_the_same(protocol: Path, done: Path) -> None:
    result = run([*asked(protocol, done), "--json"])
    content = json.loads(result.stdout)
    found = lab.sweep(
        protocol,
        grid={"labile_tau_hours": [2, 8]},
        sobol={"capture_per_hour": (0.5, 4)},
        samples=2,
        animals=2,
        workers=1,
        folder=done,  # so nothing is run again
    )
    assert content["effects"] == found.to_dict()["effects"]
    assert lab.figures(found) == ("sweep", "indices")
    assert lab.plot(found, "sweep") is not None
    assert lab.plot(found, "indices") is None
    assert "labile_tau_hours" in found.summary()
    assert "<pre>" in found._repr_html_()


def test_unknown_measures_and_parameters_stop_before_anything_is_written(
    protocol: Path, tmp_path: Path
) -> None:
    wrong = run([*asked(protocol, tmp_path / "a"), "--measure", "frezing"])
    assert wrong.exit_code == 2
    assert "did you mean 'freezing'" in wrong.output
    wrong = run([*asked(protocol, tmp_path / "a"), "--grid", "destabilsed=1"])
    assert wrong.exit_code == 2
    assert "did you mean 'destabilised'" in wrong.output
    assert not (tmp_path / "a").exists()


def test_every_measure_that_can_be_asked_for_is_one_of_a_run() -> None:
    table = lab.run("false-memory", animals=1, seed=1, workers=1).table
    assert set(table["measure"]) <= set(MEASURES)
    assert set(KEYS) <= set(table.columns)


def test_brains_that_cannot_run_the_protocol_are_listed_and_stop_no_other(
    protocol: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_fails(*cohorts: Any, **options: Any) -> Iterator[Any]:
        for number, records in run_cohorts(*cohorts, **options):
            problem = Problem("light on 'engram'", "no cell is tagged", "another brain")
            yield number, records if number else ProtocolError(problem)

    monkeypatch.setattr(sweep_module, "run_cohorts", first_fails)
    grid = {"destabilised": [0, 1]}
    found = lab.sweep(protocol, grid=grid, animals=1, workers=1, folder=tmp_path / "out")
    assert found.failed["destabilised"].tolist() == [0.0]
    assert "no cell is tagged" in found.failed["error"].iloc[0]
    assert found.table["destabilised"].unique().tolist() == [1.0]
    assert "1 of 2 brains cannot run" in found.summary()
    assert "no cell is tagged" in (tmp_path / "out" / "report.html").read_text()
