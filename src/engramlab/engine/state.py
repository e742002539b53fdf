"""What the molecules and synapses of every neuron are like at one time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engramlab.brain.mechanism import CLOCK, NEVER
from engramlab.brain.synapses import entries
from engramlab.engine.animal_record import STATE
from engramlab.engine.circuit import begin_moment
from engramlab.engine.network import Network, variable_index
from engramlab.kernel import kernel

_variable = variable_index()


@kernel
def read_state(network, out):
    """Sum up excitability; write how strong the learned inputs of each neuron are.

    That is the learned drive that it would get if all its inputs fired, over the saturated one.
    """
    begin_moment(network)
    for q in range(network.projection.size):
        if network.projection[q].ceiling <= 0.0 or network.projection[q].sleep_only:
            continue
        post = network.region[network.projection[q].post].start
        fan_out = network.projection[q].fan_out
        region = network.region[network.projection[q].post]
        scale = 1.0 / (
            network.projection[q].ceiling
            * network.projection[q].cells
            * (fan_out / (region.stop - region.start))
        )
        for i in range(network.projection[q].cells):
            row = network.projection[q].row + i
            if network.rows[row].state == NEVER:
                continue
            age = network.signal[CLOCK] - network.rows[row].stamp
            slow = math.exp(-age * network.projection[q].forget)
            fast = math.exp(-age * network.projection[q].forget_more)
            split = network.projection[q].split
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                keep = slow if synapse.to < split else fast
                strength = synapse.labile + keep * synapse.protected
                out[post + synapse.to] += np.float32(scale * strength)


def neuron_state(network: Network) -> NDArray[np.float32]:
    """State of every neuron now.

    Parameters
    ----------
    network : Network
        Its excitability is brought to date.

    Returns
    -------
    float32 array, shape (state, neuron)
        In the order of `STATE`: drive, [0, 1], [0, 1], mean share of the largest strength over all
        incoming synapses that can learn (summed over projections), contacts.
    """
    strength = np.zeros(network.neuron.shape[1], np.float32)
    read_state(network, strength)
    rows = [
        strength if name == "input_strength" else network.neuron[_variable[name]] for name in STATE
    ]
    return np.array(rows, np.float32)
