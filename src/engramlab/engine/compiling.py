"""Compiles the kernels of this machine once, in parts that can run side by side.

Without it every worker of a first run would compile everything for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engramlab.brain import Brain
from engramlab.engine.animal import run_animal
from engramlab.engine.gap import pass_time
from engramlab.engine.network import build_network
from engramlab.engine.night import renew_dentate, run_night
from engramlab.kernel import cache_folder
from engramlab.protocol import Protocol


def compile_sessions() -> None:
    """Compile what a session needs, by running the shortest one."""
    probe = {"do": "session", "name": "s", "at_hours": 0, "context": "A", "minutes": 0.5}
    plan = Protocol.create(
        name="compiling",
        contexts={"A": {}},
        groups={"g": {}},
        timeline=[{**probe, "probe": True}],
    )
    run_animal(plan, "g", 0, 0)
    _mark(compile_sessions).touch()


def compile_nights() -> None:
    """Compile what gaps and nights need, by a night without replay events."""
    network = build_network(Brain().with_parameters(replays_per_night=0), 0)
    pass_time(network, 1.0)
    renew_dentate(network, np.uint64(0))
    run_night(network, np.uint64(0))
    _mark(compile_nights).touch()


def _mark(task: Callable[[], None]) -> Path:
    return cache_folder() / f"{task.__name__}.done"


def tasks_left() -> list[Callable[[], None]]:
    """Return what is not yet compiled on this machine, as tasks that can run side by side."""
    return [task for task in (compile_sessions, compile_nights) if not _mark(task).exists()]
