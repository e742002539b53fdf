"""Study: keeping a memory against updating one, while the brain's flexibility varies.

Brains are drawn from a low-discrepancy design over lability, replay, turnover and inhibition; the
same virtual animals live through the same weeks with each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from engramlab.brain import Brain
from engramlab.brain.brain import declared_parameters
from engramlab.cohort import Cohort, run_cohorts
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import InputError
from engramlab.protocol import Protocol
from engramlab.studies.question import Answer, Setting
from engramlab.studies.result import append_lines, read_lines
from engramlab.studies.space import Axis
from engramlab.studies.tradeoff_tables import (
    ARMS,
    SESSIONS,
    Outcomes,
    confirmation,
    effects,
    points_table,
    standing,
)
from engramlab.studies.tradeoff_words import LIMITS, METHOD, QUESTION, TITLE, conclusion

ANIMALS, POINTS = 6, 24
FILE = "points.jsonl"
UPDATE_DAYS = (7, 8, 9)
INHIBITED = ("DG", "CA3", "CA1", "PFC", "BLA")


@dataclass(frozen=True)
class Dimension:
    """What varies: one parameter over an inner range, or a factor on several.

    Parameters
    ----------
    name, more : str
        For people: what it is, and what a higher value is.
    parameter : str
        Of the brain; empty for `INHIBITED`'s activity, on which the value is a factor.
    low, high : float
    why : str
        Why this range and not the declared one.
    """

    name: str
    more: str
    parameter: str
    low: float
    high: float
    why: str

    def default(self, brain: Brain) -> float:
        """Where the brain stands."""
        return brain.parameters[self.parameter] if self.parameter else 1.0

    def axis(self, brain: Brain) -> Axis:
        """How the range is laid out; wide ranges by factors."""
        default = self.default(brain)
        return Axis(self.name, "", self.low, self.high, default, "", "")

    def apply(self, brain: Brain, value: float) -> Brain:
        """The brain with this value."""
        if self.parameter:
            return brain.with_parameters({self.parameter: value})
        active = {f"{region}.active": brain.parameters[f"{region}.active"] for region in INHIBITED}
        return brain.with_parameters({name: value * now for name, now in active.items()})


DIMENSIONS = (
    Dimension("lability", "more lability", "destabilised", 0.0, 1.0, "the declared range"),
    Dimension(
        "replay",
        "more replay",
        "replays_per_night",
        0.0,
        60.0,
        "up to three times the default; nights cost in proportion",
    ),
    Dimension(
        "synaptic lifetime",
        "longer synaptic lifetime",
        "forget_tau_hippocampus_days",
        10.0,
        800.0,
        "days; a twentieth of to four times the default (new granule cells take strength beside)",
    ),
    Dimension(
        "neurogenesis",
        "more neurogenesis",
        "neurogenesis_per_day",
        0.0,
        0.02,
        "share of granule cells a day, up to five times the default, more than running does",
    ),
    Dimension(
        "activity allowed",
        "weaker inhibition",
        "",
        0.6,
        1.6,
        "factor on the activity that inhibition allows in every region: engrams of about 0.6 to "
        "1.6 times their size, as far as all keep a published one",
    ),
)


def dimensions_of(brain: Brain) -> tuple[Dimension, ...]:
    """Those dimensions whose parameters this brain has, as far as its ranges allow."""
    known = declared_parameters()
    return tuple(
        dimension if dimension.parameter else _within_ranges(dimension, brain)
        for dimension in DIMENSIONS
        if not dimension.parameter or dimension.parameter in known
    )


def _within_ranges(dimension: Dimension, brain: Brain) -> Dimension:
    """Factors, to two digits, with which the activity of every region stays in its range."""
    lowest, highest = dimension.low, dimension.high
    for name in (f"{region}.active" for region in INHIBITED):
        _, parameter = declared_parameters()[name]
        lowest = max(lowest, math.ceil(100 * parameter.low / brain.parameters[name]) / 100)
        highest = min(highest, math.floor(100 * parameter.high / brain.parameters[name]) / 100)
    return replace(dimension, low=lowest, high=highest)


def design(dimensions: tuple[Dimension, ...], brain: Brain, points: int, seed: int) -> Design:
    """A scrambled Sobol sequence over the dimensions; the brain as it is comes first.

    The first `points` of a sequence drawn to the next power of two: its balance is that of a
    prefix, and more points later keep the ones there are (Owen 1998, ACM TOMACS 8:71).
    """
    axes = [dimension.axis(brain) for dimension in dimensions]
    sobol = qmc.Sobol(len(axes), scramble=True, rng=np.random.default_rng(seed))
    places = sobol.random_base2(max(int(points - 1).bit_length(), 1))[:points]
    values = [[axis.value(p) for axis, p in zip(axes, row, strict=True)] for row in places]
    default = [dimension.default(brain) for dimension in dimensions]
    return Design(dimensions, brain, np.array([default, *values]))


@dataclass(frozen=True)
class Design:
    """Brains to be compared.

    Parameters
    ----------
    dimensions : tuple of Dimension
    brain : Brain
        What all have in common.
    values : float64 array, shape (point, dimension)
        Point 0 is the brain as it is.
    """

    dimensions: tuple[Dimension, ...]
    brain: Brain
    values: NDArray[np.float64]

    def brain_at(self, point: int) -> Brain:
        """The brain of a point."""
        brain = self.brain
        if point == 0:
            return brain
        for dimension, value in zip(self.dimensions, self.values[point], strict=True):
            brain = dimension.apply(brain, float(value))
        return brain


def protocol_of(arm: str) -> Protocol:
    """The weeks of one arm."""
    shocks = {"at_minutes": [2.5, 3.5, 4.5], "shock_mA": 0.75}
    lived: list[dict[str, Any]] = [
        {"name": "A-training", "at_days": 0, "context": "A", "minutes": 5, "shocks": shocks},
        {"name": "D-training", "at_days": 2, "context": "D", "minutes": 5, "shocks": shocks},
    ]
    for day in UPDATE_DAYS if arm == "updated" else ():
        lived += [
            {"name": f"reactivation-{day}", "at_days": day, "context": "A", "minutes": 3},
            {"name": f"update-{day}", "at_hours": 24 * day + 1, "context": "A", "minutes": 20},
        ]
    probes = [
        {"name": name, "at_days": day, "context": name[0], "minutes": 3, "probe": True}
        for name, day in SESSIONS.items()
    ]
    return Protocol.create(
        name="tradeoff",
        title=TITLE,
        contexts={"A": {}, "D": {}, "N": {}},
        groups={"animals": {}},
        timeline=[{"do": "session", **step} for step in [*lived, *probes]],
    )


def study(setting: Setting, points: int = POINTS) -> Answer:
    """Run the study.

    Parameters
    ----------
    setting : Setting
        With a folder, finished points are kept there and not run again.
    points : int
        Brains beside the one of the setting.

    Returns
    -------
    Answer
        Tables ``points``, ``effects``, ``confirmation``, ``standing``, ``dimensions``.

    Raises
    ------
    InputError
        When a brain of the design cannot be run.
    """
    dimensions = dimensions_of(setting.brain)
    plan = design(dimensions, setting.brain, points, setting.seed)
    every = list(range(len(plan.values)))
    first = Outcomes.of(_run(plan, every, setting.seed, setting))
    chosen = [0, *(point for point in first.front() if point != 0)]
    # Fresh animals: points on a front of noisy values owe part of their place to luck.
    again = Outcomes.of(_run(plan, chosen, setting.seed + 1, setting))
    names = [dimension.name for dimension in dimensions]
    table = points_table(first, names, plan.values)
    tables = {
        "points": table,
        "effects": effects(table, names),
        "confirmation": confirmation(again, chosen),
        "standing": standing(first, again),
        "dimensions": _described(plan),
    }
    return Answer(TITLE, QUESTION, conclusion(tables), LIMITS, METHOD, tables)


def _described(plan: Design) -> pd.DataFrame:
    rows = [
        {
            "dimension": d.name,
            "more": d.more,
            "parameter": d.parameter or " and ".join(f"{r}.active" for r in INHIBITED),
            "default": d.default(plan.brain),
            "low": d.low,
            "high": d.high,
            "scale": d.axis(plan.brain).scale,
            "why this range": d.why,
        }
        for d in plan.dimensions
    ]
    return pd.DataFrame(rows)


def _run(
    plan: Design, points: list[int], seed: int, setting: Setting
) -> dict[tuple[int, str], NDArray[np.float64]]:
    """Freezing of every point and arm, shape (session, animal)."""
    path = setting.folder / FILE if setting.folder is not None else None
    wanted: list[tuple[int, str]] = [(point, arm) for point in points for arm in ARMS]
    found = {key: values for key, values in _kept(path, plan, seed) if key in wanted}
    left = [key for key in wanted if key not in found]
    protocols: dict[str, Protocol] = {arm: protocol_of(arm) for arm in ARMS}
    cohorts = [
        Cohort(protocols[arm], setting.animals, seed, plan.brain_at(point)) for point, arm in left
    ]
    for number, records in run_cohorts(
        cohorts, workers=setting.workers, on_progress=setting.on_progress
    ):
        if isinstance(records, InputError):
            raise records
        point, arm = left[number]
        found[point, arm] = freezing_of(records)
        if path is not None:
            line = {
                "point": point,
                "arm": arm,
                "seed": seed,
                "values": plan.values[point].tolist(),
                "freezing": found[point, arm].tolist(),
            }
            append_lines(path, [line])
    return found


def _kept(
    path: Path | None, plan: Design, seed: int
) -> Iterator[tuple[tuple[int, str], NDArray[np.float64]]]:
    """What an earlier, stopped run of this study left."""
    for line in read_lines(path) if path is not None else ():
        point = line["point"]
        same = point < len(plan.values) and line["values"] == plan.values[point].tolist()
        if same and line["seed"] == seed:
            yield (point, line["arm"]), np.array(line["freezing"], np.float64)


def freezing_of(records: list[AnimalRecord]) -> NDArray[np.float64]:
    """Mean freezing in the test sessions, shape (session, animal), in per cent."""
    table = []
    for record in records:
        means = [float(moments.mean(dtype=np.float64)) for moments in record.freezing_by_moment]
        by_name = dict(zip(record.sessions, means, strict=True))
        table.append([by_name[name] for name in SESSIONS])
    return np.array(table).T
