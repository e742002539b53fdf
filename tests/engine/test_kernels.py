"""Compiled kernels against readable references, analytic cases and conservation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import solve_ivp

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH, RATE
from engramlab.brain.mechanisms.competition import settle
from engramlab.brain.mechanisms.excitability_drift import elapse as drift
from engramlab.brain.mechanisms.freezing import freezing_percent, unconditioned_stimulus
from engramlab.brain.mechanisms.hebbian_learning import potentiate
from engramlab.brain.mechanisms.inhibitory_plasticity import elapse as follow
from engramlab.brain.mechanisms.protein_capture import captured_share
from engramlab.brain.mechanisms.temporal_context import time_code
from engramlab.engine.circuit import drive
from engramlab.engine.gap import pass_time
from engramlab.engine.network import Network, build_network, signal_index, variable_index
from engramlab.randomness import derive_key, noise, normal, substream, uniform

SCHAFFER = [projection.name for projection in Brain().projections].index("CA3-CA1")


def network(key: int = 1) -> Network:
    built = build_network(Brain(), key)
    built.signal[signal_index()["synthesis"]] = 1.0
    return built


def dense(built: Network, q: int, pool: NDArray[np.float32]) -> NDArray[np.float64]:
    """A projection's weights as a matrix (pre, post)."""
    p = built.projection[q]
    posts = built.region[p["post"]]["stop"] - built.region[p["post"]]["start"]
    matrix = np.zeros((p["cells"], posts))
    for i in range(p["cells"]):
        z = p["synapse"] + i * p["fan_out"]
        part = slice(z, z + p["fan_out"])
        matrix[i, built.target[part]] = pool[part]
    return matrix


