"""Corticosterone against a numerical solution of its equations, and what drugs leave of it."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from engramlab.brain.mechanisms.glucocorticoids import elapse, excite, mean_level

RELEASE, CLEARANCE = 0.5, 0.6  # h
LOAD_RISE, LOAD_TAU_DAYS = 30.0, 14.0
State = tuple[float, float, float]  # drive of the release, corticosterone, load
# In hundredths: the numerical solver fails on numbers next to zero, where nothing is at stake.
level = st.integers(0, 100).map(lambda percent: percent / 100)


def after(
    hours: float,
    stress: float,
    state: State = (0.0, 0.0, 0.0),
    release: float = RELEASE,
    clearance: float = CLEARANCE,
) -> State:
    drive, corticosterone, load = (np.array([value]) for value in state)
    elapse(
        np.array([stress]),
        drive,
        corticosterone,
        load,
        hours,
        release,
        clearance,
        LOAD_RISE,
        LOAD_TAU_DAYS,
    )
    return float(drive[0]), float(corticosterone[0]), float(load[0])


def solved(
    hours: float, stress: float, state: State, release: float, clearance: float
) -> NDArray[np.float64]:
    """The same by numerical integration; a stressor starts the whole release at once."""

    def equations(_: float, y: NDArray[np.float64]) -> list[float]:
        drive, corticosterone, load = y
        return [
            (stress - drive) / release,
            (drive - corticosterone) / clearance,
            stress / LOAD_RISE - load / (24 * LOAD_TAU_DAYS),
        ]

    start = [max(state[0], stress), state[1], state[2]]
    return np.asarray(
        solve_ivp(equations, (0, hours), start, method="LSODA", rtol=1e-9, atol=1e-11).y[:, -1]
    )


@example(hours=0.7, stress=0.0, state=(1.0, 0.2, 0.3), release=0.6, clearance=0.6)  # equal rates
@example(hours=3.0, stress=1.0, state=(0.0, 0.0, 0.0), release=0.6, clearance=0.6 * (1 + 5e-7))
@example(hours=3.0, stress=0.4, state=(1.0, 0.0, 0.0), release=0.6, clearance=0.6 * (1 + 2e-6))
@given(
    hours=st.floats(0.01, 60),
    stress=level,
    state=st.tuples(level, level, level.map(lambda share: 3 * share)),
    release=st.floats(0.05, 2),
    clearance=st.floats(0.1, 4),
)
@settings(max_examples=40)
def test_release_in_closed_form_is_the_solution_of_its_equations(
    hours: float, stress: float, state: State, release: float, clearance: float
) -> None:
    found = after(hours, stress, state, release, clearance)
    expected = solved(hours, stress, state, release, clearance)
    np.testing.assert_allclose(found, expected, atol=2e-5)


@given(
    st.floats(0.01, 20), st.floats(0.01, 20), level, st.tuples(level, level, level), st.booleans()
)
def test_a_gap_may_be_split(
    first: float, second: float, stress: float, state: State, equal: bool
) -> None:
    """Whatever happens in between (a probe, a tag window) changes no hormone."""
    clearance = RELEASE if equal else CLEARANCE
    halves = after(
        second, stress, after(first, stress, state, RELEASE, clearance), RELEASE, clearance
    )
    whole = after(first + second, stress, state, RELEASE, clearance)
    np.testing.assert_allclose(halves, whole, atol=1e-9)


def test_stress_of_an_hour_by_hand() -> None:
    drive, high, load = after(1.0, 1.0)
    assert drive == 1.0  # the stressor itself, at once
    assert high == pytest.approx(1 - math.exp(-1 / CLEARANCE))
    assert load == pytest.approx(1 / LOAD_RISE, rel=2e-3)  # loses little in an hour
    drive, low, _ = after(10.0, 0.0, (drive, high, load))
    assert drive == pytest.approx(math.exp(-10 / RELEASE))
    assert low < 1e-5
    _, still, _ = after(0.1, 0.0, (1.0, high, load))
    assert still > high  # what is released is yet to come


def test_without_stress_nothing_is_released() -> None:
    assert after(1000.0, 0.0) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("given_", "block", "receptor", "expected"),
    [
        (0.0, 0.0, 0.0, 0.8),
        (0.5, 0.0, 0.0, 1.3),
        (0.5, 1.0, 0.0, 0.5),  # metyrapone stops the animal's own and not what is injected
        (0.5, 0.25, 0.5, 0.55),
        (0.5, 0.0, 1.0, 0.0),  # mifepristone stops both
        (0.0, 3.0, 0.0, 0.0),  # a large dose blocks no more than all
        (0.5, 0.0, 3.0, 0.0),
    ],
)
def test_drugs_change_the_level_that_neurons_see(
    given_: float, block: float, receptor: float, expected: float
) -> None:
    seen = np.full(2, 9, np.float32)
    amounts = (np.array([0, x], np.float32) for x in (given_, block, receptor))
    excite(seen, np.array([0.8]), *amounts)
    np.testing.assert_allclose(seen, [0.8, expected], rtol=1e-6)


def test_the_mean_is_of_the_region_and_endocannabinoids_pass_part_of_it_on() -> None:
    glucocorticoid = np.array([9, 1, 0.5, 0, 9], np.float32)
    block = np.array([0, 0, 0.5, 2, 0], np.float32)
    assert mean_level(glucocorticoid, block, 1, 4) == pytest.approx((0.5, (1 + 0.25) / 3))
