"""The trade-off: the design, outcomes by hand, the front, and going on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.brain import declared_parameters
from engramlab.cohort import Cohort
from engramlab.errors import InputError, ParameterError, Problem
from engramlab.measures import correlation
from engramlab.studies import tradeoff, tradeoff_tables
from engramlab.studies.question import Setting, rows_where
from engramlab.studies.tradeoff import DIMENSIONS, FILE, design, dimensions_of
from engramlab.studies.tradeoff_tables import (
    SESSIONS,
    Outcomes,
    confirmation,
    effects,
    points_table,
    standing,
)
from engramlab.studies.tradeoff_words import conclusion

ANIMALS, POINTS = 4, 8
NAMES = [dimension.name for dimension in DIMENSIONS]


def freezing(retention: float, fall: float, noise: float = 0.0, seed: int = 0) -> dict[str, Any]:
    """Freezing of one brain's updated and other animals, shape (session, animal)."""
    random = np.random.default_rng(seed)
    old = {"A-day-10": 80.0, "A-day-28": 60.0, "D-day-3": 50.0, "D-day-28": 50.0}
    new = {
        "A-day-10": 80.0 * (1 - fall),
        "A-day-28": 60.0 * (1 - fall),
        "D-day-3": 50.0,
        "D-day-28": 50.0 * retention,
    }
    return {
        arm: np.array([values.get(name, 5.0) for name in SESSIONS])[:, np.newaxis]
        + noise * random.normal(size=(len(SESSIONS), ANIMALS))
        for arm, values in (("updated", new), ("not updated", old))
    }


def outcomes(*brains: tuple[float, float], noise: float = 0.0) -> Outcomes:
    """Outcomes of brains given as (retention, fall)."""
    table: dict[tuple[int, str], NDArray[np.float64]] = {}
    for point, (retention, fall) in enumerate(brains):
        for arm, values in freezing(retention, fall, noise, point).items():
            table[point, arm] = values
    return Outcomes.of(table)


def test_design_stays_in_its_ranges_and_starts_with_the_default() -> None:
    brain = Brain()
    plan = design(dimensions_of(brain), brain, 20, seed=3)
    assert plan.values.shape == (21, len(DIMENSIONS))
    assert plan.brain_at(0) == brain
    for dimension, values in zip(plan.dimensions, plan.values[1:].T, strict=True):
        assert (values >= dimension.low).all()
        assert (values <= dimension.high).all()
        # A Sobol sequence reaches all quarters of every range (as it is laid out).
        axis = dimension.axis(brain)
        assert len({int(4 * min(axis.place(value), 0.999)) for value in values}) == 4


def test_design_is_the_same_for_a_seed_and_grows_at_its_end() -> None:
    brain, dimensions = Brain(), dimensions_of(Brain())
    few, many = (design(dimensions, brain, points, 1).values for points in (17, 30))
    np.testing.assert_array_equal(few, many[:18])
    assert not np.array_equal(few, design(dimensions, brain, 17, 2).values)


def test_every_dimension_changes_the_brain_and_only_its_own_numbers() -> None:
    brain = Brain().with_parameters(valence_rate=0.3)
    for dimension in dimensions_of(brain):
        dimension.apply(brain, dimension.low)
        changed = dict(dimension.apply(brain, dimension.high).changed)
        assert changed.pop("valence_rate") == 0.3
        if dimension.parameter:
            assert changed == {dimension.parameter: dimension.high}
        else:
            assert {name.split(".")[1] for name in changed} == {"active"}
            assert changed["CA1.active"] == pytest.approx(
                dimension.high * brain.parameters["CA1.active"]
            )


def test_the_factor_on_activity_is_the_widest_that_all_regions_allow() -> None:
    brain = Brain().with_parameters({"DG.active": 30.0, "CA3.active": 14.0})
    factor = next(one for one in dimensions_of(brain) if not one.parameter)
    bounds = {name: parameter for name, (_, parameter) in declared_parameters().items()}
    for end, step in ((factor.low, -0.01), (factor.high, 0.01)):
        assert factor.apply(brain, end)
        beyond = {
            name: value * (end + step)
            for name, value in brain.parameters.items()
            if name.endswith(".active") and name != "EC.active"
        }
        assert any(
            not bounds[name].low <= value <= bounds[name].high for name, value in beyond.items()
        )


