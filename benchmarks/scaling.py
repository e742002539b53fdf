"""Time and memory of one animal against cells and synapses, days, memories; of cohorts, animals.

    python benchmarks/scaling.py results/scaling [--mouse]

Each point runs in a process of its own: CPU time of its thread after compilation, and the peak of
its memory. Slopes are of the logarithms (1: proportional; 2 would be quadratic), over the last
half of the points, since small ones cost what they share.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

SHOCKS = {"at_minutes": [2.5, 3.5, 4.5], "shock_mA": 0.75}


def session(name: str, hours: float, context: str, minutes: float, **more: object) -> dict:
    """A session as the protocol language has it."""
    at = {"name": name, "at_hours": hours, "context": context, "minutes": minutes}
    return {"do": "session", **at, **more}


def point(task: tuple[str, int, int, int]) -> dict[str, float]:
    """Run animals of this size for so many days, with so many memories."""
    from engramlab.brain import Brain
    from engramlab.engine.animal import Animal
    from engramlab.protocol import Protocol
    from engramlab.randomness import derive_key

    size, days, memories, animals = task
    steps = [session(f"t{m}", 2 * m, f"C{m}", 5, shocks=SHOCKS) for m in range(memories)]
    steps.append(session("test", 24 * days, "C0", 3, probe=True))
    contexts = {f"C{m}": {} for m in range(memories)}
    protocol = Protocol.create(name="scaling", contexts=contexts, groups={"g": {}}, timeline=steps)
    brain = Brain().sized(size)

    def run(number: int, own: Brain) -> Animal:
        animal = Animal(protocol, "g", number, derive_key(1, number), own)
        animal.live()
        return animal

    run(0, Brain())  # compiles
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    best = np.inf
    for _ in range(1 if size in ("x100", "mouse") else 3):
        start = time.thread_time()
        for number in range(animals):
            animal = run(number, brain)
        best = min(best, time.thread_time() - start)
    network = animal.network
    return {
        "cells": sum(region.cells for region in brain.regions),
        "synapses": brain.synapses,
        "days": days,
        "memories": memories,
        "animals": animals,
        "seconds": best,
        "peak_bytes": 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "peak_before_bytes": 1024.0 * before,
        "learned_synapses": int(network.rows["count"].sum()),
        "freezing": float(animal.record().freezing_by_moment[-1].mean()),
    }


def slope(x: list[float], y: list[float]) -> float:
    """Slope of the logarithms over the last half of the points."""
    last = max(2, (len(x) + 1) // 2)
    return float(np.polyfit(np.log(x[-last:]), np.log(y[-last:]), 1)[0])


def main() -> None:
    """Measure, fit slopes, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mouse", action="store_true", help="with the mouse (a minute, 1.5 GB)")
    arguments = parser.parse_args()
    sizes = ["standard", "x10", "x100", *["mouse"] * arguments.mouse]
    plans = {
        "cells": [(size, 1, 1, 1) for size in sizes],
        "days": [("standard", days, 1, 1) for days in (1, 4, 16, 64, 256)],
        "memories": [("standard", 1, memories, 1) for memories in (1, 2, 4, 8)],
        "animals": [("standard", 1, 1, animals) for animals in (1, 4, 16, 64)],
    }
    spawn = multiprocessing.get_context("spawn")
    found: dict[str, list[dict[str, float]]] = {}
    for axis, tasks in plans.items():
        found[axis] = []
        for task in tasks:
            with spawn.Pool(1) as pool:
                found[axis].append(pool.map(point, [task])[0])
            print(axis, task, json.dumps(found[axis][-1]), flush=True)
    draw(found, arguments.out)


def draw(found: dict[str, list[dict[str, float]]], out: Path) -> None:
    """Fit the slopes, draw the figure, write both."""
    uniform = [row for row in found["cells"] if row["cells"] < 1_000_000]  # as many inputs a cell
    rest = {axis: rows for axis, rows in found.items() if axis != "cells"}
    panels = {"cells": uniform, "synapses": found["cells"], **rest}
    slopes = {}
    figure = Figure(figsize=(13, 5.2), layout="constrained")
    for column, (axis, rows) in zip(figure.subplots(2, 5).T, panels.items(), strict=True):
        x = [row[axis] for row in rows]
        for axes, name, unit in zip(
            column, ("seconds", "peak_bytes"), ("CPU time (s)", "peak memory (MB)"), strict=True
        ):
            y = [row[name] for row in rows]
            slopes[f"{name} by {axis}"] = slope(x, y)
            scaled = np.array(y) / (1e6 if name == "peak_bytes" else 1)
            axes.loglog(x, scaled, "o-", color="#1f4e79")
            axes.set(xlabel=axis, ylabel=unit, title=f"slope {slopes[f'{name} by {axis}']:.2f}")
            if scaled.max() < 2 * scaled.min():  # flat: no noise blown up to the whole panel
                axes.set_ylim(scaled.min() / 2, scaled.max() * 2)
            axes.set_xticks(x, [f"{value:.2g}" for value in x], minor=False)
            axes.set_xticks([], minor=True)
            axes.tick_params(axis="x", labelrotation=30)
            axes.spines[["top", "right"]].set_visible(False)
    out.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"slopes": slopes, "points": found}, indent=2)
    (out / "scaling.json").write_text(content + "\n", encoding="utf-8")
    figure.savefig(out / "scaling.svg")
    figure.savefig(out / "scaling.png", dpi=130)
    print(json.dumps(slopes, indent=2))


if __name__ == "__main__":
    main()
