"""Strength and connectivity among the cells of an engram."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engramlab.engine.network import Network
from engramlab.kernel import kernel


@kernel
def _mean_among(network, member, out):
    for q in range(network.pre.size):
        pre = network.region_start[network.pre[q]] + network.first_cell[q]
        post = network.region_start[network.post[q]]
        fan_out = network.fan_out[q]
        strength = connectivity = 0.0
        count = 0
        for i in range(network.cells[q]):
            if not member[pre + i]:
                continue
            row = network.row[q] + i
            age = network.hours[0] - network.stamp[row]
            keep = math.exp(-age * network.forget[q])
            hold = math.exp(-age * network.retract[q])
            z = network.synapse[q] + i * fan_out
            for k in range(z, z + fan_out):
                if member[post + network.target[k]]:
                    count += 1
                    if network.state[row] != 0:
                        strength += network.labile[k] + keep * network.protected[k]
                        connectivity += hold * network.silent[k]
        if count > 0 and network.ceiling[q] > 0.0:
            out[q, 0] = strength / count / network.ceiling[q]
            out[q, 1] = connectivity / count / network.ceiling[q]


def engram_strength(network: Network, member: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Mean strength and connectivity of the synapses between the `member` cells.

    Parameters
    ----------
    network : Network
    member : bool array, shape (neuron,)

    Returns
    -------
    float32 array, shape (projection, 2)
        (labile + protected, silent), each as a share of the largest strength of a synapse.
    """
    out = np.zeros((network.pre.size, 2), np.float32)
    _mean_among(network, member, out)
    return out
