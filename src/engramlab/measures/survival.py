"""Who stays in an ensemble over sessions, who leaves, who comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _sessions(active: ArrayLike) -> NDArray[np.bool_]:
    mask = np.asarray(active, np.bool_)
    if mask.ndim != 2 or not mask.shape[0]:
        raise ValueError(f"activity of shape (session, cell) is needed, not {mask.shape}")
    return mask


def ensemble_survival(active: ArrayLike) -> NDArray[np.float64]:
    """Share of the first session's cells that have been active in every session since.

    ``S_k = |A_0 and A_1 and ... and A_k| / |A_0|``: the survival curve (Kaplan & Meier 1958, J Am
    Stat Assoc 53:457) without censoring, where a first absence is the end.

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
        Sessions in time order.

    Returns
    -------
    float64 array, shape (session,)
        1 first, never rising; by chance, with shares p of active cells, ``p ** k``. NaN when no
        cell was active in the first session.

    Raises
    ------
    ValueError
        If `active` is not of that shape.

    Examples
    --------
    >>> ensemble_survival([[1, 1, 0], [1, 0, 1], [1, 1, 1]])
    array([1. , 0.5, 0.5])
    """
    mask = _sessions(active)
    never_absent = np.logical_and.accumulate(mask, axis=0)
    first = mask[0].sum()
    return never_absent.sum(axis=1) / first if first else np.full(len(mask), np.nan)


def ensemble_retention(active: ArrayLike) -> NDArray[np.float64]:
    """Share of the first session's cells that are active in each session.

    ``R_k = |A_0 and A_k| / |A_0|``; unlike `ensemble_survival` a cell may come back.

    The counterpart of `ensemble_survival` with return (as overlap over days in Ziv et al. 2013,
    Nat Neurosci 16:264: recalled).

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)

    Returns
    -------
    float64 array, shape (session,)
        1 first; at chance the share of all cells that is active then. NaN when no cell was active
        in the first session.

    Raises
    ------
    ValueError
        If `active` is not of that shape.

    Examples
    --------
    >>> ensemble_retention([[1, 1, 0], [1, 0, 1], [1, 1, 1]])
    array([1. , 0.5, 1. ])
    """
    mask = _sessions(active)
    first = mask[0].sum()
    return (mask & mask[0]).sum(axis=1) / first if first else np.full(len(mask), np.nan)


def newcomer_share(active: ArrayLike) -> NDArray[np.float64]:
    """Share of each session's active cells that were not active in the first.

    ``N_k = |A_k and not A_0| / |A_k|``.

    The complement of retention, seen from the later session (turnover of a community: Diamond
    1969, PNAS 64:57).

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)

    Returns
    -------
    float64 array, shape (session,)
        0 first; at chance 1 - the share of cells active in the first session. NaN where no cell is
        active.

    Raises
    ------
    ValueError
        If `active` is not of that shape.

    Examples
    --------
    >>> newcomer_share([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]])
    array([0. , 0.5, 1. ])
    """
    mask = _sessions(active)
    new, all_active = (mask & ~mask[0]).sum(axis=1), mask.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(all_active > 0, new / np.maximum(all_active, 1), np.nan)


def membership_duration(active: ArrayLike, times: ArrayLike) -> NDArray[np.float64]:
    """Time for which each cell has been in the ensemble without a break, as seen in the sessions.

    ``d_k = d_(k-1) + t_k - t_(k-1)`` while the cell stays, 0 when it enters; the definition is
    ours. Chance level: that of samples from `shuffled_keeping_activity`.

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
    times : array_like, shape (session,)
        Rising.

    Returns
    -------
    float64 array, shape (session, cell)
        In a session in which the cell is active, the time since the first session of its unbroken
        run; else 0.

    Raises
    ------
    ValueError
        If the times do not fit or do not rise.

    Examples
    --------
    >>> membership_duration([[1, 0], [1, 1], [1, 0]], [0.0, 1.0, 7.0])
    array([[0., 0.],
           [1., 0.],
           [7., 0.]])
    """
    mask, hours = _sessions(active), np.asarray(times, np.float64)
    if hours.shape != mask.shape[:1] or np.any(np.diff(hours) <= 0):
        raise ValueError(f"{len(mask)} rising times are needed, not {hours}")
    duration = np.zeros(mask.shape)
    for k in range(1, len(mask)):
        stayed = mask[k] & mask[k - 1]
        duration[k, stayed] = duration[k - 1, stayed] + hours[k] - hours[k - 1]
    return duration
