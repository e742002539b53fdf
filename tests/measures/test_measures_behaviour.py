"""Freezing and preference: by hand, frame by frame, and where nothing is preferred."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engramlab.measures import (
    freezing_bouts,
    freezing_percent,
    place_preference,
    preference_seconds,
)

motions = arrays(
    np.float64,
    st.integers(0, 40),
    elements=st.one_of(st.integers(0, 10).map(float), st.just(np.nan)),
)


def frozen_frames(motion: NDArray[np.float64], least: int) -> int:
    """The definition, read one frame after the other; threshold 5."""
    total = run = 0
    for value in [*motion, np.inf]:
        if value < 5:
            run += 1
        else:
            total += run if run >= least else 0
            run = 0
    return total


@given(motions, st.integers(1, 5))
def test_agrees_with_the_definition(motion: NDArray[np.float64], least: int) -> None:
    percent = freezing_percent(motion, 10.0, 5.0, least_seconds=least / 10)
    seen = np.isfinite(motion).sum()
    if not seen:
        assert np.isnan(percent)
        return
    assert percent == pytest.approx(100 * frozen_frames(motion, least) / seen)
    assert 0 <= percent <= 100
    for start, stop in freezing_bouts(motion, 10.0, 5.0, least_seconds=least / 10):
        assert (motion[start:stop] < 5).all()
        assert stop - start >= least


def test_a_bout_of_just_the_least_length_counts() -> None:
    # 0.1 s has no exact binary form; 3 frames at 30 a second are 0.1 s
    assert freezing_percent([9, 0, 0, 0, 9, 9], 30.0, 1.0, least_seconds=0.1) == 50.0
    with pytest.raises(ValueError, match="frame rate"):
        freezing_percent([1.0], 0.0, 1.0)
    with pytest.raises(ValueError, match="frame,"):
        freezing_bouts([[1.0]], 1.0, 1.0)


def test_place_preference_by_hand() -> None:
    assert place_preference([1.0, 2.0, np.nan, 4.0, 7.0], 0.0, 5.0) == pytest.approx(45.0)
    corner = [[0.1, 0.1], [0.9, 0.1], [0.2, 0.9], [np.nan, 0.1]]
    expected = 180 * (1 / 3 - 0.25)
    found = place_preference(corner, [0, 0], [0.5, 0.5], share_of_area=0.25)
    assert found == pytest.approx(expected)
    assert np.isnan(place_preference([np.nan], 0.0, 1.0))
    with pytest.raises(ValueError, match="bounds"):
        place_preference(corner, 0.0, 1.0)
    with pytest.raises(ValueError, match="lies in 0 to 1"):
        place_preference([1.0], 0.0, 1.0, share_of_area=2.0)


def test_chance_level_and_range_are_those_of_the_model() -> None:
    uniform = np.random.default_rng(0).random((200_000, 2))
    assert place_preference(uniform, [0, 0], [0.5, 1]) == pytest.approx(0.0, abs=1.0)
    assert preference_seconds(0.3, 0.3) == 0.0
    # Always there: half an epoch beyond chance, which the model can only approach.
    assert place_preference([0.0, 0.0], 0.0, 1.0) == 90.0 > preference_seconds(1.0, 0.0)
