"""Sizes of the brain: what stays, what grows; a larger brain behaves as the standard one."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
import pytest

from engramlab.brain import Brain
from engramlab.brain.sizes import SIZES
from engramlab.brain.synapses import LEVELS, wire_targets, wire_weights
from engramlab.engine import run_animal
from engramlab.engine.network import build_network, weight_quantiles
from engramlab.errors import ParameterError
from engramlab.protocol import load_protocol


def inputs(brain: Brain) -> dict[str, float]:
    """Active inputs of a cell that pass something before any learning, by projection."""
    regions = {region.name: region for region in brain.regions}
    return {p.name: p.density / p.stride * regions[p.pre].active for p in brain.projections}


@pytest.mark.parametrize("size", SIZES)
def test_a_cell_has_as_many_active_passing_inputs_in_every_size(size: str) -> None:
    standard, found = inputs(Brain()), inputs(Brain().sized(size))
    for name, number in standard.items():
        assert found[name] == pytest.approx(number, rel=0.35 if size == "mouse" else 1e-9), name


@pytest.mark.parametrize("size", SIZES)
def test_shares_of_active_cells_and_of_populations_are_kept(size: str) -> None:
    for region, standard in zip(Brain().sized(size).regions, Brain().regions, strict=True):
        assert region.active / region.cells == pytest.approx(standard.active / standard.cells)
        for name, (first, last) in standard.populations.items():
            share = (region.populations[name][1] - region.populations[name][0]) / region.cells
            assert share == pytest.approx((last - first) / standard.cells, rel=1e-3)


def test_a_mouse_has_the_cells_and_synapses_it_says() -> None:
    mouse = Brain().sized("mouse")
    assert sum(region.cells for region in mouse.regions) == 1_270_000
    assert mouse.synapses == pytest.approx(1.5e9, rel=0.05)
    assert mouse.digest() != Brain().digest()
    network = build_network(mouse, 1)
    held = sum(part.nbytes for part in network if part is not network.learned)
    assert held < 0.5e9  # of which its synapses take nothing
    assert network.target.size == network.base.size == 0


def test_stored_wiring_is_as_large_as_the_brain_says() -> None:
    assert build_network(Brain(), 1).target.size == Brain().synapses


def test_an_unknown_size_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match=r"no size 'rat'(.|\n)*'mouse'"):
        Brain().sized("rat")


@pytest.mark.parametrize(("cells", "fan_out"), [(400, 100), (300, 299), (50_000, 37), (7, 7)])
def test_targets_of_a_row_are_distinct_and_every_cell_is_as_likely(
    cells: int, fan_out: int
) -> None:
    arcs = np.array([k * cells // fan_out for k in range(fan_out + 1)], np.uint32)
    hits, rows = np.zeros(cells), 2000
    target = np.empty(fan_out, np.uint32)
    for key in np.random.default_rng(1).integers(0, 2**64, rows, np.uint64):
        wire_targets(key, arcs, cells, target)
        assert len(set(target.tolist())) == fan_out
        hits[target] += 1
    expected = rows * fan_out / cells
    # In-degrees are binomial: their variance is as expected, no cell is preferred.
    variance = expected * (1 - fan_out / cells)
    assert hits.mean() == pytest.approx(expected)
    assert hits.var() == pytest.approx(variance, rel=0.25, abs=1e-9)


def test_only_every_so_many_synapses_pass_activity_and_new_cells_get_other_weights() -> None:
    arcs = np.arange(0, 1001, 10, dtype=np.uint32)
    target, weight = np.empty(100, np.uint32), np.zeros(100, np.float32)
    key, quantile = np.uint64(123456789), weight_quantiles()
    wire_targets(key, arcs, 1000, target)
    generation = np.zeros(1000, np.uint16)
    wire_weights(key, 0, generation, 4, np.float32(2), quantile, target, weight)
    assert np.array_equal(np.flatnonzero(weight), np.arange(0, 100, 4))
    generation[target[8]] = 1
    renewed = np.zeros(100, np.float32)
    wire_weights(key, 0, generation, 4, np.float32(2), quantile, target, renewed)
    assert np.flatnonzero(renewed != weight).tolist() == [8]
    assert quantile.size == LEVELS
    assert quantile.mean() == pytest.approx(1)


def test_a_brain_of_ten_times_the_size_freezes_alike() -> None:
    protocol = load_protocol("artificial-recall")
    found = {}
    for size in ("standard", "x10"):
        brain = Brain().sized(size)
        records = [run_animal(protocol, "fear", n, 1, brain) for n in range(12)]
        found[size] = np.mean([[f.mean() for f in r.freezing_by_moment] for r in records], axis=0)
        active = np.mean([(r.ieg[0] > 0.3).mean() for r in records])
        found[size] = np.append(found[size], 100 * active)
    assert found["standard"].max() - found["standard"].min() > 40  # there is something to differ
    np.testing.assert_allclose(found["x10"], found["standard"], atol=12)
