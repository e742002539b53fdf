"""Permutation tests and bootstrap intervals over animals, by scipy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from engramlab.measures import Estimate
from engramlab.statistics.effect_size import LEVEL, animals_of

RESAMPLES = 9999


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """A test by exchanging labels.

    Parameters
    ----------
    difference : float
        Mean of the first group minus that of the second.
    p : float
        Two-sided.
    exact : bool
        True where all ways to label the animals were gone through.
    smallest_p : float
        What p is at least, whatever the data: above 0.05 there are too few animals for this test.
    """

    difference: float
    p: float
    exact: bool
    smallest_p: float


def permutation_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    paired: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> PermutationTest:
    """Whether two groups differ, judged against all ways to deal the animals into groups.

    Unpaired, the statistic is Welch's t of the relabelled groups, which also holds where groups
    differ in spread (Janssen 1997, Stat Probab Lett 36:9); paired, the mean difference with the
    sign of every animal's difference turned or not (Fisher 1935). p is the share of labellings
    with an absolute statistic at least as large. All labellings where there are at most
    `resamples`; else so many at random, and ``(1 + b) / (1 + m)`` (Phipson & Smyth 2010, Stat Appl
    Genet Mol Biol 9:39).

    Parameters
    ----------
    first, second : array_like, shape (animal,)
        One score an animal. NaN is left out.
    paired : bool
    resamples : int
    seed : int

    Returns
    -------
    PermutationTest
        Chance level: p is uniform, in steps. NaN with fewer than two animals in a group.

    Raises
    ------
    ValueError
        If `paired` and the lengths differ.

    Examples
    --------
    Three against three animals: 20 labellings, of which this one and its mirror are extreme:

    >>> permutation_test([7.0, 8.0, 9.0], [1.0, 2.0, 3.0]).p
    0.1
    """
    a, b = animals_of(first, second, paired=paired)
    if min(a.size, b.size) < 2:
        difference = a.mean() - b.mean() if a.size and b.size else float("nan")
        return PermutationTest(float(difference), float("nan"), False, float("nan"))
    labellings = 2**a.size if paired else comb(a.size + b.size, a.size)
    exact = labellings <= resamples
    result = scipy.stats.permutation_test(
        (a, b),
        _absolute_difference if paired else _absolute_welch_t,
        permutation_type="samples" if paired else "independent",
        alternative="greater",
        vectorized=True,
        n_resamples=resamples,
        batch=1000,
        rng=np.random.Generator(np.random.Philox(seed)),
    )
    mirrored = paired or a.size == b.size  # turning all labels gives the same absolute value
    least = (2 if mirrored else 1) / labellings if exact else 1 / (1 + resamples)
    return PermutationTest(float(a.mean() - b.mean()), float(result.pvalue), exact, least)


def bootstrap_interval(
    statistic: Callable[..., Any],
    *samples: ArrayLike,
    paired: bool = False,
    method: Literal["BCa", "percentile", "basic"] = "BCa",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Any statistic of animals with its 95 % bootstrap interval.

    Animals are drawn with replacement within each sample; ``BCa`` corrects the interval for bias
    and skew (Efron 1987, J Am Stat Assoc 82:171).

    Parameters
    ----------
    statistic : callable
        Takes the samples and the keyword `axis`, as ``numpy.median`` does.
    *samples : array_like, shape (animal,)
        One score an animal; NaN is left out (paired: with the animal).
    paired : bool
        True when entry i of all samples is the same animal: animals are drawn, not scores.
    method : "BCa", "percentile" or "basic"
    resamples, seed : int

    Returns
    -------
    Estimate
        Chance level: the null value lies within in about 95 % of experiments; with fewer than ten
        animals a sample in fewer. No interval with fewer than two animals or no spread.

    Raises
    ------
    ValueError
        If `paired` and the lengths differ.

    Examples
    --------
    >>> found = bootstrap_interval(np.median, [10.0, 20.0, 30.0, 40.0, 90.0])
    >>> found.value, found.low, found.high
    (30.0, 10.0, 90.0)
    """
    arrays: list[NDArray[np.float64]] = [np.asarray(s, np.float64).ravel() for s in samples]
    if paired:
        if len({array.size for array in arrays}) > 1:
            raise ValueError(
                f"paired samples need the same animals, not {[array.size for array in arrays]}"
            )
        known = np.all([np.isfinite(array) for array in arrays], axis=0)
        arrays = [array[known] for array in arrays]
    else:
        arrays = [array[np.isfinite(array)] for array in arrays]
    animals = arrays[0].size if paired else sum(array.size for array in arrays)
    nothing = Estimate(float("nan"), float("nan"), float("nan"), animals)
    if not arrays or min(array.size for array in arrays) < 1:
        return nothing
    value = float(statistic(*arrays, axis=-1))
    if min(array.size for array in arrays) < 2:
        return Estimate(value, float("nan"), float("nan"), animals)
    with np.errstate(all="ignore"):
        result = scipy.stats.bootstrap(
            arrays,
            statistic,
            paired=paired,
            vectorized=True,
            n_resamples=resamples,
            batch=1000,
            confidence_level=LEVEL,
            method=method,
            rng=np.random.Generator(np.random.Philox(seed)),
        )
    low, high = (float(bound) for bound in result.confidence_interval)
    return Estimate(value, low, high, animals)


def _absolute_difference(a: Any, b: Any, axis: int = -1) -> Any:
    return np.abs(a.mean(axis=axis) - b.mean(axis=axis))


def _absolute_welch_t(a: Any, b: Any, axis: int = -1) -> Any:
    spread = a.var(axis=axis, ddof=1) / a.shape[axis] + b.var(axis=axis, ddof=1) / b.shape[axis]
    # Groups without any spread but apart are as far apart as can be.
    return _absolute_difference(a, b, axis) / np.sqrt(np.maximum(spread, 1e-24))
