"""Neurogenesis: new granule cells replace old ones, and remodel the circuits that they join."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.brain.synapses import (
    GENERATIONS,
    entries,
    first_arc,
    span,
    wire_weight,
    wire_weights,
)
from engramlab.kernel import kernel
from engramlab.randomness import substream, uniform

MECHANISM = Mechanism(
    name="neurogenesis",
    summary="Every night some granule cells of the dentate gyrus are replaced by new ones, whose "
    "connections carry nothing of what was learned, and whose growing fibres take the place of "
    "synapses all along the hippocampal path; running or drugs raise the number.",
    equation="each DG cell is replaced with probability neurogenesis_per_day x housing: its "
    "learned synapses are gone and its base weights are drawn anew; every learned synapse from or "
    "onto hippocampal cells keeps 1 - neurogenesis_remodelling neurogenesis_per_day housing of its "
    "strength, and all of its connectivity",
    maths=(
        r"P(\text{a DG cell is replaced in a night}) = \nu\, H",
        r"w^{l, p} \leftarrow w^{l, p}\, \max(0,\ 1 - \rho_\nu\, \nu\, H) \quad \text{every "
        r"night, from and onto hippocampal cells}",
    ),
    symbols={
        "neurogenesis_per_day": r"\nu",
        "neurogenesis_remodelling": r"\rho_\nu",
        "housing": "H",
    },
    sources=(
        "Akers et al. 2014, Science 344:598, doi 10.1126/science.1248903",
        "Frankland, Kohler & Josselyn 2013, Trends Neurosci 36:497, doi 10.1016/j.tins.2013.05.002 "
        "(forgetting by remodelled circuits; recalled)",
        "Toni et al. 2007, Nat Neurosci 10:727, doi 10.1038/nn1908 (new cells take over existing "
        "synapses; recalled)",
        "Guskjolen et al. 2018, Curr Biol 28:2283, doi 10.1016/j.cub.2018.05.059 (light still "
        "recalls what was forgotten so: connectivity stays; recalled)",
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
        Parameter(
            "neurogenesis_remodelling",
            4.87,
            0.0,
            20.0,
            "1",
            "by hand: Akers et al. 2014; strength lost over cells replaced, above 1 since young "
            "cells have more weight than their number",
        ),
    ),
)


@kernel
def rewire(network, q, new):
    """Draw the unlearned weights of new cells anew where they are stored.

    `new` holds 1 for new cells of the projection's dentate region.
    """
    fan_out, arc = network.projection[q].fan_out, network.projection[q].arc
    arcs = network.arcs[arc : arc + fan_out + 1]
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    first = network.region[network.projection[q].post].start
    cells = network.projection[q].post_cells
    mean, stride = np.float32(network.projection[q].mean_weight), network.projection[q].stride
    targets, base, generation = network.target, network.base, network.generation
    quantile, key, synapse = (
        network.quantile,
        network.projection[q].key,
        network.projection[q].synapse,
    )
    for i in range(network.projection[q].cells):
        row_key, z = substream(key, i), synapse + i * fan_out
        offset = np.int64(first_arc(row_key, cells))
        for j in new:
            # The arc in which the cell lies, and the one synapse there that may reach it.
            x = (np.int64(j) - offset) % cells
            k = min(fan_out - 1, x * fan_out // cells)
            while arcs[k + 1] <= x:
                k += 1
            if targets[z + k] == j and k % stride == 0:
                born = GENERATIONS * np.int64(generation[pre + i]) + generation[first + j]
                base[z + k] = mean * wire_weight(row_key, k, born, quantile)


@kernel
def rewire_rows(network, q, new):
    """The same for the rows of new cells."""
    fan_out = network.projection[q].fan_out
    pre = network.region[network.projection[q].pre].start
    post = network.region[network.projection[q].post]
    generation = network.generation[post.start : post.stop]
    mean, stride = np.float32(network.projection[q].mean_weight), network.projection[q].stride
    for i in new:
        z, row_key = (
            network.projection[q].synapse + i * fan_out,
            substream(network.projection[q].key, i),
        )
        target, weight = network.target[z : z + fan_out], network.base[z : z + fan_out]
        own = network.generation[pre + i]
        wire_weights(row_key, own, generation, stride, mean, network.quantile, target, weight)


@kernel
def remodel(network, loss, removal_block):
    """Take this share of what the synapses from and onto hippocampal cells learned.

    Hippocampus is the regions after the input: DG, CA3 and CA1. Connectivity stays, and so does
    strength onto cells in which its removal is blocked.
    """
    rows, synapses = network.rows, network.learned
    for q in range(network.projection.size):
        projection = network.projection[q]
        if 1 <= projection.pre <= 3 or 1 <= projection.post <= 3:
            post = network.region[projection.post].start
            for w in range(projection.row, projection.row + projection.cells):
                first, last = span(rows[w])
                for e in range(first, last):
                    synapse = synapses[e]
                    free = max(np.float32(0.0), np.float32(1.0) - removal_block[post + synapse.to])
                    keep = max(np.float32(0.0), np.float32(1.0) - np.float32(loss) * free)
                    synapse.labile *= keep
                    synapse.protected *= keep


@kernel
def replace_cells(network, key, region, share, cleared):
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
    cells, known = np.empty(replaced, np.int64), 0
    for j in range(n):
        if new[j]:
            cells[known] = j
            known += 1
    for c in cells:
        network.generation[start + c] += np.uint16(1)
    for q in range(network.projection.size):
        into = network.projection[q].post == region
        out = network.projection[q].pre == region
        if not (into or out):
            continue
        if network.projection[q].stored and network.projection[q].mean_weight > 0.0:
            if into:
                rewire(network, q, cells)
            if out:
                rewire_rows(network, q, cells)
        for i in range(network.projection[q].cells):
            own = out and new[network.projection[q].first_cell + i]
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
