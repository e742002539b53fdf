"""Records and experiments of random numbers, for any protocol."""

from __future__ import annotations

import numpy as np

from engramlab.brain import Brain
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.protocol import Protocol, schedule
from engramlab.record import Experiment


def random_records(protocol: Protocol, animals: int) -> list[AnimalRecord]:
    """Random records that fit a protocol and the default brain."""
    brain = Brain()
    neurons = sum(region.cells for region in brain.regions)
    records = []
    for number, group in enumerate(protocol.groups):
        sessions = schedule(protocol, group).sessions
        for animal in range(animals):
            random = np.random.default_rng((number, animal))
            shape = (len(sessions), neurons)
            ieg = random.random(shape) * (random.random(shape) < 0.2)
            cell_sets = {name: np.zeros(neurons, np.bool_) for name in protocol.cells}
            for name, cells in protocol.cells.items():
                here = brain.region_slices()[cells.region]
                cell_sets[name][here] = random.random(here.stop - here.start) < 0.1
            records.append(
                AnimalRecord(
                    group=group,
                    animal=animal,
                    key=int(random.integers(2**63)),
                    sessions=tuple(session.name for session in sessions),
                    freezing_by_moment=tuple(
                        random.random(session.moments, dtype=np.float32) * np.float32(100)
                        for session in sessions
                    ),
                    valence_by_moment=tuple(
                        random.random((session.moments, 2), dtype=np.float32)
                        for session in sessions
                    ),
                    ieg=ieg.astype(np.float32),
                    rate=(0.5 * ieg).astype(np.float32),
                    tags={name: random.random(neurons) < 0.1 for name in protocol.tags},
                    cell_sets=cell_sets,
                    strength=random.random(
                        (len(sessions), len(brain.projections), 3), dtype=np.float32
                    ),
                    state=random.random((len(sessions), len(STATE), neurons), dtype=np.float32),
                )
            )
    return records


def random_experiment(protocol: Protocol, animals: int) -> Experiment:
    """An experiment of random records, of seed 7."""
    return Experiment.from_records(random_records(protocol, animals), protocol, Brain(), seed=7)


def two_groups() -> Protocol:
    """Groups with different sessions, one of the same name in different places and hours."""
    return Protocol.create(
        name="two-groups",
        title="Two groups <b>with</b> different sessions & names",
        contexts={"A": {}, "B": {}},
        tags={"engram": {}},
        cells={
            "virus": {"region": "BLA", "population": "negative", "share": 0.2},
            "tagged": {"tagged": "engram", "region": "DG"},
            "others": {"region": "DG", "as_many_as": "tagged", "outside": "tagged"},
        },
        groups={"fear": {}, "safe": {"title": "never shocked"}},
        timeline=[
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            {
                "do": "session",
                "name": "training",
                "at_hours": 0,
                "context": "A",
                "minutes": 3,
                "shocks": {"at_minutes": [1], "shock_mA": 0.7},
                "groups": ["fear"],
            },
            {
                "do": "session",
                "name": "training",
                "at_hours": 5,
                "context": "B",
                "minutes": 1.5,
                "groups": ["safe"],
            },
            {
                "do": "session",
                "name": "probe-at-tag",
                "at_hours": 0.5,
                "context": "B",
                "minutes": 1,
                "probe": True,
                "groups": ["fear"],
            },
            {"do": "session", "name": "exit", "at_days": 1, "context": "B", "minutes": 1},
            {
                "do": "session",
                "name": "test",
                "at_days": 1,
                "context": "A",
                "minutes": 2,
                "probe": True,
            },
        ],
    )
