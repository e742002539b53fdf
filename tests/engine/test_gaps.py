"""Hours between sessions: fading, capture, slow decay, and that a gap may be split."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import (
    PROJECTIONS,
    SCHAFFER,
    activate,
    copy,
    dense,
    fill,
    network,
    parameter,
    row,
    signal,
    synapses,
)
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH, NEVER, SETTLED
from engramlab.brain.mechanisms.hebbian_learning import potentiate
from engramlab.brain.mechanisms.protein_capture import captured_share
from engramlab.engine.circuit import begin_moment
from engramlab.engine.gap import bring_to_date, pass_time
from engramlab.engine.network import Network

LABILE_TAU = parameter("labile_tau_hours")


def learned(key: int = 1, brain: Brain | None = None) -> Network:
    """Labile strength in one projection."""
    built = network(key, brain)
    activate(built, SCHAFFER)
    potentiate(built, np.int64(SCHAFFER), 0.5)
    return built


def wait(built: Network, gaps: Sequence[float]) -> None:
    for hours in gaps:
        pass_time(built, hours)


def test_labile_strength_fades_and_settled_rows_are_left_alone() -> None:
    built = learned()
    total = built.labile.sum()
    pass_time(built, 5.0)
    assert built.labile.sum() == pytest.approx(total * math.exp(-5 / LABILE_TAU), rel=1e-4)
    assert not built.protected.any()
    pass_time(built, 400.0)
    assert not built.labile.any()
    assert not (built.rows["state"] == FRESH).any()
    assert (built.rows["state"] == SETTLED).any()


def test_no_time_changes_nothing() -> None:
    built = learned()
    before = copy(built)
    pass_time(built, 0.0)
    for part, old in zip(built, before, strict=True):
        np.testing.assert_array_equal(part, old)


@pytest.mark.parametrize("block", [0.0, 0.6, 1.0])
def test_protein_decides_what_lasts_and_anisomycin_what_does_not(block: float) -> None:
    built = learned()
    row(built, "protein")[:] = 1.0
    row(built, "capture_tag")[:] = 1.0
    row(built, "synthesis_block")[:] = block
    before = dense(built, SCHAFFER, built.labile)
    pass_time(built, 24.0)
    tau = 1 / (1 / parameter("protein_tau_hours") + 1 / parameter("tag_tau_hours"))
    fate = 24.0, 1 / LABILE_TAU, tau, parameter("capture_per_hour")
    survival, _ = captured_share(1.0 - block, *fate)
    # What is captured is forgotten from then on: solved in small steps of time.
    hours = np.linspace(0, 24, 20_001)
    parts = [captured_share(1.0 - block, hour, *fate[1:])[1] for hour in hours]
    kept = np.exp(-(24 - hours) * built.projection[SCHAFFER]["forget"])
    captured = float(np.sum(np.diff(parts) * 0.5 * (kept[1:] + kept[:-1])))
    protected = dense(built, SCHAFFER, built.protected)
    np.testing.assert_allclose(protected, captured * before, rtol=1e-4)
    np.testing.assert_allclose(dense(built, SCHAFFER, built.labile), survival * before, rtol=1e-4)
    assert protected.any() == (block < 1)


def test_each_neuron_captures_with_its_own_protein() -> None:
    built = learned()
    post = built.region[built.projection[SCHAFFER]["post"]]
    makers = np.arange(400) % 2 == 0
    row(built, "protein")[post["start"] : post["stop"]] = makers
    row(built, "capture_tag")[:] = 1.0
    pass_time(built, 12.0)
    protected = dense(built, SCHAFFER, built.protected)
    assert protected[:, makers].any()
    assert not protected[:, ~makers].any()


@given(st.lists(st.floats(0.1, 30), min_size=2, max_size=4))
@settings(max_examples=15)
def test_capture_may_be_split_where_nothing_is_forgotten(gaps: list[float]) -> None:
    pools = []
    for parts in (gaps, [sum(gaps)]):
        built = learned(brain=Brain().without("forgetting"))
        row(built, "protein")[:] = 0.8
        row(built, "restorage")[:] = 0.3
        row(built, "capture_tag")[:] = 0.7
        wait(built, parts)
        pools.append(
            (dense(built, SCHAFFER, built.labile), dense(built, SCHAFFER, built.protected))
        )
    ceiling = float(learned().projection[SCHAFFER]["ceiling"])
    np.testing.assert_allclose(pools[0][0], pools[1][0], atol=1e-3 * ceiling)
    np.testing.assert_allclose(pools[0][1], pools[1][1], atol=1e-3 * ceiling)


def test_capture_may_be_split_while_it_is_forgotten() -> None:
    protected = []
    for gaps in ([24.0], [2.0] * 12):
        built = learned()
        row(built, "protein")[:] = 1.0
        row(built, "capture_tag")[:] = 1.0
        wait(built, gaps)
        protected.append(dense(built, SCHAFFER, built.protected).sum())
    assert protected[0] == pytest.approx(protected[1], rel=0.01)


@given(st.lists(st.sampled_from([0.25, 0.5, 1.0, 6.0, 100.0]), min_size=1, max_size=8))
@settings(max_examples=15)
def test_drift_has_the_same_bits_however_the_time_is_split(gaps: list[float]) -> None:
    split, whole = network(), network()
    for built in (split, whole):
        signal(built, "drift_key_high")[0], signal(built, "drift_key_low")[0] = 3.0, 5.0
    wait(split, gaps)
    wait(whole, [sum(gaps)])
    for built in (split, whole):
        begin_moment(built)
    assert row(whole, "drift").std() > 0
    np.testing.assert_array_equal(row(split, "drift"), row(whole, "drift"))


def old(state: int) -> Network:
    """Protected strength everywhere, nothing labile."""
    built = network()
    fill(built, state)
    built.labile[:] = 0.0
    return built


def expected_decay(built: Network, q: int, hours: float) -> NDArray[np.float64]:
    """Share of protected strength left onto every postsynaptic cell."""
    p = built.projection[q]
    posts = np.arange(dense(built, q, built.base).shape[1])
    return np.asarray(np.exp(-hours * np.where(posts < p["split"], p["forget"], p["forget_more"])))


@pytest.mark.parametrize("projection", ["CA3-CA1", "CA1-BLA", "PFC-BLA", "EC-PFC"])
@pytest.mark.parametrize("state", [SETTLED, FRESH])
@pytest.mark.parametrize("gaps", [[240.0], [1.0, 119.0, 120.0], [24.0] * 10])
def test_slow_decay_is_exponential_however_the_time_is_split(
    projection: str, state: int, gaps: list[float]
) -> None:
    """Days of decay, faster on positive cells, in rows touched in every gap and in none."""
    built, q = old(state), PROJECTIONS.index(projection)
    strength = dense(built, q, built.protected)
    contacts = dense(built, q, built.silent)
    kept = expected_decay(built, q, 240.0)
    wait(built, gaps)
    bring_to_date(built)
    np.testing.assert_allclose(dense(built, q, built.protected), kept * strength, rtol=1e-4)
    held = math.exp(-240 * built.projection[q]["retract"])
    np.testing.assert_allclose(dense(built, q, built.silent), held * contacts, rtol=1e-4)


def test_decay_depends_on_store_and_half() -> None:
    built = network()
    kept = {name: expected_decay(built, q, 240.0) for q, name in enumerate(PROJECTIONS)}
    hippocampus, cortex, fast = (
        parameter(f"forget_tau_{store}_days") for store in ("hippocampus", "cortex", "positive")
    )
    assert np.all(kept["CA3-CA1"] == pytest.approx(math.exp(-10 / hippocampus)))
    assert np.all(kept["EC-PFC"] == pytest.approx(math.exp(-10 / cortex)))
    negative, positive = kept["CA1-BLA"][:150], kept["CA1-BLA"][150:]
    assert np.all(negative == pytest.approx(math.exp(-10 / hippocampus)))
    assert np.all(positive == pytest.approx(math.exp(-10 / fast)))
    assert fast < hippocampus < cortex


def test_positive_cells_never_forget_more_slowly_than_others() -> None:
    slow = Brain().with_parameters(forget_tau_positive_days=200, forget_tau_hippocampus_days=5)
    p = network(brain=slow).projection[PROJECTIONS.index("CA1-BLA")]
    assert p["forget_more"] == p["forget"]


def test_bringing_to_date_changes_no_state_and_nothing_twice() -> None:
    built = network()
    fill(built, FRESH)
    built.rows["state"] = np.random.default_rng(1).choice([NEVER, SETTLED, FRESH], built.rows.size)
    states = built.rows["state"].copy()
    labile = built.labile.copy()
    signal(built, "clock")[0] = 100.0
    bring_to_date(built)
    np.testing.assert_array_equal(built.rows["state"], states)
    np.testing.assert_array_equal(built.labile, labile)
    assert np.all(built.rows["stamp"][states != NEVER] == 100)
    once = copy(built)
    bring_to_date(built)
    np.testing.assert_array_equal(built.protected, once.protected)


def test_what_is_off_does_not_forget() -> None:
    built = network(brain=Brain().without("forgetting"))
    fill(built, SETTLED)
    before = copy(built)
    wait(built, [1000.0])
    bring_to_date(built)
    part = synapses(built, SCHAFFER)
    np.testing.assert_array_equal(built.protected[part], before.protected[part])
    np.testing.assert_array_equal(built.silent[part], before.silent[part])


def test_protected_strength_may_be_forgotten_as_fast_as_labile_strength_fades() -> None:
    """The slowest fading with the fastest forgetting that the ranges allow."""
    brain = Brain().with_parameters(labile_tau_hours=24, forget_tau_positive_days=1)
    built = network(1, brain)
    fill(built, FRESH)
    built.protected[:] = 0.0
    for name in ("protein", "capture_tag"):
        row(built, name)[:] = 1.0
    before = built.labile.copy()
    pass_time(built, 24.0)
    assert (built.protected > 0).all()
    assert (built.protected < before).all()
