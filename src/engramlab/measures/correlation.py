"""How signals of cells go together: ranks, partial, over time, and over animals."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.effect import Estimate, mean_estimate

CLOSEST_TO_ONE = 1.0 - 1e-6  # Fisher's z of a perfect correlation would be infinite
NO_SPREAD = 1e-12


def correlation(first: ArrayLike, second: ArrayLike, *, ranks: bool = True) -> float:
    """Correlation of two signals over cells: Spearman's (ranks) or Pearson's.

    ``sum(x y) / sqrt(sum(x^2) sum(y^2))`` of centred values, of their average ranks with `ranks`
    (Spearman 1904, Am J Psychol 15:72).

    Parameters
    ----------
    first, second : array_like, shape (cell,)
        A cell in which either is NaN is left out.
    ranks : bool
        True for Spearman's: any monotone relation counts as much as a straight one.

    Returns
    -------
    float
        In [-1, 1], 0 at chance; NaN with fewer than three cells or where a signal does not vary.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> round(correlation([1.0, 2.0, 3.0], [1.0, 4.0, 9.0]), 6)
    1.0
    """
    return partial_correlation(first, second, None, ranks=ranks)


def partial_correlation(
    first: ArrayLike,
    second: ArrayLike,
    controls: ArrayLike | None,
    *,
    ranks: bool = True,
    bends: int = 0,
) -> float:
    """Correlation of what `controls` leave unexplained of two signals.

    Both signals are regressed on the controls by least squares and their residuals are correlated
    (Yule 1907, Proc R Soc A 79:182); with `ranks` all this is done on average ranks. With `bends`
    the regression on each control is a line with so many bends, so that a bent relation to it is
    taken out as well.

    ``r(x - X b_x, y - X b_y)`` with the controls in X.

    Parameters
    ----------
    first, second : array_like, shape (cell,)
    controls : array_like, shape (cell,) or (control, cell), or None
        A cell in which anything is NaN is left out. None gives the plain correlation.
    ranks : bool
    bends : int
        Bends of the line fitted to each control, at quantiles of its different values.

    Returns
    -------
    float
        In [-1, 1], 0 at chance. NaN when the controls leave less than a billionth of either
        signal's variance: then it is a function of them and nothing is left to correlate.

    Raises
    ------
    ValueError
        If the arrays are not over the same cells.

    Examples
    --------
    Both signals follow a third one; what is left of them is opposed:

    >>> common = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    >>> x, y = [2.0, 1.0, 3.0, 5.0, 4.0, 6.0], [1.0, 3.0, 2.0, 4.0, 6.0, 5.0]
    >>> round(correlation(x, y), 3), round(partial_correlation(x, y, common), 3)
    (0.657, -0.591)
    """
    x, y, z = _kept(first, second, controls)
    if ranks:
        x, y, z = (
            scipy.stats.rankdata(x),
            scipy.stats.rankdata(y),
            np.array([scipy.stats.rankdata(row) for row in z]),
        )
    design = _design(z, x.size, bends)
    if x.size - design.shape[1] < 2:
        return float("nan")
    a, b = _residual(x, design), _residual(y, design)
    for values, left in ((x, a), (y, b)):
        if left @ left <= 1e-9 * np.sum((values - values.mean()) ** 2) + NO_SPREAD:
            return float("nan")
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def variance_left(
    signal: ArrayLike, controls: ArrayLike, *, ranks: bool = True, bends: int = 0
) -> float:
    """Share of a signal's variance that its controls leave unexplained, ``1 - R^2``.

    The tolerance of collinearity diagnostics (Belsley, Kuh & Welsch 1980, Regression
    Diagnostics: recalled). Chance level: 1 for controls that have nothing to do with it, less
    with few cells.

    Parameters
    ----------
    signal : array_like, shape (cell,)
    controls : array_like, shape (cell,) or (control, cell)
    ranks, bends
        As for `partial_correlation`.

    Returns
    -------
    float
        In [0, 1]: near 0 the signal is a function of the controls, and a partial correlation with
        it means nothing. NaN where the signal does not vary.

    Raises
    ------
    ValueError
        If the arrays are not over the same cells.

    Examples
    --------
    >>> round(variance_left([1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]), 6)
    0.0
    """
    x, _, z = _kept(signal, signal, controls)
    if ranks:
        x, z = scipy.stats.rankdata(x), np.array([scipy.stats.rankdata(row) for row in z])
    total = np.sum((x - x.mean()) ** 2) if x.size else 0.0
    if total <= NO_SPREAD:
        return float("nan")
    left = _residual(x, _design(z, x.size, bends))
    return float(left @ left / total)


def lagged_correlations(
    first: ArrayLike, second: ArrayLike, *, ranks: bool = True
) -> NDArray[np.float64]:
    """Correlation over cells of one signal at every time with another at every time.

    Chance level: 0 in every entry, for signals that have nothing to do with each other.

    Parameters
    ----------
    first, second : array_like, shape (time, cell)
        The same cells; the times may differ. At a time at which all cells are NaN nothing was
        measured; a cell that is NaN at another time is left out of all.
    ranks : bool

    Returns
    -------
    float64 array, shape (time of first, time of second)
        Entry (i, j) is `correlation` of ``first[i]`` and ``second[j]``. The part with the first
        time before the second says how well the first signal foretells the second (cross-lagged
        correlation, Campbell 1963, in Problems in Measuring Change). NaN at times at which a
        signal was not measured or does not vary.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> lagged_correlations([[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0], [1.0, 5.0, 9.0]])
    array([[-1.,  1.]])
    """
    x, y = (np.atleast_2d(np.asarray(signal, np.float64)) for signal in (first, second))
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"signals over the same cells are needed, not {x.shape} and {y.shape}")
    fine = np.ones(x.shape[1], np.bool_)
    for signal in (x, y):
        finite = np.isfinite(signal)
        fine &= finite[finite.any(axis=1)].all(axis=0)
    a, b = (_standard(signal[:, fine], ranks=ranks) for signal in (x, y))
    return np.clip(a @ b.T, -1.0, 1.0) if fine.sum() > 2 else np.full((len(a), len(b)), np.nan)


def lead(forward: ArrayLike, hours: ArrayLike) -> float:
    """How much better one signal foretells the other than the other way round.

    The mean over pairs of times i before j of ``c[i, j] - c[j, i]``, where ``c`` is the matrix of
    `lagged_correlations` at the same times: the difference of the two cross-lagged correlations
    (Kenny 1975, Psychol Bull 82:887).

    Chance level: 0, for two signals that foretell each other equally well.

    Parameters
    ----------
    forward : array_like, shape (time, time)
    hours : array_like, shape (time,)
        Times of both signals.

    Returns
    -------
    float
        Above 0 the first signal leads, 0 where neither does. Pairs with a NaN are left out; NaN
        without any. It is no proof of cause: a signal that is measured with less noise or changes
        more slowly seems to lead.

    Raises
    ------
    ValueError
        If the matrix does not fit the times.

    Examples
    --------
    >>> round(lead([[1.0, 0.8], [0.2, 1.0]], [0, 1]), 6)
    0.6
    """
    matrix, times = np.asarray(forward, np.float64), np.asarray(hours, np.float64)
    if matrix.shape != (times.size, times.size):
        raise ValueError(f"a matrix over {times.size} times is needed, not {matrix.shape}")
    earlier, later = np.nonzero(times[:, np.newaxis] < times[np.newaxis, :])
    differences = matrix[earlier, later] - matrix[later, earlier]
    differences = differences[np.isfinite(differences)]
    return float(differences.mean()) if differences.size else float("nan")


def mean_correlation(values: ArrayLike, *, seed: int = 0) -> Estimate:
    """Mean of the correlations of several animals, through Fisher's z.

    ``tanh(mean(artanh(r)))`` with the percentile bootstrap over animals (Fisher 1921, Metron 1:3).

    Chance level: 0.

    Parameters
    ----------
    values : array_like, shape (animal,)
        One correlation an animal, so that cells are no replicates; NaN is left out.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> round(mean_correlation([0.0, 0.8]).value, 3)
    0.5
    """
    z = np.arctanh(np.clip(np.asarray(values, np.float64), -CLOSEST_TO_ONE, CLOSEST_TO_ONE))
    mean = mean_estimate(z, seed=seed)
    value, low, high = np.tanh([mean.value, mean.low, mean.high]).tolist()
    return Estimate(value, low, high, mean.animals)


def _kept(
    first: ArrayLike, second: ArrayLike, controls: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    z = np.empty((0, x.size)) if controls is None else np.atleast_2d(np.asarray(controls, float))
    if x.ndim != 1 or x.shape != y.shape or z.ndim != 2 or z.shape[1] != x.size:
        raise ValueError(
            f"signals over the same cells are needed, not {x.shape}, {y.shape} and {z.shape}"
        )
    fine = np.isfinite(x) & np.isfinite(y) & np.isfinite(z).all(axis=0)
    return x[fine], y[fine], z[:, fine]


def _standard(signal: NDArray[np.float64], *, ranks: bool) -> NDArray[np.float64]:
    """Rows centred and of length 1; NaN where a row does not vary."""
    rows = scipy.stats.rankdata(signal, axis=1) if ranks and signal.size else signal
    centred = rows - rows.mean(axis=1, keepdims=True) if rows.size else rows
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > NO_SPREAD, length, np.nan))


def _design(controls: NDArray[np.float64], cells: int, bends: int) -> NDArray[np.float64]:
    """A constant; for each control a line and what changes its slope at each bend, as columns."""
    columns = [np.ones(cells)]
    for row in controls:
        spread = row.std() if row.size else 0.0
        if spread > NO_SPREAD:
            standard = (row - row.mean()) / spread
            places = np.quantile(np.unique(standard), np.arange(1, bends + 1) / (bends + 1))
            columns += [standard, *(np.maximum(standard - place, 0.0) for place in places)]
    return np.column_stack(columns)


def _residual(values: NDArray[np.float64], design: NDArray[np.float64]) -> NDArray[np.float64]:
    solution = np.linalg.lstsq(design, values, rcond=None)[0]
    return np.asarray(values - design @ solution)
