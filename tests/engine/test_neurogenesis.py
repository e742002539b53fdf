"""New granule cells: how many, what they lose, and that nothing else is touched."""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from networks import (
    PROJECTIONS,
    REGIONS,
    copy,
    fill,
    network,
    place,
    row,
    signal,
    synapses,
)
from numpy.typing import NDArray
from scipy import stats

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH
from engramlab.brain.synapses import LEVELS
from engramlab.engine.network import BASE_LOG_SD, Network, variable_index
from engramlab.engine.night import CLEARED, renew_dentate

DG = place("DG")
CLEARED_NAMES = {
    *("boost", "acquired_inhibition", "protein", "restorage", "capture_tag", "sensitised"),
    *("chromatin", "primed", "feedforward", "replay_tag", "replay_held", "habituation"),
    *("protein_message", "restorage_message", "synthesis_wait", "resistance", "glucocorticoid"),
    *("maturity", "weakened", "weakening"),
}


def grown_up(brain: Brain | None = None) -> Network:
    """A brain that has learned in all synapses and neurons."""
    built = network(brain=brain)
    fill(built, FRESH)
    for pool in (built.labile, built.protected, built.silent):
        pool[:] += np.float32(0.1)  # so that nothing is zero by chance
    built.neuron[:] = np.random.default_rng(1).uniform(0.1, 1, built.neuron.shape)
    return built


def with_rate(per_day: float) -> Brain:
    return Brain().with_parameters(neurogenesis_per_day=per_day)


def new_cells(built: Network) -> NDArray[np.bool_]:
    """Which neurons are new, seen from one of the variables that they lack."""
    return np.asarray(row(built, "boost") == 0)


@pytest.mark.parametrize(("per_day", "housing"), [(0.02, 1.0), (0.02, 3.0), (0.1, 10.0)])
def test_the_number_of_new_cells_is_binomial(per_day: float, housing: float) -> None:
    nights = 20
    built = grown_up(with_rate(per_day))
    signal(built, "housing")[0] = housing
    total = sum(renew_dentate(built, np.uint64(night)) for night in range(nights))
    share = min(1.0, per_day * housing)
    low, high = stats.binom.interval(1 - 1e-6, nights * 800, share)
    assert low <= total <= high
    assert new_cells(built)[DG].any()


