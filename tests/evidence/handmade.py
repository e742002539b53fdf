"""Records made by hand, on which the value of every measure is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from engramlab.evidence.reading import Reading
from engramlab.protocol import Protocol
from engramlab.protocol.quantities import MOMENT_MINUTES
from engramlab.protocol.schedule import schedule

# Ten cells: four of DG, six of BLA, three in each half.
REGION = np.array(["DG"] * 4 + ["BLA"] * 6)
POPULATION = np.array([""] * 4 + ["negative"] * 3 + ["positive"] * 3)
STATES = ("excitability", "protein", "chromatin", "input_strength", "feedforward")
PROJECTIONS = ("CA3-CA1", "CA1-BLA")


def protocol(**changes: Any) -> Protocol:
    """Two groups; training labels cells; a test with tones, and one in another place."""
    content: dict[str, Any] = {
        "name": "handmade",
        "contexts": {"A": {}, "B": {}},
        "cues": {"tone": {}, "noise": {}},
        "tags": {"engram": {}},
        "cells": {
            "chosen": {"region": "BLA", "population": "negative", "share": 0.34},
            "engram-DG": {"tagged": "engram", "region": "DG"},
        },
        "groups": {"one": {}, "two": {}},
        "timeline": [
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 2},
            {
                "do": "session",
                "name": "test",
                "at_hours": 24,
                "context": "A",
                "minutes": 2,
                "probe": True,
                "cue": [
                    {"name": "tone", "at_minutes": [0.5, 1.5]},
                    {"name": "noise", "at_minutes": [1]},
                ],
            },
            {
                "do": "session",
                "name": "other",
                "at_hours": 24,
                "context": "B",
                "minutes": 2,
                "probe": True,
            },
        ],
    }
    return Protocol.create(**{**content, **changes})


def record(
    plan: Protocol | None = None, animals: int = 4, seed: int = 0, **given: Any
) -> xr.Dataset:
    """A record of `plan` with random values, but for the variables that are `given`."""
    plan = plan or protocol()
    random = np.random.default_rng(seed)
    groups = [group for group in plan.groups for _ in range(animals)]
    sessions = list(
        dict.fromkeys(s.name for group in plan.groups for s in schedule(plan, group).sessions)
    )
    moments = round(2 / MOMENT_MINUTES)
    n, s, cells = len(groups), len(sessions), REGION.size
    by_moment = random.uniform(0, 100, (n, s, moments)).astype(np.float32)
    valence = random.random((n, s, moments, 2), np.float32)
    values: dict[str, tuple[tuple[str, ...], Any]] = {
        "freezing_by_moment": (("animal", "session", "moment"), by_moment),
        "freezing": (("animal", "session"), by_moment.mean(axis=2, dtype=np.float64)),
        "valence_by_moment": (("animal", "session", "moment", "half"), valence),
        "valence_negative": (("animal", "session"), valence[..., 0].mean(2, dtype=np.float64)),
        "valence_positive": (("animal", "session"), valence[..., 1].mean(2, dtype=np.float64)),
        "ieg": (("animal", "session", "neuron"), random.random((n, s, cells), np.float32)),
        "rate": (("animal", "session", "neuron"), random.random((n, s, cells), np.float32)),
        "tagged": (("animal", "tag", "neuron"), random.random((n, len(plan.tags), cells)) < 0.5),
        "in_cell_set": (
            ("animal", "cell_set", "neuron"),
            np.zeros((n, len(plan.cells), cells), np.bool_),
        ),
        "neuron_state": (
            ("animal", "session", "state", "neuron"),
            random.random((n, s, len(STATES), cells), np.float32),
        ),
    }
    for name in ("strength", "connectivity", "strength_to_others"):
        dims = ("animal", "session", "projection")
        values[name] = (dims, random.random((n, s, len(PROJECTIONS)), np.float32))
    for name, array in given.items():
        known_dims, old = values[name]
        values[name] = (known_dims, np.broadcast_to(np.asarray(array, old.dtype), old.shape))
    return xr.Dataset(
        values,
        coords={
            "group": ("animal", np.array(groups)),
            "animal_number": ("animal", np.tile(np.arange(animals), len(plan.groups))),
            "session": np.array(sessions),
            "region": ("neuron", REGION),
            "population": ("neuron", POPULATION),
            "tag": np.array(list(plan.tags), np.str_),
            "cell_set": np.array(list(plan.cells), np.str_),
            "projection": np.array(PROJECTIONS),
            "state": np.array(STATES),
        },
    )


def reading(plan: Protocol | None = None, **given: Any) -> Reading:
    plan = plan or protocol()
    return Reading(record(plan, **given), plan)


def cells(*numbers: int) -> Any:
    """Mask of cells by number."""
    return np.isin(np.arange(REGION.size), numbers)
