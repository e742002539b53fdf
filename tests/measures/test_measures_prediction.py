"""Forecasts judged: by hand, by SciPy, and by what a forecaster who knows the chances gets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engramlab.measures import auc, brier, brier_skill, calibration


def test_auc_is_the_mann_whitney_statistic() -> None:
    random = np.random.default_rng(1)
    score, event = random.normal(size=80).round(1), random.random(80) < 0.3
    u = stats.mannwhitneyu(score[event], score[~event]).statistic
    assert auc(score, event) == pytest.approx(u / (event.sum() * (~event).sum()))
    assert auc(-score, event) == pytest.approx(1 - auc(score, event))
    assert auc(np.zeros(80), event) == 0.5
    assert np.isnan(auc(score, np.ones(80, bool)))


def test_brier_score_and_skill_by_hand() -> None:
    assert brier([0.2, 0.9], [False, True]) == pytest.approx((0.04 + 0.01) / 2)
    event = np.array([True, False, False, False])
    assert brier(np.full(4, 0.25), event) == pytest.approx(0.25 * 0.75)
    assert brier_skill([0.5, 0.0, 0.0, 0.0], event, 0.25) == pytest.approx(1 - 0.0625 / 0.1875)
    assert brier_skill(np.full(4, 0.25), event, 0.25) == pytest.approx(0.0)
    assert np.isnan(brier_skill([1.0, 0.0, 0.0, 0.0], event, event.astype(float)))
    assert np.isnan(brier([], []))


def test_a_forecaster_who_knows_the_chances_is_calibrated_and_best() -> None:
    random = np.random.default_rng(2)
    chance = random.random(20_000)
    event = random.random(20_000) < chance
    predicted, observed, cases = calibration(chance, event, 20)
    assert cases.sum() == 20_000
    np.testing.assert_allclose(predicted, observed, atol=0.05)
    assert brier(chance, event) < brier(np.clip(chance + 0.1, 0, 1), event)
    bold = np.clip(2 * (chance - 0.5) + 0.5, 0, 1)  # same order, too sure of itself
    predicted, observed, _ = calibration(bold, event, 20)
    assert np.max(np.abs(predicted - observed)) > 0.15
    assert auc(bold, event) == pytest.approx(auc(chance, event), abs=0.02)


def test_calibration_groups_are_equal_and_in_order() -> None:
    predicted, observed, cases = calibration([0.3, 0.1, 0.2], [True, False, False], 2)
    np.testing.assert_allclose(predicted, [0.15, 0.3])
    np.testing.assert_allclose(observed, [0.0, 1.0])
    assert cases.tolist() == [2, 1]
    assert calibration([0.5], [True], 10)[2].tolist() == [1]


@pytest.mark.parametrize("measure", [auc, brier, calibration])
def test_other_numbers_of_scores_and_events_are_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="one score"):
        measure([0.1, 0.2], [True])