def activate(
    built: Network, q: int, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Set random rates in both regions of a projection; return them."""
    random = np.random.default_rng(seed)
    rates = built.neuron[RATE]
    rates[:] = random.random(rates.size) * (random.random(rates.size) < 0.2)
    p = built.projection[q]
    pre, post = built.region[p["pre"]], built.region[p["post"]]
    return rates[pre["start"] : pre["stop"]], rates[post["start"] : post["stop"]]


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


def test_drive_is_the_matrix_product() -> None:
    built = network()
    pre, _ = activate(built, SCHAFFER)
    built.labile[:] = np.random.default_rng(1).random(built.labile.size)
    built.protected[:] = np.random.default_rng(2).random(built.labile.size)
    built.silent[:] = 2 * np.random.default_rng(3).random(built.labile.size)
    built.rows["state"] = FRESH
    built.signal[signal_index()["clock"]] = 48.0
    base, learned = np.zeros(400, np.float32), np.zeros(400, np.float32)
    drive(built, np.int64(SCHAFFER), base, learned)
    p = built.projection[SCHAFFER]
    fired = np.where(pre > 0.02, pre, 0).astype(float)
    strength = dense(built, SCHAFFER, built.labile) + dense(
        built, SCHAFFER, built.protected
    ) * math.exp(-48 * p["forget"])
    silent = dense(built, SCHAFFER, built.silent) * math.exp(-48 * p["retract"])
    np.testing.assert_allclose(base, fired @ dense(built, SCHAFFER, built.base), rtol=1e-4)
    np.testing.assert_allclose(learned, fired @ np.maximum(strength, silent), rtol=1e-4)


def test_potentiation_is_the_outer_product_with_room() -> None:
    built = network()
    pre, post = activate(built, SCHAFFER)
    before = dense(built, SCHAFFER, built.labile)
    potentiate(built, np.int64(SCHAFFER), 0.3)
    ceiling = float(built.projection[SCHAFFER]["ceiling"])
    connected = dense(built, SCHAFFER, built.base) > 0
    both = np.outer(np.where(pre > 0.1, pre, 0), np.where(post > 0.1, post, 0)) * connected
    expected = before + 0.3 * both * (ceiling - before)
    np.testing.assert_allclose(dense(built, SCHAFFER, built.labile), expected, atol=1e-6)
    for _ in range(200):
        potentiate(built, np.int64(SCHAFFER), 1.0)
    assert built.labile.max() <= ceiling * 1.0001


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


@given(st.floats(0.01, 1), st.floats(0.01, 60), st.floats(0.1, 6))
@settings(max_examples=40)
def test_capture_in_closed_form_is_the_solution_of_its_equations(
    made: float, hours: float, per_hour: float
) -> None:
    def equations(t: float, y: NDArray[np.float64]) -> list[float]:
        flow = per_hour * made * math.exp(-t / 3.0) * y[0]
        return [-y[0] / 5.0 - flow, flow]

    exact = solve_ivp(equations, (0, hours), [1.0, 0.0], rtol=1e-9, atol=1e-12).y[:, -1]
    np.testing.assert_allclose(
        captured_share(made, hours, 5.0, 3.0, per_hour), exact, rtol=1e-5, atol=1e-8
    )


@given(st.floats(0.01, 1), st.floats(0.01, 200), st.floats(0.1, 6))
def test_capture_conserves_strength_when_nothing_fades(
    made: float, hours: float, per_hour: float
) -> None:
    survival, captured = captured_share(made, hours, 1e12, 3.0, per_hour)
    assert survival + captured == pytest.approx(1.0, abs=1e-9)


@given(st.floats(0.1, 100), st.floats(0, 1), st.floats(0, 1), st.sampled_from([6.0, 30.0]))
@settings(max_examples=40)
def test_inhibition_follows_the_boost_as_its_equation_says(
    hours: float, inhibition: float, boost: float, tau: float
) -> None:
    acquired = np.array([inhibition], np.float32)
    follow(acquired, np.array([boost], np.float32), hours, tau, 30.0)
    exact = solve_ivp(
        lambda t, y: [(boost * math.exp(-t / 30.0) - y[0]) / tau],
        (0, hours),
        [inhibition],
        rtol=1e-9,
        atol=1e-12,
    ).y[0, -1]
    assert acquired[0] == pytest.approx(exact, abs=1e-5)


def test_drift_keeps_its_spread_and_forgets_exponentially() -> None:
    start = np.random.default_rng(0).normal(0, 0.2, 20_000).astype(np.float32)
    later = start.copy()
    drift(later, 30.0, np.uint64(7), 0.2, 60.0)
    assert later.std() == pytest.approx(0.2, rel=0.03)
    assert np.corrcoef(start, later)[0, 1] == pytest.approx(math.exp(-0.5), abs=0.02)


def test_labile_strength_fades_and_settled_rows_are_left_alone() -> None:
    built = network()
    activate(built, SCHAFFER)
    potentiate(built, np.int64(SCHAFFER), 0.5)
    total = built.labile.sum()
    pass_time(built, 5.0, np.uint64(1))
    assert built.labile.sum() == pytest.approx(total * math.exp(-1), rel=1e-4)
    pass_time(built, 200.0, np.uint64(2))
    assert not built.labile.any()
    assert not (built.rows["state"] == FRESH).any()


def test_protein_decides_what_lasts_and_anisomycin_what_does_not() -> None:
    kept = {}
    for synthesis in (1.0, 0.0):
        built = network()
        activate(built, SCHAFFER)
        potentiate(built, np.int64(SCHAFFER), 0.5)
        built.neuron[variable_index()["protein"]] = 1.0
        built.signal[signal_index()["synthesis"]] = synthesis
        total = built.labile.sum()
        pass_time(built, 24.0, np.uint64(1))
        kept[synthesis] = built.protected.sum() / total
    assert kept[0.0] == 0.0
    assert kept[1.0] == pytest.approx(captured_share(1.0, 24.0, 5.0, 3.0, 2.0)[1], rel=0.06)


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


def test_time_code_changes_with_a_day_and_not_with_an_hour() -> None:
    codes = {
        hours: set(time_code(np.uint64(3), hours, 24, 16.0, 336.0, 100))
        for hours in (0.0, 1.0, 24.0, 240.0)
    }
    assert len(codes[0.0] & codes[1.0]) >= 18
    assert len(codes[0.0] & codes[24.0]) <= 12


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
