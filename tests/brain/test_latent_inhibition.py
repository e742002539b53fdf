"""Latent inhibition: how a cue is attended to less, in its place, and attended to again."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from engramlab.brain.mechanism import RATE
from engramlab.brain.mechanisms.latent_inhibition import elapse, learn, modulate

CUES, PLACE = slice(2, 4), slice(6, 8)  # EC: 0-3, of these 2 and 3 code cues; CA1: 6 and 7
STEP = 0.05


class World(NamedTuple):
    """Of a network, rates and regions alone."""

    neuron: NDArray[np.float32]
    region: NDArray[np.void]


def world(*active: int) -> World:
    """Two cue cells and two of CA1, of which these fire."""
    fields = [("start", np.int64), ("stop", np.int64), ("cues", np.int64)]
    region = np.zeros(4, fields)
    region[0] = 0, 4, 2
    region[3] = 6, 8, 8
    neuron = np.zeros((RATE + 1, 8), np.float32)
    neuron[RATE, list(active)] = 1.0
    return World(neuron, region)


def met(
    habituation: NDArray[np.float32],
    here: World,
    *,
    times: int = 1,
    cue_on: float = 1.0,
    shock: float = 0.0,
    reward: float = 0.0,
    expected: float = 0.0,
) -> None:
    now = [np.array([value]) for value in (cue_on, shock, reward, expected)]
    for _ in range(times):
        learn(here, habituation, now[0], now[1], now[2], now[3], STEP)


def inattention(habituation: NDArray[np.float32], here: World, cue_on: float = 1.0) -> float:
    out = np.ones(1)
    modulate(here, out, habituation, np.array([cue_on]), 1.0)
    return float(out[0])


def test_a_cue_without_outcome_is_attended_to_less_in_its_place() -> None:
    state, here = np.zeros(8, np.float32), world(2, 6)
    met(state, here, times=30)
    share = 1 - 0.95**30
    np.testing.assert_allclose(state[[2, 6]], share, rtol=1e-5)
    assert not state[[3, 7]].any()
    assert inattention(state, here) == pytest.approx(share**2, rel=1e-5)
    assert inattention(state, world(2, 7)) == 0  # the cue elsewhere
    assert inattention(state, world(3, 6)) == 0  # another cue here
    assert inattention(state, here, cue_on=0.0) == 0


def test_nothing_is_lost_where_something_is_expected() -> None:
    state, here = np.zeros(8, np.float32), world(2, 6)
    met(state, here, times=30, expected=1.0)
    met(state, here, times=30, cue_on=0.0)
    assert not state.any()


@pytest.mark.parametrize(("shock", "reward"), [(0.75, 0.0), (0.0, 0.75)])
def test_an_outcome_brings_attention_back(shock: float, reward: float) -> None:
    state = np.full(8, 0.8, np.float32)
    met(state, world(2, 6), shock=shock, reward=reward)
    np.testing.assert_allclose(state[[2, 3, 6]], [0.2, 0.8, 0.8], rtol=1e-6)


def test_attention_comes_back_over_weeks() -> None:
    state = np.array([0.8], np.float32)
    elapse(state, 24.0 * 14.0, 14.0)
    assert state[0] == pytest.approx(0.8 / math.e)
