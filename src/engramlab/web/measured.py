"""What a finished run shows, ready to be drawn: every animal, means with intervals, comparisons."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from pydantic import BaseModel

from engramlab.measures import (
    difference,
    hedges_g,
    mean_estimate,
    preference_seconds,
)
from engramlab.record import Experiment
from engramlab.record.overlap import mean_overlap
from engramlab.record.table import INPUT_REGION, regions

KEYS = ("measure", "region", "tag", "cells", "unit")
ALL_PAIRS = 4  # groups up to which every pair is compared; beyond, each with the first


class Measure(BaseModel):
    """Something that was measured; the texts that do not apply are empty."""

    measure: str
    region: str = ""
    tag: str = ""
    cells: str = ""
    unit: str = "1"


class Animals(BaseModel):
    """One group in one session; a mean has its 95 % bootstrap interval over animals."""

    group: str
    session: str
    hours: float | None
    context: str
    probe: bool
    animals: list[int]
    values: list[float]
    mean: float
    low: float | None
    high: float | None


class Comparison(BaseModel):
    """Two groups in one session: second minus first, with its 95 % bootstrap interval."""

    session: str
    first: str
    second: str
    difference: float
    low: float | None
    high: float | None
    hedges_g: float | None
    animals: int


class Values(BaseModel):
    """One measure in all groups and sessions."""

    measure: Measure
    rows: list[Animals]
    comparisons: list[Comparison]


class Overlap(BaseModel):
    """Cells active in two sessions over those expected by chance, mean over animals, by group."""

    region: str
    sessions: list[str]
    groups: dict[str, list[list[float | None]]]


def table_of(experiment: Experiment) -> pd.DataFrame:
    """The tidy table, with place preference beside freezing."""
    data = experiment.data
    valence = data["valence_by_moment"].values  # animal, session, moment, (negative, positive)
    seconds = preference_seconds(valence[..., 1], valence[..., 0])
    had = ~np.isnan(data["freezing"].values)
    moments = np.maximum((~np.isnan(seconds)).sum(axis=2), 1)
    means = np.nansum(seconds, axis=2) / moments
    a, s = np.nonzero(had)
    preference = pd.DataFrame(
        {
            "group": data["group"].values.astype(str)[a],
            "animal": data["animal_number"].values[a],
            "session": data["session"].values.astype(str)[s],
            "hours": data["hours"].values[a, s],
            "context": data["context"].values[a, s],
            "probe": data["probe"].values[a, s],
            "measure": "preference",
            "region": "",
            "tag": "",
            "cells": "",
            "value": means[a, s],
            "unit": "s",
        }
    )
    return pd.concat([experiment.table, preference], ignore_index=True)


def measures_of(experiment: Experiment) -> list[Measure]:
    """Everything that was measured, freezing first."""
    unique = table_of(experiment)[list(KEYS)].drop_duplicates()
    unique = unique[~unique["measure"].str.startswith("valence")]
    found = [Measure(**dict(zip(KEYS, map(str, row), strict=True))) for row in unique.to_numpy()]
    order = ("freezing", "preference", "discrimination", "reactivation_over_chance", "engram_size")
    rank = {name: number for number, name in enumerate(order)}
    return sorted(found, key=lambda measure: rank.get(measure.measure, len(rank)))


def values_of(experiment: Experiment, wanted: Measure) -> Values | None:
    """One measure of every animal; None when it was not measured."""
    table = table_of(experiment)
    keep = np.ones(len(table), np.bool_)
    for key in ("measure", "region", "tag", "cells"):
        keep &= (table[key] == getattr(wanted, key)).to_numpy()
    part = table[keep]
    if part.empty:
        return None
    measure = wanted.model_copy(update={"unit": str(part["unit"].iloc[0])})
    rows = [
        _animals(str(group), str(session), rows)
        for (session, group), rows in part.groupby(["session", "group"], sort=False)
    ]
    groups = list(dict.fromkeys(part["group"].astype(str)))
    sessions = list(dict.fromkeys(experiment.data["session"].values.astype(str).tolist()))
    place = {name: number for number, name in enumerate(sessions)}
    rows.sort(key=lambda row: (place.get(row.session, -1), groups.index(row.group)))
    return Values(measure=measure, rows=rows, comparisons=_comparisons(rows, groups))


def _animals(group: str, session: str, rows: pd.DataFrame) -> Animals:
    values = rows["value"].to_numpy(float)
    estimate = mean_estimate(values)
    hours = float(rows["hours"].iloc[0])
    return Animals(
        group=group,
        session=session,
        hours=_number(hours),
        context=str(rows["context"].iloc[0]),
        probe=bool(rows["probe"].iloc[0]),
        animals=rows["animal"].astype(int).tolist(),
        values=[round(float(value), 6) for value in values],
        mean=float(estimate.value),
        low=_number(estimate.low),
        high=_number(estimate.high),
    )


def _comparisons(rows: list[Animals], groups: list[str]) -> list[Comparison]:
    pairs = list(combinations(groups, 2))
    if len(groups) > ALL_PAIRS:
        pairs = [(groups[0], other) for other in groups[1:]]
    by = {(row.session, row.group): row for row in rows}
    found = []
    for session in dict.fromkeys(row.session for row in rows):
        for one, other in pairs:
            first, second = by.get((session, one)), by.get((session, other))
            if first is None or second is None:
                continue
            ours, theirs = np.array(second.values), np.array(first.values)
            estimate = difference(ours, theirs)
            found.append(
                Comparison(
                    session=session,
                    first=one,
                    second=other,
                    difference=float(estimate.value),
                    low=_number(estimate.low),
                    high=_number(estimate.high),
                    hedges_g=_number(hedges_g(ours, theirs)),
                    animals=len(ours) + len(theirs),
                )
            )
    return found


def regions_of(experiment: Experiment) -> list[str]:
    """Regions in which engrams are counted."""
    return [region for region in regions(experiment.data) if region != INPUT_REGION]


def overlap_of(experiment: Experiment, region: str) -> Overlap:
    """Overlap of the cells active in every two sessions of one region."""
    data = experiment.data
    sessions = data["session"].values.astype(str).tolist()
    found: dict[str, list[list[float | None]]] = {}
    for group in dict.fromkeys(data["group"].values.astype(str).tolist()):
        had, (values,) = mean_overlap(data, group, [region])
        matrix = pd.DataFrame(values, had, had).reindex(index=sessions, columns=sessions)
        found[group] = [[_number(value) for value in row] for row in matrix.to_numpy()]
    return Overlap(region=region, sessions=sessions, groups=found)


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
