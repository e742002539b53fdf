"""Size of an effect in units that papers share, with its interval; the animal is the unit."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from engramlab.measures import Estimate, hedges_g
from engramlab.statistics.noncentral_t import noncentral_t_cdf

LEVEL = 0.95
RESAMPLES = 5000


def hedges_g_estimate(first: ArrayLike, second: ArrayLike, *, paired: bool = False) -> Estimate:
    """Hedges' g with its 95 % interval.

    The value is that of `hedges_g`. Its interval turns the noncentral t distribution around: the
    bounds are the effects under which t would be as large, or as small, in 2.5 % of experiments
    (Cumming & Finch 2001, Educ Psychol Meas 61:532); paired, the approximation of Algina & Keselman
    (2003, Educ Psychol Meas 63:537). Both bounds take the small-sample correction of g.

    ``bounds: J scale lambda`` with lambda where ``P(T <= t | lambda)`` is 0.975 and 0.025.

    Parameters
    ----------
    first, second : array_like, shape (animal,)
        One score an animal. NaN is left out; paired, with the animal.
    paired : bool
        True when entry i of both is the same animal.

    Returns
    -------
    Estimate
        Chance level: 0, which lies within the interval in 95 % of experiments without an effect.
        NaN with fewer than two animals in a group or without any spread.

    Raises
    ------
    ValueError
        If `paired` and the lengths differ.

    Examples
    --------
    >>> found = hedges_g_estimate([3.0, 5.0, 7.0], [1.0, 3.0, 5.0])
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.8, -0.63, 2.15)
    """
    a, b = animals_of(first, second, paired=paired)
    value = hedges_g(a, b, paired=paired)
    animals = a.size if paired else a.size + b.size
    if not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"), animals)
    if paired:
        freedom, spread = a.size - 1, (a - b).std(ddof=1)
        average = sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0)
        scale = spread / average / sqrt(a.size)
        if not scale > 0:  # every animal changed by the same
            return Estimate(value, value, value, animals)
    else:
        freedom, scale = a.size + b.size - 2, sqrt(1.0 / a.size + 1.0 / b.size)
    correction = 1.0 - 3.0 / (4.0 * freedom - 1.0)
    t = value / correction / scale
    low, high = _noncentrality(lambda shift: noncentral_t_cdf(t, freedom, shift), t)
    return Estimate(value, correction * scale * low, correction * scale * high, animals)


def cliffs_delta(first: ArrayLike, second: ArrayLike, *, seed: int = 0) -> Estimate:
    """How much more often a score of the first group is above one of the second than below.

    ``P(a > b) - P(a < b) = 2 U / (n1 n2) - 1`` (Cliff 1993, Psychol Bull 114:494), with its
    percentile bootstrap interval over animals. It needs no normal distribution and no unit, so it
    suits scores with a floor or a ceiling, as freezing has.

    Parameters
    ----------
    first, second : array_like, shape (animal,)
        NaN is left out.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Estimate
        In [-1, 1]; chance level 0. No interval with fewer than two animals in a group; with few
        animals the interval is too narrow.

    Examples
    --------
    >>> cliffs_delta([4.0, 5.0, 6.0], [1.0, 2.0, 5.0]).value.__round__(3)
    0.667
    """
    a, b = animals_of(first, second, paired=False)
    if not (a.size and b.size):
        return Estimate(float("nan"), float("nan"), float("nan"), a.size + b.size)
    value = 2.0 * float(scipy.stats.mannwhitneyu(a, b).statistic) / (a.size * b.size) - 1.0
    if min(a.size, b.size) < 2:
        return Estimate(value, float("nan"), float("nan"), a.size + b.size)
    above = np.sign(a[:, np.newaxis] - b[np.newaxis, :])
    random = np.random.Generator(np.random.Philox(seed))
    of_first = random.integers(0, a.size, (RESAMPLES, a.size))
    of_second = random.integers(0, b.size, (RESAMPLES, b.size))
    # How often each animal was drawn, so that a resample is a product of matrices.
    weight_a = (of_first[:, :, np.newaxis] == np.arange(a.size)).mean(axis=1)
    weight_b = (of_second[:, :, np.newaxis] == np.arange(b.size)).mean(axis=1)
    samples = np.einsum("ri,ij,rj->r", weight_a, above, weight_b, optimize=True)
    low, high = np.percentile(samples, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Estimate(value, float(low), float(high), a.size + b.size)


def partial_eta_squared_interval(
    f: float, freedom: float, error_freedom: float
) -> tuple[float, float, float]:
    """Partial eta squared of an F value, with its 95 % interval.

    ``F df / (F df + df_error)``; the bounds are those of the noncentral F distribution (Steiger
    2004, Psychol Methods 9:164) with ``lambda / (lambda + df + df_error + 1)``.

    Parameters
    ----------
    f, freedom, error_freedom : float
        F and its two degrees of freedom.

    Returns
    -------
    tuple of three floats
        Value, low, high; in [0, 1]. At chance the value is about ``df / (df + df_error)`` and the
        lower bound 0.

    Examples
    --------
    >>> tuple(round(x, 3) for x in partial_eta_squared_interval(8.0, 1, 18))
    (0.308, 0.019, 0.552)
    """
    if not (np.isfinite(f) and f >= 0 and error_freedom > 0):
        return float("nan"), float("nan"), float("nan")
    value = f * freedom / (f * freedom + error_freedom)
    total = freedom + error_freedom + 1.0
    tail = (1.0 - LEVEL) / 2.0
    bounds = []
    for share in (1.0 - tail, tail):
        if _of_f(f, freedom, error_freedom, 0.0) <= share:
            bounds.append(0.0)
            continue
        top = max(10.0, 4.0 * f * freedom)
        while _of_f(f, freedom, error_freedom, top) > share:
            top *= 2.0
        try:
            bounds.append(
                brentq(lambda x, s=share: _of_f(f, freedom, error_freedom, x) - s, 0.0, top)
            )
        except ValueError:  # scipy has no value of the distribution so far out
            bounds.append(float("nan"))
    return value, bounds[0] / (bounds[0] + total), bounds[1] / (bounds[1] + total)


def animals_of(
    first: ArrayLike, second: ArrayLike, *, paired: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of two groups without what is missing; paired, an animal goes with either."""
    a, b = (np.asarray(values, np.float64).ravel() for values in (first, second))
    if not paired:
        return a[np.isfinite(a)], b[np.isfinite(b)]
    if a.shape != b.shape:
        raise ValueError(f"paired scores need the same animals, not {a.shape} and {b.shape}")
    known = np.isfinite(a) & np.isfinite(b)
    return a[known], b[known]


def _noncentrality(cdf: Callable[[float], float], t: float) -> tuple[float, float]:
    """The shifts of a noncentral t under which t lies at its upper and its lower tail."""
    tail = (1.0 - LEVEL) / 2.0
    bounds = []
    for share in (1.0 - tail, tail):
        width = 4.0
        while not cdf(t - width) > share > cdf(t + width):
            width *= 2.0
        bounds.append(brentq(lambda shift, s=share: cdf(shift) - s, t - width, t + width))
    return bounds[0], bounds[1]


def _of_f(f: float, freedom: float, error_freedom: float, noncentrality: float) -> float:
    return float(scipy.stats.ncf.cdf(f, freedom, error_freedom, noncentrality))
