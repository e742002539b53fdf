"""Groups of data beside groups of a protocol: what is fitted, what predicted, how it is judged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import engramlab as lab
from engramlab.brain import Brain
from engramlab.cli import main
from engramlab.cohort import run_cohort
from engramlab.errors import DataError
from engramlab.importers import ColumnMap, Scores
from engramlab.importers.columns import CANONICAL
from engramlab.studies import calibrate, matched_targets, read_match
from engramlab.studies.calibration import typical_miss
from engramlab.studies.inference import posterior
from engramlab.studies.match import only_groups
from engramlab.studies.posterior import PosteriorPlan, infer

REPOSITORY = Path(__file__).parents[2]
PROTOCOL = """\
engramlab: 1
name: pair
title: Two groups
contexts: {A: {}, B: {}}
groups: {shocked: {}, naive: {}}
timeline:
  - {do: session, name: training, at_hours: 0, context: A, minutes: 3, groups: [shocked],
     shocks: {at_minutes: [2], shock_mA: 0.75}}
  - {do: session, name: stay, at_hours: 0, context: A, minutes: 3, groups: [naive]}
  - {do: session, name: A5, at_hours: 5, context: A, minutes: 2, probe: true}
  - {do: session, name: B5, at_hours: 5, context: B, minutes: 2, probe: true}
"""
MATCH = """\
protocol: protocol.yaml
conditions: {same: [A], other: [B]}
fit:
  - {experiment: X, group: fear, animals: shocked}
predict:
  - {experiment: Y, group: calm, animals: naive}
