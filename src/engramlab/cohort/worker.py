"""What runs inside a worker. Imports nothing heavy: `start_worker` comes first."""

from __future__ import annotations

import gc
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Callable
from typing import Any

from engramlab.errors import EngramlabError, Problem
from engramlab.garbage import look_seldom


def start_worker() -> None:
    """Prepare a worker process: one thread, deaf to Ctrl-C, never outliving who began it."""
    # Read by Numba when it is imported, which in a fresh worker happens with its first animal.
    os.environ["NUMBA_NUM_THREADS"] = "1"
    look_seldom()
    gc.freeze()  # what a fork has taken over is looked through by nobody, nor copied for it
    # Ctrl-C reaches the whole terminal group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork has taken over what its parent does
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent is gone: a killed run leaves no orphans."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class WorkersDifferError(EngramlabError):
    """A worker of the cluster would give other bits than this machine."""


def identity() -> str:
    """What decides the bits of an animal: the version, the sources and the compiler's versions."""
    from importlib.metadata import version

    from engramlab.kernel import sources_digest

    return f"engramlab {version('engramlab')}, engine {sources_digest()}"


def run_as_expected(expected: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function on a worker elsewhere, if it has the same engramlab as who asks.

    Asked with each piece of work, as workers may join at any time.

    Raises
    ------
    WorkersDifferError
    """
    found = identity()
    if found != expected:
        problem = Problem(
            f"worker on {platform.node()}",
            f"has {found}; this is {expected}",
            "the same versions of engramlab, NumPy and Numba on every worker as here",
        )
        raise WorkersDifferError(str(problem))
    return function(*arguments)
