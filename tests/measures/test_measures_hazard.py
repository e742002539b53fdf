"""The hazard model against statsmodels, a full bootstrap, and planted effects."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from statsmodels.discrete.discrete_model import Logit

from engramlab.measures import fit_hazard

Rows = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]


def rows(animals: int = 12, each: int = 150, spread: float = 0.0) -> Rows:
    """Rows with log-odds -1 + 0.8 x - 0.5 z + an animal's own shift."""
    random = np.random.default_rng(11)
    animal = np.repeat(np.arange(animals), each)
    x = np.column_stack([np.ones(animal.size), random.normal(size=(animal.size, 2))])
    own = spread * random.normal(size=animals)[animal]
    chance = 1 / (1 + np.exp(-(x @ [-1.0, 0.8, -0.5] + own)))
    return x, random.random(animal.size) < chance, animal


def test_coefficients_agree_with_statsmodels() -> None:
    x, event, animal = rows()
    fit = fit_hazard(x, event, animal)
    expected = Logit(event.astype(float), x).fit(disp=0)
    np.testing.assert_allclose(fit.coefficients, expected.params, atol=1e-4)
    np.testing.assert_allclose(fit.probability(x), expected.predict(x), atol=1e-4)
    np.testing.assert_allclose(fit.coefficients, [-1.0, 0.8, -0.5], atol=0.2)


def test_resamples_agree_with_fits_of_resampled_animals() -> None:
    x, event, animal = rows(spread=0.7)
    fit = fit_hazard(x, event, animal, resamples=400)
    random = np.random.default_rng(0)
    full = []
    for _ in range(100):
        drawn = random.integers(0, 12, 12)
        chosen = np.concatenate([np.flatnonzero(animal == number) for number in drawn])
        full.append(Logit(event[chosen].astype(float), x[chosen]).fit(disp=0).params)
    np.testing.assert_allclose(fit.draws.std(axis=0), np.std(full, axis=0), rtol=0.3)
    np.testing.assert_allclose(fit.draws.mean(axis=0), np.mean(full, axis=0), atol=0.1)
    assert fit_hazard(x, event, animal, resamples=5).draws.tolist() == fit.draws[:5].tolist()


def test_cells_of_an_animal_are_no_replicates() -> None:
    x, event, animal = rows(spread=1.5)
    by_animal = fit_hazard(x, event, animal, resamples=300).draws[:, 0].std()
    by_cell = fit_hazard(x, event, np.arange(animal.size), resamples=300).draws[:, 0].std()
    assert by_animal > 2 * by_cell


def test_separated_events_stay_finite_and_equal_columns_do_no_harm() -> None:
    x = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]]).astype(float)
    event = x[:, 1] > 0.5
    fit = fit_hazard(x, event, np.arange(8), resamples=10)
    assert np.isfinite(fit.coefficients).all()
    assert np.isfinite(fit.draws).all()
    np.testing.assert_allclose(fit.probability(x), event, atol=0.01)
    twice = fit_hazard(np.column_stack([x, x[:, 1]]), event, np.arange(8))
    np.testing.assert_allclose(twice.probability(np.column_stack([x, x[:, 1]])), event, atol=0.01)


def test_rows_have_to_fit() -> None:
    with pytest.raises(ValueError, match="rows do not fit"):
        fit_hazard([[1.0]], [True, False], [0, 0])