"""
DATA = {  # experiment, group, condition -> freezing of three animals at 5 h
    ("X", "fear", "same"): (40, 50, 60),
    ("X", "fear", "other"): (5, 10, 15),
    ("Y", "calm", "same"): (2, 4, 6),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "match.yaml").write_text(MATCH)
    table().to_csv(tmp_path / "data.csv", index=False)
    return tmp_path


def table() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (*names[:3], 5.0, "freezing", str(n), float(value))
            for names, values in DATA.items()
            for n, value in enumerate(values)
        ],
        columns=["experiment", "group", "condition", "hours", "measure", "animal", "value"],
    )


def scores() -> Scores:
    return Scores(table()[list(CANONICAL)], ColumnMap(), "test")


def freezing_of(run: lab.Experiment, group: str) -> pd.DataFrame:
    return run.freezing[run.freezing.index.get_level_values("group") == group]


def test_fitted_and_predicted_means_are_those_of_their_groups(folder: Path) -> None:
    fitted, predicted = matched_targets(scores(), *read_match(folder / "match.yaml"))
    assert predicted is not None
    values = {(one.data_group, one.condition): one.value for one in fitted.means}
    assert values == {("fear", "same"): 50.0, ("fear", "other"): 10.0}
    assert [(one.data_group, one.group, one.value) for one in predicted.means] == [
        ("calm", "naive", 4.0)
    ]
    assert fitted.means[0].error == pytest.approx(10 / np.sqrt(3) if fitted.means[0].value == 50
                                                  else 5 / np.sqrt(3))  # fmt: skip


def test_each_mean_is_held_against_its_own_group_of_the_protocol(folder: Path) -> None:
    match, protocol = read_match(folder / "match.yaml")
    fitted, predicted = matched_targets(scores(), match, protocol)
    assert predicted is not None
    run = lab.run(protocol, animals=4, seed=3, workers=1)
    records = run_cohort(protocol, animals=4, seed=3, workers=1, brain=Brain())
    for target in (fitted, predicted):
        for goal, values in zip(target.means, target.values_in(records, protocol), strict=True):
            place = match.conditions[goal.condition][0]
            expected = freezing_of(run, goal.group)[f"{place}5"].to_numpy()
            assert np.sort(values) == pytest.approx(np.sort(expected))


def test_only_the_groups_that_are_needed_are_run(folder: Path) -> None:
    _, protocol = read_match(folder / "match.yaml")
    few = only_groups(protocol, {"naive"})
    assert list(few.groups) == ["naive"]
    assert [step.name for step in few.timeline if step.do == "session"] == ["stay", "A5", "B5"]
    whole = freezing_of(lab.run(protocol, animals=2, seed=1, workers=1), "naive")
    alone = freezing_of(lab.run(few, animals=2, seed=1, workers=1), "naive")
    pd.testing.assert_frame_equal(whole[alone.columns], alone)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("animals: naive", "animals: nobody"), "the protocol has no group 'nobody'"),
        (("[B]", "[C]"), "the protocol has no context 'C'"),
        (("experiment: Y, group: calm", "experiment: X, group: fear"), "is there twice"),
        (("group: calm", "group: nobody"), "has no freezing where 'naive' is probed"),
        (("predict:", "foretell:"), "foretell"),
        (("conditions: {same: [A], other: [B]}", "conditions: {}"), "conditions"),
    ],
)
def test_a_match_that_cannot_be_is_refused_with_its_place(
    folder: Path, change: tuple[str, str], says: str
) -> None:
    path = folder / "match.yaml"
    path.write_text(MATCH.replace(*change))
    with pytest.raises(DataError) as caught:
        matched_targets(scores(), *read_match(path))
    assert says in str(caught.value)


def test_the_model_is_calibrated_against_itself(folder: Path) -> None:
    """Data drawn from the model lie in its 95 % interval about 95 of 100 times."""
    match, protocol = read_match(folder / "match.yaml")
    inside, misses = [], []
    for seed in range(6):
        run = lab.run(protocol, animals=8, seed=100 + seed, workers=1)
        rows = [
            (experiment, group, condition, 5.0, "freezing", str(n), value)
            for experiment, group, mine in (("X", "fear", "shocked"), ("Y", "calm", "naive"))
            for condition, place in (("same", "A"), ("other", "B"))
            for n, value in enumerate(freezing_of(run, mine)[f"{place}5"])
        ]
        data = Scores(pd.DataFrame(rows, columns=list(table().columns))[list(CANONICAL)],
                      ColumnMap(), "test")  # fmt: skip
        fitted, predicted = matched_targets(data, match, protocol)
        assert predicted is not None
        points = calibrate(
            {"it": [Brain()]}, [(True, fitted), (False, predicted)], seed, animals=24, workers=1
        )
        inside += [one.inside for one in points]
        misses.append(typical_miss(points))
    assert len(inside) == 24
    assert sum(inside) >= 19  # binomial, 0.95: fewer in 1 of 300
    assert max(misses) < 12


def test_a_brain_that_never_learns_is_outside(folder: Path) -> None:
    fitted, _ = matched_targets(scores(), *read_match(folder / "match.yaml"))
    brain = Brain().without("valence_learning")
    points = calibrate({"it": [brain]}, [(True, fitted)], 1, animals=6, workers=1)
    same = next(one for one in points if one.condition == "same")
    assert not same.inside
    assert same.model < 15


def arguments(folder: Path, command: str) -> list[str]:
    return [command, "--data", str(folder / "data.csv"), "--match", str(folder / "match.yaml"),
            "--parameters", "freezing_half", "--animals", "2", "--workers", "1"]  # fmt: skip


def test_fit_to_data_alone_writes_what_it_predicts(folder: Path) -> None:
    out = folder / "fit"
    settings = ["--generations", "1", "--population", "4", "--check-seeds", "1"]
    result = CliRunner().invoke(main, [*arguments(folder, "fit"), *settings, "--out", str(out)])
    assert result.exit_code == 0, result.output
    points = pd.read_csv(out / "calibration.csv")
    assert set(points["brain"]) == {"start", "end"}
    assert points.groupby("fitted")["group"].unique().map(list).to_dict() == {
        False: ["calm"],
        True: ["fear"],
    }
    assert (out / "figures" / "calibration.svg").exists()
    content = json.loads((out / "fit.json").read_text())
    assert content["split"] == {"fitted": [], "held_out": []}
    page = (out / "report.html").read_text()
    assert "Model against data" in page
    assert "nan" not in page.lower().replace("dominan", "")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--against", "engram-selectivity"], "is said by --match already"),
        (["--training", "A"], "is said by --match already"),
    ],
)
def test_fit_refuses_two_answers_to_one_question(
    folder: Path, options: list[str], says: str
) -> None:
    result = CliRunner().invoke(main, [*arguments(folder, "fit"), *options, "--generations", "1"])
    assert result.exit_code == 2
    assert says in result.output


def plan(folder: Path, simulations: int) -> PosteriorPlan:
    fitted, predicted = matched_targets(scores(), *read_match(folder / "match.yaml"))
    return PosteriorPlan(
        parameters=("freezing_half",),
        target=fitted,
        prediction=predicted,
        animals=2,
        simulations=simulations,
    )


def test_a_posterior_that_was_stopped_goes_on_to_the_same_result(folder: Path) -> None:
    whole = infer(plan(folder, 72), folder / "whole", workers=1)
    stopped = folder / "stopped"

    def stop(done: int, total: int) -> None:
        if done == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer(plan(folder, 72), stopped, workers=1, on_progress=stop)
    again = infer(plan(folder, 72), stopped, workers=1)
    np.testing.assert_array_equal(again.draws.places, whole.draws.places)
    assert again.points == whole.points
    more = infer(plan(folder, 80), stopped, workers=1)
    np.testing.assert_array_equal(more.simulated[:72], whole.simulated)


def test_less_freezing_asks_for_a_read_out_that_needs_more(folder: Path) -> None:
    """Same simulations, two sets of data: fear at 60 % and at 15 % in the trained context."""
    found = infer(plan(folder, 96), folder / "p", workers=1)
    errors = np.array([goal.error for goal in found.plan.target.means])
    trained = np.array([goal.condition == "same" for goal in found.plan.target.means])
    medians = [
        posterior(
            found.places, found.simulated / errors, np.where(trained, freezing, 5.0) / errors
        ).quantile(0.5)[0]
        for freezing in (60.0, 15.0)
    ]
    assert medians[0] < medians[1] - 0.05


def test_posterior_command_says_what_the_data_narrow(folder: Path) -> None:
    out = folder / "out"
    given = [*arguments(folder, "posterior"), "--simulations", "64", "--out", str(out)]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    assert "freezing_half" in result.output
    for name in ("report.html", "posterior.json", "draws.csv", "simulations.csv",
                 "calibration.csv", "figures/posterior.svg"):  # fmt: skip
        assert (out / name).exists(), name
    assert len(pd.read_csv(out / "simulations.csv")) == 64
    few = CliRunner().invoke(main, [*given[:-4], "--simulations", "10", "--out", str(folder / "x")])
    assert few.exit_code == 2
    assert "simulations" in few.output
    other = CliRunner().invoke(main, [*given, "--seed", "2"])
    assert other.exit_code == 2
    assert "another seed" in other.output


def test_the_match_of_the_published_data_fits_its_protocol() -> None:
    match, protocol = read_match(REPOSITORY / "examples" / "tome2024-match.yaml")
    assert {pair.experiment for pair in match.fit} == {"A", "B"}
    assert {pair.experiment for pair in match.predict} == {"C", "D", "F"}
    assert set(protocol.groups) == {pair.animals for pair in (*match.fit, *match.predict)}
