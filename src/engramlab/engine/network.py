"""The flat state that kernels work on: neurons, signals, parameters, synapses in rows.

Regions and projections are slices of flat arrays. A row holds the outgoing synapses of one neuron
in one projection; all rows of a projection have the same fan-out. Wiring and base weights follow
from the animal's key alone (counter-based), so they need not be stored with results.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.brain import all_mechanisms, declared_parameters
from engramlab.brain.mechanism import (
    CORE_SIGNALS,
    CORE_VARIABLES,
    FACTORS,
    FIXED,
    HEBBIAN,
    VALENCE,
)
from engramlab.brain.synapses import LEARNED, LEVELS, UNTIDY, wire_targets, wire_weights
from engramlab.kernel import kernel
from engramlab.randomness import derive_key, substream

RULES = {"fixed": FIXED, "hebbian": HEBBIAN, "valence": VALENCE}
BASE_LOG_SD = (
    0.9  # log-normal spread of synaptic strength: Song et al. 2005, PLoS Biol 3:e68 (recalled)
)
STORED_SYNAPSES = 16_000_000  # wiring of a larger brain is hashed: it would take 8 bytes a synapse
MOST_LEARNED = 256_000_000  # entries for learned synapses: at most 4 GB

# Structured arrays keep the number of arrays that kernels pass on small, and with it compile time.
REGION = np.dtype(
    [
        ("start", np.int64),  # first neuron
        ("stop", np.int64),  # past-the-end neuron
        ("active", np.float64),  # sum of rates that inhibition allows
        ("threshold", np.float64),
        ("slope", np.float64),
        ("passes", np.int64),  # recurrent passes in a moment
        ("boundary", np.int64),  # local index of the second of two opponent halves, else 0
        ("cues", np.int64),  # first neuron of the cue cells, else past the end
        ("synchrony", np.float64),  # of this moment: see silent_synapses
        ("stress_hormone", np.float64),  # mean level in this moment: see glucocorticoids
        ("disinhibiting", np.float64),  # the same where endocannabinoids pass it on
    ]
)
PROJECTION = np.dtype(
    [
        ("pre", np.int64),  # region
        ("post", np.int64),  # region
        ("first_cell", np.int64),  # local index of the first presynaptic cell
        ("cells", np.int64),  # presynaptic cells
        ("post_cells", np.int64),
        ("key", np.uint64),  # of its wiring
        ("arc", np.int64),  # first of its arcs in `Network.arcs`: see wire_targets
        ("stride", np.int64),  # one of so many synapses passes activity before learning
        ("stored", np.bool_),  # wiring is stored, else hashed whenever it is needed
        ("row", np.int64),  # first row
        ("synapse", np.int64),  # first synapse
        ("fan_out", np.int64),
        ("word", np.int64),  # first word in `Network.unmet`
        ("words", np.int64),  # words a row there; 0 where looking through the row is cheaper
        ("rule", np.int64),
        ("sleep_only", np.bool_),
        ("born_silent", np.bool_),
        ("open", np.bool_),  # False while its fibres are silenced
        ("mean_weight", np.float64),  # mean unlearned weight
        ("base_drive", np.float64),  # mean drive of a full pattern through base weights
        ("learning_rate", np.float64),
        ("ceiling", np.float64),  # largest strength of a synapse
        ("forget", np.float64),  # decay of protected strength, 1/h
        ("forget_more", np.float64),  # the same onto cells from `split` on
        ("split", np.int64),  # local index of the first positive amygdala cell, else past the end
        ("retract", np.float64),  # decay of connectivity, 1/h
    ]
)
ROW = np.dtype(
    [
        ("stamp", np.float64),  # hour at which protected and silent were last brought to date
        ("first", np.int64),  # first entry in `Network.learned`
        ("count", np.int32),  # entries
        ("capacity", np.int32),  # entries that it has room for
        ("state", np.uint8),  # NEVER, SETTLED or FRESH
    ],
    align=True,
)


class Network(NamedTuple):
    """All state of one animal's brain.

    Shapes: V variables, n neurons, S signals, P parameters, M mechanisms, R regions, Q
    projections, W rows, Z synapses.
    """

    neuron: NDArray[np.float32]  # (V, n)
    signal: NDArray[np.float64]  # (S,)
    parameter: NDArray[np.float64]  # (P,)
    on: NDArray[np.bool_]  # (M,)
    region: NDArray[np.void]  # (R,) of REGION
    projection: NDArray[np.void]  # (Q,) of PROJECTION
    rows: NDArray[np.void]  # (W,) of ROW
    arcs: NDArray[np.uint32]  # see wire_targets; those of all projections
    quantile: NDArray[np.float32]  # (LEVELS,) of unlearned weights, with mean 1
    generation: NDArray[np.uint16]  # (n,) how often a cell was replaced by a new one
    target: NDArray[np.uint32]  # (Z,) local index of the postsynaptic cell, where stored
    base: NDArray[np.float32]  # (Z,) unlearned weight, where stored
    unmet: NDArray[np.uint64]  # cells that each row reaches by no entry of `learned`, as bits
    learned: NDArray[np.void]  # of LEARNED: synapses that have taken part in learning, by row
    used: NDArray[np.int64]  # (2,) see `tidy`

    @property
    def labile(self) -> NDArray[np.float32]:
        """Strength that fades in hours, of every entry of `learned`."""
        return self.learned["labile"]

    @property
    def protected(self) -> NDArray[np.float32]:
        """Strength that fades in weeks or months, of every entry of `learned`."""
        return self.learned["protected"]

    @property
    def silent(self) -> NDArray[np.float32]:
        """Connectivity that outlives strength, of every entry of `learned`."""
        return self.learned["silent"]

    def copy(self) -> Network:
        """Copy the state; what experience does not change is shared."""
        own = {name: getattr(self, name).copy() for name in ("signal", "rows", "unmet", "used")}
        learned = np.empty_like(self.learned)
        learned[: self.used[0]] = self.learned[: self.used[0]]
        return self._replace(neuron=copy_of(self.neuron), learned=learned, **own)

    def __deepcopy__(self, memo: dict[int, object]) -> Network:
        """Copy everything that may change, wiring of new cells among it."""
        own = ("region", "projection", "base", "generation")
        return self.copy()._replace(**{name: getattr(self, name).copy() for name in own})


def copy_of(neuron: NDArray[np.float32]) -> NDArray[np.float32]:
    """Copy neuron variables; those that are 0 everywhere take no memory."""
    out = np.zeros_like(neuron)
    for variable, values in zip(out, neuron, strict=True):
        if values.any():
            variable[:] = values
    return out


@cache
def variable_index() -> dict[str, int]:
    """Row of each neuron variable in `Network.neuron`."""
    names = list(CORE_VARIABLES)
    for mechanism in all_mechanisms():
        names += mechanism.variables
    return {name: index for index, name in enumerate(names)}


@cache
def signal_index() -> dict[str, int]:
    """Place of each signal in `Network.signal`."""
    names = list(CORE_SIGNALS)
    for mechanism in all_mechanisms():
        names += mechanism.signals
    return {name: index for index, name in enumerate(names)}


@cache
def parameter_index() -> dict[str, int]:
    """Place of each mechanism parameter in `Network.parameter`."""
    return {
        name: index for index, name in enumerate(n for n in declared_parameters() if "." not in n)
    }


@cache
def mechanism_index() -> dict[str, int]:
    """Place of each mechanism in `Network.on`."""
    return {mechanism.name: index for index, mechanism in enumerate(all_mechanisms())}


@kernel
def mark_unmet(fan_out, words, target, unmet):
    """Set the bit of every cell that a row reaches."""
    for z in range(target.size if words > 0 else 0):
        word = z // fan_out * words + (target[z] >> 6)
        unmet[word] |= np.uint64(1) << np.uint64(target[z] & 63)


@kernel
def store_wiring(network, q):
    """Store targets and unlearned weights of a projection, as the hash gives them."""
    fan_out, arc = network.projection[q].fan_out, network.projection[q].arc
    arcs = network.arcs[arc : arc + fan_out + 1]
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    post = network.region[network.projection[q].post]
    cells = post.stop - post.start
    generation = network.generation[post.start : post.stop]
    mean, stride = np.float32(network.projection[q].mean_weight), network.projection[q].stride
    for i in range(network.projection[q].cells):
        z = network.projection[q].synapse + i * fan_out
        row_key = substream(network.projection[q].key, i)
        target, weight = network.target[z : z + fan_out], network.base[z : z + fan_out]
        wire_targets(row_key, arcs, cells, target)
        if mean > np.float32(0.0):
            own = network.generation[pre + i]
            quantile = network.quantile
            wire_weights(row_key, own, generation, stride, mean, quantile, target, weight)


@kernel
def scale_inputs(network, q):
    """Scale the weights onto each cell so that all cells get the same input in sum.

    Synaptic scaling (Turrigiano et al. 1998, Nature 391:892, doi 10.1038/36103; recalled): else
    cells with many or strong inputs fire in every place, and unrelated memories overlap. Only
    where wiring is stored: with the thousands of inputs of a larger brain, sums differ little.
    """
    p = network.projection[q]
    n = network.region[p.post].stop - network.region[p.post].start
    total = np.zeros(n, np.float64)
    first, last = p.synapse, p.synapse + p.cells * p.fan_out
    for z in range(first, last):
        total[network.target[z]] += network.base[z]
    wanted = 0.0
    for j in range(n):
        wanted += total[j] / n
    for j in range(n):
        total[j] = wanted / total[j] if total[j] > 0.0 else 1.0
    for z in range(first, last):
        network.base[z] = np.float32(network.base[z] * total[network.target[z]])


@cache
def weight_quantiles() -> NDArray[np.float32]:
    """Quantiles of the log-normal distribution of unlearned weights, with mean 1."""
    normal = NormalDist()
    logs = [BASE_LOG_SD * normal.inv_cdf((level + 0.5) / LEVELS) for level in range(LEVELS)]
    weights = np.exp(logs)
    return np.asarray(weights / weights.mean(), np.float32)


def build_network(brain: Brain, key: int) -> Network:
    """Build the brain of the animal with this key, before any experience.

    Parameters
    ----------
    brain : Brain
    key : int
        uint64 key of the animal.
    """
    network = unwired_network(brain, key)
    for q, p in enumerate(network.projection):
        if not p["stored"]:
            continue
        store_wiring(network, np.int64(q))
        if p["mean_weight"] > 0.0:
            scale_inputs(network, np.int64(q))
        part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
        unmet = network.unmet[p["word"] :]
        mark_unmet(p["fan_out"], p["words"], network.target[part], unmet)
    return network


def unwired_network(brain: Brain, key: int) -> Network:
    """Lay out the arrays of `build_network`; wiring that is stored is still missing."""
    regions, projections = brain.regions, brain.projections
    values = brain.parameters
    off = set(brain.switched_off)
    number = {region.name: index for index, region in enumerate(regions)}
    region_table = np.zeros(len(regions), REGION)
    start = 0
    for entry, region in zip(region_table, regions, strict=True):
        entry["start"], entry["stop"] = start, start + region.cells
        for name in ("active", "threshold", "slope", "passes"):
            entry[name] = getattr(region, name)
        entry["boundary"] = region.populations.get("positive", (0, 0))[0]
        entry["cues"] = start + region.populations.get("cue", (region.cells, 0))[0]
        start += region.cells

    table = np.zeros(len(projections), PROJECTION)
    rows = synapses = words = 0
    arcs: list[int] = []
    stored = brain.synapses <= STORED_SYNAPSES
    for entry, projection in zip(table, projections, strict=True):
        pre, post = regions[number[projection.pre]], regions[number[projection.post]]
        first, last, full = 0, pre.cells, pre.active
        if projection.pre_population is not None:
            first, last = pre.populations[projection.pre_population]
            full = brain.count("cue_cells")
        store = "cortex" if projection.store == "cortical" else "hippocampus"
        entry["pre"], entry["post"] = number[projection.pre], number[projection.post]
        entry["first_cell"], entry["cells"] = first, last - first
        entry["row"], entry["synapse"] = rows, synapses
        entry["fan_out"] = max(1, round(projection.density * post.cells))
        entry["rule"] = RULES[projection.rule]
        entry["split"] = post.populations.get("positive", (post.cells, 0))[0]
        entry["ceiling"] = projection.learned_drive / (projection.density * full)
        for name in ("sleep_only", "born_silent", "base_drive", "learning_rate"):
            entry[name] = getattr(projection, name)
        entry["open"] = True
        entry["key"] = derive_key(key, "wiring", projection.name)
        entry["post_cells"], entry["stride"] = post.cells, projection.stride
        entry["arc"], entry["stored"] = len(arcs), stored
        fan_out = int(entry["fan_out"])
        arcs.extend(k * post.cells // fan_out for k in range(fan_out + 1))
        passing = projection.density / projection.stride
        entry["mean_weight"] = projection.base_drive / (passing * pre.active)
        if "forgetting" not in off:
            entry["forget"] = 1 / (24 * values[f"forget_tau_{store}_days"])
            entry["forget_more"] = entry["forget"]
            if projection.rule == "valence":
                faster = min(values["forget_tau_positive_days"], values[f"forget_tau_{store}_days"])
                entry["forget_more"] = 1 / (24 * faster)
            entry["retract"] = 1 / (24 * values["connectivity_tau_days"])
        needed = (post.cells + 63) // 64
        entry["word"], entry["words"] = words, 0
        if stored and 4 * needed <= fan_out:
            entry["words"] = needed
        words += entry["words"] * entry["cells"]
        rows += entry["cells"]
        synapses += entry["cells"] * entry["fan_out"]

    return Network(
        neuron=np.zeros((len(variable_index()), start), np.float32),
        signal=np.array([float(name in FACTORS) for name in signal_index()]),
        parameter=np.array([values[name] for name in parameter_index()]),
        on=np.array([mechanism.name not in off for mechanism in all_mechanisms()]),
        region=region_table,
        projection=table,
        rows=np.zeros(rows, ROW),
        arcs=np.array(arcs, np.uint32),
        quantile=weight_quantiles(),
        generation=np.zeros(start, np.uint16),
        target=np.zeros(synapses if stored else 0, np.uint32),
        base=np.zeros(synapses if stored else 0, np.float32),
        unmet=np.zeros(words, np.uint64),
        # Rows that grow move; memory that is not touched is not taken.
        learned=np.empty(min(3 * synapses, MOST_LEARNED), LEARNED),
        used=np.array([0, UNTIDY]),
    )
