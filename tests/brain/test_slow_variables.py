"""What changes by itself between sessions: boost, contacts, arousal, marks for replay, time."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from engramlab.brain.mechanisms.cortical_maturation import mature
from engramlab.brain.mechanisms.exploration import sampled_share
from engramlab.brain.mechanisms.feedforward_inhibition import elapse as retract
from engramlab.brain.mechanisms.feedforward_inhibition import end_session as grow
from engramlab.brain.mechanisms.feedforward_inhibition import feedforward_input
from engramlab.brain.mechanisms.inhibitory_plasticity import elapse as follow
from engramlab.brain.mechanisms.learning_excitability import elapse as fade
from engramlab.brain.mechanisms.replay import elapse as unmark
from engramlab.brain.mechanisms.replay import end_session as mark
from engramlab.brain.mechanisms.temporal_context import time_code
from engramlab.brain.mechanisms.valence_learning import elapse as calm


@given(st.floats(0.1, 100), st.floats(0, 1), st.floats(0, 1), st.sampled_from([6.0, 30.0]))
@settings(max_examples=40)
def test_inhibition_follows_the_boost_as_its_equation_says(
    hours: float, inhibition: float, boost: float, tau: float
) -> None:
    acquired = np.array([inhibition], np.float32)
    follow(acquired, np.array([boost], np.float32), hours, tau, 30.0)
    exact = solve_ivp(
        lambda t, y: [(max(0, 1 - tau / 30.0) * boost * math.exp(-t / 30.0) - y[0]) / tau],
        (0, hours),
        [inhibition],
        rtol=1e-9,
        atol=1e-12,
    ).y[0, -1]
    assert acquired[0] == pytest.approx(exact, abs=1e-5)


@given(st.lists(st.floats(0.1, 30), min_size=2, max_size=5), st.sampled_from([6.0, 30.0]))
def test_boost_and_inhibition_may_be_split(gaps: list[float], tau: float) -> None:
    def lived(parts: list[float]) -> tuple[float, float]:
        inhibition, boost = np.array([0.1], np.float32), np.array([0.9], np.float32)
        for hours in parts:
            follow(inhibition, boost, hours, tau, 30.0)
            fade(boost, hours, 30.0)
        return float(inhibition[0]), float(boost[0])

    assert lived(gaps) == pytest.approx(lived([sum(gaps)]), abs=1e-5)


def test_contacts_grow_to_what_the_session_was_worth() -> None:
    contacts = np.array([0.0, 0.9, 0.2], np.float32)
    peak = np.array([1.0, 1.0, 0.5], np.float32)
    grow(contacts, peak, np.array([0.4]), 2.0)
    np.testing.assert_allclose(contacts, [0.8, 0.9, 0.4], rtol=1e-6)  # never fewer than before
    grow(contacts, peak, np.array([1.0]), 0.0)  # the knock-out grows none
    np.testing.assert_allclose(contacts, [0.8, 0.9, 0.4], rtol=1e-6)


@given(st.lists(st.floats(0.1, 300), min_size=1, max_size=5))
def test_contacts_retract_over_weeks_however_the_time_is_split(gaps: list[float]) -> None:
    contacts = np.array([0.8, 0.0], np.float32)
    for hours in gaps:
        retract(contacts, hours, 14.0)
    np.testing.assert_allclose(contacts, [0.8 * math.exp(-sum(gaps) / 336), 0], rtol=1e-4)


def test_contacts_count_where_cells_fire() -> None:
    rate = np.array([1, 1, 0.5, 2.0, 0, 1], np.float32)
    contacts = np.array([9, 0.5, 0.5, 0.5, 0.5, 9], np.float32)
    # Light drives a cell to a rate of 2, which counts as 1: (0.5 + 0.25 + 0.5) / 5.
    assert feedforward_input(rate, contacts, 1, 5, 5.0) == pytest.approx(0.25)


@pytest.mark.parametrize(("stored", "restored"), [(0.8, 0.3), (0.3, 0.8), (0.8, 0.0), (0.0, 0.8)])
def test_what_a_strong_session_leaves_is_marked_for_replay(stored: float, restored: float) -> None:
    marks = np.array([0.0, 0.5, 0.1, 0.0], np.float32)
    held = np.zeros(4, np.float32)
    peak = np.array([1.0, 0.5, 1.0, 0.0], np.float32)
    mark(marks, held, peak, np.array([stored]), np.array([restored]))
    np.testing.assert_allclose(marks, [0.8, 0.5, 0.8, 0.0], rtol=1e-6)  # the stronger mark stays
    np.testing.assert_allclose(held, [0.8, 0.4, 0.8, 0.0], rtol=1e-6)  # held up to the first night


def test_a_session_without_consequence_marks_nothing() -> None:
    marks = np.zeros(3, np.float32)
    mark(marks, marks.copy(), np.ones(3, np.float32), np.array([0.0]), np.array([0.0]))
    assert not marks.any()


@given(st.lists(st.floats(0.1, 300), min_size=1, max_size=5))
def test_marks_for_replay_fade_over_days_however_the_time_is_split(gaps: list[float]) -> None:
    marks, held = np.array([0.8, 0.8, 0.0], np.float32), np.array([0.0, 1.0, 0.0], np.float32)
    for hours in gaps:
        unmark(marks, held, hours, 20.0, 5.0, 1.5)
    days = sum(gaps) / 24
    # Without replay as 1 / 5 d; held by replay as 1 / 20 d, for a mean of 1.5 days.
    saved = (1 / 5 - 1 / 20) * 1.5 * (1 - math.exp(-days / 1.5))
    np.testing.assert_allclose(
        marks, [0.8 * math.exp(-days / 5), 0.8 * math.exp(-days / 5 + saved), 0], rtol=1e-4
    )


def test_arousal_fades_within_hours() -> None:
    arousal = np.array([0.8])
    calm(arousal, 0.25, 1.0)
    calm(arousal, 0.75, 1.0)
    assert arousal[0] == pytest.approx(0.8 / math.e)


@pytest.mark.parametrize(
    ("moment", "expected"), [(0, 1 - 0.6**0.5), (1, 1 - 0.6**1.5), (9, 1 - 0.6**9.5)]
)
def test_a_place_is_taken_in_by_parts(moment: int, expected: float) -> None:
    assert sampled_share(moment, 0.4) == pytest.approx(expected)
    assert sampled_share(moment, 1.0) == 1


@given(activity=st.floats(0, 1), nights=st.floats(0.1, 60), count=st.integers(1, 30))
def test_cortical_cells_mature_by_the_share_of_replay_in_which_they_fire(
    activity: float, nights: float, count: int
) -> None:
    maturity = np.zeros(3, np.float32)
    shown = np.array([activity, 0.0, activity], np.float32)
    for _ in range(count):
        mature(maturity, shown, 0, 2, nights)
    expected = 1 - (1 - min(1, activity / nights)) ** count
    np.testing.assert_allclose(maturity, [expected, 0, 0], rtol=1e-3, atol=1e-5)


def test_the_time_code_changes_with_a_day_and_not_with_an_hour() -> None:
    codes = {
        hours: set(time_code(np.uint64(3), hours, 24, 16.0, 336.0, 100))
        for hours in (0.0, 1.0, 24.0, 240.0)
    }
    assert len(codes[0.0] & codes[1.0]) >= 18
    assert len(codes[0.0] & codes[24.0]) <= 12


@pytest.mark.parametrize(("slots", "slot", "along"), [(1, 0, 0.125), (4, 3, 0.875**3)])
def test_every_slot_is_renewed_at_its_own_period(slots: int, slot: int, along: float) -> None:
    period = 16 * (336 / 16) ** along
    hours = np.arange(0, 40 * period, period / 20)
    cells = [time_code(np.uint64(5), hour, slots, 16.0, 336.0, 100_000)[slot] for hour in hours]
    changes = np.flatnonzero([first != second for first, second in pairwise(cells)])
    assert len(changes) in (39, 40)
    assert np.all(np.abs(np.diff(changes) - 20) <= 1)
