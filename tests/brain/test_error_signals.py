"""Prediction errors, the gain of plasticity and the reminder, moment by moment and by hand."""

# mypy: allow-untyped-calls
from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from engramlab.brain.mechanism import RATE
from engramlab.brain.mechanisms.lability import learn as remind
from engramlab.brain.mechanisms.novelty import modulate as open_plasticity
from engramlab.brain.mechanisms.prefrontal_control import learn as follow_cortex
from engramlab.brain.mechanisms.protein_capture import learn as sum_up
from engramlab.brain.mechanisms.valence_learning import modulate

THRESHOLD = 0.12  # read-out above which a moment counts as recall


def one(value: float) -> NDArray[np.float64]:
    return np.array([value], np.float64)


@pytest.mark.parametrize(
    ("shock", "predicted", "raw", "lit", "expected"),
    [
        (0.8, 0.0, 0.9, 0.0, 0.8),  # unpredicted
        (0.8, 0.3, 0.9, 0.0, 0.5),
        (0.8, 0.9, 0.0, 0.0, 0.0),  # a shock, though weaker than expected, is no relief
        (0.0, 0.3, 0.4, 0.0, -0.4),  # omitted: what was expected before inhibition is unlearned
        (0.0, 0.0, 0.4, 0.0, -0.4),  # also where the positive half holds it down
        (0.0, 0.3, 0.05, 0.0, 0.0),  # too little was expected to miss it
        (0.0, 0.2, 0.9, 0.6, 0.4),  # light on negative cells is a shock to learning
        (0.5, 0.2, 0.9, 0.9, 0.7),
    ],
)
def test_the_negative_error(
    shock: float, predicted: float, raw: float, lit: float, expected: float
) -> None:
    negative, positive, arousal = one(9), one(9), one(0.3)
    modulate(
        negative,
        positive,
        one(0),
        one(shock),
        one(0),
        one(predicted),
        one(0),
        one(raw),
        arousal,
        one(lit),
        one(0),
        0.6,
    )
    assert negative[0] == pytest.approx(expected)
    assert positive[0] == 0
    assert arousal[0] == max(0.3, shock)


@pytest.mark.parametrize(
    ("reward", "relief", "predicted", "lit", "expected"),
    [
        (1.0, 0.0, 0.0, 0.0, 0.6),  # a reward is worth 0.6
        (1.0, 0.2, 0.1, 0.0, 0.7),
        (0.0, 0.2, 0.0, 0.0, 0.2),
        (0.0, 0.05, 0.1, 0.0, 0.0),  # nothing to speak of
        (0.0, 0.0, 0.4, 0.0, -0.4),  # an omitted reward
        (0.0, 0.0, 0.9, 0.0, -0.5),  # at most this
        (0.0, 0.0, 0.0, 0.8, 0.8),  # light on positive cells is a reward to learning
        (1.0, 0.0, 0.0, 0.4, 0.6),
    ],
)
def test_the_positive_error(
    reward: float, relief: float, predicted: float, lit: float, expected: float
) -> None:
    negative, positive = one(9), one(9)
    modulate(
        negative,
        positive,
        one(relief),
        one(0),
        one(reward),
        one(0),
        one(predicted),
        one(0),
        one(0),
        one(0),
        one(lit),
        0.6,
    )
    assert positive[0] == pytest.approx(expected)
    assert negative[0] == 0


def test_novelty_shock_reward_and_surprise_open_plasticity() -> None:
    gain = one(0.15)
    open_plasticity(gain, one(0.25), one(0.5), one(0.4), one(-0.3), 0.5, 0.7, 0.6)
    assert gain[0] == pytest.approx(0.15 + 0.5 * 0.75 + 0.5 + 0.7 * 0.4 + 0.6 * 0.3)
    expected_shock = one(0.0)  # a shock that is stronger than expected is counted as shock alone
    open_plasticity(expected_shock, one(1.0), one(0.5), one(0.0), one(0.3), 0.5, 0.7, 0.6)
    assert expected_shock[0] == pytest.approx(0.5)


def test_only_what_exceeds_the_threshold_sums_up() -> None:
    salient = one(0.0)
    for gain in (0.4, 0.5, 0.75, 1.5):
        sum_up(one(gain), salient, 0.5)
    assert salient[0] == pytest.approx(0.25 + 1.0)


def test_prefrontal_activity_is_followed_and_a_reward_needs_none() -> None:
    active, moments = one(0.0), one(0.0)
    for cortex, reward in ((0.5, 0.0), (0.25, 0.0), (0.0, 1.0)):
        follow_cortex(active, moments, one(cortex), one(reward))
    assert (active[0], moments[0]) == (1.75, 3)


