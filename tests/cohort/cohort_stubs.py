"""Stand-ins for the engine: quick animals, slow animals, animals that fail. Run in workers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from engramlab.brain import Brain
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.errors import Problem, ProtocolError
from engramlab.protocol import Protocol
from engramlab.randomness import derive_key

# Where a stub leaves traces for its test; inherited by worker processes.
TRACES = "ENGRAMLAB_TEST_TRACES"

learned: list[str] = []  # what this process has come to know since it began


def what_is_learned() -> list[str]:
    return learned


def quick(protocol: Protocol, group: str, animal: int, seed: int, brain: Brain) -> AnimalRecord:
    """Random arrays that depend on (seed, group, animal) alone, with odd values among them."""
    key = derive_key(seed, group, animal)
    random = np.random.default_rng(key)
    moments, neurons = (4, 6), 11
    ieg = random.random((2, neurons), dtype=np.float32)
    ieg[0, :3] = (np.nan, -0.0, np.finfo(np.float32).tiny)
    return AnimalRecord(
        group=group,
        animal=animal,
        key=key,
        sessions=("training", "recall – day 1"),
        freezing_by_moment=tuple(random.random(n, dtype=np.float32) for n in moments),
        valence_by_moment=tuple(random.random((n, 2), dtype=np.float32) for n in moments),
        ieg=ieg,
        rate=random.random((2, neurons), dtype=np.float32),
        tags={"engram": random.random(neurons) < 0.5},
        cell_sets={"engram/DG": random.random(neurons) < 0.5, "none": np.zeros(neurons, bool)},
        strength=random.random((2, 3, 3), dtype=np.float32),
        state=random.random((2, len(STATE), neurons), dtype=np.float32),
    )


def leave_trace(name: str) -> None:
    (Path(os.environ[TRACES]) / f"{name}-{os.getpid()}").touch()


def traced(protocol: Protocol, group: str, animal: int, seed: int, brain: Brain) -> AnimalRecord:
    leave_trace(f"{group}-{animal}")
    return quick(protocol, group, animal, seed, brain)


def last_first(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain
) -> AnimalRecord:
    """Finish in another order than begun."""
    time.sleep(0.2 if animal == 0 else 0.0)
    return quick(protocol, group, animal, seed, brain)


def slow(protocol: Protocol, group: str, animal: int, seed: int, brain: Brain) -> AnimalRecord:
    leave_trace("begun")
    time.sleep(60)
    return quick(protocol, group, animal, seed, brain)


def faulty(protocol: Protocol, group: str, animal: int, seed: int, brain: Brain) -> AnimalRecord:
    if (group, animal) == ("fear", 1):
        raise ZeroDivisionError("no synapses")
    return quick(protocol, group, animal, seed, brain)


def impossible(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain
) -> AnimalRecord:
    problems = [
        Problem("light on 'engram'", "the tag is empty", "a longer tag window"),
        Problem("session 'x'", "y"),
    ]
    raise ProtocolError(problems)


def killed_once(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain
) -> AnimalRecord:
    """Die like a process that the kernel's out-of-memory killer chose, but only once."""
    marker = Path(os.environ[TRACES]) / "killed"
    if animal == 2 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(protocol, group, animal, seed, brain)


def killed_on_a_cluster(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain
) -> AnimalRecord:
    """Leave a trace, take a moment, and die once, of the third animal."""
    leave_trace(f"{group}-{animal}")
    time.sleep(0.05)
    return killed_once(protocol, group, animal, seed, brain)


def deadly(protocol: Protocol, group: str, animal: int, seed: int, brain: Brain) -> AnimalRecord:
    """Kill every worker that runs the third animal."""
    if animal == 2:
        time.sleep(1)  # a nanny gives up on a worker that dies before it has seen it start
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(protocol, group, animal, seed, brain)
