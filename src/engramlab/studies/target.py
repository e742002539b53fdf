"""Real scores as something to fit to: the model's means beside the data's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.cohort import Workers, run_cohort
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import DataError, Problem
from engramlab.importers import Scores
from engramlab.protocol import Protocol, schedule
from engramlab.protocol.quantities import Checked
from engramlab.protocol.reading import parse_protocol
from engramlab.studies.loss import WORST, mean

ANIMALS = 12
NEAR = 2.0  # standard errors at which a mean counts as half violated
HOURS_DIGITS = 6  # to which hours are rounded before they are compared


class Mean(Checked):
    """Mean freezing of the data's animals in one condition at one hour.

    Parameters
    ----------
    condition : str
    hours : float
        After the animals' first session.
    value, error : float
        Percent: mean and its standard error.
    animals : int
    experiment, data_group : str
        Where it stands in the data.
    group : str
        Group of the protocol that it is held against; empty: all groups together.
    """

    condition: str
    hours: float
    value: float
    error: float
    animals: int
    experiment: str = ""
    data_group: str = ""
    group: str = ""


class Target(Checked):
    """Means to come close to, and the protocol whose probes are held against them.

    Parameters
    ----------
    name : str
        What reports call it.
    protocol : str
        YAML text.
    conditions : dict of str to tuple of str
        The data's name of a condition -> contexts of the protocol that are the same place.
    means : tuple of Mean
    """

    name: str
    protocol: str
    conditions: dict[str, tuple[str, ...]]
    means: tuple[Mean, ...]

    def model_values(
        self, brain: Brain, seed: int, animals: int | None = None, workers: Workers = 1
    ) -> list[NDArray[np.float64]]:
        """Run the protocol and take what the model's animals show beside each mean.

        Parameters
        ----------
        brain : Brain
        seed : int
        animals : int, optional
        workers : int or str, optional

        Returns
        -------
        list of ndarray, shape (animal,)
            One a mean, in order: freezing in percent; empty where the model has no such probe.
        """
        plan = parse_protocol(self.protocol)
        records = run_cohort(
            plan, animals=animals or ANIMALS, seed=seed, workers=workers, brain=brain
        )
        return self.values_in(records, plan)

    def values_in(
        self, records: Sequence[AnimalRecord], plan: Protocol
    ) -> list[NDArray[np.float64]]:
        """As `model_values`, of animals that have lived through the protocol already."""
        probes = _probes(records, plan)
        return [_beside(probes, goal, self.conditions[goal.condition]) for goal in self.means]

    def distance(self, brain: Brain, seed: int, animals: int | None = None) -> tuple[bool, float]:
        """Run the protocol and compare.

        Parameters
        ----------
        brain : Brain
        seed : int
        animals : int, optional

        Returns
        -------
        tuple of bool and float
            Whether every mean of the model lies within two standard errors of the data's, and the
            mean over them of ``q / (1 + q)`` with ``q = ((model - data) / (2 standard error))^2``.
        """
        squares = [
            ((float(values.mean()) - goal.value) / (NEAR * goal.error)) ** 2
            if values.size
            else np.nan
            for goal, values in zip(
                self.means, self.model_values(brain, seed, animals), strict=True
            )
        ]
        losses = (q / (1.0 + q) if np.isfinite(q) else WORST for q in squares)
        return all(q <= 1.0 for q in squares), mean(losses)


@dataclass(frozen=True)
class _Probe:
    """What one animal showed in one probe, with the hours since its first session."""

    group: str
    animal: int
    context: str
    hours: float
    freezing: float


def _probes(records: Sequence[AnimalRecord], plan: Protocol) -> list[_Probe]:
    probes = []
    groups = {name: schedule(plan, name).sessions for name in plan.groups}
    for record in records:
        sessions = {session.name: session for session in groups[record.group]}
        start = min(session.start_hours for session in sessions.values())
        for name, moments in zip(record.sessions, record.freezing_by_moment, strict=True):
            if sessions[name].probe:
                hours = round(sessions[name].start_hours - start, HOURS_DIGITS)
                freezing = float(moments.mean(dtype=np.float64))
                probes.append(
                    _Probe(record.group, record.animal, sessions[name].context, hours, freezing)
                )
    return probes


def _beside(probes: list[_Probe], goal: Mean, places: tuple[str, ...]) -> NDArray[np.float64]:
    """One value an animal: several probes of one context at one hour (with light) are averaged."""
    by_animal: dict[tuple[str, int], list[float]] = {}
    for one in probes:
        here = one.context in places and one.hours == goal.hours
        if here and goal.group in ("", one.group):
            by_animal.setdefault((one.group, one.animal), []).append(one.freezing)
    return np.array([float(np.mean(values)) for values in by_animal.values()], np.float64)


def target_of(
    scores: Scores, protocol: Protocol, contexts: Mapping[str, tuple[str, ...]]
) -> Target:
    """Take the data's means at the hours that a protocol probes.

    Parameters
    ----------
    scores : Scores
    protocol : Protocol
    contexts : mapping of {"training", "novel"} to tuple of str

    Returns
    -------
    Target

    Raises
    ------
    DataError
        When no condition of the data has two scores at an hour that the protocol probes.
    """
    columns = scores.columns
    names = {columns.training: contexts["training"], columns.novel: contexts["novel"]}
    table = scores.table[scores.table["measure"] == columns.freezing]
    probed = probed_hours(protocol, names)
    means = tuple(means_at(table, probed))
    if not means:
        there = sorted({hours for _, hours in probed})
        raise DataError(
            Problem(
                scores.source,
                f"has no freezing under '{columns.training}' or '{columns.novel}' at the hours "
                f"that '{protocol.name}' probes",
                "at least two scores with some spread at one of the hours "
                + ", ".join(f"{hours:g}" for hours in there),
            )
        )
    return Target(name="data", protocol=protocol.to_yaml(), conditions=names, means=means)


def probed_hours(
    protocol: Protocol, conditions: Mapping[str, tuple[str, ...]], group: str = ""
) -> set[tuple[str, float]]:
    """Conditions and hours after its first session at which a group (or any) is probed."""
    probed = set()
    for name in (group,) if group else protocol.groups:
        sessions = schedule(protocol, name).sessions
        start = min((session.start_hours for session in sessions), default=0.0)
        probed |= {
            (condition, round(session.start_hours - start, HOURS_DIGITS))
            for session in sessions
            for condition, places in conditions.items()
            if session.probe and session.context in places
        }
    return probed


def means_at(table: pd.DataFrame, probed: set[tuple[str, float]], group: str = "") -> list[Mean]:
    """Means of the data where there are probes, with at least two scores that differ."""
    means = []
    keys = ["experiment", "group", "condition", "hours"]
    for names, part in table.groupby(keys, sort=True):
        condition, hours = str(names[2]), round(float(str(names[3])), HOURS_DIGITS)
        values = part["value"].to_numpy(np.float64)
        values = values[np.isfinite(values)]
        if (condition, hours) not in probed or values.size < 2:
            continue
        error = float(values.std(ddof=1)) / float(np.sqrt(values.size))
        if error > 0:
            means.append(
                Mean(
                    condition=condition,
                    hours=hours,
                    value=float(values.mean()),
                    error=error,
                    animals=int(values.size),
                    experiment=str(names[0]),
                    data_group=str(names[1]),
                    group=group,
                )
            )
    return means
