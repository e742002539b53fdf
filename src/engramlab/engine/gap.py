"""A gap: hours pass in closed form; only rows that hold labile strength are touched."""

from __future__ import annotations

import math

import numpy as np

from engramlab.engine.assembly import phases
from engramlab.engine.network import FRESH, SETTLED, parameter_index
from engramlab.kernel import kernel

LABILE_TAU = parameter_index()["labile_tau_hours"]
NEGLIGIBLE = 1e-5  # labile strength below this share of the ceiling is dropped
capture, elapse = phases().capture, phases().elapse


@kernel
def pass_time(network, hours, key):
    """Let `hours` pass: labile strength fades or is captured, slow variables move."""
    if hours <= 0.0:
        return
    n = network.neuron.shape[1]
    survival = np.full(n, math.exp(-hours / network.parameter[LABILE_TAU]))
    captured = np.zeros(n)
    capture(network, hours, survival, captured)
    network.hours[0] += hours
    for q in range(network.pre.size):
        post = network.region_start[network.post[q]]
        fan_out = network.fan_out[q]
        floor = np.float32(NEGLIGIBLE * network.ceiling[q])
        for i in range(network.cells[q]):
            row = network.row[q] + i
            if network.state[row] != FRESH:
                continue
            age = network.hours[0] - network.stamp[row]
            keep = np.float32(math.exp(-age * network.forget[q]))
            hold = np.float32(math.exp(-age * network.retract[q]))
            most = np.float32(0.0)
            z = network.synapse[q] + i * fan_out
            for k in range(z, z + fan_out):
                j = post + network.target[k]
                labile = network.labile[k]
                network.protected[k] = (
                    keep * network.protected[k] + np.float32(captured[j]) * labile
                )
                network.silent[k] *= hold
                network.labile[k] = np.float32(survival[j]) * labile
                most = max(most, network.labile[k])
            network.stamp[row] = network.hours[0]
            if most < floor:
                network.labile[z : z + fan_out] = 0.0
                network.state[row] = SETTLED
    elapse(network, hours, key)
