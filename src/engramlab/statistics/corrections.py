"""Correction of p for several tests."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Correction = Literal["holm", "bonferroni", "fdr_bh", "fdr_by", "none"]


def corrected_p(p: ArrayLike, method: Correction = "holm") -> NDArray[np.float64]:
    """P values corrected for their number.

    ``holm`` bounds the probability of any false alarm and never loses against ``bonferroni`` (Holm
    1979, Scand J Stat 6:65); ``fdr_bh`` bounds the expected share of false alarms among the alarms
    (Benjamini & Hochberg 1995, J R Stat Soc B 57:289), ``fdr_by`` also where tests depend on each
    other in any way (Benjamini & Yekutieli 2001, Ann Stat 29:1165).

    Parameters
    ----------
    p : array_like, shape (test,)
        NaN (a test that could not be made) stays NaN and does not count.
    method : "holm", "bonferroni", "fdr_bh", "fdr_by" or "none"

    Returns
    -------
    float64 array, shape (test,)
        Chance level: with ``holm``, any value below 0.05 in at most 5 % of families of tests.

    Raises
    ------
    ValueError
        For another method, or p outside 0 to 1.

    Examples
    --------
    >>> corrected_p([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    if method not in get_args(Correction):
        raise ValueError(f"a correction is one of {get_args(Correction)}, not {method!r}")
    values = np.asarray(p, np.float64)
    known = np.isfinite(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError(f"p lies in 0 to 1, not {values}")
    if method == "none" or not known.any():
        return values.copy()
    result = np.full(values.shape, np.nan)
    result[known] = _corrected(values[known], method)
    return result


def _corrected(p: NDArray[np.float64], method: Correction) -> NDArray[np.float64]:
    """As statsmodels' `multipletests`, which collects garbage first: longer than a report waits."""
    if method == "bonferroni":
        return np.minimum(p * p.size, 1.0)
    if method == "holm":
        order = np.argsort(p)
        corrected = np.empty(p.size)
        corrected[order] = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
        return np.minimum(corrected, 1.0)
    from statsmodels.stats.multitest import fdrcorrection

    of_rates: NDArray[np.float64] = fdrcorrection(p, method="n" if method == "fdr_by" else "i")[1]
    return of_rates
