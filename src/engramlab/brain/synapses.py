"""Synapses in rows: where a neuron's fibres end, and what its synapses have learned.

A row holds the outgoing synapses of one neuron in one projection. Where they end and how strong
they are before any learning follows from the animal's key by a hash; what was learned is kept for
those synapses alone that ever took part in learning, as entries of one table.
"""

import numpy as np

from engramlab.brain.mechanism import RATE
from engramlab.kernel import kernel

# An entry of the table: one synapse that has taken part in learning.
LEARNED = np.dtype(
    [
        ("to", np.uint32),  # local index of the postsynaptic cell
        ("labile", np.float32),  # strength that fades in hours
        ("protected", np.float32),  # strength that fades in weeks or months
        ("silent", np.float32),  # connectivity that outlives strength
    ]
)
FIRST_ENTRIES = 8  # room for entries that a row gets when it first learns


@kernel
def active_cells(values, least):
    """1 for every cell whose value exceeds `least`, else 0."""
    out = np.empty(values.size, np.uint8)
    for j in range(values.size):
        out[j] = values[j] > least
    return out


@kernel
def entries(network, q, i):
    """First and past-the-end entry of row `i` of projection `q` in `network.learned`."""
    row = network.projection[q].row + i
    first = network.rows[row].first
    return first, first + network.rows[row].count


@kernel
def make_room(network, row, more, most):
    """Give a row room for `more` entries; it moves to the end of the table where it has none."""
    count = network.rows[row].count
    if count + more <= network.rows[row].capacity:
        return
    capacity = min(most, max(count + more, 2 * network.rows[row].capacity, FIRST_ENTRIES))
    first = network.used[0]
    if first + capacity > network.learned.size:
        raise MemoryError("the table of learned synapses is full")
    network.used[0] += capacity
    old = network.rows[row].first
    for e in range(count):
        network.learned[first + e] = network.learned[old + e]
    network.rows[row].first = first
    network.rows[row].capacity = capacity


@kernel
def packed(flags):
    """Pack 0 and 1 by cell into bits, 64 a word."""
    out = np.zeros((flags.size + 63) // 64, np.uint64)
    for j in range(flags.size):
        out[j >> 6] |= np.uint64(flags[j]) << np.uint64(j & 63)
    return out


@kernel
def ones(word):
    """Count the bits of a uint64 that are set (the compiler makes one instruction of it)."""
    x = np.uint64(word)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def meet_in_row(network, q, i, wanted, bits, found):
    """Make the entries that are missing in row `i`: see `meet`."""
    first, last = entries(network, q, i)
    fan_out = network.projection[q].fan_out
    words = network.projection[q].words
    new = 0
    if words > 0:
        word = network.projection[q].word + i * words
        for w in range(words):
            x = network.unmet[word + w] & bits[w]
            network.unmet[word + w] ^= x
            while x != np.uint64(0):
                rest = x & (x - np.uint64(1))  # without its lowest bit
                found[new] = 64 * w + ones((x ^ rest) - np.uint64(1))
                new += 1
                x = rest
    else:
        for e in range(first, last):  # 2, 3: known already
            wanted[network.learned[e].to] += np.uint8(2)
        z = network.projection[q].synapse + i * fan_out
        target = network.target[z : z + fan_out]
        for k in range(fan_out):
            found[new] = target[k]
            new += wanted[target[k]] == 1
        for e in range(first, last):
            wanted[network.learned[e].to] -= np.uint8(2)
    if new > 0:
        row = network.projection[q].row + i
        make_room(network, row, new, fan_out)
        first = network.rows[row].first
        last = first + network.rows[row].count
        for k in range(new):
            network.learned[last + k].to = found[k]
            network.learned[last + k].labile = 0.0
            network.learned[last + k].protected = 0.0
            network.learned[last + k].silent = 0.0
        network.rows[row].count += new


@kernel
def meet(network, q, least, wanted):
    """Make an entry for every synapse of projection `q` that takes part in learning.

    Parameters
    ----------
    network : Network
    q : int
    least : float32
        Presynaptic cells learn whose rate exceeds this.
    wanted : uint8 array, shape (postsynaptic cell,)
        1 for cells that learn: see `active_cells`.
    """
    # As local variables: Numba counts references at every access to a field where a loop has calls.
    rate, unmet = network.neuron[RATE], network.unmet
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    word, words = network.projection[q].word, network.projection[q].words
    cells = network.projection[q].cells
    bits = packed(wanted)
    found = np.empty(network.projection[q].fan_out + 1, np.uint32)
    for i in range(cells):
        if rate[pre + i] <= least:
            continue
        some = np.uint64(words == 0)
        for w in range(words):
            some |= unmet[word + i * words + w] & bits[w]
        if some != np.uint64(0):  # most often all have been met
            meet_in_row(network, q, i, wanted, bits, found)
