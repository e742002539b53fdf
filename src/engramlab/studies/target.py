"""Real scores as something to fit to: the model's means beside the data's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engramlab.analysis import scores_of_run
from engramlab.brain import Brain
from engramlab.cohort import run_cohort
from engramlab.errors import DataError, Problem
from engramlab.importers import ColumnMap, Scores
from engramlab.protocol import Protocol, schedule
from engramlab.protocol.quantities import Checked
from engramlab.protocol.reading import parse_protocol
from engramlab.record import Experiment
from engramlab.studies.loss import WORST, mean

ANIMALS = 12
NEAR = 2.0  # standard errors at which a mean counts as half violated


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
    """

    condition: str
    hours: float
    value: float
    error: float
    animals: int


class Target(Checked):
    """Means to come close to, and the protocol whose probes are held against them.

    Parameters
    ----------
    name : str
        What reports call it.
    protocol : str
        YAML text.
    contexts : dict of {"training", "novel"} to tuple of str
        Which contexts of the protocol are the two conditions.
    columns : ColumnMap
        The data's names of the conditions.
    means : tuple of Mean
    """

    name: str
    protocol: str
    contexts: dict[str, tuple[str, ...]]
    columns: ColumnMap
    means: tuple[Mean, ...]

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
        plan = parse_protocol(self.protocol)
        records = run_cohort(plan, animals=animals or ANIMALS, seed=seed, workers=1, brain=brain)
        table = Experiment.from_records(records, plan, brain, seed).table
        model = scores_of_run(table, self.contexts, self.columns, source="model").table
        ours = model.groupby(["condition", "hours"])["value"].mean()
        squares = []
        for goal in self.means:
            value = float(ours.get((goal.condition, goal.hours), np.nan))
            squares.append(((value - goal.value) / (NEAR * goal.error)) ** 2)
        losses = (q / (1.0 + q) if np.isfinite(q) else WORST for q in squares)
        return all(q <= 1.0 for q in squares), mean(losses)


def target_of(scores: Scores, protocol: Protocol, contexts: dict[str, tuple[str, ...]]) -> Target:
    """Take the data's means at the hours that a protocol probes.

    Parameters
    ----------
    scores : Scores
    protocol : Protocol
    contexts : dict of {"training", "novel"} to tuple of str

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
    probed = {
        (condition, round(hours, 6))
        for condition, places in names.items()
        for hours in _probe_hours(protocol, places)
    }
    table = scores.table
    table = table[(table["measure"] == columns.freezing) & table["condition"].isin(list(names))]
    means = tuple(_means(table, probed))
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
    return Target(
        name="data",
        protocol=protocol.to_yaml(),
        contexts=contexts,
        columns=columns,
        means=means,
    )


def _probe_hours(protocol: Protocol, places: tuple[str, ...]) -> set[float]:
    hours = set()
    for group in protocol.groups:
        sessions = schedule(protocol, group).sessions
        start = min((session.start_hours for session in sessions), default=0.0)
        hours |= {
            session.start_hours - start
            for session in sessions
            if session.probe and session.context in places
        }
    return hours


def _means(table: pd.DataFrame, probed: set[tuple[str, float]]) -> list[Mean]:
    means = []
    keys = ["experiment", "group", "condition", "hours"]
    for names, part in table.groupby(keys, sort=True):
        condition, hours = str(names[2]), round(float(str(names[3])), 6)
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
                )
            )
    return means
