"""Drift of excitability: a normal process of time, the same however time is divided."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from engramlab.brain import Brain
from engramlab.brain.mechanisms.excitability_drift import excite, initialise, smooth_noise, wander
from engramlab.engine.network import unwired_network

CELLS = 20_000
KEY = 0xFEDCBA9876543211  # more digits than a float holds
SD, PERIOD_HOURS = 0.2, 10.0
SLOW_SD, SLOW_PERIOD_DAYS = 0.1, 8.0
BOTH = (SD, PERIOD_HOURS, SLOW_SD, SLOW_PERIOD_DAYS)
FAST = (1.0, 1.0, 0.0, 1.0)  # in periods, of variance 1
SLOW = (0.0, 1.0, 1.0, 1 / 24)
Values = NDArray[np.float32]


def at(hours: float, of: tuple[float, ...] = FAST, key: int = KEY, cells: int = CELLS) -> Values:
    """Drift of all cells at an hour."""
    drift = np.empty(cells, np.float32)
    wander(drift, 0, np.uint64(key), hours, *of)
    return drift


def correlation(first: Values, second: Values) -> float:
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize("of", [FAST, SLOW])
@pytest.mark.parametrize("periods", [0.0, 0.25, 0.5, 1.0, 7.3, 1000.5])
def test_at_every_time_it_is_standard_normal(of: tuple[float, ...], periods: float) -> None:
    values = at(periods, of)
    assert stats.kstest(values, "norm").pvalue > 1e-4
    assert values.std() == pytest.approx(1, rel=0.02)


def test_its_spread_does_not_change_while_a_cell_goes_from_one_number_to_the_next() -> None:
    """Over many keys for one cell at every part of its way, which a mean over cells would hide."""
    times = np.arange(0, 2, 0.125)
    values = np.array(
        [[smooth_noise(np.uint64(key), 3, time) for time in times] for key in range(5000)]
    )
    assert values.std(axis=0) == pytest.approx(1, rel=0.05)
    assert values.mean(axis=0) == pytest.approx(0, abs=0.06)


def similarity(lag: float) -> float:
    """Correlation after so many periods, from the equation, over the phases of all cells."""
    turn = 0.5 * math.pi * lag
    if lag <= 1:
        return (1 - lag / 2) * math.cos(turn) + math.sin(turn) / math.pi
    if lag <= 2:
        return math.sin(turn) / math.pi + 0.5 * (2 - lag) * math.cos(turn)
    return 0.0


@pytest.mark.parametrize("start", [0.0, 0.4])
@pytest.mark.parametrize("lag", [0.0, 0.25, 0.5, 1.0, 1.3, 1.7, 2.0, 2.5, 10.0])
def test_it_forgets_within_two_periods(start: float, lag: float) -> None:
    found = correlation(at(start), at(start + lag))
    assert found == pytest.approx(similarity(lag), abs=0.03)
    assert (lag >= 2) == (similarity(lag) == pytest.approx(0, abs=1e-9))


def test_it_does_not_jump() -> None:
    step = 1e-3
    values = np.array([at(100 + step * number, cells=500) for number in range(2000)])
    # A standard normal number of a thousand stays below 5, and the slope below pi / 2 times that.
    assert np.abs(np.diff(values, axis=0)).max() < 0.5 * math.pi * math.sqrt(2) * 5 * step


def test_cells_scales_and_animals_are_independent() -> None:
    values = at(3.7)
    for lag in (1, 2, 100):
        assert correlation(values[:-lag], values[lag:]) == pytest.approx(0, abs=0.03)
    assert correlation(values, at(3.7, SLOW)) == pytest.approx(0, abs=0.03)
    assert correlation(values, at(3.7, key=KEY + 1)) == pytest.approx(0, abs=0.03)
    # One cell's fast value tells nothing of what its neighbour's will be, either.
    assert correlation(values[:-1], at(4.2)[1:]) == pytest.approx(0, abs=0.03)


def test_both_scales_add_up_with_their_periods() -> None:
    day = at(24.0, BOTH)
    fast = at(2.4)  # 24 h in periods of 10 h
    slow = at(1 / 8, SLOW)  # in periods of 8 days
    np.testing.assert_allclose(day, SD * fast + SLOW_SD * slow, atol=1e-6)
    assert day.std() == pytest.approx(math.hypot(SD, SLOW_SD), rel=0.02)


def test_without_spread_nothing_drifts() -> None:
    assert not at(24.0, (0.0, PERIOD_HOURS, 0.0, SLOW_PERIOD_DAYS)).any()


class Animal:
    """What the mechanism keeps of an animal: the drift, its hour, and its key, in halves."""

    def __init__(self) -> None:
        self.network = unwired_network(Brain(), 0)
        cells = self.network.neuron.shape[1]
        self.drift, self.excitability = np.empty(cells, np.float32), np.empty(cells, np.float32)
        self.high, self.low, self.clock, self.hour = (np.zeros(1) for _ in range(4))
        initialise(self.drift, self.high, self.low, np.uint64(KEY), *BOTH)

    def visit(self, hour: float, asleep: bool = False) -> Values:
        self.clock[0] = hour
        self.excitability[:] = 0.0
        state = (self.high, self.low, self.hour, self.clock, np.array([float(asleep)]))
        excite(self.network, self.excitability, self.drift, *state, *BOTH)
        np.testing.assert_array_equal(self.excitability, self.drift)
        return self.drift.copy()


def test_it_begins_with_what_it_has_at_hour_0_of_this_key() -> None:
    animal = Animal()
    np.testing.assert_array_equal(animal.drift, at(0.0, BOTH, cells=animal.drift.size))
    np.testing.assert_array_equal(Animal().visit(0.0), Animal().drift)


@given(st.lists(st.floats(0, 1000), max_size=6), st.floats(0, 1000))
def test_it_depends_on_the_hour_alone_and_not_on_the_way_there(
    stops: list[float], hour: float
) -> None:
    animal = Animal()
    for stop in sorted(stops):
        animal.visit(stop)
    np.testing.assert_array_equal(animal.visit(hour), at(hour, BOTH, cells=animal.drift.size))


def test_at_night_the_cells_that_compete_then_are_at_its_hour_and_the_others_on_the_next_day() -> (
    None
):
    animal, cells = Animal(), Animal().drift.size
    first = int(animal.network.region["start"][2])  # of CA3
    np.testing.assert_array_equal(
        animal.visit(12.0, asleep=True)[first:], at(12.0, BOTH, cells=cells)[first:]
    )
    np.testing.assert_array_equal(animal.visit(12.0), at(12.0, BOTH, cells=cells))