def test_outcomes_by_hand() -> None:
    found = outcomes((0.6, 0.25), (1.4, 0.0)).values()
    # Retention over 100 % counts as 100 %: fear that grew is not better kept.
    np.testing.assert_allclose(found, [[60.0, 25.0], [100.0, 0.0]])


def test_a_memory_that_is_gone_has_no_value() -> None:
    brains = outcomes((0.6, 0.25), (0.5, 0.5))
    brains.not_updated[1][[list(SESSIONS).index(name) for name in ("A-day-10", "A-day-28")]] = 5.0
    found = brains.values()
    assert np.isnan(found[1, 1])
    assert found[1, 0] == pytest.approx(50.0)
    assert brains.front() == [0]


def test_front_and_standing() -> None:
    brains = outcomes((0.5, 0.5), (0.7, 0.6), (0.9, 0.1), (0.2, 0.9), (0.1, 0.8))
    assert brains.front() == [1, 2, 3]
    row = standing(brains, brains).iloc[0]
    # Both have to rise by 10 points until (0.7, 0.6) no longer beats the default in both.
    assert row["value"] == pytest.approx(10.0)
    assert row["on front share"] == 0.0
    fresh = confirmation(brains, [0, 1, 2]).set_index("point")
    assert fresh["better"].to_dict() == {0: 0.0, 1: 1.0, 2: 0.0}


def test_intervals_grow_with_differences_between_animals() -> None:
    values = np.zeros((2, len(NAMES)))
    quiet, noisy = (
        points_table(outcomes((0.5, 0.5), (0.7, 0.6), noise=noise), NAMES, values).iloc[0]
        for noise in (0.5, 4.0)
    )
    for outcome in ("retention", "updating"):
        width = noisy[f"{outcome} high"] - noisy[f"{outcome} low"]
        assert width > 3 * (quiet[f"{outcome} high"] - quiet[f"{outcome} low"]) > 0


def test_effects_see_through_the_other_dimensions() -> None:
    random = np.random.default_rng(6)
    points = pd.DataFrame(random.random((60, 3)), columns=["weak", "strong", "idle"])
    points["retention"] = points["weak"] + 6 * points["strong"]
    points["updating"] = -points["strong"] + 0.05 * random.normal(size=60)
    points["never visited"] = 1.0
    points["point"] = np.arange(1, 61)
    rows = effects(points, ["weak", "strong", "idle"])
    weak = rows_where(rows, first="weak", second="retention").iloc[0]
    assert weak["value"] == pytest.approx(correlation(points["weak"], points["retention"]))
    assert weak["partial value"] > weak["value"] + 0.2
    assert weak["partial low"] > 0.3
    idle = rows_where(rows, first="idle", second="retention").iloc[0]
    assert idle["partial low"] < 0 < idle["partial high"]
    both = rows_where(rows, first="retention", second="updating").iloc[0]
    assert both["high"] < -0.5
    assert both["partial value"] == pytest.approx(both["value"])  # nothing to hold
    flat = rows_where(rows, first="strong", second="never visited").iloc[0]
    assert np.isnan(flat["value"])


class StoppedError(Exception):
    """Stands for Ctrl-C."""


def stand_in(
    calls: list[Cohort], most: int = 1000
) -> Callable[..., Iterator[tuple[int, list[Cohort] | InputError]]]:
    """Like `run_cohorts`, without an engine: a cohort is its own record; stops after `most`."""

    def run(cohorts: Sequence[Cohort], **_: Any) -> Iterator[tuple[int, list[Cohort] | InputError]]:
        for number, cohort in reversed(list(enumerate(cohorts))):  # any order is allowed
            if len(calls) >= most:
                raise StoppedError
            calls.append(cohort)
            yield number, [cohort]

    return run


def fake_freezing(records: list[Cohort]) -> NDArray[np.float64]:
    """Freezing that follows from the brain: replay keeps, lability updates."""
    (cohort,) = records
    values = cohort.brain.parameters
    kept = 0.2 + 0.8 * values["replays_per_night"] / 60
    fall = 0.9 * values["destabilised"] * (1 - 0.5 * values["replays_per_night"] / 60)
    updated = any(step.name.startswith("update") for step in cohort.protocol.timeline)  # type: ignore[union-attr]
    arm = "updated" if updated else "not updated"
    table: NDArray[np.float64] = freezing(kept, fall, 0.5, cohort.seed)[arm]
    return table


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Cohort]:
    made: list[Cohort] = []
    monkeypatch.setattr(tradeoff, "run_cohorts", stand_in(made))
    monkeypatch.setattr(tradeoff, "freezing_of", fake_freezing)
    monkeypatch.setattr(tradeoff_tables, "RESAMPLES", 60)
    return made


