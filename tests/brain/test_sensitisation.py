"""Sensitisation: which shocks leave fear cells excitable, how much, and for how long."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engramlab.brain.mechanisms.sensitisation import elapse, end_session, excite, learn

LOSS, INTENSE, ABOVE, MOST = 1.5, 0.5, 0.9, 1.2
NEGATIVE, POSITIVE = slice(4, 7), slice(7, 10)  # of ten cells, the last six are the amygdala


class Place(NamedTuple):
    """Of a network, the regions alone."""

    region: NDArray[np.void]


def place() -> Place:
    kinds = [(name, np.int64) for name in ("start", "stop", "boundary")]
    return Place(np.array([(0, 4, 0), (4, 10, 3)], kinds))


def summed(
    shock: float,
    hormone: float = 0.0,
    control: float = 1.0,
    elsewhere: float = 0.0,
    current_mA: float = 0.75,
) -> float:
    """What one moment adds; `elsewhere`: hormone in all but the negative cells."""
    level = np.full(10, elsewhere, np.float32)
    level[NEGATIVE] = [0.5 * hormone, hormone, 1.5 * hormone]
    total = np.array([0.25])
    now = np.array([[shock], [current_mA], [control]])
    learn(place(), level, now[0], now[1], now[2], total, LOSS, INTENSE, ABOVE)
    return float(total[0]) - 0.25


@pytest.mark.parametrize(
    ("current_mA", "shock", "hormone", "control", "expected"),
    [
        (0.75, 0.8, 0.0, 1.0, 0.0),  # a common shock under control
        (0.9, 1.3, 0.0, 1.0, 0.0),  # also to an animal that feels it more than others
        (0.75, 0.8, 0.6, 1.0, 0.8 * 0.6),  # under stress
        (0.75, 0.8, 0.0, 0.4, 0.8 * 1.5 * 0.6),  # without prefrontal control
        (1.2, 1.0, 0.0, 1.0, 0.5),  # very strong
        (1.05, 0.95, 0.0, 1.0, 0.95 * 0.25),
        (1.2, 1.0, 0.6, 0.4, 0.6 + 0.9 + 0.5),
        (0.0, 0.0, 1.0, 0.0, 0.0),  # no shock, however stressed
    ],
)
def test_what_a_shock_adds(
    current_mA: float, shock: float, hormone: float, control: float, expected: float
) -> None:
    found = summed(shock, hormone, control, current_mA=current_mA)
    assert found == pytest.approx(expected, abs=1e-6)


def test_hormone_counts_in_the_negative_cells_alone() -> None:
    assert summed(0.8, elsewhere=1.0) == 0
    assert summed(0.8, hormone=0.6, elsewhere=1.0) == pytest.approx(0.48, abs=1e-6)


def ended(before: NDArray[np.float32], total: float) -> NDArray[np.float32]:
    sensitised, sensitising = before.copy(), np.array([total])
    end_session(place(), sensitised, sensitising, MOST)
    assert sensitising[0] == 0  # the next session starts anew
    return sensitised


@pytest.mark.parametrize("total", [0.01, 0.5, 2.0, 50.0])
def test_the_drive_saturates_and_is_that_of_negative_cells_alone(total: float) -> None:
    found = ended(np.zeros(10, np.float32), total)
    np.testing.assert_allclose(found[NEGATIVE], MOST * (1 - math.exp(-total)), rtol=1e-6)
    assert not found[:4].any()
    assert not found[POSITIVE].any()


def test_a_weaker_session_takes_nothing_back() -> None:
    before = np.zeros(10, np.float32)
    before[NEGATIVE] = [0.0, 0.3, 1.1]
    level = MOST * (1 - math.exp(-0.5))
    np.testing.assert_allclose(ended(before, 0.5)[NEGATIVE], [level, level, 1.1], rtol=1e-6)
    np.testing.assert_array_equal(ended(before, 0.0), before)


@given(st.lists(st.floats(0.1, 2000), min_size=1, max_size=5))
def test_it_fades_over_weeks_however_the_time_is_split(gaps: list[float]) -> None:
    sensitised = np.array([1.2, 0.0], np.float32)
    for hours in gaps:
        elapse(sensitised, hours, 40.0)
    np.testing.assert_allclose(sensitised, [1.2 * math.exp(-sum(gaps) / 960), 0], rtol=1e-4)


def test_it_is_added_to_the_drive() -> None:
    excitability = np.array([0.1, -0.2, 0.0], np.float32)
    excite(excitability, np.array([0.0, 0.5, 1.2], np.float32))
    np.testing.assert_allclose(excitability, [0.1, 0.3, 1.2], rtol=1e-6)
