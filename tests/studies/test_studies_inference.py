"""Approximate Bayesian computation against posteriors known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import qmc

from engramlab.studies.inference import coverage, posterior

Floats = NDArray[np.float64]
MIX = np.array([[1.0, 0.0, 0.4, 0.2], [0.0, 1.0, 0.4, -0.3]])  # parameters to data


def simulations(count: int, error: float, seed: int = 0) -> tuple[Floats, Floats]:
    """Linear model with normal errors, in units of the error."""
    places = np.asarray(qmc.Sobol(2, seed=seed).random(count))
    noise = np.random.default_rng(seed + 1).normal(size=(count, 4))
    return places, places @ MIX / error + noise


def exact(observed: Floats, error: float) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the posterior under a uniform prior, far from its ends."""
    design = MIX.T / error
    covariance = np.linalg.inv(design.T @ design)
    return covariance @ design.T @ observed, np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("truth", [(0.5, 0.5), (0.35, 0.6)])
def test_mean_and_spread_of_a_linear_model_are_right(truth: tuple[float, float]) -> None:
    error = 0.08
    places, simulated = simulations(2048, error)
    observed = np.array(truth) @ MIX / error
    draws = posterior(places, simulated, observed)
    mean, sd = exact(observed, error)
    found = np.average(draws.places, axis=0, weights=draws.weights)
    spread = np.sqrt(np.average((draws.places - found) ** 2, axis=0, weights=draws.weights))
    assert found == pytest.approx(mean, abs=0.3 * sd.max())
    assert spread == pytest.approx(sd, rel=0.25)
    for share in (0.05, 0.95):
        expected = stats.norm(mean, sd).ppf(share)
        assert draws.quantile(share) == pytest.approx(expected, abs=0.5 * sd.max())


def test_data_that_say_nothing_leave_the_prior() -> None:
    rng = np.random.default_rng(3)
    places = rng.random((2000, 1))
    draws = posterior(places, rng.normal(size=(2000, 3)), np.zeros(3))
    assert draws.quantile(0.05)[0] == pytest.approx(0.05, abs=0.04)
    assert draws.quantile(0.95)[0] == pytest.approx(0.95, abs=0.04)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    places, simulated = simulations(1024, 0.1)
    inner = np.flatnonzero((abs(places - 0.5) < 0.3).all(axis=1))[:150]
    found = coverage(places, simulated, inner, level=0.9)
    low, high = stats.binom(150, 0.9).ppf([0.0005, 0.9995]) / 150
    assert ((found >= low) & (found <= high)).all()


def test_draws_stay_within_the_prior_and_weights_sum_to_one() -> None:
    places, simulated = simulations(256, 0.05)
    draws = posterior(places, simulated, np.array([0.9, 0.1]) @ MIX / 0.05)
    assert draws.reached
    assert ((draws.places > 0) & (draws.places < 1)).all()
    assert draws.weights.sum() == pytest.approx(1)
    assert draws.resampled(5, np.random.default_rng(0)).shape == (5, 2)


def test_a_wrong_model_gives_its_nearest_runs_uncorrected_and_says_so() -> None:
    """Data that no parameters give: the fourth datum contradicts the other three."""
    places, simulated = simulations(1024, 0.05)
    observed = np.array([0.5, 0.5]) @ MIX / 0.05 + np.array([0, 0, 0, 30.0])
    draws = posterior(places, simulated, observed)
    assert not draws.reached
    assert draws.places == pytest.approx(places[draws.kept])
    best = np.linalg.lstsq(MIX.T / 0.05, observed, rcond=None)[0]  # the least wrong
    found = np.average(draws.places, axis=0, weights=draws.weights)
    assert found == pytest.approx(np.clip(best, 0, 1), abs=0.2)


def test_too_few_or_incomplete_simulations_are_refused() -> None:
    places, simulated = simulations(64, 0.1)
    with pytest.raises(ValueError, match="too few"):
        posterior(places, simulated, np.zeros(4))
    places, simulated = simulations(256, 0.1)
    simulated[3, 1] = np.nan
    with pytest.raises(ValueError, match="complete"):
        posterior(places, simulated, np.zeros(4))
