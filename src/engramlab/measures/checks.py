"""What arrays the measures of ensembles and of traces accept."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def as_ensemble(values: ArrayLike) -> NDArray[np.bool_]:
    """Yes or no for each cell; a missing value is neither, so it is refused."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"an ensemble of shape (cell,) is needed, not {array.shape}")
    return _as_mask(array)


def as_sessions(values: ArrayLike, *, at_least: int = 1) -> NDArray[np.bool_]:
    """Yes or no for each session and cell."""
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[0] < at_least:
        raise ValueError(
            f"activity of shape (session, cell) with at least {at_least} sessions is needed, "
            f"not {array.shape}"
        )
    return _as_mask(array)


def as_traces(values: ArrayLike, *, at_least: int = 1) -> NDArray[np.float64]:
    """Signals over time, one column a cell."""
    array = np.asarray(values, np.float64)
    if array.ndim != 2 or array.shape[0] < at_least:
        raise ValueError(
            f"traces of shape (frame, cell) with at least {at_least} frames are needed, "
            f"not {array.shape}"
        )
    return array


def _as_mask(array: NDArray[np.generic]) -> NDArray[np.bool_]:
    if array.dtype == np.bool_:
        return np.asarray(array, np.bool_)
    if array.size and not np.isin(array, (0, 1)).all():
        raise ValueError(
            "an ensemble holds True and False, or 1 and 0; leave out cells that were not recorded "
            "in every session"
        )
    return np.asarray(array, np.bool_)
