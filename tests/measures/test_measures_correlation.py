"""Correlations against SciPy, statsmodels, closed forms and values by hand."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats

from engramlab.measures import (
    correlation,
    lagged_correlations,
    lead,
    mean_correlation,
    partial_correlation,
    variance_left,
)

RANDOM = np.random.default_rng(7)


def signals(cells: int = 60) -> tuple[NDArray[np.float64], ...]:
    """Two signals that follow a third, with ties as in activity."""
    z = np.maximum(RANDOM.normal(size=cells), 0.0)
    x, y = z + 0.5 * RANDOM.normal(size=cells), z - 0.5 * RANDOM.normal(size=cells)
    return np.round(x, 1), np.round(y, 1), z


@pytest.mark.parametrize("ranks", [True, False])
def test_correlation_agrees_with_scipy(ranks: bool) -> None:
    x, y, _ = signals()
    expected = stats.spearmanr(x, y)[0] if ranks else stats.pearsonr(x, y)[0]
    assert correlation(x, y, ranks=ranks) == pytest.approx(float(expected))


def test_correlation_leaves_out_cells_without_a_value_and_flat_signals() -> None:
    assert correlation([1, 2, 3, 4], [2, 4, 6, np.nan]) == pytest.approx(1.0)
    assert np.isnan(correlation([1, 1, 1, 1], [1, 2, 3, 4]))
    assert np.isnan(correlation([1, 2], [1, 2]))
    with pytest.raises(ValueError, match="same cells"):
        correlation([1, 2, 3], [1, 2])


def test_partial_correlation_by_the_formula_for_one_control() -> None:
    x, y, z = signals()
    xy, xz, yz = (stats.spearmanr(a, b)[0] for a, b in ((x, y), (x, z), (y, z)))
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert partial_correlation(x, y, z) == pytest.approx(float(expected))


def test_partial_correlation_by_the_inverse_of_the_correlation_matrix() -> None:
    x, y, z = signals()
    w = RANDOM.normal(size=x.size) + y
    inverse = np.linalg.inv(np.corrcoef(np.stack([x, y, z, w])))
    expected = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])
    assert partial_correlation(x, y, [z, w], ranks=False) == pytest.approx(float(expected))


def test_partial_correlation_agrees_with_residuals_of_statsmodels() -> None:
    x, y, z = signals()
    design = sm.add_constant(np.stack([stats.rankdata(z)], axis=1))
    residuals = [sm.OLS(stats.rankdata(values), design).fit().resid for values in (x, y)]
    assert partial_correlation(x, y, z) == pytest.approx(float(np.corrcoef(*residuals)[0, 1]))
    left = 1 - sm.OLS(stats.rankdata(x), design).fit().rsquared
    assert variance_left(x, z) == pytest.approx(float(left))


def test_a_bent_relation_is_taken_out_by_bends_only() -> None:
    z = np.linspace(0, 1, 200)
    bent = np.minimum(z, 0.5)
    assert variance_left(bent, z, ranks=False) > 0.1
    assert variance_left(bent, z, ranks=False, bends=3) < 1e-9
    noise = RANDOM.normal(size=200)
    assert np.isnan(partial_correlation(bent, noise, z, ranks=False, bends=3))


def test_a_function_of_the_control_has_no_partial_correlation() -> None:
    x, y, z = signals()
    assert np.isnan(partial_correlation(3 * z + 1, y, z))
    assert variance_left(3 * z + 1, z) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(variance_left(np.ones(5), np.arange(5)))
    assert abs(partial_correlation(x, y, z)) < 1


@pytest.mark.parametrize("ranks", [True, False])
def test_lagged_correlations_entry_by_entry(ranks: bool) -> None:
    x, y = RANDOM.normal(size=(3, 40)), RANDOM.normal(size=(4, 40)).round(1)
    y[2] = 5.0  # does not vary
    matrix = lagged_correlations(x, y, ranks=ranks)
    naive = [[correlation(a, b, ranks=ranks) for b in y] for a in x]
    np.testing.assert_allclose(matrix, naive)
    assert np.isnan(matrix[:, 2]).all()


def test_lagged_correlations_of_times_and_cells_without_values() -> None:
    x, y = RANDOM.normal(size=(3, 40)), RANDOM.normal(size=(2, 40))
    x[1] = np.nan  # not measured then
    y[0, 5] = np.nan  # this cell is left out of all
    matrix = lagged_correlations(x, y)
    assert np.isnan(matrix[1]).all()
    others = np.arange(40) != 5
    assert matrix[0, 1] == pytest.approx(correlation(x[0, others], y[1, others]))


def test_lagged_correlations_need_the_same_cells() -> None:
    with pytest.raises(ValueError, match="same cells"):
        lagged_correlations(np.zeros((2, 3)), np.zeros((2, 4)))
    assert np.isnan(lagged_correlations(np.zeros((2, 0)), np.zeros((2, 0)))).all()


def test_lead_of_a_signal_that_comes_first_and_its_mirror() -> None:
    driver = RANDOM.normal(size=(6, 500))
    follower = np.vstack([RANDOM.normal(size=500), driver[:-1]])  # one step later
    hours = np.arange(6.0)
    matrix = lagged_correlations(driver, follower)
    assert lead(matrix, hours) > 0.25
    assert lead(matrix.T, hours) == pytest.approx(-lead(matrix, hours))
    # By hand, with hours out of order: pairs (0, 1), (0, 2), (1, 2) of times 0, 2, 1.
    c = np.array([[0, 0.9, 0.5], [0.1, 0, 0.3], [0.2, 0.4, 0]])
    assert lead(c, [0, 2, 1]) == pytest.approx(((0.9 - 0.1) + (0.5 - 0.2) + (0.4 - 0.3)) / 3)
    assert np.isnan(lead([[1.0]], [0.0]))
    with pytest.raises(ValueError, match="matrix"):
        lead(c, [0, 1])


def test_mean_correlation_averages_fishers_z_over_animals() -> None:
    values = [0.1, 0.5, 0.9]
    mean = mean_correlation(values)
    assert mean.value == pytest.approx(np.tanh(np.mean(np.arctanh(values))))
    assert -1 <= mean.low <= mean.value <= mean.high <= 1
    assert mean.animals == 3
    assert mean_correlation([1.0, 1.0]).value == pytest.approx(1.0, abs=1e-5)
    assert np.isnan(mean_correlation([np.nan]).value)
