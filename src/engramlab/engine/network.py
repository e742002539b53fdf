"""The flat state that kernels work on: neurons, signals, parameters, synapses in rows.

Regions and projections are slices of flat arrays. A row holds the outgoing synapses of one neuron
in one projection; all rows of a projection have the same fan-out. Wiring and base weights follow
from the animal's key alone (counter-based), so they need not be stored with results.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.brain import all_mechanisms, declared_parameters
from engramlab.brain.mechanism import CORE_SIGNALS, CORE_VARIABLES
from engramlab.kernel import kernel
from engramlab.randomness import derive_key, normal, substream, uniform

FIXED, HEBBIAN, VALENCE = 0, 1, 2
RULES = {"fixed": FIXED, "hebbian": HEBBIAN, "valence": VALENCE}
NEVER, SETTLED, FRESH = 0, 1, 2  # state of a row: never learned, no labile strength, labile
BASE_LOG_SD = (
    0.9  # log-normal spread of synaptic strength: Song et al. 2005, PLoS Biol 3:e68 (recalled)
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
    hours: NDArray[np.float64]  # (1,) time since the start of the protocol
    region_start: NDArray[np.int64]  # (R + 1,)
    region_active: NDArray[np.float64]  # (R,) sum of rates that inhibition allows
    region_threshold: NDArray[np.float64]  # (R,)
    region_slope: NDArray[np.float64]  # (R,)
    region_passes: NDArray[np.int64]  # (R,)
    opponent: NDArray[np.int64]  # (3,) neurons: first negative, first positive, past-the-end BLA
    pre: NDArray[np.int64]  # (Q,) region
    post: NDArray[np.int64]  # (Q,) region
    first_cell: NDArray[np.int64]  # (Q,) local index of the first presynaptic cell
    cells: NDArray[np.int64]  # (Q,) presynaptic cells
    row: NDArray[np.int64]  # (Q,) first row
    synapse: NDArray[np.int64]  # (Q,) first synapse
    fan_out: NDArray[np.int64]  # (Q,)
    rule: NDArray[np.int64]  # (Q,)
    sleep_only: NDArray[np.bool_]  # (Q,)
    cortical: NDArray[np.bool_]  # (Q,)
    base_drive: NDArray[np.float64]  # (Q,) mean drive of a full pattern through base weights
    learning_rate: NDArray[np.float64]  # (Q,)
    ceiling: NDArray[np.float64]  # (Q,) largest strength of a synapse
    forget: NDArray[np.float64]  # (Q,) decay of protected strength, 1/h
    retract: NDArray[np.float64]  # (Q,) decay of connectivity, 1/h
    stamp: NDArray[np.float64]  # (W,) hour at which protected and silent were last brought to date
    state: NDArray[np.uint8]  # (W,) NEVER, SETTLED or FRESH
    target: NDArray[np.uint16]  # (Z,) local index of the postsynaptic cell
    base: NDArray[np.float32]  # (Z,) unlearned weight
    labile: NDArray[np.float32]  # (Z,) strength that fades in hours
    protected: NDArray[np.float32]  # (Z,) strength that fades in weeks or months
    silent: NDArray[np.float32]  # (Z,) connectivity that outlives strength


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
def wire(key, cells, fan_out, post_cells, mean_weight, log_sd, target, base):
    """Fill `target` and `base` of one projection: distinct random targets, log-normal weights."""
    taken = np.zeros(post_cells, np.bool_)
    for i in range(cells):
        row_key = substream(key, i)
        taken[:] = False
        counter = 0
        for k in range(fan_out):
            j = int(uniform(row_key, counter) * post_cells)
            counter += 1
            while taken[j]:
                j = int(uniform(row_key, counter) * post_cells)
                counter += 1
            taken[j] = True
            z = i * fan_out + k
            target[z] = j
            if mean_weight > 0.0:
                x = math.exp(log_sd * normal(row_key, 100_000 + k) - 0.5 * log_sd * log_sd)
                base[z] = mean_weight * x


def build_network(brain: Brain, key: int) -> Network:
    """Build the brain of the animal with this key, before any experience.

    Parameters
    ----------
    brain : Brain
    key : int
        uint64 key of the animal.
    """
    regions, projections = brain.regions, brain.projections
    values = brain.parameters
    off = set(brain.switched_off)
    region_number = {region.name: index for index, region in enumerate(regions)}
    start = np.cumsum([0] + [region.cells for region in regions]).astype(np.int64)
    columns: dict[str, list[Any]] = defaultdict(list)
    rows = synapses = 0
    for projection in projections:
        pre = regions[region_number[projection.pre]]
        post = regions[region_number[projection.post]]
        cortical = projection.store == "cortical"
        if projection.pre_population is None:
            first, last = 0, pre.cells
            full = pre.active
        else:
            first, last = pre.populations[projection.pre_population]
            full = values["cue_cells"]
        fan_out = max(1, round(projection.density * post.cells))
        tau = values["forget_tau_cortex_days" if cortical else "forget_tau_hippocampus_days"]
        forgets = "forgetting" not in off
        for name, value in (
            ("pre", region_number[projection.pre]),
            ("post", region_number[projection.post]),
            ("first_cell", first),
            ("cells", last - first),
            ("row", rows),
            ("synapse", synapses),
            ("fan_out", fan_out),
            ("rule", RULES[projection.rule]),
            ("sleep_only", projection.sleep_only),
            ("cortical", cortical),
            ("base_drive", projection.base_drive),
            ("learning_rate", projection.learning_rate),
            ("ceiling", projection.learned_drive / (projection.density * full)),
            ("forget", 1 / (24 * tau) if forgets else 0.0),
            ("retract", 1 / (24 * values["connectivity_tau_days"]) if forgets else 0.0),
        ):
            columns[name].append(value)
        rows += last - first
        synapses += (last - first) * fan_out

    bla = region_number["BLA"]
    negative = regions[bla].populations["negative"]
    positive = regions[bla].populations["positive"]
    kinds = {"sleep_only": np.bool_, "cortical": np.bool_}
    floats = ("base_drive", "learning_rate", "ceiling", "forget", "retract")
    arrays: dict[str, Any] = {
        name: np.array(column, np.float64 if name in floats else kinds.get(name, np.int64))
        for name, column in columns.items()
    }
    network = Network(
        neuron=np.zeros((len(variable_index()), start[-1]), np.float32),
        signal=np.zeros(len(signal_index())),
        parameter=np.array([values[name] for name in parameter_index()]),
        on=np.array([mechanism.name not in off for mechanism in all_mechanisms()]),
        hours=np.zeros(1),
        region_start=start,
        region_active=np.array([region.active for region in regions]),
        region_threshold=np.array([region.threshold for region in regions]),
        region_slope=np.array([region.slope for region in regions]),
        region_passes=np.array([region.passes for region in regions], np.int64),
        opponent=start[bla] + np.array([negative[0], positive[0], positive[1]]),
        stamp=np.zeros(rows),
        state=np.zeros(rows, np.uint8),
        target=np.zeros(synapses, np.uint16),
        base=np.zeros(synapses, np.float32),
        labile=np.zeros(synapses, np.float32),
        protected=np.zeros(synapses, np.float32),
        silent=np.zeros(synapses, np.float32),
        **arrays,
    )
    for q, projection in enumerate(projections):
        post_cells = regions[network.post[q]].cells
        stop = network.synapse[q] + network.cells[q] * network.fan_out[q]
        full = regions[network.pre[q]].active
        wire(
            np.uint64(derive_key(key, "wiring", projection.name)),
            network.cells[q],
            network.fan_out[q],
            post_cells,
            projection.base_drive / (projection.density * full),
            BASE_LOG_SD,
            network.target[network.synapse[q] : stop],
            network.base[network.synapse[q] : stop],
        )
    return network
