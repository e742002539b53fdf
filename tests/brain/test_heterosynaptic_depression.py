"""Heterosynaptic depression: granule cells that learned turn away from other input."""

# mypy: allow-untyped-calls
from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engramlab as lab
from engramlab.brain import Brain
from engramlab.brain.mechanism import RATE
from engramlab.brain.mechanisms.heterosynaptic_depression import (
    elapse,
    end_session,
    learn,
    turn_away,
)
from engramlab.engine.network import unwired_network
from engramlab.measures import overlap_over_chance
from engramlab.protocol import Protocol


@pytest.mark.parametrize("learning_rate", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("modulation", [0.15, 1.35])
def test_cells_are_weakened_as_their_inputs_are_potentiated(
    learning_rate: float, modulation: float
) -> None:
    brain = Brain().with_parameters({"EC-DG.learning_rate": learning_rate})
    network = unwired_network(brain, 0)
    dentate = network.region[1]
    rate, weakening = network.neuron[RATE], np.zeros(network.neuron.shape[1], np.float32)
    rate[:] = 1.0
    rate[dentate["start"] : dentate["start"] + 3] = [0.1, 0.5, 1.0]
    for _ in range(2):
        learn(network, rate, weakening, np.array([modulation]), 0.45)
    step = 0.45 * learning_rate * modulation
    expected = [0.0, 1 - (1 - 0.5 * step) ** 2, 1 - (1 - step) ** 2]
    np.testing.assert_allclose(
        weakening[dentate["start"] : dentate["start"] + 3], expected, rtol=1e-5
    )
    assert not weakening[: dentate["start"]].any()
    assert not weakening[dentate["stop"] :].any()


def test_depression_counts_from_the_end_of_the_session() -> None:
    weakened, weakening = np.array([0.1, 0.0], np.float32), np.array([0.4, 0.0], np.float32)
    drive = np.array([2.0, 2.0], np.float32)
    turn_away(drive, weakened, 0.5)
    np.testing.assert_allclose(drive, [1.9, 2.0], rtol=1e-6)
    end_session(weakened, weakening)
    drive[:] = 2.0
    turn_away(drive, weakened, 0.5)
    np.testing.assert_allclose(drive, [1.6, 2.0], rtol=1e-6)


@given(st.lists(st.floats(0.1, 500), min_size=1, max_size=5))
def test_it_fades_over_months_however_the_time_is_split(gaps: list[float]) -> None:
    weakened, weakening = np.array([0.8], np.float32), np.array([0.6], np.float32)
    for hours in gaps:
        elapse(weakened, weakening, hours, 60.0)
    lost = np.exp(-sum(gaps) / 24 / 60)
    np.testing.assert_allclose([weakened[0], weakening[0]], [0.8 * lost, 0.6 * lost], rtol=1e-4)


PLACES = Protocol.create(
    name="places",
    contexts={"A": {}, "S": {"similar_to": "A", "similarity": 0.5}},
    groups={"g": {}},
    timeline=[
        {"do": "session", "name": "visit", "at_hours": 0, "context": "A", "minutes": 5},
        *(
            {
                "do": "session",
                "name": name,
                "at_days": 1,
                "context": name,
                "minutes": 3,
                "probe": True,
            }
            for name in ("A", "S")
        ),
    ],
)


@cache
def overlap(share: float) -> float:
    """Mean overlap over chance of DG cells in A and in the similar place, a day after A."""
    brain = Brain().with_parameters(heterosynaptic_share=share)
    run = lab.run(PLACES, animals=4, seed=2, workers=1, brain=brain)
    dentate = run.data.isel(neuron=np.flatnonzero(run.data.region == "DG"))
    active = dentate.ieg > 0.5
    return float(
        np.mean(
            [
                overlap_over_chance(active.sel(session="A")[i], active.sel(session="S")[i])
                for i in range(4)
            ]
        )
    )


def test_similar_places_call_up_fewer_cells_in_common() -> None:
    assert overlap(0.8) < overlap(0.4) < overlap(0.0)
