"""The tidy table: one row a value, as a bench scientist would write it down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engramlab.engine.animal_record import ENGRAM_THRESHOLD
from engramlab.measures import discrimination_index, engram_size, overlap_over_chance

COLUMNS = (
    "group",
    "animal",
    "session",
    "hours",
    "context",
    "probe",
    "measure",
    "region",
    "tag",
    "cells",
    "value",
    "unit",
)
MEASURES = (
    "freezing",
    "valence_negative",
    "valence_positive",
    "engram_size",
    "tag_size",
    "reactivation_over_chance",
    "over_representation",
    "discrimination",
)
INPUT_REGION = "EC"  # its activity is what the animal perceives, so no engram is counted in it


def make_table(data: xr.Dataset) -> pd.DataFrame:
    """Measure every animal.

    Parameters
    ----------
    data : xarray.Dataset
        As `assemble` returns it.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; one row a value. A value that is not defined (no such session, an empty
        tag) has no row. Measures:

        =============================  ========  ==================================================
        freezing                       percent   mean over the session
        valence_negative, _positive    1         mean activity of that half of BLA
        engram_size                    percent   cells of the region with peak activity above 0.3
        tag_size                       percent   cells of the region that carry the tag
        reactivation_over_chance       1         tagged and active cells over those expected by
                                                 chance, by region; sessions that labelled the
                                                 tag are left out
        over_representation            1         members of a cell set among the tagged cells of
                                                 the population it was drawn from, over those
                                                 expected by chance; not for sets that were made
                                                 from tagged cells
        discrimination                 1         (first - other) / (first + other) of freezing in
                                                 the first context of the animal's life and in
                                                 another, tested at the same hour
        =============================  ========  ==================================================
    """
    parts = [*_by_session(data), *_by_cells(data), *_discrimination(data)]
    table = pd.concat(parts, ignore_index=True).dropna(subset="value")
    order = table.groupby(["group", "animal"], sort=False).ngroup()
    table = table.iloc[np.argsort(order.to_numpy(), kind="stable")]
    return table.reset_index(drop=True)[list(COLUMNS)]


def regions(data: xr.Dataset) -> list[str]:
    """Names of the regions in the order of the neurons."""
    return list(dict.fromkeys(data["region"].values.astype(str).tolist()))


def first_sessions(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of each animal's first session."""
    hours = table["hours"]
    return table[hours == hours.groupby([table["group"], table["animal"]]).transform("min")]


def active(data: xr.Dataset) -> NDArray[np.bool_]:
    """Cells active in each session, shape (animal, session, neuron); none where there was none."""
    return np.asarray(data["ieg"].values > ENGRAM_THRESHOLD)


def _frame(
    data: xr.Dataset,
    values: NDArray[np.float64],
    measure: str,
    unit: str,
    *,
    region: str = "",
    tag: str = "",
    cells: str = "",
) -> pd.DataFrame:
    """Rows for values of shape (animal, session), or (animal,) for what belongs to no session."""
    sessions = values.shape[1] if values.ndim == 2 else 1
    frame = pd.DataFrame(
        {
            "group": np.repeat(data["group"].values.astype(str), sessions),
            "animal": np.repeat(data["animal_number"].values, sessions),
        }
    )
    if values.ndim == 2:
        frame["session"] = np.tile(data["session"].values.astype(str), len(values))
        for name in ("hours", "context", "probe"):
            frame[name] = data[name].values.ravel()
    else:
        frame = frame.assign(session="", hours=np.nan, context="", probe=False)
    return frame.assign(
        measure=measure, region=region, tag=tag, cells=cells, value=values.ravel(), unit=unit
    )


def _by_session(data: xr.Dataset) -> Iterator[pd.DataFrame]:
    yield _frame(data, data["freezing"].values, "freezing", "percent")
    for measure in ("valence_negative", "valence_positive"):
        yield _frame(data, data[measure].values, measure, "1")
    cells, had = active(data), ~np.isnan(data["freezing"].values)
    for region in regions(data):
        here = data["region"].values == region
        size = np.full(had.shape, np.nan)
        for a, s in np.argwhere(had):
            size[a, s] = engram_size(cells[a, s, here])
        yield _frame(data, size, "engram_size", "percent", region=region)


def _by_cells(data: xr.Dataset) -> Iterator[pd.DataFrame]:
    tagged, in_set = data["tagged"].values, data["in_cell_set"].values
    cells, comparable = active(data), _comparable(data)
    animals, sessions = data["freezing"].shape
    for region in regions(data):
        here = data["region"].values == region
        for t, tag in enumerate(data["tag"].values.astype(str)):
            of_tag = tagged[:, t, here]
            size = np.array([engram_size(mask) for mask in of_tag])
            yield _frame(data, size, "tag_size", "percent", region=region, tag=tag)
            ratio = np.full((animals, sessions), np.nan)
            for a, s in np.argwhere(comparable[:, t]):
                ratio[a, s] = overlap_over_chance(of_tag[a], cells[a, s, here])
            yield _frame(data, ratio, "reactivation_over_chance", "1", region=region, tag=tag)
            for c, name in enumerate(data["cell_set"].values.astype(str)):
                pool = _pool(data, in_set[:, c], here)
                if data["from_tag"].values[c] or not pool.any():
                    continue
                pairs = zip(in_set[:, c, pool], tagged[:, t, pool], strict=True)
                ratios = np.array([overlap_over_chance(*pair) for pair in pairs], np.float64)
                yield _frame(
                    data, ratios, "over_representation", "1", region=region, tag=tag, cells=name
                )


def _pool(
    data: xr.Dataset, members: NDArray[np.bool_], here: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Cells of a region from which a set was drawn: the populations that have members in it.

    A set drawn from the negative half of BLA has to be compared with that half: after a shock it
    holds more tagged cells than the other, whatever the set.
    """
    population = data["population"].values
    drawn = np.unique(population[here & members.any(axis=0)])
    return np.asarray(here & np.isin(population, drawn))


def _comparable(data: xr.Dataset) -> NDArray[np.bool_]:
    """Sessions with which a tag may be compared, shape (animal, tag, session).

    Not those that labelled it: there tagged cells are active by definition.
    """
    had = ~np.isnan(data["freezing"].values)
    return np.asarray(had[:, np.newaxis] & ~data["tag_open"].values)


def _discrimination(data: xr.Dataset) -> Iterator[pd.DataFrame]:
    freezing, hours = data["freezing"].values, data["hours"].values
    context = data["context"].values.astype(str)
    index = np.full(freezing.shape, np.nan)
    for a in range(len(freezing)):
        had = np.flatnonzero(~np.isnan(freezing[a]))
        first = context[a, had[0]]
        for s in had:
            same_hour = [r for r in had if hours[a, r] == hours[a, s] and context[a, r] == first]
            if same_hour and context[a, s] != first:
                index[a, s] = discrimination_index(freezing[a, same_hour[0]], freezing[a, s])
    yield _frame(data, index, "discrimination", "1")
