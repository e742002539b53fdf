"""How good predicted probabilities of an event are."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray


def _pair(score: ArrayLike, event: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    x, y = np.asarray(score, np.float64), np.asarray(event, np.bool_)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"one score for each event is needed, not {x.shape} and {y.shape}")
    return x, y


def auc(score: ArrayLike, event: ArrayLike) -> float:
    """Area under the ROC curve: the chance that an event scores higher than a non-event.

    ``(sum of ranks of events - n1 (n1 + 1) / 2) / (n1 n0)``, ties counting half (Hanley & McNeil
    1982, Radiology 143:29).

    Parameters
    ----------
    score : array_like, shape (case,)
    event : array_like of bool, shape (case,)

    Returns
    -------
    float
        1 perfect, 0.5 chance, 0 always wrong; NaN without events or without non-events.

    Raises
    ------
    ValueError
        If the two are not over the same cases.

    Examples
    --------
    >>> auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.75
    """
    x, y = _pair(score, event)
    events, others = int(y.sum()), int((~y).sum())
    if not events or not others:
        return float("nan")
    ranks = scipy.stats.rankdata(x)[y].sum()
    return float((ranks - events * (events + 1) / 2) / (events * others))


def brier(probability: ArrayLike, event: ArrayLike) -> float:
    """Brier score: mean squared distance of predicted probability and what happened.

    ``mean((p - y)^2)`` (Brier 1950, Mon Weather Rev 78:1).

    Chance level: ``q (1 - q)`` for who always predicts the share q of events.

    Parameters
    ----------
    probability : array_like, shape (case,)
    event : array_like of bool, shape (case,)

    Returns
    -------
    float
        0 perfect. Who always predicts the share q of events gets ``q (1 - q)``. NaN without cases.

    Raises
    ------
    ValueError
        If the two are not over the same cases.

    Examples
    --------
    >>> brier([1.0, 0.5], [True, False])
    0.125
    """
    p, y = _pair(probability, event)
    return float(np.mean((p - y) ** 2)) if p.size else float("nan")


def brier_skill(probability: ArrayLike, event: ArrayLike, reference: ArrayLike) -> float:
    """Share of a reference forecast's Brier score that a forecast takes away.

    ``1 - brier(p) / brier(reference)`` (Murphy 1973, J Appl Meteorol 12:595).

    Chance level: 0, for who does no better than the reference.

    Parameters
    ----------
    probability, reference : array_like, shape (case,)
        `reference` may be one number: the share of events known beforehand.
    event : array_like of bool, shape (case,)

    Returns
    -------
    float
        1 perfect, 0 no better than the reference, below 0 worse; NaN when the reference is perfect.

    Raises
    ------
    ValueError
        If they are not over the same cases.

    Examples
    --------
    >>> brier_skill([1.0, 0.0], [True, False], 0.5)
    1.0
    """
    p, y = _pair(probability, event)
    other = brier(np.broadcast_to(np.asarray(reference, np.float64), p.shape), y)
    return float(1.0 - brier(p, y) / other) if other > 0 else float("nan")


def calibration(
    probability: ArrayLike, event: ArrayLike, bins: int = 10
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Predicted against observed share of events, in groups of cases of like prediction.

    Cases are ordered by prediction and cut into `bins` groups of equal number; the reliability
    diagram (DeGroot & Fienberg 1983, Statistician 32:12) draws one against the other.

    For each group ``mean(p)`` against ``mean(y)``. Chance level: a forecast that knows nothing
    but the share of events is calibrated too, so calibration alone is no skill.

    Parameters
    ----------
    probability : array_like, shape (case,)
    event : array_like of bool, shape (case,)
    bins : int
        Groups; empty ones are left out.

    Returns
    -------
    predicted, observed : float64 arrays, shape (group,)
        Means; equal for a calibrated forecast.
    cases : int64 array, shape (group,)

    Raises
    ------
    ValueError
        If the two are not over the same cases, or `bins` is below 1.

    Examples
    --------
    >>> calibration([0.1, 0.1, 0.9, 0.9], [False, False, True, False], bins=2)
    (array([0.1, 0.9]), array([0. , 0.5]), array([2, 2]))
    """
    p, y = _pair(probability, event)
    if bins < 1:
        raise ValueError(f"at least one group is needed, not {bins}")
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), bins) if part.size]
    predicted = np.array([p[part].mean() for part in parts])
    observed = np.array([y[part].mean() for part in parts])
    return predicted, observed, np.array([part.size for part in parts], np.int64)
