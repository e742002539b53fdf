"""Overshadowing: a place is feared less when a cue announced the shock, and in full without it."""

# mypy: allow-untyped-calls
from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import engramlab as lab
from engramlab.brain import Brain
from engramlab.brain.mechanisms.overshadowing import modulate
from engramlab.protocol import Protocol

SHOCKS = {"at_minutes": [2, 3], "shock_mA": 0.75}
TRAINING = {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 5}
SIGNALLED = Protocol.create(
    name="signalled",
    contexts={"A": {}},
    cues={"tone": {}},
    groups={"tone": {}, "alone": {}},
    timeline=[
        {
            **TRAINING,
            "shocks": SHOCKS,
            "cue": {"name": "tone", "at_minutes": [2, 3]},
            "groups": ["tone"],
        },
        {**TRAINING, "shocks": SHOCKS, "groups": ["alone"]},
        {
            "do": "session",
            "name": "place",
            "at_days": 1,
            "context": "A",
            "minutes": 3,
            "probe": True,
        },
    ],
)


@pytest.mark.parametrize(("cue_on", "share", "expected"), [(1, 0.6, 0.6), (0, 0.6, 0), (1, 0, 0)])
def test_a_cue_takes_its_share_of_attention(cue_on: float, share: float, expected: float) -> None:
    eclipsed = np.array([0.3])  # what is left of the moment before
    modulate(eclipsed, np.array([float(cue_on)]), share)
    assert eclipsed[0] == expected


@cache
def fear_of_place(share: float) -> dict[str, float]:
    """Mean freezing in the place of each group, of the same animals for every share."""
    brain = Brain().with_parameters(overshadowing_share=share)
    run = lab.run(SIGNALLED, animals=4, seed=5, workers=1, brain=brain)
    return {group: float(run.freezing["place"].xs(group).mean()) for group in ("tone", "alone")}


def test_the_place_behind_a_cue_is_feared_less_the_more_the_cue_takes() -> None:
    fears = [fear_of_place(share)["tone"] for share in (0.0, 0.5, 1.0)]
    assert fears[0] > fears[1] + 5
    assert fears[1] > fears[2]
    # With all attention on the cue nothing is learned about the place.
    assert fears[2] < 15


def test_a_place_without_a_cue_is_not_touched() -> None:
    assert fear_of_place(0.0)["alone"] == fear_of_place(1.0)["alone"]