def test_study_finds_planted_effects_and_runs_the_front_in_fresh_animals(
    calls: list[Cohort],
) -> None:
    answer = tradeoff.study(Setting(animals=ANIMALS, seed=1), 24)
    for first, second in (("replay", "retention"), ("lability", "updating")):
        row = rows_where(answer.tables["effects"], first=first, second=second).iloc[0]
        assert row["partial low"] > 0.5
    points = answer.tables["points"]
    front = points[points["on front"]]["point"].tolist()
    assert sorted(answer.tables["confirmation"]["point"]) == sorted({0, *front})
    seeds = [cohort.seed for cohort in calls]
    assert seeds.count(1) == 2 * 25
    assert seeds.count(2) == 2 * len({0, *front})
    said = conclusion(answer.tables)
    assert any("more lability raises updating" in s and "more replay" in s for s in said)
    assert len(answer.summary().splitlines()) <= 22


def test_a_stopped_study_goes_on_with_what_is_not_done(
    calls: list[Cohort], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = tradeoff.study(Setting(animals=ANIMALS, seed=1), POINTS)
    total = len(calls)
    calls.clear()
    monkeypatch.setattr(tradeoff, "run_cohorts", stand_in(calls, most=7))
    setting = Setting(animals=ANIMALS, seed=1, folder=tmp_path)
    with pytest.raises(StoppedError):
        tradeoff.study(setting, POINTS)
    with (tmp_path / FILE).open("a") as stream:
        stream.write('{"point": 3, "arm')  # the kill tore a line
    monkeypatch.setattr(tradeoff, "run_cohorts", stand_in(calls))
    resumed = tradeoff.study(setting, POINTS)
    assert len(calls) == total
    for name, table in whole.tables.items():
        pd.testing.assert_frame_equal(table, resumed.tables[name])
    calls.clear()
    tradeoff.study(setting, POINTS)
    assert calls == []


def test_a_brain_that_cannot_be_run_is_the_users_to_know(
    calls: list[Cohort], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(cohorts: Sequence[Cohort], **_: Any) -> Iterator[tuple[int, InputError]]:
        yield 0, ParameterError(Problem("brain", "is odd", "another"))

    monkeypatch.setattr(tradeoff, "run_cohorts", fail)
    with pytest.raises(ParameterError, match="is odd"):
        tradeoff.study(Setting(animals=ANIMALS), POINTS)


def test_conclusion_where_the_default_stands_on_the_front() -> None:
    brains = outcomes((0.9, 0.9), (0.5, 0.6), (0.6, 0.5), (0.4, 0.7))
    drawn = pd.DataFrame(
        {"point": range(4), "retention": 50.0, "never visited": 5.0, "D without update": 95.0}
    ).assign(**{"on front": False})
    rows = pd.DataFrame(
        [
            {"first": "retention", "second": second, "value": -0.1, "low": -0.8, "high": 0.7}
            for second in ("updating", "never visited")
        ]
    ).assign(points=4)
    said = conclusion(
        {
            "points": drawn,
            "effects": rows,
            "confirmation": confirmation(brains, [0]),
            "standing": standing(brains, brains),
            "dimensions": pd.DataFrame(columns=["dimension", "more"]),
        }
    )
    assert any("not clearly opposed" in sentence for sentence in said)
    assert any("stands on the front" in sentence for sentence in said)
    assert any("No brain is clearly better" in sentence for sentence in said)


def test_a_brain_that_cannot_learn_is_answered_for(
    calls: list[Cohort], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        tradeoff, "freezing_of", lambda records: np.full((len(SESSIONS), ANIMALS), 3.0)
    )
    answer = tradeoff.study(Setting(animals=ANIMALS), POINTS)
    said = " ".join(answer.conclusion)
    assert "No brain of the design has a memory" in said
    assert "The default has no memory" in said
    assert "nan" not in said


def test_protocols_differ_in_the_update_only() -> None:
    updated, other = (tradeoff.protocol_of(arm) for arm in ("updated", "not updated"))
    names = {step.name for step in other.timeline}  # type: ignore[union-attr]
    more = {step.name for step in updated.timeline} - names  # type: ignore[union-attr]
    assert set(SESSIONS) < names
    assert more == {f"{what}-{day}" for what in ("reactivation", "update") for day in (7, 8, 9)}
