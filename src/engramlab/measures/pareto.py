"""Trade-offs: which options are not beaten in everything, and how far another is from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pareto_front(outcomes: ArrayLike) -> NDArray[np.bool_]:
    """Options that no other option beats: the Pareto front, where more of each outcome is better.

    Option a is beaten by b when b is at least as good in every outcome and better in one.

    ``a is on it unless some b >= a in all outcomes and b > a in one`` (Pareto 1906, Manuale di
    economia politica: recalled). Chance level: none; with more outcomes more options are on it,
    and noise puts some there.

    Parameters
    ----------
    outcomes : array_like, shape (option, outcome)
        An option with a NaN is never on the front and beats none.

    Returns
    -------
    bool array, shape (option,)
        Of several equal options on the front all are on it.

    Raises
    ------
    ValueError
        If `outcomes` is not of that shape.

    Examples
    --------
    >>> pareto_front([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [3.0, 1.0]])
    array([ True,  True, False,  True])
    """
    values = np.asarray(outcomes, np.float64)
    if values.ndim != 2:
        raise ValueError(f"outcomes of shape (option, outcome) are needed, not {values.shape}")
    front: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    for i in np.flatnonzero(front):
        better = (values >= values[i]).all(axis=1) & (values > values[i]).any(axis=1)
        front[i] = not better.any()
    return front


def distance_to_front(outcome: ArrayLike, others: ArrayLike) -> float:
    """Least amount by which every outcome of an option would have to rise to be unbeaten.

    ``max(0, max over b of min over outcomes of (b - a))``: the additive epsilon indicator of one
    point (Zitzler et al. 2003, IEEE Trans Evol Comput 7:117). In units of the outcomes, so these
    should have the same one.

    Chance level: none; noise alone puts options on a front, so repeat with other cohorts.

    Parameters
    ----------
    outcome : array_like, shape (outcome,)
        The option in question.
    others : array_like, shape (option, outcome)
        NaN is left out.

    Returns
    -------
    float
        0 on the front; NaN for an option with a NaN.

    Raises
    ------
    ValueError
        If the numbers of outcomes differ.

    Examples
    --------
    >>> distance_to_front([50.0, 50.0], [[70.0, 60.0], [90.0, 55.0]])
    10.0
    """
    a, b = np.asarray(outcome, np.float64), np.atleast_2d(np.asarray(others, np.float64))
    if a.ndim != 1 or b.shape[1:] != a.shape:
        raise ValueError(f"the same outcomes are needed, not {a.shape} and {b.shape}")
    if not np.isfinite(a).all():
        return float("nan")
    b = b[np.isfinite(b).all(axis=1)]
    return float(max(0.0, np.min(b - a, axis=1).max(initial=0.0)))
