"""Drive through synapses: matrix products, light's synchrony and silent synapses, closed paths."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
import pytest
from networks import (
    PROJECTIONS,
    REGIONS,
    activate,
    dense,
    fill,
    network,
    parameter,
    place,
    row,
    rows,
    signal,
)
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH, NEVER, RATE, SETTLED
from engramlab.engine.circuit import drive, feed_forward, respond
from engramlab.engine.network import Network

LIT = np.float32(parameter("light_rate"))
POWER = parameter("coincidence_power")


def driven(built: Network, projection: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Base and learned drive through a projection."""
    q = PROJECTIONS.index(projection)
    post = built.region[built.projection[q]["post"]]
    cells = int(post["stop"] - post["start"])
    base, learned = np.zeros(cells, np.float32), np.zeros(cells, np.float32)
    drive(built, np.int64(q), base, learned)
    return base, learned


def synchrony(built: Network, region: str) -> float:
    return float(built.region[REGIONS.index(region)]["synchrony"])


def set_synchrony(built: Network, region: str, value: float) -> None:
    built.region[REGIONS.index(region)]["synchrony"] = value


@pytest.mark.parametrize("projection", ["CA3-CA1", "CA1-BLA", "EC-BLA", "PFC-PFC", "PFC-BLA"])
@pytest.mark.parametrize(("lit", "asleep"), [(0.0, 0.0), (0.6, 0.0), (1.0, 0.0), (1.0, 1.0)])
def test_drive_is_the_matrix_product(projection: str, lit: float, asleep: float) -> None:
    built = network()
    q = PROJECTIONS.index(projection)
    pre, _ = activate(built, q)
    fill(built, FRESH)
    built.silent[:] *= 2
    random = np.random.default_rng(4)
    built.rows["stamp"] = random.uniform(0, 48, built.rows.size)
    built.rows["state"] = random.choice([NEVER, SETTLED, FRESH], built.rows.size)
    signal(built, "clock")[0], signal(built, "asleep")[0] = 48.0, asleep
    set_synchrony(built, projection.partition("-")[0], lit)
    p = built.projection[q]
    own = built.rows[rows(built, q)]
    age = (48 - own["stamp"])[:, np.newaxis]
    learns = (own["state"] != NEVER)[:, np.newaxis]
    posts = np.arange(dense(built, q, built.base).shape[1])
    kept = np.exp(-age * np.where(posts < p["split"], p["forget"], p["forget_more"]))
    strength = dense(built, q, built.labile) + kept * dense(built, q, built.protected)
    if projection.startswith("PFC") and not asleep:  # what cortex knows is heard as it matures
        maturity = row(built, "maturity")[place("PFC")]
        maturity[:] = random.uniform(0, 1, maturity.size)
        strength *= maturity[:, np.newaxis]
    passed = 0 if asleep else lit**POWER
    silent = passed * np.exp(-age * p["retract"]) * dense(built, q, built.silent)
    fired = np.where(pre > 0.02, pre, 0).astype(float)
    base, learned = driven(built, projection)
    np.testing.assert_allclose(base, fired @ dense(built, q, built.base), rtol=1e-4)
    expected = fired @ (learns * np.maximum(strength, silent))
    np.testing.assert_allclose(learned, expected, rtol=1e-4)


def test_only_valence_projections_forget_faster_on_positive_cells() -> None:
    for p, name in zip(network().projection, PROJECTIONS, strict=True):
        if name.endswith("-BLA"):
            assert p["split"] == 150
            days = parameter("forget_tau_positive_days")
            assert p["forget_more"] == pytest.approx(1 / (24 * days))
            assert p["forget_more"] > p["forget"]
        else:
            assert p["forget_more"] == p["forget"]


def test_without_maturation_cortex_is_heard_from_the_first_night() -> None:
    built, without = network(), network(brain=Brain().without("cortical_maturation"))
    for one in (built, without):
        activate(one, PROJECTIONS.index("PFC-BLA"))
        fill(one, SETTLED)
    assert not driven(built, "PFC-BLA")[1].any()
    row(built, "maturity")[place("PFC")] = 1.0
    np.testing.assert_array_equal(driven(built, "PFC-BLA"), driven(without, "PFC-BLA"))


def cortex_responds(brain: Brain, asleep: float) -> NDArray[np.bool_]:
    """Which PFC cells fire on learned input alone, where every other cell is mature."""
    built = network(brain=brain)
    activate(built, PROJECTIONS.index("EC-PFC"))
    fill(built, SETTLED)
    built.base[:] = 0.0
    row(built, "maturity")[place("PFC")][::2] = 1.0
    signal(built, "asleep")[0] = asleep
    region = np.int64(REGIONS.index("PFC"))
    row(built, "rate")[place("PFC")] = 0.0
    respond(built, region, np.int64(region + 1), np.uint64(1))
    return np.asarray(row(built, "rate")[place("PFC")] > 0.05)


