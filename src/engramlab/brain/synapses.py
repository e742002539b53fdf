"""Synapses in rows: where a neuron's fibres end, and what its synapses have learned.

A row holds the outgoing synapses of one neuron in one projection. Where they end and how strong
they are before any learning follows from the animal's key by a hash, so that wiring need not be
stored (a small brain stores it, for speed; the bits are the same). What was learned is kept for
those synapses alone that ever took part in learning, as entries of one table.

Targets: the postsynaptic cells, in a circle, are cut into as many arcs as the row has synapses,
and each synapse ends somewhere in its arc; where the first arc begins is random. So the targets of
a row are distinct, every cell is as likely as another, and memory is gone through in order.
"""

import numpy as np

from engramlab.brain.mechanism import RATE
from engramlab.kernel import kernel
from engramlab.randomness import substream

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
UNTIDY = 8_000_000  # entries up to which gaps do no harm


LEVELS = 1024  # unlearned weights that differ: quantiles of their distribution
MIX_A, MIX_B = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
GENERATIONS = 65536  # more than a cell can be replaced
GOLDEN_32 = np.uint32(0x9E3779B9)


@kernel
def hash_32(value):
    """Mix a uint32 (Wellons 2018, the lowbias32 finaliser of hash-prospector)."""
    x = np.uint32(value)  # Numba would widen each product to 64 bits
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(16))) * MIX_A)
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(15))) * MIX_B)
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def first_arc(row_key, cells):
    """Cell at which the first arc of a row begins."""
    return np.uint32(((row_key >> np.uint64(32)) * np.uint64(cells)) >> np.uint64(32))


@kernel
def wire_targets(row_key, arcs, cells, target):
    """Write where the synapses of a row end.

    Parameters
    ----------
    row_key : uint64
    arcs : uint32 array, shape (synapses + 1,)
        Where each arc begins, from 0 to `cells`; none is longer than 65535.
    cells : int
        Postsynaptic cells.
    target : uint32 array, shape (synapses,), written
        Local indices, distinct.
    """
    offset, all_cells = first_arc(row_key, cells), np.uint32(cells)
    low = np.uint32(row_key & np.uint64(0xFFFFFFFF))
    for k in range(target.size):
        h = hash_32(np.uint32(low + np.uint32(np.uint32(k) * GOLDEN_32)))
        length = np.uint32(arcs[k + 1] - arcs[k])
        within = np.uint32(np.uint32(np.uint32(h >> np.uint32(16)) * length) >> np.uint32(16))
        x = np.uint32(np.uint32(arcs[k] + within) + offset)
        target[k] = np.uint32(x - all_cells) if x >= all_cells else x


@kernel
def wire_weight(row_key, k, generation, quantile):
    """Unlearned weight of synapse `k` over its mean; another one for cells born later."""
    low = np.uint32(row_key & np.uint64(0xFFFFFFFF))
    h = hash_32(np.uint32(low + np.uint32(np.uint32(k) * GOLDEN_32)))
    if generation > 0:
        h = hash_32(np.uint32(h ^ np.uint32(np.uint32(generation) * MIX_A)))
    return quantile[h & np.uint32(LEVELS - 1)]


@kernel
def wire_weights(row_key, own, generation, stride, mean, quantile, target, weight):
    """Write the unlearned weights of a row; of every `stride`-th synapse, the others have none.

    Parameters
    ----------
    row_key : uint64
    own : int
        Generation of the presynaptic cell: how often it was replaced by a new one.
    generation : uint16 array, shape (postsynaptic cell,)
    stride : int
    mean : float32
    quantile : float32 array, shape (LEVELS,)
        Of the distribution of weights with mean 1.
    target : uint32 array, shape (synapses,)
    weight : float32 array, shape (synapses,), written
    """
    for k in range(0, target.size, stride):
        born = GENERATIONS * own + generation[target[k]]
        weight[k] = mean * wire_weight(row_key, k, born, quantile)


@kernel
def targets_of(network, q, i, target):
    """Local indices of the cells that row `i` reaches; `target` is written if need be."""
    fan_out = network.projection[q].fan_out
    if network.projection[q].stored:
        z = network.projection[q].synapse + i * fan_out
        return network.target[z : z + fan_out]
    arc = network.projection[q].arc
    cells = network.projection[q].post_cells
    row_key = substream(network.projection[q].key, i)
    wire_targets(row_key, network.arcs[arc : arc + fan_out + 1], cells, target)
    return target


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
    return span(network.rows[network.projection[q].row + i])


@kernel
def span(row):
    """First and past-the-end entry of a row, where it is at hand."""
    return row.first, row.first + row.count


@kernel
def in_order(values):
    """Places of `values` in rising order (Shell 1959): NumPy's takes seconds to compile."""
    order = np.arange(values.size)
    gap = 1
    while 3 * gap < order.size:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, order.size):
            place = order[k]
            while k >= gap and values[order[k - gap]] > values[place]:
                order[k] = order[k - gap]
                k -= gap
            order[k] = place
        gap //= 3
    return order


@kernel
def tidy(rows, learned, used):
    """Move all rows together, without the gaps that rows left which moved.

    `used` holds the end of what is given to rows, and the end at which to tidy again.
    """
    end = 0
    for row in in_order(rows["first"]):
        first, count = rows[row].first, rows[row].count
        for e in range(count if end < first else 0):  # never over a row that is still to move
            learned[end + e] = learned[first + e]
        rows[row].first = end
        rows[row].capacity = count
        end += count
    used[0] = end
    used[1] = max(UNTIDY, end + end // 4)


@kernel
def make_room(network, row, more, most):
    """Give a row room for `more` entries; it moves to the end of the table where it has none."""
    count = network.rows[row].count
    if count + more <= network.rows[row].capacity:
        return
    capacity = min(most, max((count + more) * 5 // 4, FIRST_ENTRIES))
    if network.used[0] + capacity > network.used[1]:
        tidy(network.rows, network.learned, network.used)
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
        target = targets_of(network, q, i, np.empty(fan_out, np.uint32))
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