def test_each_night_replaces_other_cells_and_the_same_key_the_same() -> None:
    found = []
    for key in (1, 1, 2):
        built = grown_up(with_rate(0.05))
        count = renew_dentate(built, np.uint64(key))
        assert count == new_cells(built).sum()
        found.append(new_cells(built))
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def of_new_cells(built: Network, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Synapses from or onto new cells."""
    mask = np.zeros(built.base.size, np.bool_)
    for q, name in enumerate(PROJECTIONS):
        pre, _, post = name.partition("-")
        p, part = built.projection[q], synapses(built, q)
        if post == "DG":
            mask[part] = new[DG][built.target[part]]
        elif pre == "DG":
            mask[part] = np.repeat(new[DG], p["fan_out"])
    return mask


def test_new_cells_have_learned_nothing_and_all_else_is_untouched() -> None:
    built = grown_up(with_rate(0.05).with_parameters(neurogenesis_remodelling=0))
    before = copy(built)
    renew_dentate(built, np.uint64(3))
    new = new_cells(built)
    assert 0 < new.sum() == new[DG].sum()
    mine = of_new_cells(built, new)
    for pool in ("labile", "protected", "silent"):
        now, then = getattr(built, pool), getattr(before, pool)
        assert not now[mine].any()
        np.testing.assert_array_equal(now[~mine], then[~mine])
    np.testing.assert_array_equal(built.base[~mine], before.base[~mine])
    for name in ("target", "rows", "region", "projection", "signal", "parameter"):
        np.testing.assert_array_equal(getattr(built, name), getattr(before, name))
    for name, v in variable_index().items():
        np.testing.assert_array_equal(built.neuron[v][~new], before.neuron[v][~new])
        expected = np.zeros(new.sum()) if name in CLEARED_NAMES else before.neuron[v][new]
        np.testing.assert_array_equal(built.neuron[v][new], expected)


def hippocampal(built: Network) -> NDArray[np.bool_]:
    """Synapses from or onto cells of DG, CA3 and CA1."""
    mask = np.zeros(built.base.size, np.bool_)
    for q, name in enumerate(PROJECTIONS):
        mask[synapses(built, q)] = bool({"DG", "CA3", "CA1"} & set(name.split("-")))
    return mask


@pytest.mark.parametrize("housing", [0.5, 3.0, 1000.0])
def test_hippocampus_is_remodelled_as_far_as_cells_are_new(housing: float) -> None:
    built = grown_up(with_rate(0.001).with_parameters(neurogenesis_remodelling=4))
    signal(built, "housing")[0] = housing
    row(built, "removal_block")[:] = 0.0
    before = copy(built)
    renew_dentate(built, np.uint64(3))
    old = ~of_new_cells(built, new_cells(built))
    inside, outside = old & hippocampal(built), ~hippocampal(built)
    keeps = max(0.0, 1 - 0.004 * housing)
    for pool in ("labile", "protected"):
        now, then = getattr(built, pool), getattr(before, pool)
        np.testing.assert_allclose(now[inside], keeps * then[inside], rtol=1e-5)
        np.testing.assert_array_equal(now[outside], then[outside])
    np.testing.assert_array_equal(built.silent[old], before.silent[old])


def test_remodelling_takes_nothing_where_removal_is_blocked() -> None:
    built = grown_up(with_rate(0.001))
    row(built, "removal_block")[:] = 0.0
    row(built, "removal_block")[place("CA1")] = 1.0
    before = copy(built)
    renew_dentate(built, np.uint64(3))
    for name, falls in (("CA3-CA1", False), ("CA3-CA3", True), ("CA1-BLA", True)):
        part = synapses(built, PROJECTIONS.index(name))
        assert (built.protected[part] < before.protected[part]).all() == falls
        assert (built.protected[part] == before.protected[part]).all() != falls


def test_what_is_cleared_is_named() -> None:
    names = {name for name, v in variable_index().items() if v in CLEARED}
    assert names == CLEARED_NAMES


def test_base_weights_of_new_cells_are_drawn_anew_from_the_same_distribution() -> None:
    built = grown_up(with_rate(0.1))
    signal(built, "housing")[0] = 10.0
    before = copy(built)
    assert renew_dentate(built, np.uint64(3)) == 800
    for name in ("EC-DG", "DG-CA3"):
        q = PROJECTIONS.index(name)
        now, then = (weights.base[synapses(built, q)] for weights in (built, before))
        assert (now == then).mean() < 2 / LEVELS  # by chance: so many weights differ
        mean = float(built.projection[q]["mean_weight"])
        logs = np.log(now / mean)
        assert now.mean() == pytest.approx(mean, rel=0.03)
        assert logs.std() == pytest.approx(BASE_LOG_SD, rel=0.02)
        assert abs(np.corrcoef(now, then)[0, 1]) < 0.02


def without_births(built: Network) -> None:
    signal(built, "housing")[0] = 0.0


@pytest.mark.parametrize(
    ("brain", "change"),
    [
        (with_rate(0), lambda _: None),
        (with_rate(0.1), without_births),
        (with_rate(0.1).without("neurogenesis"), lambda _: None),
    ],
)
def test_without_births_nothing_changes(brain: Brain, change: Callable[[Network], None]) -> None:
    built = grown_up(brain)
    change(built)
    before = copy(built)
    assert renew_dentate(built, np.uint64(3)) == 0
    for part, old in zip(built, before, strict=True):
        np.testing.assert_array_equal(part, old)


def test_only_the_dentate_gyrus_is_renewed() -> None:
    touched = {name for name in PROJECTIONS if "DG" in name.split("-")}
    assert touched == {"EC-DG", "DG-CA3"}
    built = grown_up(with_rate(0.1))
    renew_dentate(built, np.uint64(1))
    for region in set(REGIONS) - {"DG"}:
        assert not new_cells(built)[place(region)].any()