def test_immature_cortical_cells_do_not_hear_what_their_inputs_learned() -> None:
    brain = Brain().with_parameters({"EC-PFC.learned_drive": 4.0})
    awake = cortex_responds(brain, asleep=0.0)
    assert awake[::2].any()
    assert not awake[1::2].any()
    for everywhere in (
        cortex_responds(brain, asleep=1.0),
        cortex_responds(brain.without("cortical_maturation"), asleep=0.0),
    ):
        assert everywhere[1::2].any()


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_a_closed_projection_passes_nothing(projection: str) -> None:
    built = network()
    activate(built, PROJECTIONS.index(projection))
    fill(built, FRESH)
    row(built, "maturity")[:] = 1.0
    assert driven(built, projection)[1].any()
    built.projection["open"][PROJECTIONS.index(projection)] = False
    assert not np.array(driven(built, projection)).any()


def silent_network() -> Network:
    """Connectivity without strength, as an amnesic engram has it."""
    built = network()
    fill(built, SETTLED)
    built.labile[:] = 0.0
    built.protected[:] = 0.0
    return built


@pytest.mark.parametrize("projection", ["EC-DG", "CA3-CA3", "CA3-CA1", "CA1-BLA"])
def test_silent_synapses_pass_nothing_without_synchrony(projection: str) -> None:
    built = silent_network()
    activate(built, PROJECTIONS.index(projection))
    assert not driven(built, projection)[1].any()
    set_synchrony(built, projection.partition("-")[0], 0.5)
    half = driven(built, projection)[1]
    assert half.any()
    set_synchrony(built, projection.partition("-")[0], 1.0)
    np.testing.assert_allclose(driven(built, projection)[1], 2**POWER * half, rtol=1e-5)
    signal(built, "asleep")[0] = 1.0
    assert not driven(built, projection)[1].any()


def sum_of_drives(built: Network, region: str) -> None:
    """Let a region take in what all regions before it send."""
    number = REGIONS.index(region)
    cells = int(built.region[number]["stop"] - built.region[number]["start"])
    feed_forward(built, np.int64(number), *np.zeros((2, cells), np.float32))


def test_synchrony_is_passed_on_by_the_share_of_the_drive_that_carries_it() -> None:
    built = network()
    set_synchrony(built, "CA1", 0.8)
    sum_of_drives(built, "PFC")
    assert synchrony(built, "PFC") == 0  # nothing fires
    built.neuron[RATE][place("CA1")][:30] = 1.0
    sum_of_drives(built, "PFC")
    assert synchrony(built, "PFC") == pytest.approx(0.8)  # all drive comes from CA1
    built.neuron[RATE][place("EC")][:50] = 1.0
    from_CA1, from_EC = (float(driven(built, f"{pre}-PFC")[0].sum()) for pre in ("CA1", "EC"))
    sum_of_drives(built, "PFC")
    assert synchrony(built, "PFC") == pytest.approx(0.8 * from_CA1 / (from_CA1 + from_EC))
    built.projection["open"][PROJECTIONS.index("CA1-PFC")] = False
    sum_of_drives(built, "PFC")
    assert synchrony(built, "PFC") == 0


def lit_dentate(built: Network, cells: int) -> None:
    """Let hippocampus respond to light on some cells of DG and to nothing else."""
    start = place("DG").start
    row(built, "light")[start : start + cells] = 1.0
    respond(built, np.int64(REGIONS.index("DG")), np.int64(REGIONS.index("BLA")), np.uint64(1))


def test_light_makes_synchrony_by_its_share_of_an_engram() -> None:
    built = silent_network()
    lit_dentate(built, int(built.region[REGIONS.index("DG")]["active"]) // 4)
    assert synchrony(built, "DG") == pytest.approx(0.25)
    built = silent_network()
    lit_dentate(built, 64)
    for region in ("DG", "CA3", "CA1"):  # nothing else drives them
        assert synchrony(built, region) == pytest.approx(1.0)
    assert np.all(row(built, "rate")[place("DG")][:64] == LIT)


def test_light_on_silenced_cells_makes_none() -> None:
    built = silent_network()
    row(built, "silenced")[place("DG")] = 1.0
    lit_dentate(built, 64)
    assert synchrony(built, "DG") == 0
    assert not row(built, "rate")[place("DG")].any()


def test_light_recalls_through_silent_synapses_what_natural_activity_does_not() -> None:
    """The same rates in CA3, once by light and once without: only the first reaches CA1."""
    q = PROJECTIONS.index("CA3-CA1")
    reached = {}
    for lit in (0.0, 1.0):
        built = silent_network()
        built.base[:] = 0.0
        built.silent[:] = 0.0
        p = built.projection[q]
        built.silent[p["synapse"] : p["synapse"] + p["cells"] * p["fan_out"]] = p["ceiling"]
        row(built, "rate")[place("CA3")][:40] = 1.0
        set_synchrony(built, "CA3", lit)
        region = np.int64(REGIONS.index("CA1"))
        respond(built, region, np.int64(region + 1), np.uint64(1))
        reached[lit] = float(row(built, "rate")[place("CA1")].sum())
    assert reached[0.0] == 0
    assert reached[1.0] > 0.5 * float(network().region[REGIONS.index("CA1")]["active"])
