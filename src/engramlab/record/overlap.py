"""Overlap of the ensembles of sessions."""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engramlab.measures import overlap_over_chance
from engramlab.record.table import active


def mean_overlap(
    data: xr.Dataset, group: str, shown: list[str]
) -> tuple[list[str], NDArray[np.float64]]:
    """Overlap over chance between the sessions of a group, mean over its animals.

    Parameters
    ----------
    data : xarray.Dataset
        As `engramlab.record.assemble` returns it.
    group : str
    shown : list of str
        Regions.

    Returns
    -------
    list of str
        The group's sessions.
    float array, shape (region, session, session)
        NaN on the diagonal and where no cell is active.
    """
    of_group = data["group"].values.astype(str) == group
    had = ~np.isnan(data["freezing"].values[of_group]).all(axis=0)
    cells = active(data)[of_group][:, had]
    places = np.flatnonzero(had)
    overlap = np.full((len(cells), len(shown), places.size, places.size), np.nan)
    for r, region in enumerate(shown):
        here = cells[..., data["region"].values == region]
        for a, i, j in np.ndindex(len(cells), places.size, places.size):
            if i > j:
                value = overlap_over_chance(here[a, i], here[a, j])
                overlap[a, r, i, j] = overlap[a, r, j, i] = value
    with warnings.catch_warnings():  # all NaN on the diagonal
        warnings.simplefilter("ignore", RuntimeWarning)
        return data["session"].values[had].astype(str).tolist(), np.nanmean(overlap, axis=0)
