"""Neurogenesis: new granule cells replace old ones, with new connections."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.brain.synapses import entries
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream, uniform

MECHANISM = Mechanism(
    name="neurogenesis",
    summary="Every night some granule cells of the dentate gyrus are replaced by new ones, whose "
    "connections carry nothing of what was learned; running or drugs raise the number.",
    equation="each DG cell is replaced with probability neurogenesis_per_day x housing: its "
    "learned synapses are gone and its base weights are drawn anew",
    maths=(r"P(\text{a DG cell is replaced in a night}) = \nu\, H",),
    symbols={
        "neurogenesis_per_day": r"\nu",
        "housing": "H",
    },
    sources=(
        "Akers et al. 2014, Science 344:598, doi 10.1126/science.1248903",
        "Sahay et al. 2011, Nature 472:466, doi 10.1038/nature09817",
        "Kempermann, Kuhn & Gage 1997, Nature 386:493 (numbers of new cells; recalled)",
    ),
    parameters=(
        Parameter(
            "neurogenesis_per_day",
            0.004,
            0.0,
            0.1,
            "1/d",
            "assumed: as turnover of effective cells; mice add about 0.03-0.1 % a day, of which "
            "young ones weigh more (recalled)",
        ),
    ),
)


@kernel
def replace_cells(network, key, region, share, log_sd, cleared):
    """Replace this share of the region's cells: clear and redraw their synapses.

    `cleared` holds the rows of `network.neuron` that a new cell starts without. Returns the number
    of cells replaced.
    """
    start, stop = network.region[region].start, network.region[region].stop
    n = stop - start
    new = np.zeros(n, np.bool_)
    replaced = 0
    for j in range(n):
        if uniform(key, j) < share:
            new[j] = True
            replaced += 1
    if replaced == 0:
        return 0
    for q in range(network.projection.size):
        into = network.projection[q].post == region
        out = network.projection[q].pre == region
        if not (into or out):
            continue
        fan_out = network.projection[q].fan_out
        # A mean-one log-normal factor; the mean weight of the projection stays.
        mean = network.projection[q].mean_weight
        for i in range(network.projection[q].cells):
            own = out and new[network.projection[q].first_cell + i]
            row_key = substream(key, 1_000_003 * (q + 1) + i)
            z = network.projection[q].synapse + i * fan_out
            for k in range(z, z + fan_out):
                if mean > 0.0 and (own or (into and new[network.target[k]])):
                    x = log_sd * normal(row_key, k - z) - 0.5 * log_sd * log_sd
                    network.base[k] = np.float32(mean * math.exp(x))
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                if own or (into and new[synapse.to]):
                    synapse.labile = synapse.protected = synapse.silent = 0.0
    for v in cleared:
        for j in range(n):
            if new[j]:
                network.neuron[v, start + j] = 0.0
    return replaced
