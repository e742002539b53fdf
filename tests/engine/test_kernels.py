"""Compiled kernels against readable references, analytic cases and conservation."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks import SCHAFFER, activate, connected, dense, network
from numpy.typing import NDArray
from scipy import stats

from engramlab.brain import Brain
from engramlab.brain.mechanisms.competition import settle
from engramlab.brain.mechanisms.freezing import freezing_percent, unconditioned_stimulus
from engramlab.brain.mechanisms.hebbian_learning import potentiate
from engramlab.engine import in_kernels
from engramlab.engine.network import BASE_LOG_SD, mechanism_index, unwired_network
from engramlab.kernel import kernel
from engramlab.randomness import derive_key, noise, normal, substream, uniform

REPLAY, DRIFT = mechanism_index()["replay"], mechanism_index()["excitability_drift"]
seen: Any = in_kernels  # functions for kernels alone, whose types Numba checks


@given(
    arrays(np.float32, st.integers(1, 300), elements=st.floats(-5, 5, width=32)),
    st.floats(0.1, 60),
    st.floats(0.1, 3),
)
def test_competition_keeps_its_sum_and_its_order(
    h: NDArray[np.float32], active: float, slope: float
) -> None:
    rate = np.empty_like(h)
    settle(h, 0.7, slope, active, rate)
    free = np.clip((h - 0.7) / slope, 0, 1)
    assert np.all((rate >= 0) & (rate <= 1))
    if free.sum() <= active:
        np.testing.assert_allclose(rate, free, atol=1e-6)
    else:
        # The search stops at a ten-thousandth of the allowed sum; rates are stored as float32.
        assert rate.sum() == pytest.approx(active, rel=2e-3, abs=1e-2)
    assert np.all(np.diff(rate[np.argsort(h, kind="stable")]) >= -1e-6)


def test_competition_finds_an_inhibition_far_above_its_threshold() -> None:
    h = np.full(10, 1000, np.float32)  # the sum of rates is flat from the threshold up to here
    rate = np.empty_like(h)
    settle(h, 0.7, 0.4, 3.0, rate)
    np.testing.assert_allclose(rate, 0.3, atol=1e-3)


def test_potentiation_is_the_outer_product_with_room() -> None:
    built = network()
    pre, post = activate(built, SCHAFFER)
    ceiling = float(built.projection[SCHAFFER]["ceiling"])
    built.protected[:] = 0.4 * ceiling
    potentiate(built, np.int64(SCHAFFER), 0.3)
    both = np.outer(np.where(pre > 0.1, pre, 0), np.where(post > 0.1, post, 0))
    expected = 0.3 * both * connected(built, SCHAFFER) * 0.6 * ceiling
    np.testing.assert_allclose(dense(built, SCHAFFER, built.labile), expected, atol=1e-6)
    for _ in range(200):
        potentiate(built, np.int64(SCHAFFER), 1.0)
    assert (built.labile + built.protected).max() <= ceiling * 1.0001


def test_wiring_has_distinct_targets_and_the_mean_it_promises() -> None:
    built = network()
    for p, projection in zip(built.projection, Brain().projections, strict=True):
        part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
        rows = np.sort(built.target[part].reshape(p["cells"], -1), axis=1)
        assert np.all(np.diff(rows.astype(int), axis=1) > 0)
        if projection.base_drive:
            full = built.region[p["pre"]]["active"]
            posts = built.region[p["post"]]["stop"] - built.region[p["post"]]["start"]
            mean = built.base[part].mean() * full * p["fan_out"] / posts
            assert mean == pytest.approx(projection.base_drive, rel=0.1)
            assert np.log(built.base[part]).std() == pytest.approx(BASE_LOG_SD, rel=0.03)


@given(st.integers(0, 2**63), st.integers(0, 2**40))
def test_random_numbers_depend_on_key_and_counter_alone(key: int, counter: int) -> None:
    first = uniform(np.uint64(key), counter)
    assert 0 <= first < 1
    assert first == uniform(np.uint64(key), counter)
    assert first != uniform(np.uint64(key), counter + 1)
    assert substream(np.uint64(key), 0) != substream(np.uint64(key), 1)


def test_random_numbers_have_their_distributions() -> None:
    key = np.uint64(derive_key(5, "test"))
    flat = [uniform(key, i) for i in range(20_000)]
    bell = [normal(key, i) for i in range(20_000)]
    fast = [noise(key, i) for i in range(20_000)]
    assert stats.kstest(flat, "uniform").pvalue > 1e-4
    assert stats.kstest(bell, "norm").pvalue > 1e-4
    assert np.mean(fast) == pytest.approx(0, abs=0.03)
    assert np.std(fast) == pytest.approx(1, abs=0.03)


def test_keys_of_different_parts_differ() -> None:
    keys = {derive_key(1, "a", 2), derive_key(1, "a2"), derive_key("1", "a", 2), derive_key(1, "a")}
    assert len(keys) == 4


def test_shock_and_freezing_curves() -> None:
    # Baldi et al. 2004: no conditioning at 0.15 mA, no more freezing above 0.9 mA.
    assert unconditioned_stimulus(0.15, 0.15, 0.35) == 0
    strong = unconditioned_stimulus(1.2, 0.15, 0.35) - unconditioned_stimulus(0.9, 0.15, 0.35)
    weak = unconditioned_stimulus(0.6, 0.15, 0.35) - unconditioned_stimulus(0.3, 0.15, 0.35)
    assert strong < weak / 3
    scores = [freezing_percent(x, 3.0, 80.0, 0.35, 3.0) for x in np.linspace(0, 1, 20)]
    assert scores[0] == 3.0
    assert scores == sorted(scores)
    assert freezing_percent(0.35, 3.0, 80.0, 0.35, 3.0) == pytest.approx(41.5)


@kernel
def _count_up(network):
    rates = seen.variable(network, 3)
    for j in range(rates.size):
        rates[j] += j
    clock = seen.signal(network, 2)
    clock[0] += seen.parameter(network, 5)
    network.used[0] += network.rows.size
    return seen.is_on(network, REPLAY), seen.is_on(network, DRIFT)


def test_kernels_read_and_write_where_python_does() -> None:
    built = unwired_network(Brain().without("replay"), 1)
    before = built.copy()
    assert _count_up(built) == (False, True)
    cells = built.neuron.shape[1]
    assert (built.neuron[3] == before.neuron[3] + np.arange(cells)).all()
    assert not np.delete(built.neuron, 3, axis=0).any()
    changed = built.signal - before.signal
    assert np.flatnonzero(changed).tolist() == [2]
    assert changed[2] == built.parameter[5] != 0
    assert built.used[0] == before.used[0] + built.rows.size


@kernel
def _rates_of(network):
    return network.neuron[0]


@kernel
def _sum_of_rates(network):
    return _rates_of(network).sum()


def test_a_kernel_gives_an_array_of_the_network_to_a_kernel() -> None:
    built = unwired_network(Brain(), 1)
    built.neuron[0] = 0.5
    for _ in range(3):
        assert _sum_of_rates(built) == 0.5 * built.neuron.shape[1]


def test_a_kernel_gives_back_what_it_borrowed() -> None:
    built = unwired_network(Brain(), 1)
    before = [sys.getrefcount(array) for array in built]
    for _ in range(3):
        _sum_of_rates(built)
    assert [sys.getrefcount(array) for array in built] == before
