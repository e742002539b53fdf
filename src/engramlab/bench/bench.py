"""Runs the task on every engine there is, checks that they agree, and compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from engramlab.bench.machine import described, fastest, memory_bandwidth, scatter_bandwidth
from engramlab.bench.others import NEEDS, OTHERS
from engramlab.bench.ours import Ours
from engramlab.bench.task import PATTERNS, SCALES, Scale
from engramlab.errors import EngramlabError, ParameterError, Problem

OURS = "engramlab"
MOMENTS = 3 * PATTERNS  # until rates are compared
TOLERANCE = 0.02  # of a rate: competition stops at 1e-4 of the sum, sums differ in their order
MOST_BYTES = {"NumPy dense": 9, "JAX CPU": 8}  # a pair of cells
SHARE_OF_MEMORY = 0.4


class BenchmarkError(EngramlabError):
    """Two engines computed different rates: one of them is wrong."""


@dataclass(frozen=True)
class Benchmark:
    """What was measured.

    Parameters
    ----------
    machine : dict
        Processor, cores, load, bandwidths.
    rows : tuple of dict
        One an engine and size: ``scale, engine, version, ms, events_per_second,
        bytes_per_synapse, largest_difference``, or ``skipped`` with the reason.
    """

    machine: dict[str, Any]
    rows: tuple[dict[str, Any], ...]

    def of(self, scale: str, engine: str) -> dict[str, Any] | None:
        """The row of an engine that ran at this size."""
        for row in self.rows:
            if (row["scale"], row["engine"]) == (scale, engine) and "ms" in row:
                return row
        return None

    def advantage(self, scale: str) -> tuple[float, str] | None:
        """How many times as long the best of the others takes, and its name."""
        ours = self.of(scale, OURS)
        others = [r for r in self.rows if r["scale"] == scale and r["engine"] != OURS and "ms" in r]
        if ours is None or not others:
            return None
        best = min(others, key=lambda row: float(row["ms"]))
        return best["ms"] / ours["ms"], best["engine"]

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content."""
        best = {scale: self.advantage(scale) for scale in {row["scale"] for row in self.rows}}
        return {
            "machine": self.machine,
            "rows": list(self.rows),
            "advantage": {
                scale: {"times": round(found[0], 2), "over": found[1]}
                for scale, found in sorted(best.items())
                if found
            },
        }


def free_memory() -> float:
    """Bytes that can be used without swapping; infinity where the system does not say."""
    try:
        with Path("/proc/meminfo").open(encoding="utf-8") as file:
            return next(1024.0 * int(line.split()[1]) for line in file if "MemAvailable" in line)
    except (OSError, StopIteration):
        return np.inf


def _why_not(name: str, scale: Scale) -> str | None:
    library = NEEDS.get(name)
    if library is not None and find_spec(library) is None:
        return f"{library} is not installed"
    # Twice: what is built from, and what is gathered from rows.
    needed = MOST_BYTES[name] * scale.cells**2 if name in MOST_BYTES else 32 * scale.synapses
    if needed > SHARE_OF_MEMORY * free_memory():
        return f"needs {needed / 1e9:.0f} GB"
    return None


def benchmark(
    scales: Sequence[str] = ("1k", "10k"),
    *,
    seconds: float = 1.0,
    on_progress: Callable[[str], None] | None = None,
) -> Benchmark:
    """Measure the engines at these sizes.

    Parameters
    ----------
    scales : sequence of str
        Of `SCALES`.
    seconds : float
        CPU time spent on each engine and size; the shortest moment counts.
    on_progress : callable, optional
        Called with what is measured now.

    Raises
    ------
    ParameterError
        For an unknown size.
    BenchmarkError
        When engines do not give the same rates.
    """
    unknown = [name for name in scales if name not in SCALES]
    if unknown:
        raise ParameterError(
            Problem("benchmark", f"there is no size '{unknown[0]}'", ", ".join(SCALES))
        )
    tell = on_progress or (lambda _: None)
    tell("memory")
    machine = {**described(), "memory_bytes_per_second": memory_bandwidth()}
    machine["scatter_adds_per_second"] = {}
    rows = []
    for name in scales:
        scale = SCALES[name]
        tell(f"{name}: scatter-add")
        limit = scatter_bandwidth(scale.cells, scale.fan_out, PATTERNS * scale.active_rows)
        machine["scatter_adds_per_second"][name] = limit
        expected = None
        for kind in (Ours, *OTHERS):
            engine = getattr(kind, "name", OURS)
            row: dict[str, Any] = {"scale": name, "cells": scale.cells, "engine": engine}
            reason = None if kind is Ours else _why_not(engine, scale)
            if reason is not None:
                rows.append({**row, "skipped": reason})
                continue
            tell(f"{name}: {engine}")
            found: Any = kind(scale)
            for moment in range(MOMENTS):
                rates = found.moment(scale.patterns[moment % PATTERNS])
            rates = rates.copy()
            expected = rates if expected is None else expected
            difference = float(np.abs(rates - expected).max())
            if difference > TOLERANCE or not rates.any():
                raise BenchmarkError(
                    f"{engine} and {OURS} differ by {difference:.3g} in a rate at {name} cells"
                )
            took = fastest(partial(_cycle, found, scale), seconds) / PATTERNS
            rows.append(
                {
                    **row,
                    "version": _version(engine),
                    "ms": 1e3 * took,
                    "events_per_second": scale.events / took,
                    "bytes_per_synapse": found.held_bytes() / scale.synapses,
                    "share_of_scatter_limit": scale.events / took / limit,
                    "largest_difference": difference,
                }
            )
            del found
    return Benchmark(machine, tuple(rows))


def _cycle(engine: Any, scale: Scale) -> None:
    for pattern in scale.patterns:
        engine.moment(pattern)


def _version(engine: str) -> str:
    libraries = {OURS: "engramlab", "NumPy/SciPy sparse": "scipy", "NumPy dense": "numpy"}
    return version({**libraries, **NEEDS}[engine])
