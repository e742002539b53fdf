"""Who stays in an ensemble, leaves and enters between any two sessions; curves over animals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.checks import as_sessions
from engramlab.measures.effect import mean_estimate


@dataclass(frozen=True, slots=True)
class Turnover:
    """Change of an ensemble from session i (row) to session j (column), as shares in [0, 1].

    Parameters
    ----------
    stayed : float64 array, shape (session, session)
        Of the members in i, those in j as well; at chance the share of all cells active in j.
    left : float64 array, shape (session, session)
        ``1 - stayed``.
    entered : float64 array, shape (session, session)
        Of the members in j, those not in i; at chance the share of all cells not active in i.
    entry_rate : float64 array, shape (session, session)
        Of the cells not in i, those in j; at chance the share of all cells active in j. With
        `stayed` it tells whether members are more likely to be active again than others are.
    turnover : float64 array, shape (session, session)
        Those that left and those that entered over the sum of both sizes: 0 the same cells, 1
        none in common; at chance, with shares p and q of all cells, ``1 - 2 p q / (p + q)``.
    """

    stayed: NDArray[np.float64]
    left: NDArray[np.float64]
    entered: NDArray[np.float64]
    entry_rate: NDArray[np.float64]
    turnover: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Mean over animals at each session, with its 95 % bootstrap interval.

    Parameters
    ----------
    value, low, high : float64 arrays, shape (session,)
        Bounds are NaN where fewer than two animals have a value.
    animals : int64 array, shape (session,)
        Animals that have one.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    animals: NDArray[np.int64]


def turnover(active: ArrayLike) -> Turnover:
    """Exit, entry and persistence of an ensemble between all sessions.

    With ``c = |A_i and A_j|``: stayed ``c / |A_i|``, entered ``1 - c / |A_j|``, entry rate ``(|A_j|
    - c) / (N - |A_i|)``, turnover ``1 - 2 c / (|A_i| + |A_j|)``, which is gains and losses over the
    sum of sizes as for the species of an island (Diamond 1969, PNAS 64:57), and 1 - Dice.

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
        The same cells in every session.

    Returns
    -------
    Turnover
        Chance levels of independent draws are given there. For those that keep each cell's general
        activity: ``turnover_from_counts(overlaps.expected, sizes, cells)`` with the result of
        `overlaps_keeping_activity`.

    Raises
    ------
    ValueError
        If `active` is not of that shape or anything is missing.

    Examples
    --------
    Four of six cells, then three, two of which were there before:

    >>> change = turnover([[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0]])
    >>> float(change.stayed[0, 1]), float(change.entry_rate[0, 1])
    (0.5, 0.5)
    >>> round(float(change.entered[0, 1]), 3), round(float(change.turnover[0, 1]), 3)
    (0.333, 0.429)
    """
    mask = as_sessions(active)
    numbers = mask.astype(np.int64)
    return turnover_from_counts(numbers @ numbers.T, mask.sum(axis=1), mask.shape[1])


def turnover_from_counts(common: ArrayLike, sizes: ArrayLike, cells: int) -> Turnover:
    """Turnover from numbers of cells: counted, or expected by some chance.

    The formulas of `turnover`.

    With c common cells and sizes n: stayed ``c / n_i``, entered ``1 - c / n_j``, turnover ``1 -
    2 c / (n_i + n_j)`` (Diamond 1969, PNAS 64:57).

    Parameters
    ----------
    common : array_like, shape (session, session)
        Cells active in both; need not be whole.
    sizes : array_like, shape (session,)
        Cells active in each.
    cells : int
        All cells.

    Returns
    -------
    Turnover
        NaN where an ensemble that is divided by is empty. Chance level: what the expected common
        cells give.

    Raises
    ------
    ValueError
        If the counts are not of these shapes.

    Examples
    --------
    10 and 20 of 100 cells, 4 in common; by chance 2 would be:

    >>> sizes, cells = [10, 20], 100
    >>> found = turnover_from_counts([[10, 4], [4, 20]], sizes, cells)
    >>> chance = turnover_from_counts([[10, 2], [2, 20]], sizes, cells)
    >>> float(found.stayed[0, 1]), float(chance.stayed[0, 1])
    (0.4, 0.2)
    """
    both, size = np.asarray(common, np.float64), np.asarray(sizes, np.float64)
    if size.ndim != 1 or both.shape != (size.size, size.size):
        raise ValueError(
            f"common cells of all pairs of {size.size} sessions are needed, not {both.shape}"
        )
    first, second = size[:, np.newaxis], size[np.newaxis, :]
    stayed = _share(both, first)
    return Turnover(
        stayed=stayed,
        left=1.0 - stayed,
        entered=1.0 - _share(both, second),
        entry_rate=_share(second - both, cells - first),
        turnover=1.0 - _share(2.0 * both, first + second),
    )


def mean_curve(curves: ArrayLike, *, seed: int = 0) -> Curve:
    """Curve over sessions averaged over animals, with the animal as the unit.

    At each session the mean and its percentile bootstrap (Efron & Tibshirani 1993) over animals,
    the same resampled animals at all sessions where none is missing.

    ``m_k = mean over animals a of c_ak``, with its interval at each k.

    Parameters
    ----------
    curves : array_like, shape (animal, session)
        One curve an animal: `ensemble_survival`, `ensemble_retention`, ... of its sessions. NaN
        (a session an animal did not have) is left out.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Curve
        Intervals hold at each session, not for the whole curve at once. Chance level: the same
        curves of samples from `shuffled_keeping_activity`, averaged.

    Raises
    ------
    ValueError
        If the curves are not of that shape.

    Examples
    --------
    >>> curve = mean_curve([[1.0, 0.5], [1.0, 0.7]])
    >>> curve.value.round(2).tolist(), curve.animals.tolist()
    ([1.0, 0.6], [2, 2])
    """
    values = np.asarray(curves, np.float64)
    if values.ndim != 2:
        raise ValueError(f"curves of shape (animal, session) are needed, not {values.shape}")
    points = [mean_estimate(column, seed=seed) for column in values.T]
    return Curve(
        value=np.array([point.value for point in points], np.float64),
        low=np.array([point.low for point in points], np.float64),
        high=np.array([point.high for point in points], np.float64),
        animals=np.array([point.animals for point in points], np.int64),
    )


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    divisor = np.broadcast_to(np.where(whole > 0, whole, np.nan), part.shape)
    return np.asarray(part / divisor, np.float64)
