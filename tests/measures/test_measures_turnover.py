"""Turnover of ensembles and curves over animals: by hand, by chance, and against other measures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engramlab.measures import (
    dice,
    ensemble_retention,
    ensemble_survival,
    mean_curve,
    mean_estimate,
    newcomer_share,
    overlaps_keeping_activity,
    shuffled_keeping_activity,
    turnover,
    turnover_from_counts,
)

activity = st.tuples(st.integers(1, 6), st.integers(1, 30)).flatmap(
    lambda shape: arrays(np.bool_, shape)
)


def test_by_hand() -> None:
    # 4 of 6 cells, then 3; two stayed, two left, one of two outsiders entered
    change = turnover([[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0]])
    assert change.stayed[0, 1] == change.left[0, 1] == change.entry_rate[0, 1] == 0.5
    assert change.entered[0, 1] == pytest.approx(1 / 3)
    assert change.turnover[0, 1] == pytest.approx((2 + 1) / 7)
    # and back: of 3 two stay, two of three outsiders come
    assert change.stayed[1, 0] == pytest.approx(2 / 3)
    assert change.entry_rate[1, 0] == pytest.approx(2 / 3)
    empty = turnover([[0, 0], [1, 1]])
    assert np.isnan(empty.stayed[0, 1])
    assert np.isnan(empty.entry_rate[1, 0])
    assert empty.turnover[0, 1] == 1.0


@given(activity)
def test_agrees_with_the_other_measures_of_change(active: NDArray[np.bool_]) -> None:
    change = turnover(active)
    np.testing.assert_allclose(change.stayed[0], ensemble_retention(active))
    np.testing.assert_allclose(change.entered[0], newcomer_share(active), atol=1e-12)
    np.testing.assert_allclose(change.turnover, change.turnover.T)
    for j, row in enumerate(active):
        np.testing.assert_allclose(change.turnover[0, j], 1 - dice(active[0], row))
    known = np.isfinite(change.stayed)
    assert np.all((change.stayed[known] >= 0) & (change.stayed[known] <= 1))


def test_chance_levels() -> None:
    random = np.random.default_rng(0)
    active = random.random((2, 300_000)) < [[0.2], [0.4]]
    change = turnover(active)
    assert change.stayed[0, 1] == pytest.approx(0.4, abs=0.01)
    assert change.entered[0, 1] == pytest.approx(0.8, abs=0.01)
    assert change.entry_rate[0, 1] == pytest.approx(0.4, abs=0.01)
    assert change.turnover[0, 1] == pytest.approx(1 - 2 * 0.2 * 0.4 / 0.6, abs=0.01)


def test_chance_that_keeps_general_activity_comes_from_expected_counts() -> None:
    random = np.random.default_rng(1)
    readiness = random.beta(0.5, 2.0, 400)
    active = random.random((6, 400)) < readiness
    overlaps = overlaps_keeping_activity(active, 400)
    chance = turnover_from_counts(overlaps.expected, active.sum(axis=1), 400)
    drawn = [turnover(sample).stayed for sample in shuffled_keeping_activity(active, 400)]
    np.testing.assert_allclose(chance.stayed, np.mean(drawn, axis=0))
    assert chance.stayed[0, 1] > 2 * active[1].mean()  # far above independent draws


def test_curves_rest_on_animals() -> None:
    random = np.random.default_rng(2)
    curves = [ensemble_survival(random.random((5, 80)) < 0.6) for _ in range(9)]
    curves[0][4] = np.nan
    curve = mean_curve(curves, seed=3)
    for k, column in enumerate(np.array(curves).T):
        point = mean_estimate(column, seed=3)
        assert (curve.value[k], curve.low[k], curve.high[k], curve.animals[k]) == (
            point.value,
            point.low,
            point.high,
            point.animals,
        )
    assert curve.animals.tolist() == [9, 9, 9, 9, 8]
    assert curve.low[0] == curve.high[0] == 1.0


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="animal, session"):
        mean_curve([1.0, 0.5])
    with pytest.raises(ValueError, match="all pairs of 2 sessions"):
        turnover_from_counts([[1.0]], [1, 2], 10)
    with pytest.raises(ValueError, match="session, cell"):
        turnover([1, 0])
    with pytest.raises(ValueError, match="not recorded"):
        turnover([[1.0, np.nan]])
