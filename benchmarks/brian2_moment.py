"""The task of `engramlab bench` in Brian2, which needs an environment of its own.

Brian2 2.9 cannot be imported beside NumPy 2.4, which engramlab may use, so this file imports no
engramlab: the task (rates in, rates out, wiring) comes as a file.

    python benchmarks/brian2_moment.py write task.npz --size 10k      # with engramlab's Python
    uv venv brian && uv pip install --python brian 'brian2==2.9.0' 'numpy<2.3' 'setuptools<80'
    brian/bin/python benchmarks/brian2_moment.py run task.npz

A moment is one clock step: cells that are active spike, their synapses add to the drive, a network
operation lets the region compete, and the same spikes then let synapses learn. The nearest
equivalent, not the same code. Running prints the time of a moment and how far rates are from ours.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

MOMENTS = 12


def write(path: Path, size: str) -> None:
    """Write the task and the rates that engramlab finds."""
    from engramlab.bench.ours import Ours
    from engramlab.bench.task import GAIN, PATTERNS, SCALES, SLOPE, THRESHOLD

    scale = SCALES[size]
    ours = Ours(scale)
    for moment in range(MOMENTS):
        rates = ours.moment(scale.patterns[moment % PATTERNS])
    target, weight = scale.wiring()
    numbers = np.array([scale.active, scale.ceiling, GAIN, SLOPE, THRESHOLD])
    np.savez(
        path, target=target, weight=weight, patterns=scale.patterns, rates=rates, numbers=numbers
    )


def compete(h: np.ndarray, active: float, slope: float, threshold: float) -> np.ndarray:
    """Smallest inhibition that keeps the sum of rates within `active`, by bisection."""
    low, high = threshold, float(h.max(initial=threshold))
    if np.clip((h - low) / slope, 0, 1).sum() > active:
        for _ in range(40):
            middle = 0.5 * (low + high)
            if np.clip((h - middle) / slope, 0, 1).sum() > active:
                low = middle
            else:
                high = middle
    return np.clip((h - low) / slope, 0, 1)


def run(path: Path) -> None:
    """Run the task in Brian2; print the time of a moment and how far the rates are off."""
    import brian2 as b

    b.prefs.codegen.target = "numpy"
    b.defaultclock.dt = 1 * b.ms
    task = np.load(path)
    target, weight, patterns = task["target"], task["weight"], task["patterns"]
    active, ceiling, gain, slope, threshold = (float(x) for x in task["numbers"])
    cells, fan_out = target.shape
    pre = b.NeuronGroup(cells, "r : 1\nfires : boolean", threshold="fires", reset="")
    post = b.NeuronGroup(cells, "h : 1\ns : 1")
    # First the drive of all active cells; after competition, learning by the same spikes.
    synapses = b.Synapses(
        pre,
        post,
        "w : 1\nlabile : 1",
        on_pre={
            "drive": "h_post += r_pre * (w + labile)",
            "learn": "labile += int(s_post > 0.1) * clip(gain * r_pre * s_post, 0, 1)"
            " * (ceiling - labile)",
        },
        namespace={"gain": gain, "ceiling": ceiling},
    )
    synapses.connect(i=np.repeat(np.arange(cells), fan_out), j=target.ravel().astype(int))
    synapses.w = weight.ravel()
    synapses.drive.order, synapses.learn.order = 0, 2
    step = [0]

    @b.network_operation(when="start")
    def present() -> None:
        pattern = patterns[step[0] % len(patterns)]
        pre.r, pre.fires, post.h = pattern, pattern > 0, 0
        step[0] += 1

    @b.network_operation(when="synapses", order=1)
    def settle() -> None:
        post.s = compete(np.asarray(post.h), active, slope, threshold)

    network = b.Network(pre, post, synapses, present, settle)
    network.run(MOMENTS * b.ms)
    difference = float(np.abs(np.asarray(post.s) - task["rates"]).max())
    best = np.inf
    for _ in range(3):
        start = time.thread_time()
        network.run(10 * len(patterns) * b.ms)
        best = min(best, (time.thread_time() - start) / (10 * len(patterns)))
    found = {"engine": f"Brian2 {b.__version__} (numpy)", "cells": cells, "ms": 1e3 * best}
    print(json.dumps({**found, "largest_difference": difference}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("write", "run"))
    parser.add_argument("task", type=Path)
    parser.add_argument("--size", default="10k")
    arguments = parser.parse_args()
    if arguments.what == "write":
        write(arguments.task, arguments.size)
    else:
        run(arguments.task)
