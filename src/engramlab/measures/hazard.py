"""Discrete-time hazard: the log-odds of an event in an interval, and its uncertainty by animal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEPS = 50
ENOUGH = 1e-4  # gain of log-likelihood still to be had: the step after it is as good as exact
RIDGE = 1e-6  # keeps a covariate that separates events from others finite


@dataclass(frozen=True, slots=True)
class HazardFit:
    """A fitted hazard model.

    Parameters
    ----------
    coefficients : float64 array, shape (covariate,)
        Log-odds of the event for a step of 1.
    draws : float64 array, shape (resample, covariate)
        The same in bootstrap resamples of animals.
    """

    coefficients: NDArray[np.float64]
    draws: NDArray[np.float64]

    def probability(self, covariates: ArrayLike) -> NDArray[np.float64]:
        """Chance of the event for rows of covariates."""
        return _chance(np.asarray(covariates, np.float64) @ self.coefficients)


def fit_hazard(
    covariates: ArrayLike,
    event: ArrayLike,
    animal: ArrayLike,
    *,
    resamples: int = 0,
    seed: int = 0,
) -> HazardFit:
    """Fit ``logit P(event in this interval) = covariates @ coefficients``.

    A row is one cell in one interval in which the event could happen to it; that is the
    discrete-time hazard model (Allison 1982, Sociol Methodol 13:61). Maximum likelihood by Newton's
    method, with a ridge of 1e-6 so that separated data stay finite. Cells of an animal are not
    independent: for uncertainty whole animals are drawn with replacement (cluster bootstrap, Field
    & Welsh 2007, J R Stat Soc B 69:369), and each resample takes one Newton step from the fit of
    all (Moulton & Zeger 1991, Comput Stat Data Anal 11:53), which is far cheaper than a new fit.

    Chance level: coefficients of 0, which lie within their intervals in about 95 % of fits.

    Parameters
    ----------
    covariates : array_like, shape (row, covariate)
        With a column of ones, if there is to be a constant.
    event : array_like of bool, shape (row,)
    animal : array_like, shape (row,)
        Whose row it is.
    resamples : int
        Bootstrap resamples.
    seed : int

    Returns
    -------
    HazardFit

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    One event in four: the constant is ``log(1 / 3)``.

    >>> fit = fit_hazard([[1.0]] * 4, [1, 0, 0, 0], [0, 0, 1, 1])
    >>> round(float(fit.coefficients[0]), 4)
    -1.0986
    """
    x, y = np.asarray(covariates, np.float64), np.asarray(event, np.float64)
    whose = np.unique(np.asarray(animal), return_inverse=True)[1]
    if x.ndim != 2 or y.shape != x.shape[:1] or whose.shape != y.shape:
        raise ValueError(f"rows do not fit: {x.shape}, {y.shape}, {whose.shape}")
    best = _newton(x, y)
    return HazardFit(best, _resampled(x, y, whose, best, resamples, seed))


def _resampled(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    whose: NDArray[np.int64],
    best: NDArray[np.float64],
    resamples: int,
    seed: int,
) -> NDArray[np.float64]:
    """One Newton step from `best` for each resample of animals."""
    animals, size = int(whose.max(initial=-1)) + 1, x.shape[1]
    slopes, curvatures = np.empty((animals, size)), np.empty((animals, size, size))
    for animal in range(animals):
        own = whose == animal
        slopes[animal], curvatures[animal] = _derivatives(x[own], y[own], best)
    random = np.random.Generator(np.random.Philox(seed))
    draws = np.empty((resamples, size))
    for row in draws:
        times = np.bincount(random.integers(0, animals, animals), minlength=animals)
        curvature = np.tensordot(times, curvatures, axes=1) + RIDGE * np.eye(size)
        row[:] = best + np.linalg.solve(curvature, times @ slopes - RIDGE * best)
    return draws


def _chance(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0))))


def _derivatives(
    x: NDArray[np.float64], y: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope of the log-likelihood, and its curvature with the sign changed."""
    p = _chance(x @ b)
    return x.T @ (y - p), (x * (p * (1.0 - p))[:, np.newaxis]).T @ x


def _newton(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    b = np.zeros(x.shape[1])
    for _ in range(STEPS):
        slope, curvature = _derivatives(x, y, b)
        step = np.linalg.solve(curvature + RIDGE * np.eye(b.size), slope - RIDGE * b)
        b += np.clip(step, -5.0, 5.0)
        if slope @ step < ENOUGH:
            break
    return b