class Brain(NamedTuple):
    """Of a network, CA1 alone: four cells of which two fire, as many as inhibition lets."""

    region: NDArray[np.void]
    neuron: NDArray[np.float32]


def brain_of_ca1() -> Brain:
    dtype = [("start", np.int64), ("stop", np.int64), ("active", np.float64)]
    region = np.array([(0, 0, 1)] * 3 + [(0, 4, 4)], dtype)
    neuron = np.zeros((RATE + 1, 4), np.float32)
    neuron[RATE] = (1.0, 1.0, 0.0, 0.0)
    return Brain(region, neuron)


@dataclass
class Reminder:
    """A session's reminder so far."""

    shocks: NDArray[np.float64] = field(default_factory=lambda: one(0.0))
    count: NDArray[np.float64] = field(default_factory=lambda: one(0.0))
    cued: NDArray[np.float64] = field(default_factory=lambda: one(0.0))
    peak: NDArray[np.float64] = field(default_factory=lambda: one(0.0))
    outcome: NDArray[np.float64] = field(default_factory=lambda: one(0.0))
    cortical: NDArray[np.float64] = field(default_factory=lambda: one(0.0))

    def moment(
        self, fear: float, shock: float = 0.0, cue: bool = False, cortical: float = 0.0
    ) -> None:
        remind(
            brain_of_ca1(),
            self.shocks,
            self.count,
            self.cued,
            self.peak,
            self.outcome,
            self.cortical,
            one(fear),
            one(shock),
            one(float(cue)),
            one(cortical),
            THRESHOLD,
            6.0,
        )


def test_moments_of_recall_are_counted_and_the_peak_is_kept() -> None:
    session = Reminder()
    for fear, cortical in ((0.1, 0.9), (0.12, 0.8), (0.5, 0.2), (0.4, 0.7), (0.1, 0.7)):
        session.moment(fear, cortical=cortical)
    # At the threshold is not above it; once it is recalled, a reminder goes on.
    assert session.count[0] == 3
    assert (session.peak[0], session.cortical[0]) == (0.5, 0.2)  # cortex's share at the peak


def test_what_is_expected_is_read_before_the_outcome() -> None:
    session = Reminder()
    session.moment(0.3)
    session.moment(0.4, shock=0.7)  # still before it is felt
    session.moment(0.9)
    session.moment(0.9, shock=0.5)
    assert session.peak[0] == 0.4
    assert session.outcome[0] == 0.7
    assert session.count[0] == 4


def test_with_a_cue_its_moments_count_and_no_others() -> None:
    session = Reminder()
    session.moment(0.3)
    session.moment(0.5, cue=True)
    session.moment(0.9)  # after the cue: neither counted nor expected
    session.moment(0.4, cue=True)
    session.moment(0.05, cue=True)  # fear is no longer shown, the reminder goes on
    assert session.count[0] == 1 + 3 * 6
    assert session.peak[0] == 0.5
    session.moment(0.9, shock=0.6)  # an outcome counts whenever it comes
    assert session.outcome[0] == 0.6


def test_shocks_sum_up_as_far_as_hippocampus_takes_part() -> None:
    session = Reminder()
    session.moment(0.0, shock=0.6)
    session.moment(0.5)
    session.moment(0.5, shock=0.8)
    assert session.shocks[0] == pytest.approx((0.6 + 0.8) * 2 / 4)


def test_safety_that_holds_fear_back_is_not_unlearned() -> None:
    def error(shown: float, predicted: float, safety: float, shock: float = 0.0) -> float:
        negative, positive = one(0.0), one(0.0)
        modulate(
            negative,
            positive,
            one(0.0 if shock else 0.7 * shown),
            one(shock),
            one(0.0),
            one(shown),
            one(safety),
            one(predicted),
            one(0.0),
            one(0.0),
            one(0.0),
            0.6,
        )
        return float(positive[0])

    # Fear of 0.8 is all held back by safety of 0.8: nothing is left to learn or to lose.
    assert error(0.0, 0.8, 0.8) == pytest.approx(0.0)
    # It is half held back: what is shown still teaches.
    assert error(0.4, 0.8, 0.5) == pytest.approx(0.28 + 0.4 - 0.5)
    # Safety where nothing was feared is lost.
    assert error(0.0, 0.0, 0.3) == pytest.approx(-0.3)
    # A shock disproves it, whatever fear it held back.
    assert error(0.2, 0.8, 0.4, shock=0.9) == pytest.approx(-0.4)
