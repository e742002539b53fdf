"""The Pareto front against pairwise comparison, and what the distance means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engramlab.measures import distance_to_front, pareto_front

outcomes = st.tuples(st.integers(1, 12), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 6).map(float))
)


@given(outcomes)
def test_front_by_comparing_every_pair(values: NDArray[np.float64]) -> None:
    beaten = [any(all(b >= a) and any(b > a) for b in values) for a in values]
    assert pareto_front(values).tolist() == [not is_beaten for is_beaten in beaten]
    assert pareto_front(values).any()


@given(outcomes)
def test_distance_is_just_enough_to_be_unbeaten(values: NDArray[np.float64]) -> None:
    for a in values:
        distance = distance_to_front(a, values)
        assert (distance == 0) or not pareto_front([*values, a])[-1]
        assert pareto_front([*values, a + distance + 1e-6])[-1]
        if distance > 0:
            assert not pareto_front([*values, a + distance - 1e-6])[-1]


def test_by_hand_and_without_values() -> None:
    assert distance_to_front([1.0, 1.0], [[4.0, 2.0], [2.0, 5.0], [0.0, 9.0]]) == 1.0
    assert distance_to_front([1.0, 1.0], np.empty((0, 2))) == 0.0
    assert distance_to_front([1.0, 1.0], [[np.nan, 9.0]]) == 0.0
    assert np.isnan(distance_to_front([np.nan, 1.0], [[4.0, 2.0]]))
    assert pareto_front([[np.nan, 9.0], [1.0, 1.0]]).tolist() == [False, True]
    with pytest.raises(ValueError, match="shape"):
        pareto_front([1.0, 2.0])
    with pytest.raises(ValueError, match="same outcomes"):
        distance_to_front([1.0], [[1.0, 2.0]])
