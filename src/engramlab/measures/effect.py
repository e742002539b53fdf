"""Size of effects with bootstrap intervals; the animal is the unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
RESAMPLES = 5000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval.

    Parameters
    ----------
    value : float
    low, high : float
        Bounds of the 95 % interval; NaN with fewer than two animals.
    animals : int
        Number of animals it rests on.
    """

    value: float
    low: float
    high: float
    animals: int


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64).ravel()
    return array[np.isfinite(array)]


def _means(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Means of bootstrap samples; a Philox stream for each seed keeps results the same."""
    random = np.random.Generator(np.random.Philox(seed))
    draws = random.integers(0, values.size, (RESAMPLES, values.size))
    return np.asarray(values[draws].mean(axis=1))


def _interval(samples: NDArray[np.float64]) -> tuple[float, float]:
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(samples, [tail, 100.0 - tail])
    return float(low), float(high)


def mean_estimate(values: ArrayLike, *, seed: int = 0) -> Estimate:
    """Mean over animals with its percentile bootstrap interval (Efron & Tibshirani 1993).

    ``mean(x)`` with the central 95 % of the means of resampled animals. Chance level: the value
    without an effect lies within in about 95 % of experiments; with fewer than ten animals in
    fewer.

    Parameters
    ----------
    values : array_like, shape (animal,)
        NaN is left out.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> mean_estimate([10.0, 20.0, 30.0]).value
    20.0
    """
    array = _finite(values)
    if array.size == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    if array.size == 1:
        return Estimate(float(array[0]), float("nan"), float("nan"), 1)
    return Estimate(float(array.mean()), *_interval(_means(array, seed)), array.size)


def difference(
    first: ArrayLike, second: ArrayLike, *, paired: bool = False, seed: int = 0
) -> Estimate:
    """Difference of means, ``mean(first) - mean(second)``, with its bootstrap interval.

    Percentile bootstrap over animals (Efron & Tibshirani 1993, An Introduction to the
    Bootstrap). Chance level: 0, which lies within the interval in about 95 % of experiments
    without an effect.

    Parameters
    ----------
    first, second : array_like, shape (animal,)
    paired : bool
        True when entry i of both is the same animal: animals are resampled, not scores.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Estimate
        0 is no effect.

    Raises
    ------
    ValueError
        If `paired` and the lengths differ.

    Examples
    --------
    >>> difference([30.0, 40.0], [10.0, 20.0], paired=True).value
    20.0
    """
    a, b = _scores(first, second, paired=paired)
    if paired:
        return mean_estimate(a - b, seed=seed)
    value = float(a.mean() - b.mean()) if a.size and b.size else float("nan")
    samples = difference_samples(a, b, seed=seed)
    low, high = _interval(samples) if samples.size else (float("nan"), float("nan"))
    return Estimate(value, low, high, a.size + b.size)


def difference_samples(
    first: ArrayLike, second: ArrayLike, *, paired: bool = False, seed: int = 0
) -> NDArray[np.float64]:
    """Bootstrap samples of a difference of means: those behind the interval of `difference`.

    Parameters
    ----------
    first, second, paired, seed
        As for `difference`.

    Returns
    -------
    float64 array, shape (resample,)
        Empty with fewer than two animals in a group.

    Raises
    ------
    ValueError
        If `paired` and the lengths differ.
    """
    a, b = _scores(first, second, paired=paired)
    if paired:
        changes = _finite(a - b)
        return _means(changes, seed) if changes.size > 1 else np.empty(0)
    if min(a.size, b.size) < 2:
        return np.empty(0)
    # Two streams, so that the groups are resampled independently.
    return _means(a, 2 * seed) - _means(b, 2 * seed + 1)


def _scores(
    first: ArrayLike, second: ArrayLike, *, paired: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not paired:
        return _finite(first), _finite(second)
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired scores need the same animals, not {a.shape} and {b.shape}")
    return a, b


def hedges_g(first: ArrayLike, second: ArrayLike, *, paired: bool = False) -> float:
    """Hedges' g: difference of means over the pooled standard deviation, corrected for small n.

    ``J (mean1 - mean2) / s``, ``J = 1 - 3 / (4 df - 1)``, ``df = n1 + n2 - 2`` (Hedges 1981, J Educ
    Stat 6:107). Paired scores are standardised by the average of the two variances (Cohen's d_av,
    Lakens 2013, doi 10.3389/fpsyg.2013.00863) with ``df = n - 1``.

    Chance level: 0; `engramlab.statistics.hedges_g_estimate` gives the interval.

    Parameters
    ----------
    first, second : array_like, shape (animal,)
    paired : bool

    Returns
    -------
    float
        0 is no effect; NaN with fewer than two animals in a group or without any spread.

    Examples
    --------
    >>> round(hedges_g([3.0, 5.0, 7.0], [1.0, 3.0, 5.0]), 3)
    0.8
    """
    a, b = _finite(first), _finite(second)
    if min(a.size, b.size) < 2:
        return float("nan")
    if paired:
        freedom = a.size - 1
        variance = (a.var(ddof=1) + b.var(ddof=1)) / 2.0
    else:
        freedom = a.size + b.size - 2
        variance = ((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / freedom
    if variance <= 0 or freedom < 2:
        return float("nan")
    correction = 1.0 - 3.0 / (4.0 * freedom - 1.0)
    return float(correction * (a.mean() - b.mean()) / np.sqrt(variance))
