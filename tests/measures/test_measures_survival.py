"""Who stays and who comes: by hand, against Kaplan and Meier's estimator, and by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight

from engramlab.measures import (
    ensemble_retention,
    ensemble_survival,
    membership_duration,
    newcomer_share,
)

HAND = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 1], [1, 0, 1, 0, 1]], bool)
activity = st.tuples(st.integers(1, 6), st.integers(1, 40)).flatmap(lambda s: arrays(np.bool_, s))


def test_by_hand() -> None:
    np.testing.assert_allclose(ensemble_survival(HAND), [1, 0.5, 0.25])
    np.testing.assert_allclose(ensemble_retention(HAND), [1, 0.5, 0.5])
    np.testing.assert_allclose(newcomer_share(HAND), [0, 1 / 3, 1 / 3])
    duration = membership_duration(HAND, [0, 1, 7])
    np.testing.assert_allclose(duration, [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [7, 0, 0, 0, 6]])


def test_survival_is_kaplan_and_meiers_estimator() -> None:
    random = np.random.default_rng(3)
    mask = random.random((6, 200)) < 0.7
    first = np.flatnonzero(mask[0])
    gone = np.array([int(np.argmin(mask[:, cell])) for cell in first])  # first absence, 0: none
    event = ~mask[:, first].all(axis=0)
    model = SurvfuncRight(np.where(event, gone, 6), event.astype(int))
    expected = [1.0, *(float(model.surv_prob[model.surv_times == k][0]) for k in range(1, 6))]
    np.testing.assert_allclose(ensemble_survival(mask), expected)


@given(activity)
def test_invariants(mask: NDArray[np.bool_]) -> None:
    survival, retention = ensemble_survival(mask), ensemble_retention(mask)
    if not mask[0].any():
        assert np.isnan(survival).all()
        assert np.isnan(retention).all()
        return
    assert survival[0] == retention[0] == 1
    assert np.all(np.diff(survival) <= 0)
    assert np.all(survival <= retention + 1e-12)
    new = newcomer_share(mask)
    kept = retention * mask[0].sum()
    assert np.allclose(np.nan_to_num((1 - new) * mask.sum(axis=1)), kept)
    duration = membership_duration(mask, np.arange(len(mask)))
    assert np.all(duration[~mask] == 0)


def test_chance_level() -> None:
    random = np.random.default_rng(5)
    mask = random.random((4, 200_000)) < 0.3
    np.testing.assert_allclose(ensemble_survival(mask), 0.3 ** np.arange(4.0), atol=0.01)
    np.testing.assert_allclose(ensemble_retention(mask)[1:], 0.3, atol=0.01)
    np.testing.assert_allclose(newcomer_share(mask)[1:], 0.7, atol=0.01)


def test_what_is_no_activity_is_refused() -> None:
    with pytest.raises(ValueError, match="session, cell"):
        ensemble_survival([1, 0, 1])
    with pytest.raises(ValueError, match="rising times"):
        membership_duration(HAND, [0, 7, 1])
    with pytest.raises(ValueError, match="rising times"):
        membership_duration(HAND, [0, 1])
