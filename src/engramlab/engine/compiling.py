"""Compiles the kernels of this machine once, in parts that can run side by side.

Without it every worker of a first run would compile everything for itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engramlab.brain import Brain
from engramlab.engine.assembly import phases
from engramlab.engine.features import Features
from engramlab.engine.gap import pass_time
from engramlab.engine.network import build_network, unwired_network
from engramlab.engine.night import renew_dentate, run_night
from engramlab.engine.session import run_moments
from engramlab.engine.state import neuron_state
from engramlab.engine.strength import engram_strength
from engramlab.kernel import cache_folder
from engramlab.protocol import Protocol


def compile_activity() -> None:
    """Compile what cells do in sessions and nights, which share most of it: half of all work."""
    with _compiling(compile_activity):
        network = unwired_network(Brain().with_parameters(replays_per_night=0), 0)
        run_moments(
            network,
            np.zeros((1, network.region[0]["stop"]), np.float32),
            np.zeros(network.region[0]["stop"], np.bool_),
            np.zeros(1),
            np.zeros(1),
            np.zeros((0, network.neuron.shape[1]), np.float32),
            np.zeros((0, 1), np.bool_),
            False,
            np.uint64(0),
            np.zeros(1),
            np.zeros((1, 2)),
        )
        neuron_state(network)
        run_night(network, np.uint64(0))


def compile_others() -> None:
    """Compile what birth, gaps and records need, by an animal that does nothing."""
    with _compiling(compile_others):
        network = build_network(Brain(), 0)
        phases().initialise(network, np.uint64(0))
        phases().end_session(network)
        engram_strength(network, np.zeros(network.neuron.shape[1], np.bool_))
        pass_time(network, 1.0)
        renew_dentate(network, np.uint64(0))
        plan = {"do": "session", "name": "s", "at_hours": 0, "context": "A", "minutes": 0.5}
        protocol = Protocol.create(
            name="compiling", contexts={"A": {}}, groups={"g": {}}, timeline=[plan]
        )
        Features(protocol, Brain(), 0).session("s", "A", 0.0, (None,))


@contextmanager
def _compiling(task: Callable[[], None]) -> Iterator[None]:
    """Leave a mark when all is compiled; compilers make much and throw little away."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # looking through all that once takes as long as compiling a large kernel
        gc.enable()
    _mark(task).touch()


def _mark(task: Callable[[], None]) -> Path:
    return cache_folder() / f"{task.__name__}.done"


def tasks_left() -> list[Callable[[], None]]:
    """Return what is not yet compiled on this machine, as tasks that can run side by side."""
    return [task for task in (compile_activity, compile_others) if not _mark(task).exists()]
