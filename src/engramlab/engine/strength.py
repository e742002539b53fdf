"""Strength and connectivity among the cells of an engram."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engramlab.brain.mechanism import CLOCK, NEVER
from engramlab.brain.synapses import entries, targets_of
from engramlab.engine.network import Network
from engramlab.kernel import kernel


@kernel
def _mean_among(network, member, out):
    """Write mean strength and connectivity among members, and strength from them to others."""
    for q in range(network.projection.size):
        pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
        post = network.region[network.projection[q].post].start
        fan_out = network.projection[q].fan_out
        target = np.empty(fan_out, np.uint32)
        strength = connectivity = outward = 0.0
        count = others = 0
        for i in range(network.projection[q].cells):
            if not member[pre + i]:
                continue
            row = network.projection[q].row + i
            age = network.signal[CLOCK] - network.rows[row].stamp
            slow = math.exp(-age * network.projection[q].forget)
            fast = math.exp(-age * network.projection[q].forget_more)
            split = network.projection[q].split
            hold = math.exp(-age * network.projection[q].retract)
            inside = 0
            for j in targets_of(network, q, i, target):
                inside += member[post + j]
            count += inside
            others += fan_out - inside
            if network.rows[row].state == NEVER:
                continue
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                keep = slow if synapse.to < split else fast
                if member[post + synapse.to]:
                    strength += synapse.labile + keep * synapse.protected
                    connectivity += hold * synapse.silent
                else:
                    outward += synapse.labile + keep * synapse.protected
        if others > 0 and network.projection[q].ceiling > 0.0:
            out[q, 2] = outward / others / network.projection[q].ceiling
        if count > 0 and network.projection[q].ceiling > 0.0:
            out[q, 0] = strength / count / network.projection[q].ceiling
            out[q, 1] = connectivity / count / network.projection[q].ceiling


def engram_strength(network: Network, member: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Mean strength and connectivity of the synapses between the `member` cells.

    Parameters
    ----------
    network : Network
    member : bool array, shape (neuron,)

    Returns
    -------
    float32 array, shape (projection, 3)
        (labile + protected, silent) among members, (labile + protected) from members to other
        cells, each as a share of the largest strength of a synapse.
    """
    out = np.zeros((network.projection.size, 3), np.float32)
    _mean_among(network, member, out)
    return out
