"""How many animals an experiment needs to see a difference."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from engramlab.statistics.noncentral_t import noncentral_t_cdf

MOST_ANIMALS = 1000


def power_of_difference(
    difference: float, sds: Sequence[float], animals: int, *, alpha: float = 0.05
) -> float:
    """Probability that a two-sided t test finds a difference between two groups of animals.

    Welch's t with `animals` in each group is about noncentrally t distributed, with noncentrality
    ``difference / sqrt((sd1^2 + sd2^2) / n)`` and Welch's degrees of freedom; exact for equal
    spreads (Cohen 1988, Statistical Power Analysis, ch. 2). It takes scores as normal; freezing
    near 0 or 100 is not, and there the power is somewhat less sure.

    Parameters
    ----------
    difference : float
        Of the means, in the unit of the scores.
    sds : two floats
        Standard deviations of the two groups; at least one above 0.
    animals : int
        In each group, at least 2.
    alpha : float
        False alarms that are allowed.

    Returns
    -------
    float
        In [alpha, 1]; chance level, where there is no difference: alpha. NaN where an input is.

    Raises
    ------
    ValueError
        For fewer than 2 animals, spreads that are not, alpha outside 0 to 1.

    Examples
    --------
    Cohen's table: a difference of 0.8 SD with 26 animals a group gives 80 %:

    >>> round(power_of_difference(0.8, (1.0, 1.0), 26), 3)
    0.807
    """
    first, second = (float(sd) for sd in sds)
    if animals < 2:
        raise ValueError(f"a group has at least 2 animals, not {animals}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, not {alpha}")
    if not all(map(isfinite, (difference, first, second))):
        return float("nan")
    variance = first**2 + second**2
    if min(first, second) < 0 or variance <= 0:
        raise ValueError(f"standard deviations above 0 are needed, not {first} and {second}")
    freedom = (animals - 1) * variance**2 / (first**4 + second**4)
    shift = abs(difference) / sqrt(variance / animals)
    bound = float(stdtrit(freedom, 1.0 - alpha / 2.0))
    power = 1.0 - noncentral_t_cdf(bound, freedom, shift)
    power += noncentral_t_cdf(-bound, freedom, shift)
    return min(max(power, 0.0), 1.0)


def animals_for_power(
    difference: float,
    sds: Sequence[float],
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    most: int = MOST_ANIMALS,
) -> int | None:
    """Smallest number of animals in each of two groups that gives a power.

    ``least n with power(n) >= power`` (Cohen 1988, Statistical Power Analysis, ch. 2).

    Parameters
    ----------
    difference, sds, alpha
        As for `power_of_difference`.
    power : float
        Wanted, between alpha and 1.
    most : int

    Returns
    -------
    int or None
        At least 2; None where more than `most` were needed (at chance, with no difference, always).

    Raises
    ------
    ValueError
        As for `power_of_difference`, and for a power outside 0 to 1.

    Examples
    --------
    >>> animals_for_power(20.0, (15.0, 15.0))
    10
    """
    if not 0 < power < 1:
        raise ValueError(f"a power lies between 0 and 1, not {power}")
    if not power_of_difference(difference, sds, most, alpha=alpha) >= power:
        return None
    low, high = 1, most  # power rises with the number of animals
    while high - low > 1:
        middle = (low + high) // 2
        if power_of_difference(difference, sds, middle, alpha=alpha) >= power:
            high = middle
        else:
            low = middle
    return high


def power_curve(
    difference: float, sds: Sequence[float], animals: Sequence[int], *, alpha: float = 0.05
) -> NDArray[np.float64]:
    """Power at several numbers of animals in each group.

    ``power_of_difference`` at each n (Cohen 1988, ch. 2).

    Parameters
    ----------
    difference, sds, alpha
        As for `power_of_difference`.
    animals : sequence of int

    Returns
    -------
    float64 array, shape (number,)
        Rising with the number; chance level alpha.

    Examples
    --------
    >>> power_curve(20.0, (15.0, 15.0), [5, 10, 20]).round(2)
    array([0.46, 0.8 , 0.98])
    """
    return np.array([power_of_difference(difference, sds, int(n), alpha=alpha) for n in animals])
