"""Coactivity: against shifting by brute force, where nothing goes together, and where some does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from engramlab.measures import coactivity_network, synchronous_frames


def slow_noise(random: np.random.Generator, frames: int, cells: int) -> NDArray[np.float64]:
    """Independent traces, each with a decay of ten frames like an indicator's."""
    traces = np.zeros((frames, cells))
    for t in range(1, frames):
        traces[t] = 0.9 * traces[t - 1] + random.standard_normal(cells)
    return traces


@pytest.mark.parametrize("frames", [97, 128])
def test_p_agrees_with_shifting_by_brute_force(frames: int) -> None:
    random = np.random.default_rng(0)
    traces = slow_noise(random, frames, 4)
    traces[:, 1] += traces[:, 0]
    found = coactivity_network(traces)
    np.testing.assert_allclose(found.correlation, np.corrcoef(traces.T))
    for i, j in ((0, 1), (0, 3), (2, 1)):
        shifted = [
            np.corrcoef(traces[:, i], np.roll(traces[:, j], lag))[0, 1] for lag in range(frames)
        ]
        as_large = np.array(shifted) >= found.correlation[i, j] - 1e-9
        assert found.p[i, j] == pytest.approx(as_large.mean())
    pairs = np.triu_indices(4, 1)
    positive = found.correlation[pairs] > 0
    edges = positive & (found.p[pairs] <= 0.01)
    assert found.adjacency[pairs].tolist() == edges.tolist()
    edges = positive & (stats.false_discovery_control(found.p[pairs]) <= 0.2)
    corrected = coactivity_network(traces, level=0.2, corrected=True)
    assert corrected.adjacency[pairs].tolist() == edges.tolist()


@given(st.integers(0, 500), st.floats(0.1, 100), st.floats(-10, 10))
def test_gain_offset_and_order_do_not_matter(seed: int, gain: float, offset: float) -> None:
    traces = np.random.default_rng(seed).gamma(0.5, 1.0, (60, 5))
    before = coactivity_network(traces)
    after = coactivity_network(gain * traces[:, ::-1] + offset)
    np.testing.assert_allclose(before.p, after.p[::-1, ::-1])
    np.testing.assert_allclose(before.correlation, after.correlation[::-1, ::-1], atol=1e-6)
    np.testing.assert_array_equal(before.adjacency, before.adjacency.T)
    assert not before.adjacency.diagonal().any()


def test_slow_unrelated_cells_are_no_network_though_they_correlate() -> None:
    random = np.random.default_rng(1)
    p, density, any_edge, naive = [], [], [], []
    for _ in range(60):
        traces = slow_noise(random, 400, 8)
        found = coactivity_network(traces)
        pairs = np.triu_indices(8, 1)
        p += found.p[pairs].tolist()
        density.append(found.adjacency[pairs].mean())
        corrected = coactivity_network(traces, level=0.05, corrected=True)
        any_edge.append(corrected.adjacency.any())
        naive += [stats.pearsonr(traces[:, i], traces[:, j]).pvalue for i, j in np.transpose(pairs)]
    assert np.mean(np.array(naive) < 0.05) > 0.3  # frames are not independent
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.03)
    assert np.mean(density) < 0.01 + 4 * np.std(density) / np.sqrt(60)
    assert np.mean(any_edge) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60)


def test_an_assembly_is_found() -> None:
    random = np.random.default_rng(2)
    traces = slow_noise(random, 2000, 20)
    together = slow_noise(random, 2000, 1)
    traces[:, :6] += 1.5 * together
    traces[:, 6] -= 3 * together[:, 0]
    found = coactivity_network(traces)
    assert found.adjacency[:6, :6].sum() == 6 * 5
    assert found.adjacency[6:, 6:].mean() < 0.05  # by chance 0.01
    corrected = coactivity_network(traces, level=0.05, corrected=True)
    assert corrected.adjacency[:6, :6].sum() == 6 * 5
    assert not found.adjacency[6, :6].any()  # goes against the others


def test_cells_that_do_not_vary_or_are_missing_take_no_part() -> None:
    traces = np.random.default_rng(3).random((50, 4))
    traces[:, 1] = 7.3
    traces[4, 2] = np.nan
    found = coactivity_network(traces)
    assert np.isnan(found.correlation[1:3]).all()
    assert np.isnan(found.p[1:3]).all()
    assert np.isfinite(found.p[0, 3])
    assert not found.adjacency[1:3].any()
    with pytest.raises(ValueError, match="frame, cell"):
        coactivity_network(traces[0])


def test_synchrony_is_seldom_seen_where_there_is_none() -> None:
    random = np.random.default_rng(4)
    alarms = [
        synchronous_frames(random.random((500, 30)) < 0.03, shuffles=60, seed=seed).frames.size > 0
        for seed in range(200)
    ]
    assert np.mean(alarms) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 200)


def test_synchronous_frames_and_who_takes_part() -> None:
    random = np.random.default_rng(5)
    active = random.random((1000, 40)) < 0.02
    moments = [100, 400, 700, 900]
    for moment in moments:
        active[moment, :15] = True
    found = synchronous_frames(active, seed=1)
    assert found.frames.tolist() == moments
    np.testing.assert_array_equal(found.active, active.sum(axis=1))
    assert found.participation[:15].min() == 1.0
    assert found.participation[15:].mean() < 0.1
    again = synchronous_frames(active, seed=1)
    assert again.threshold == found.threshold
    assert np.isnan(synchronous_frames(np.zeros((9, 2), bool)).participation).all()
    with pytest.raises(ValueError, match="yes or no"):
        synchronous_frames([[0.5, 1.0]])
