"""The model's cohort beside real data: the same measures, the same conditions and hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from engramlab.analysis.analysis import Analysis
from engramlab.errors import DataError, ParameterError, Problem
from engramlab.importers import ColumnMap, Scores
from engramlab.importers.columns import CANONICAL
from engramlab.protocol import Protocol
from engramlab.protocol.schema import SessionStep


def contexts_of(
    protocol: Protocol, training: str | None, novel: str | None
) -> dict[str, tuple[str]]:
    """Find which contexts of a protocol stand for the data's two conditions.

    Where only one is possible it need not be said: the training context is that of the first
    session, the novel one the only other context with a probe.

    Raises
    ------
    ParameterError
        When a name is not a context with a probe, or must be given.
    """
    sessions = [step for step in protocol.timeline if isinstance(step, SessionStep)]
    probed = list(dict.fromkeys(step.context for step in sessions if step.probe))
    if training is None:
        training = min(sessions, key=lambda step: step.start_hours).context
    others = [context for context in probed if context != training]
    if novel is None and len(others) == 1:
        novel = others[0]
    problems = [
        Problem(
            f"{flag} {context or ''}".strip(),
            f"has to be a context that '{protocol.name}' probes",
            f"{flag} with one of: {', '.join(allowed) or '(it has none)'}",
        )
        for flag, context, allowed in (
            ("--training", training, probed),
            ("--novel", novel, others),
        )
        if context not in allowed
    ]
    if training is None or novel is None or problems:
        raise ParameterError(problems)
    return {"training": (training,), "novel": (novel,)}


def scores_of_run(
    table: pd.DataFrame,
    contexts: Mapping[str, Sequence[str]],
    columns: ColumnMap | None = None,
    *,
    source: str = "model",
) -> Scores:
    """Take the probes of a model run as scores.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy table of an experiment (columns group, animal, session, hours, context, probe, measure,
        value, ...).
    contexts : mapping of {"training", "novel"} to sequence of str
        Which contexts of the protocol are the training one and the novel one.
    columns : ColumnMap, optional
        Names of the two conditions, so that they agree with the data's.
    source : str
        What to call it.

    Returns
    -------
    Scores
        Hours are counted from the animal's first session.

    Raises
    ------
    DataError
        If the run has no probe in one of the contexts.
    """
    columns = columns or ColumnMap()
    names = {
        context: condition
        for condition, key in ((columns.training, "training"), (columns.novel, "novel"))
        for context in contexts[key]
    }
    freezing = table[(table["measure"] == "freezing")]
    start = freezing.groupby(["group", "animal"])["hours"].transform("min")
    hours = (freezing["hours"] - start).round(6)
    wanted = freezing["probe"].astype(bool) & freezing["context"].isin(list(names))
    absent = sorted(set(names) - set(freezing.loc[wanted, "context"]))
    if absent:
        raise DataError(
            Problem(
                source,
                f"the protocol has no probe in context {', '.join(absent)}",
                "contexts with probes: "
                + ", ".join(sorted(set(freezing.loc[freezing["probe"].astype(bool), "context"]))),
            )
        )
    part = freezing[wanted]
    scores = pd.DataFrame(
        {
            "experiment": "model",
            "group": part["group"].astype(str),
            "condition": part["context"].map(names),
            "hours": hours[wanted],
            "measure": columns.freezing,
            "animal": part["animal"].astype(str),
            "value": part["value"].astype(float),
        }
    )
    keys = [name for name in scores if name != "value"]
    # A protocol may probe one context several times at one hour (say with light): their mean.
    means = scores.groupby(keys, sort=False)["value"].mean().reset_index()
    return Scores(means[list(CANONICAL)], columns, source)


def compare(data: Analysis, model: Analysis) -> pd.DataFrame:
    """Put means of data and model side by side at the hours both have.

    Parameters
    ----------
    data, model : Analysis
        With the same names of conditions.

    Returns
    -------
    pandas.DataFrame
        One row for each data experiment and group, model group, condition (the discrimination
        index among them) and hour: both means with intervals, their difference, and whether the
        model's mean lies within the data's 95 % interval.

    Raises
    ------
    DataError
        If they have no hour and condition in common.
    """
    ours, theirs = (
        pd.concat(
            [
                analysis.freezing[
                    analysis.freezing["condition"].isin(
                        [analysis.scores.columns.training, analysis.scores.columns.novel]
                    )
                ],
                analysis.discrimination.assign(condition="discrimination index"),
            ]
        )
        for analysis in (data, model)
    )
    both = ours.merge(theirs, on=["condition", "hours"], suffixes=("_data", "_model"))
    if both.empty:
        raise DataError(
            Problem(
                data.scores.source,
                "data and protocol have no test condition at the same hours",
                f"probes at hours {_hours(ours)} after the first session, as in the data; the "
                f"protocol's are at {_hours(theirs)}",
            )
        )
    return both.assign(
        difference=both["mean_model"] - both["mean_data"],
        within=(both["mean_model"] >= both["low_data"]) & (both["mean_model"] <= both["high_data"]),
    ).drop(columns="experiment_model")


def _hours(table: pd.DataFrame) -> str:
    values = np.unique(table["hours"].dropna())
    return ", ".join(f"{value:g}" for value in values) or "(none given)"
