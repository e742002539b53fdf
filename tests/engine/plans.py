"""Short experiments for tests, and what to compare in their records."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from engramlab.brain import Brain
from engramlab.engine import AnimalRecord
from engramlab.engine.animal_record import STATE
from engramlab.protocol import Protocol

SHOCKS = {"at_minutes": [2, 3], "shock_mA": 0.75}
TRAINING = {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 4}
PROJECTIONS = [projection.name for projection in Brain().projections]


def protocol(*steps: dict[str, Any], **changes: Any) -> Protocol:
    """A short experiment in A and B with a tag around training."""
    content: dict[str, Any] = {
        "name": "t",
        "contexts": {"A": {}, "B": {"similar_to": "A", "similarity": 0.5}, "C": {}},
        "cues": {"tone": {}, "lamp": {}},
        "tags": {"engram": {}, "unused": {}},
        "cells": {
            "DG": {"tagged": "engram", "region": "DG"},
            "random": {"region": "DG", "as_many_as": "DG", "outside": "DG"},
            "some": {"region": "BLA", "population": "negative", "share": 0.15},
            "three": {"region": "CA1", "ids": [0, 5, 7]},
        },
        "groups": {"g": {}},
        "timeline": [
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            {**TRAINING, "shocks": SHOCKS},
            *steps,
        ],
    }
    return Protocol.create(**{**content, **changes})


def probe(name: str, context: str = "A", days: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "do": "session",
        "name": name,
        "at_days": days,
        "context": context,
        "minutes": 2,
        "probe": True,
        **more,
    }


def inert(hour: float, hours: float) -> dict[str, Any]:
    """A step that does nothing, to stand where another group has one that does something.

    It divides the time in the same places, so that both groups get the same random numbers.
    """
    return {"do": "tag", "name": "unused", "at_hours": hour, "hours": hours}


def freezing(record: AnimalRecord, session: str) -> float:
    return float(record.freezing_by_moment[record.sessions.index(session)].mean())


def strength(record: AnimalRecord, session: str, projection: str) -> float:
    """Mean strength among cells of the first session's engram."""
    where = record.sessions.index(session), PROJECTIONS.index(projection)
    return float(record.strength[where][0])


def state(record: AnimalRecord, session: str, name: str) -> Any:
    """A state of every neuron at the start of a session."""
    return record.state[record.sessions.index(session), STATE.index(name)]


def same(first: AnimalRecord, second: AnimalRecord, session: str) -> bool:
    """Whether all numbers of a session are the same."""
    return _equal(first, second, session, ("valence_by_moment", "rate", "state", *BEHAVIOUR))


def alike(first: AnimalRecord, second: AnimalRecord, session: str) -> bool:
    """Whether freezing, active cells and strength are the same, whatever the molecules are."""
    return _equal(first, second, session, BEHAVIOUR)


def close(first: AnimalRecord, second: AnimalRecord, session: str) -> bool:
    """Whether all numbers of a session are the same up to rounding: 1e-4 of their range."""
    a, b = first.sessions.index(session), second.sessions.index(session)
    most = {"freezing_by_moment": 100.0}  # percent; all others are about 1 at most
    return all(
        np.allclose(
            getattr(first, name)[a],
            getattr(second, name)[b],
            rtol=0,
            atol=1e-4 * most.get(name, 1.0),
        )
        for name in ("valence_by_moment", "rate", "state", *BEHAVIOUR)
    )


BEHAVIOUR = ("freezing_by_moment", "ieg", "strength")


def _equal(first: AnimalRecord, second: AnimalRecord, session: str, names: tuple[str, ...]) -> bool:
    a, b = first.sessions.index(session), second.sessions.index(session)
    return all(np.array_equal(getattr(first, name)[a], getattr(second, name)[b]) for name in names)


def identical(first: AnimalRecord, second: AnimalRecord) -> bool:
    """Whether two records are the same in everything but the name of the group."""

    def equal(a: Any, b: Any) -> bool:
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a)
        if isinstance(a, tuple):
            return len(a) == len(b) and all(map(equal, a, b))
        return np.array_equal(a, b)

    names = [field.name for field in fields(AnimalRecord) if field.name != "group"]
    return all(equal(getattr(first, name), getattr(second, name)) for name in names)
