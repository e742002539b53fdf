"""Approximate Bayesian computation: which parameters could have given the data.

Parameters are drawn from the prior, the model is run, and runs that resemble the data are kept
and corrected for the rest of the difference by local-linear regression (Beaumont, Zhang & Balding
2002, Genetics 162:2025), on one summary a parameter: its best linear prediction from the data
(Fearnhead & Prangle 2012, J R Stat Soc B 74:419).

Where no run comes as near as one of the right model would, that regression leads astray (Frazier,
Robert & Rousseau 2020, J R Stat Soc B 82:421). Then runs are kept and weighted, and not corrected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
SURE = 0.999  # of all runs with the right parameters are nearer than what counts as far
EDGE = 1e-3  # how near to an end of its range a place may come before it is transformed


@dataclass(frozen=True)
class Draws:
    """A weighted sample of the posterior.

    Parameters
    ----------
    places : ndarray, shape (draw, parameter)
        In [0, 1], after the correction.
    weights : ndarray, shape (draw,)
        Sum 1.
    kept : ndarray of int, shape (draw,)
        Which simulations they come from.
    reached : bool
        Whether a simulation comes as near to the data as one of the right model would; only then
        are draws corrected.
    """

    places: Floats
    weights: Floats
    kept: NDArray[np.int64]
    reached: bool

    def quantile(self, share: float) -> Floats:
        """Weighted quantile of each parameter."""
        found = []
        for column in self.places.T:
            order = np.argsort(column)
            total = np.cumsum(self.weights[order])
            found.append(column[order][np.searchsorted(total, share * total[-1])])
        return np.array(found)

    def resampled(self, count: int, rng: np.random.Generator) -> Floats:
        """Draws of equal weight."""
        return self.places[rng.choice(len(self.places), count, p=self.weights)]


def posterior(places: Floats, simulated: Floats, observed: Floats, keep: float = 0.2) -> Draws:
    """Infer parameters from simulations.

    Parameters
    ----------
    places : ndarray, shape (simulation, parameter)
        Drawn uniformly from (0, 1).
    simulated : ndarray, shape (simulation, datum)
        What each run gave; in units of the measurement's error, and with the spread of a
        measurement of as many animals.
    observed : ndarray, shape (datum,)
    keep : float
        Share of the simulations that is kept.

    Returns
    -------
    Draws

    Raises
    ------
    ValueError
        With fewer than 10 kept simulations for each parameter's regression, or anything missing.

    Examples
    --------
    A parameter that is measured directly, with an error of 0.02:

    >>> rng = np.random.default_rng(1)
    >>> places = rng.random((2000, 1))
    >>> simulated = places / 0.02 + rng.normal(size=(2000, 1))
    >>> draws = posterior(places, simulated, np.array([0.5 / 0.02]))
    >>> [round(float(draws.quantile(q)[0]), 1) for q in (0.05, 0.5, 0.95)]
    [0.5, 0.5, 0.5]
    """
    count = round(keep * len(places))
    if count < 10 + 2 * places.shape[1]:
        raise ValueError(f"{count} simulations would be kept: too few")
    if not (np.isfinite(simulated).all() and np.isfinite(observed).all()):
        raise ValueError("simulations and data must be complete")
    logits = _logit(places)
    distance = np.sqrt(((simulated - observed) ** 2).sum(axis=1))
    kept = np.argsort(distance, kind="stable")[:count]
    nearest, farthest = float(distance[kept].min()), float(distance[kept].max())
    # Epanechnikov, from the nearest on: where the model is wrong, none is near.
    nearness = (distance[kept] - nearest) / max(farthest - nearest, 1e-12)
    weights = np.maximum(1 - nearness**2, 1e-12)
    weights /= weights.sum()
    # Both scatter by 1, so a difference of the same parameters by the square root of 2.
    reached = nearest**2 <= 2 * float(stats.chi2.ppf(SURE, observed.size))
    if not reached:
        return Draws(places[kept], weights, kept.astype(np.int64), reached)
    summaries, aim = _summaries(logits, simulated, observed)
    scale = summaries.std(axis=0)
    scale[scale == 0] = 1.0
    difference = (summaries[kept] - aim) / scale
    design = np.column_stack([np.ones(count), difference])
    root = np.sqrt(weights)[:, None]
    slopes = np.linalg.lstsq(design * root, logits[kept] * root, rcond=None)[0]
    corrected = logits[kept] - difference @ slopes[1:]
    return Draws(1 / (1 + np.exp(-corrected)), weights, kept.astype(np.int64), reached)


def coverage(
    places: Floats,
    simulated: Floats,
    near: NDArray[np.int64],
    keep: float = 0.2,
    level: float = 0.9,
) -> Floats:
    """How often intervals hold the truth, with simulations taken for data in turn.

    Parameters
    ----------
    places, simulated, keep
        As for `posterior`.
    near : ndarray of int
        Which simulations are taken for data (say, those that were kept: near the real data).
    level : float
        Of the intervals.

    Returns
    -------
    ndarray, shape (parameter,)
        Share of the intervals that hold the truth; right is about `level`.
    """
    held = np.zeros(places.shape[1])
    for number in near:
        others = np.arange(len(places)) != number
        draws = posterior(places[others], simulated[others], simulated[number], keep)
        low, high = draws.quantile((1 - level) / 2), draws.quantile((1 + level) / 2)
        held += (low <= places[number]) & (places[number] <= high)
    return held / len(near)


def _logit(places: Floats) -> Floats:
    inner = np.clip(places, EDGE, 1 - EDGE)
    return np.log(inner / (1 - inner))


def _summaries(logits: Floats, simulated: Floats, observed: Floats) -> tuple[Floats, Floats]:
    """Best linear prediction of each parameter, of the simulations and of the data."""
    middle, spread = simulated.mean(axis=0), simulated.std(axis=0)
    spread[spread == 0] = 1.0
    design = np.column_stack([np.ones(len(simulated)), (simulated - middle) / spread])
    ridge = 1e-3 * len(simulated) * np.eye(design.shape[1])
    ridge[0, 0] = 0.0
    slopes = np.linalg.solve(design.T @ design + ridge, design.T @ logits)
    return design @ slopes, np.concatenate([[1.0], (observed - middle) / spread]) @ slopes
