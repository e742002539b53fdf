"""What the machine can do: bandwidth of memory, and of adding to scattered places."""

# mypy: allow-untyped-calls
from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engramlab.kernel import kernel


@kernel
def _triad(a, b, c):  # type: ignore[no-untyped-def]
    for i in range(a.size):
        a[i] = b[i] + np.float32(0.5) * c[i]


@kernel
def _scatter(out, index, weight, r):  # type: ignore[no-untyped-def]
    for k in range(index.size):
        out[index[k]] += r * weight[k]


def _clock_step() -> float:
    """Seconds by which the clock of CPU time moves: 10 ms on some virtual machines, else 1 us."""
    edge = before = time.process_time()
    while edge == before:
        edge = time.process_time()
    after = edge
    while after == edge:
        after = time.process_time()
    return after - edge


def fastest(work: Callable[[], Any], seconds: float = 1.0, least: int = 5) -> float:
    """Shortest CPU time of one call, over as many as fit the time: what others do to it least.

    Of all threads of this process, since some libraries work in threads of their own. Calls that
    the clock is too coarse for are timed several together.
    """
    together, worth_reading = 1, 20 * _clock_step()
    best, spent, reads = np.inf, 0.0, 0
    began = time.perf_counter()
    while reads < least or (spent < seconds and time.perf_counter() - began < 4 * seconds):
        start = time.process_time()
        for _ in range(together):
            work()
        took = time.process_time() - start
        if took < worth_reading:
            together *= 2
            continue
        best, spent, reads = min(best, took / together), spent + took, reads + 1
    return float(best)


def memory_bandwidth() -> float:
    """Bytes a second of one thread that adds arrays larger than the cache (STREAM triad)."""
    a, b, c = (np.ones(16_000_000, np.float32) for _ in range(3))
    _triad(a[:8], b[:8], c[:8])
    return 12 * a.size / fastest(lambda: _triad(a, b, c))


def scatter_bandwidth(cells: int, fan_out: int, rows: int) -> float:
    """Additions a second of one thread to random places among `cells`, from `rows` stored rows.

    What a drive through stored synapses cannot exceed: index and weight are read in order, the
    places are as scattered as those of random wiring.
    """
    random = np.random.default_rng(1)
    index = random.integers(0, cells, rows * fan_out).astype(np.uint32)
    weight, out = np.ones(index.size, np.float32), np.zeros(cells, np.float32)
    _scatter(out, index[:8], weight[:8], np.float32(1))
    return index.size / fastest(lambda: _scatter(out, index, weight, np.float32(1)))


def described() -> dict[str, Any]:
    """The machine and what else it does."""
    model = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            model = next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"processor": model, "cores": os.cpu_count(), "load": load}
