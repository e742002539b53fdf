"""Hebbian potentiation of hippocampal and cortical synapses into the labile pool."""

import numpy as np

from engramlab.brain.mechanism import (
    CLOCK,
    FRESH,
    HEBBIAN,
    NEVER,
    RATE,
    Mechanism,
    Parameter,
)
from engramlab.brain.synapses import active_cells, entries, meet, span
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="hebbian_learning",
    summary="Synapses between cells that fire together grow stronger at once, in a pool that "
    "fades in hours unless it is captured.",
    equation="d(labile) = hebbian_rate rate_q M r_i r_j (1 - (labile + protected) / ceiling) "
    "ceiling, for r_i, r_j > 0.1",
    maths=(
        r"\Delta w^l_{ij} = \eta\, \eta_q\, M\, r_i r_j \left(1 - \frac{w^l_{ij} + "
        r"w^p_{ij}}{c}\right) c \quad \text{for } r_i, r_j > 0.1",
        r"\eta_q: \text{learning rate of the projection};\quad c: \text{ceiling}",
    ),
    symbols={
        "hebbian_rate": r"\eta",
        "modulator": "M",
    },
    sources=(
        "Bliss & Lomo 1973, J Physiol 232:331, doi 10.1113/jphysiol.1973.sp010273",
        "Frey & Morris 1997, Nature 385:533, doi 10.1038/385533a0",
    ),
    parameters=(Parameter("hebbian_rate", 0.45, 0.0, 5.0, "1", "by hand: docs/model.md"),),
)

ACTIVE = np.float32(0.1)


@kernel
def potentiate(network, q, gain):
    """Potentiate projection `q` with this gain; rows that learn are brought to date first."""
    rate = network.neuron[RATE]
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    post = network.region[network.projection[q].post].start
    ceiling = np.float32(network.projection[q].ceiling)
    region = network.region[network.projection[q].post]
    wanted = active_cells(rate[region.start : region.stop], ACTIVE)
    meet(network, q, ACTIVE, wanted)
    cells, synapses = network.projection[q].cells, network.learned
    for i in range(cells):
        r = rate[pre + i]
        if r <= ACTIVE:
            continue
        refresh(network, q, i)
        step = np.float32(gain * r)
        first, last = entries(network, q, i)
        for e in range(first, last):
            synapse = synapses[e]
            # Without branches, which processors guess wrong: nothing is added to what rests.
            s = rate[post + synapse.to]
            share = min(np.float32(1.0), step * s) if s > ACTIVE else np.float32(0.0)
            room = max(np.float32(0.0), ceiling - synapse.labile - synapse.protected)
            synapse.labile += share * room


@kernel
def refresh(network, q, i):
    """Bring row `i` of projection `q` to the present and mark it as holding labile strength."""
    projection = network.projection[q]
    row, clock = network.rows[projection.row + i], network.signal[CLOCK]
    age = clock - row.stamp
    if age > 0.0 and row.state != NEVER:
        keep = np.float32(np.exp(-age * projection.forget))
        keep_more = np.float32(np.exp(-age * projection.forget_more))
        hold = np.float32(np.exp(-age * projection.retract))
        split = projection.split
        first, last = span(row)
        for e in range(first, last):
            synapse = network.learned[e]
            synapse.protected *= keep if synapse.to < split else keep_more
            synapse.silent *= hold
    row.stamp = clock
    row.state = FRESH


@kernel
def learn(network, modulator, hebbian_rate):
    """Potentiate all Hebbian projections in this moment."""
    for q in range(network.projection.size):
        if network.projection[q].rule == HEBBIAN:
            potentiate(
                network, q, hebbian_rate * modulator[0] * network.projection[q].learning_rate
            )
