"""The task on engramlab's own kernels."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engramlab.bench.task import BASE_DRIVE, GAIN, KEY, SLOPE, THRESHOLD, Scale
from engramlab.brain.mechanism import HEBBIAN, RATE
from engramlab.brain.mechanisms.competition import settle
from engramlab.brain.mechanisms.hebbian_learning import potentiate
from engramlab.brain.synapses import LEARNED, UNTIDY
from engramlab.engine.circuit import drive
from engramlab.engine.network import (
    PROJECTION,
    REGION,
    ROW,
    STORED_SYNAPSES,
    Network,
    mark_unmet,
    signal_index,
    store_wiring,
    variable_index,
    weight_quantiles,
)
from engramlab.kernel import kernel

FIRST = np.int64(0)  # the only projection


@kernel
def _moment(network, pattern):  # type: ignore[no-untyped-def]
    start, stop = network.region[1].start, network.region[1].stop
    rate = network.neuron[RATE]
    rate[:start] = pattern
    base, learned = np.zeros(stop - start, np.float32), np.zeros(stop - start, np.float32)
    drive(network, FIRST, base, learned)
    base += learned
    active = network.region[1].active
    settle(base, network.region[1].threshold, network.region[1].slope, active, rate[start:stop])
    potentiate(network, FIRST, GAIN)


class Ours:
    """One projection of the engine; wiring is stored or hashed as in a brain of this size."""

    def __init__(self, scale: Scale) -> None:
        cells, stored = scale.cells, scale.synapses <= STORED_SYNAPSES
        region = np.zeros(2, REGION)
        region["start"], region["stop"] = (0, cells), (cells, 2 * cells)
        region["active"], region["threshold"], region["slope"] = scale.active, THRESHOLD, SLOPE
        projection = np.zeros(1, PROJECTION)
        p = projection[0]
        p["post"], p["cells"], p["post_cells"] = 1, cells, cells
        p["key"], p["stride"], p["stored"], p["open"] = KEY, 1, stored, True
        p["fan_out"], p["rule"], p["split"] = scale.fan_out, HEBBIAN, cells
        p["mean_weight"], p["base_drive"] = scale.mean_weight, BASE_DRIVE
        p["ceiling"] = scale.ceiling
        words = (cells + 63) // 64
        p["words"] = words if stored and 4 * words <= scale.fan_out else 0
        room = min(3 * scale.synapses, 64_000_000)
        self.network = Network(
            neuron=np.zeros((len(variable_index()), 2 * cells), np.float32),
            signal=np.zeros(len(signal_index())),
            parameter=np.zeros(0),
            on=np.zeros(0, np.bool_),
            region=region,
            projection=projection,
            rows=np.zeros(cells, ROW),
            arcs=scale.arcs,
            quantile=weight_quantiles(),
            generation=np.zeros(2 * cells, np.uint16),
            target=np.zeros(scale.synapses if stored else 0, np.uint32),
            base=np.zeros(scale.synapses if stored else 0, np.float32),
            unmet=np.zeros(cells * int(p["words"]), np.uint64),
            learned=np.empty(room, LEARNED),
            used=np.array([0, UNTIDY]),
        )
        if stored:
            store_wiring(self.network, FIRST)
            mark_unmet(scale.fan_out, int(p["words"]), self.network.target, self.network.unmet)
        self.scale = scale

    def moment(self, pattern: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run one moment; return the rates of the region."""
        _moment(self.network, pattern)
        rates: NDArray[np.float32] = self.network.neuron[RATE][self.scale.cells :]
        return rates

    def held_bytes(self) -> int:
        """Memory for synapses: wiring, rows and what was learned."""
        parts = (self.network.target, self.network.base, self.network.rows)
        entries = int(self.network.used[0]) * LEARNED.itemsize
        return sum(int(part.nbytes) for part in parts) + entries
