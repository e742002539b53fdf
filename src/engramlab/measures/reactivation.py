"""Cells common to two ensembles, against what chance would give: exact, from counts or masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from engramlab.measures.checks import as_ensemble

TAIL = 0.025  # each side of a 95 % interval
ROUNDING = 1e-9
LARGEST_LOG_ODDS = 40.0  # e^40: more than any count of cells can tell from certainty


@dataclass(frozen=True, slots=True)
class Overlap:
    """Cells common to two ensembles, and what chance would give.

    Parameters
    ----------
    common : int
        Cells in both.
    expected : float
        Mean number of common cells by chance.
    chance_low, chance_high : int
        Central 95 % of the numbers that chance gives.
    ratio : float
        ``common / expected``: 1 at chance; NaN where nothing is expected.
    p_more, p_fewer : float
        Probability by chance of at least, and of at most, so many common cells.
    """

    common: int
    expected: float
    chance_low: int
    chance_high: int
    ratio: float
    p_more: float
    p_fewer: float


def reactivation_from_counts(common: int, first: int, second: int, cells: int) -> Overlap:
    """Double-labelled cells against chance, from the four numbers that a bench scientist counts.

    If ensembles of `first` and `second` cells are drawn independently from `cells`, their common
    cells follow the hypergeometric distribution with mean ``first second / cells`` (Fisher 1935, J
    R Stat Soc 98:39; for tagged and c-Fos positive cells Reijmers et al. 2007, Science 317:1230).

    Parameters
    ----------
    common : int
        Cells that carry both labels.
    first, second : int
        Cells with one label and with the other, those with both included in each.
    cells : int
        All cells counted (DAPI), with a label or without.

    Returns
    -------
    Overlap
        Chance level of the ratio: 1. It holds where every cell is as likely as any other to be in
        an ensemble. Cells differ in general activity, so that unrelated ensembles overlap more: see
        `reactivation` with strata and `overlaps_keeping_activity`.

    Raises
    ------
    ValueError
        If no cells could give such counts.

    Examples
    --------
    4 and 5 of 10 cells are labelled, so 2 with both labels are expected; 3 were found. Of the 210
    ways to choose 4 of 10 cells, 50 take 3 and 5 take 4 of the 5:

    >>> found = reactivation_from_counts(common=3, first=4, second=5, cells=10)
    >>> found.expected, found.ratio, round(found.p_more * 210, 6)
    (2.0, 1.5, 55.0)
    """
    _refuse_impossible(common, first, second, cells)
    numbers = np.arange(min(first, second) + 1)
    return _judged(common, scipy.stats.hypergeom.pmf(numbers, cells, first, second))


def ratio_interval(common: int, first: int, second: int, cells: int) -> tuple[float, float]:
    """Exact 95 % interval of reactivation over chance, from counts.

    Where labels attract each other with odds ratio w, the common cells follow Fisher's noncentral
    hypergeometric distribution. The interval of w (Cornfield 1956, Proc Third Berkeley Symp 4:135)
    holds those for which neither tail beyond the count is less likely than 2.5 %; each bound is
    given as the mean of that distribution over the mean at chance (w = 1).

    ``bounds: E[X | w] / E[X | 1]`` with w at which a tail is 2.5 %.

    Parameters
    ----------
    common, first, second, cells : int
        As for `reactivation_from_counts`.

    Returns
    -------
    low, high : float
        Chance level: 1 lies within in at least 95 % of cases. NaN where an ensemble is empty.
        The cells of one animal are the replicates, so it says how well this animal was counted;
        over animals use `mean_estimate` of their ratios.

    Raises
    ------
    ValueError
        If no cells could give such counts.

    Examples
    --------
    >>> [round(bound, 2) for bound in ratio_interval(30, 100, 100, 1000)]
    [2.21, 3.85]
    """
    _refuse_impossible(common, first, second, cells)
    if not first or not second:
        return float("nan"), float("nan")
    numbers = np.arange(max(0, first + second - cells), min(first, second) + 1)
    log_chance = np.asarray(scipy.stats.hypergeom.logpmf(numbers, cells, first, second))
    expected = first * second / cells

    def tilted(log_odds: float) -> NDArray[np.float64]:
        weights = log_chance + log_odds * numbers
        weights = np.exp(weights - weights.max())
        return np.asarray(weights / weights.sum())

    def mean(log_odds: float) -> float:
        return float(tilted(log_odds) @ numbers / expected)

    def bound(beyond: NDArray[np.bool_]) -> float:
        low, high = -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS
        return float(brentq(lambda odds: float(tilted(odds)[beyond].sum()) - TAIL, low, high))

    least = common == numbers[0]
    most = common == numbers[-1]
    low = numbers[0] / expected if least else mean(bound(numbers >= common))
    high = numbers[-1] / expected if most else mean(bound(numbers <= common))
    return float(low), float(high)


def reactivation(
    first: ArrayLike, second: ArrayLike, *, strata: ArrayLike | None = None
) -> Overlap:
    """Cells common to two ensembles against chance, among cells that are alike.

    Within a stratum of n cells, a of them in the first and b in the second ensemble, the common
    cells are hypergeometric; over strata their means ``a b / n`` and their distributions add up
    (Mantel & Haenszel 1959, J Natl Cancer Inst 22:719). Exact, nothing is sampled. Without strata
    it is the test of `reactivation_from_counts`.

    Parameters
    ----------
    first, second : array_like of bool, shape (cell,)
    strata : array_like, shape (cell,), optional
        What makes cells alike: the same value, the same stratum. For imaging, the number of *other*
        sessions in which a cell was active (`general_activity`), so that the two sessions
        themselves take no part in saying what is expected of them; for a model, a class of
        excitability; for cells of two regions, the region.

    Returns
    -------
    Overlap
        Chance level of the ratio: 1, given that cells of a stratum are equally likely to be active.
        As far as they still differ, some of the general activity is left in the ratio.

    Raises
    ------
    ValueError
        If the arrays are not over the same cells, or anything is missing in them.

    Examples
    --------
    Two lively cells are active both times and six quiet ones hardly ever. Taken together that is
    twice chance; given how lively they are, it is chance:

    >>> first, second = [1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0]
    >>> lively = [1, 1, 0, 0, 0, 0, 0, 0]
    >>> round(reactivation(first, second).ratio, 2)
    1.78
    >>> round(reactivation(first, second, strata=lively).ratio, 2)
    0.92
    """
    a, b = as_ensemble(first), as_ensemble(second)
    if a.shape != b.shape:
        raise ValueError(f"two masks over the same cells are needed, not {a.shape} and {b.shape}")
    chance = np.ones(1)
    for here in _strata(strata, a.size):
        in_both = min(int(a[here].sum()), int(b[here].sum()))
        of_stratum = scipy.stats.hypergeom.pmf(
            np.arange(in_both + 1), here.sum(), a[here].sum(), b[here].sum()
        )
        chance = np.convolve(chance, of_stratum)
    return _judged(int((a & b).sum()), chance)


def _strata(strata: ArrayLike | None, cells: int) -> list[NDArray[np.bool_]]:
    if strata is None:
        return [np.ones(cells, np.bool_)]
    values = np.asarray(strata)
    if values.shape != (cells,):
        raise ValueError(f"a stratum for each of {cells} cells is needed, not {values.shape}")
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ValueError("a stratum for each cell is needed; leave out cells that have none")
    return [values == value for value in np.unique(values)]


def _refuse_impossible(common: int, first: int, second: int, cells: int) -> None:
    least, most = max(0, first + second - cells), min(first, second)
    if not (0 <= first <= cells and 0 <= second <= cells and least <= common <= most):
        raise ValueError(
            f"of {cells} cells {first} and {second} with {common} in common are impossible: "
            f"each label has 0 to {cells} cells, and {least} to {most} of these have both"
        )


def _judged(common: int, chance: NDArray[np.float64]) -> Overlap:
    """A number of common cells and the probabilities of 0, 1, 2, ... by chance."""
    numbers = np.arange(chance.size)
    expected = float(chance @ numbers)
    cumulative = np.cumsum(chance)
    # Sums miss a bound by rounding; without slack the interval would be one cell off.
    low, high = (int(np.argmax(cumulative > tail - ROUNDING)) for tail in (TAIL, 1.0 - TAIL))
    return Overlap(
        common=common,
        expected=expected,
        chance_low=low,
        chance_high=high,
        ratio=common / expected if expected > ROUNDING else float("nan"),
        p_more=float(min(1.0, chance[common:].sum())),
        p_fewer=float(min(1.0, chance[: common + 1].sum())),
    )
