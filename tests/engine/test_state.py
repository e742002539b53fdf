"""What is recorded of neurons and of an engram's synapses, against matrices."""

from __future__ import annotations

import numpy as np
import pytest
from networks import (
    PROJECTIONS,
    REGIONS,
    dense,
    fill,
    network,
    place,
    row,
    signal,
)
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH, NEVER, SETTLED
from engramlab.engine.animal_record import STATE
from engramlab.engine.network import Network
from engramlab.engine.state import neuron_state
from engramlab.engine.strength import engram_strength


def learned() -> Network:
    built = network()
    fill(built, FRESH)
    random = np.random.default_rng(2)
    built.rows["state"] = random.choice([NEVER, SETTLED, FRESH], built.rows.size)
    built.rows["stamp"] = random.uniform(0, 100, built.rows.size)
    signal(built, "clock")[0] = 200.0
    return built


def now(built: Network, q: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength and connectivity of a projection at this hour, as matrices."""
    p = built.projection[q]
    own = built.rows[p["row"] : p["row"] + p["cells"]]
    age = (200 - own["stamp"])[:, np.newaxis]
    known = (own["state"] != NEVER)[:, np.newaxis]
    positive = np.arange(dense(built, q, built.base).shape[1]) >= p["split"]
    kept = np.exp(-age * np.where(positive, p["forget_more"], p["forget"]))
    strength = dense(built, q, built.labile) + kept * dense(built, q, built.protected)
    return known * strength, known * np.exp(-age * p["retract"]) * dense(built, q, built.silent)


def test_neuron_state_has_the_rows_it_names() -> None:
    built = learned()
    random = np.random.default_rng(3)
    for name in ("protein", "chromatin", "feedforward", "trait", "drift", "virus_creb"):
        row(built, name)[:] = random.random(built.neuron.shape[1])
    state = dict(zip(STATE, neuron_state(built), strict=True))
    for name in ("protein", "chromatin", "feedforward"):
        np.testing.assert_array_equal(state[name], row(built, name))
    open_cells = Brain().parameters["chromatin_drive"] * row(built, "chromatin")
    sources = row(built, "trait") + row(built, "drift") + row(built, "virus_creb") + open_cells
    np.testing.assert_allclose(state["excitability"], sources, rtol=1e-5)


def test_input_strength_is_the_mean_share_over_all_inputs_that_learn() -> None:
    built = learned()
    expected = np.zeros(built.neuron.shape[1])
    for q, projection in enumerate(Brain().projections):
        if projection.learned_drive and not projection.sleep_only:
            inputs = built.projection[q]["cells"] * projection.density
            strength = now(built, q)[0].sum(axis=0) / built.projection[q]["ceiling"]
            expected[place(projection.post)] += strength / inputs
    found = neuron_state(built)[STATE.index("input_strength")]
    np.testing.assert_allclose(found, expected, rtol=5e-3)  # fan-out is a whole number
    assert not found[place("EC")].any()
    saturated = network()
    q = PROJECTIONS.index("CA3-CA1")
    p = saturated.projection[q]
    part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
    saturated.labile[part] = p["ceiling"]
    saturated.rows["state"][p["row"] : p["row"] + p["cells"]] = FRESH
    mean = neuron_state(saturated)[STATE.index("input_strength")][place("CA1")].mean()
    assert mean == pytest.approx(1, rel=1e-5)


def test_strength_within_an_engram_and_from_it_to_others() -> None:
    built = learned()
    member = np.asarray(np.random.default_rng(5).random(built.neuron.shape[1]) < 0.1)
    found = engram_strength(built, member)
    assert found.shape == (len(PROJECTIONS), 3)
    for q, name in enumerate(PROJECTIONS):
        p = built.projection[q]
        if p["ceiling"] == 0:
            assert not found[q].any()
            continue
        pre, _, post = name.partition("-")
        first = place(pre).start + int(p["first_cell"])
        own = member[first : first + int(p["cells"])][:, np.newaxis]
        there = member[place(post)][np.newaxis, :]
        wired = dense(built, q, np.ones_like(built.base)) > 0
        strength, contacts = now(built, q)
        among, outward = wired & own & there, wired & own & ~there
        means = (strength[among].mean(), contacts[among].mean(), strength[outward].mean())
        np.testing.assert_allclose(found[q], np.array(means) / p["ceiling"], rtol=1e-4)


def test_an_engram_of_no_cells_has_no_strength() -> None:
    built = learned()
    assert not engram_strength(built, np.zeros(built.neuron.shape[1], np.bool_)).any()
    everyone = engram_strength(built, np.ones(built.neuron.shape[1], np.bool_))
    assert not everyone[:, 2].any()  # there are no others
    assert everyone[REGIONS.index("CA1"), 0] > 0
