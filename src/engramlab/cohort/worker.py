"""What runs inside a worker process. Imports nothing heavy: `start_worker` comes first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def start_worker() -> None:
    """Prepare a worker: one thread, deaf to Ctrl-C, never outliving the process that began it."""
    # Read by Numba when it is imported, which in a fresh worker happens with its first animal.
    os.environ["NUMBA_NUM_THREADS"] = "1"
    # Ctrl-C reaches the whole terminal group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent is gone: a killed run leaves no orphans."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
