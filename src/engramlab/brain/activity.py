"""How much the cells of a region fire, as mechanisms and engine ask it."""

from engramlab.brain.mechanism import RATE
from engramlab.kernel import kernel


@kernel
def summed(values, start, stop):
    """Sum of `values` over these cells."""
    total = 0.0
    for j in range(start, stop):
        total += values[j]
    return total


@kernel
def active_share(network, region):
    """Activity of a region as a share of what its inhibition allows, at most 1."""
    cells = network.region[region]
    return min(1.0, summed(network.neuron[RATE], cells.start, cells.stop) / cells.active)


@kernel
def weighted(values, rate, start, stop):
    """Mean of `values` over these cells, weighted by their rates; 0 where none is active."""
    total = weight = 0.0
    for j in range(start, stop):
        total += rate[j] * values[j]
        weight += rate[j]
    return total / weight if weight > 0.0 else 0.0
