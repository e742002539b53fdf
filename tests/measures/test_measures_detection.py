"""Events and ensembles: by hand, against a frame-by-frame reference, and on noise alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from engramlab.measures import (
    bursts,
    ensemble_by_event,
    ensemble_by_rate,
    ensemble_by_rise,
    ensemble_by_share,
    ensemble_by_threshold,
    false_event_share,
    find_events,
    robust_sd,
)

levels = st.integers(-3, 6).map(float)
recordings = st.tuples(st.integers(1, 25), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.one_of(levels, st.just(np.nan)))
)
activities = st.tuples(st.integers(1, 4), st.integers(1, 20)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.one_of(levels, st.just(np.nan)))
)


def test_robust_sd_agrees_with_scipy_and_ignores_transients() -> None:
    random = np.random.default_rng(0)
    traces = random.normal(5.0, 2.0, (4000, 3))
    theirs = stats.median_abs_deviation(traces, scale="normal")
    np.testing.assert_allclose(robust_sd(traces), theirs, rtol=1e-4)
    traces[:400] += 100.0
    np.testing.assert_allclose(robust_sd(traces), 2.0, rtol=0.2)
    assert np.isnan(robust_sd(np.full((3, 1), np.nan))).all()


def events_frame_by_frame(
    trace: NDArray[np.float64], onset: float, end: float, least: int
) -> list[tuple[int, int]]:
    """The definition, read one frame after the other; baseline is the median, noise is 1."""
    above = trace - (np.nanmedian(trace) if np.isfinite(trace).any() else np.nan)
    found, start = [], None
    for frame, value in enumerate([*above, np.nan]):
        if start is None and value >= onset:
            start = frame
        elif start is not None and not value >= end:
            if frame - start >= least:
                found.append((start, frame))
            start = None
    return found


@given(recordings, st.integers(1, 3))
def test_events_agree_with_the_definition(traces: NDArray[np.float64], least: int) -> None:
    found = find_events(traces, least_frames=least, noise=np.ones(traces.shape[1]))
    for cell, trace in enumerate(traces.T):
        own = found.cell == cell
        spans = list(zip(found.start[own].tolist(), found.stop[own].tolist(), strict=True))
        assert spans == events_frame_by_frame(trace, 3.0, 1.0, least)
        assert found.peak[own].tolist() == [trace[a:b].max() for a, b in spans]
    assert found.counts().sum() == found.onsets().sum() == found.cell.size


@given(recordings, st.floats(-100, 100), st.floats(0.1, 10))
def test_events_do_not_depend_on_offset_and_gain(
    traces: NDArray[np.float64], offset: float, gain: float
) -> None:
    # Levels half-way between whole numbers, so that rounding cannot put a frame across one.
    noise = np.ones(traces.shape[1])
    before = find_events(traces, onset_sd=2.25, end_sd=0.75, noise=noise)
    after = find_events(offset + gain * traces, onset_sd=2.25, end_sd=0.75, noise=gain * noise)
    np.testing.assert_array_equal(before.start, after.start)
    np.testing.assert_array_equal(before.stop, after.stop)


def test_noise_alone_gives_as_many_false_events_as_events() -> None:
    random = np.random.default_rng(1)
    noise = random.standard_normal((5000, 40))
    assert false_event_share(noise, onset_sd=2.0) == pytest.approx(1.0, abs=0.1)
    transients = noise.copy()
    for frame in range(0, 5000, 100):
        transients[frame : frame + 5] += 12.0
    assert false_event_share(transients, onset_sd=4.0) < 0.01
    found = find_events(transients, onset_sd=6.0)
    np.testing.assert_array_equal(found.counts(), 50)
    assert np.isnan(false_event_share(np.zeros((4, 2))))


def test_flat_and_missing_cells_have_no_events() -> None:
    traces = np.array([[0.0, np.nan], [0.0, np.nan], [9.0, np.nan], [0.0, np.nan]])
    assert find_events(traces).cell.size == 0
    with pytest.raises(ValueError, match="at or below its onset"):
        find_events(traces, onset_sd=1.0, end_sd=2.0)
    with pytest.raises(ValueError, match="frame, cell"):
        find_events([1.0, 2.0])
    with pytest.raises(ValueError, match="noise of each of 2"):
        find_events(traces, noise=[1.0])


def test_bursts_by_hand() -> None:
    times = [9.2, 1.0, 1.5, 1.9, 7.0, 9.0, np.nan, 9.3]
    assert bursts(times, longest_gap=0.5) == [(1.0, 1.9, 3), (9.0, 9.3, 3)]
    assert bursts(times, longest_gap=0.5, least_events=4) == []
    assert bursts([], longest_gap=1.0) == []
    with pytest.raises(ValueError, match="shape"):
        bursts([[1.0]], longest_gap=1.0)


def test_bursts_of_a_poisson_train_are_as_many_as_chance_says() -> None:
    random = np.random.default_rng(2)
    times = np.cumsum(random.exponential(1.0, 200_000))
    found = len(bursts(times, longest_gap=0.1, least_events=3))
    close = 1 - np.exp(-0.1)
    expected = 200_000 * (1 - close) * close**2  # an event after a long gap, and two after it
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected))


@given(activities, st.floats(0, 1))
def test_shares_are_kept_and_hold_the_most_active(
    activity: NDArray[np.float64], share: float
) -> None:
    member = ensemble_by_share(activity, share)
    for row, of_row in zip(activity, member, strict=True):
        assert of_row.sum() == np.rint(share * np.isfinite(row).sum())
        if of_row.any() and (~of_row & np.isfinite(row)).any():
            assert row[of_row].min() >= np.nanmax(row[~of_row])
    assert not member[np.isnan(activity)].any()


def test_thresholds_by_hand() -> None:
    activity = [[1.0, 2.0, 6.0, np.nan], [10.0, 20.0, 60.0, np.nan], [np.nan] * 4]
    expected = [[False, False, True, False]] * 2 + [[False] * 4]
    assert ensemble_by_threshold(activity, 1.5, relative=True).tolist() == expected
    assert ensemble_by_threshold(activity, 6.0).tolist()[1] == [True, True, True, False]
    assert ensemble_by_rate([5.0, 4.0, np.nan], 5.0, 1.0).tolist() == [True, False, False]
    found = find_events([[0.0, 0.0], [5.0, 0.0], [0.0, 1.0], [5.0, 0.0]], noise=[1.0, 1.0])
    assert found.counts().tolist() == [0, 0]  # the median of the first is 2.5
    found = find_events([[0.0, 0.0], [5.0, 0.0], [0.0, 1.0], [0.0, 0.0]], noise=[1.0, 1.0])
    assert ensemble_by_event(found).tolist() == [True, False]


def test_what_is_no_ensemble_is_refused() -> None:
    with pytest.raises(ValueError, match="lies in 0 to 1"):
        ensemble_by_share([1.0], 1.5)
    with pytest.raises(ValueError, match="more than 0 minutes"):
        ensemble_by_rate([1.0], 0.0, 1.0)
    with pytest.raises(ValueError, match="counts of the same cells"):
        ensemble_by_rise([1.0], 5.0, [1.0, 2.0], 5.0)
    with pytest.raises(ValueError, match="more than 0 minutes"):
        ensemble_by_rise([1.0], 5.0, [1.0], 0.0)


def test_rise_agrees_with_scipys_poisson_test() -> None:
    now, then = np.array([12, 3, 0, 7, np.nan]), np.array([1, 3, 0, 2, 1.0])
    member = ensemble_by_rise(now, 4.0, then, 8.0)
    p = [
        stats.binomtest(int(a), int(a + b), 1 / 3, alternative="greater").pvalue if a + b else 1.0
        for a, b in zip(now[:4], then[:4], strict=True)
    ]
    expected = stats.false_discovery_control(p) <= 0.05
    assert member[:4].tolist() == expected.tolist() == [True, False, False, True]
    assert not member[4]


def test_rise_finds_few_where_nothing_rose() -> None:
    random = np.random.default_rng(3)
    rate = random.gamma(2.0, 3.0, 100)
    any_found = [
        ensemble_by_rise(random.poisson(rate), 5.0, random.poisson(2 * rate), 10.0).any()
        for _ in range(400)
    ]
    assert np.mean(any_found) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
    risen = ensemble_by_rise(random.poisson(rate + 20), 5.0, random.poisson(2 * rate), 10.0)
    assert risen.mean() > 0.9
