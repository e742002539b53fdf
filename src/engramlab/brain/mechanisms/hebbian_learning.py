"""Hebbian potentiation of hippocampal and cortical synapses into the labile pool."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="hebbian_learning",
    summary="Synapses between cells that fire together grow stronger at once, in a pool that "
    "fades in hours unless it is captured.",
    equation="d(labile) = hebbian_rate rate_q M r_i r_j (1 - (labile + protected) / ceiling) "
    "ceiling, for r_i, r_j > 0.1",
    sources=(
        "Bliss & Lomo 1973, J Physiol 232:331, doi 10.1113/jphysiol.1973.sp010273",
        "Frey & Morris 1997, Nature 385:533, doi 10.1038/385533a0",
    ),
    parameters=(Parameter("hebbian_rate", 0.6, 0.0, 5.0, "1", "by hand: docs/model.md"),),
)

ACTIVE = np.float32(0.1)
HEBBIAN = 1


@kernel
def potentiate(network, q, gain):
    """Potentiate projection `q` with this gain; rows that learn are brought to date first."""
    rate = network.neuron[0]
    pre = network.region_start[network.pre[q]] + network.first_cell[q]
    post = network.region_start[network.post[q]]
    fan_out = network.fan_out[q]
    ceiling = np.float32(network.ceiling[q])
    for i in range(network.cells[q]):
        r = rate[pre + i]
        if r <= ACTIVE:
            continue
        refresh(network, q, i)
        z = network.synapse[q] + i * fan_out
        step = np.float32(gain * r)
        for k in range(z, z + fan_out):
            s = rate[post + network.target[k]]
            if s > ACTIVE:
                room = ceiling - network.labile[k] - network.protected[k]
                if room > np.float32(0.0):
                    network.labile[k] += min(np.float32(1.0), step * s) * room


@kernel
def refresh(network, q, i):
    """Bring row `i` of projection `q` to the present and mark it as holding labile strength."""
    row = network.row[q] + i
    age = network.hours[0] - network.stamp[row]
    if age > 0.0 and network.state[row] != 0:
        z = network.synapse[q] + i * network.fan_out[q]
        keep = np.float32(np.exp(-age * network.forget[q]))
        hold = np.float32(np.exp(-age * network.retract[q]))
        for k in range(z, z + network.fan_out[q]):
            network.protected[k] *= keep
            network.silent[k] *= hold
    network.stamp[row] = network.hours[0]
    network.state[row] = 2


@kernel
def learn(network, modulator, hebbian_rate):
    """Potentiate all Hebbian projections in this moment."""
    for q in range(network.pre.size):
        if network.rule[q] == HEBBIAN:
            potentiate(network, q, hebbian_rate * modulator[0] * network.learning_rate[q])
