"""What is benchmarked: moments of one region that hears, competes and learns.

In every moment a pattern of 4 % of N input cells is active (rates in [0.5, 1]), and with wiring of
F synapses from each of them

    h_j = sum_i r_i (w_ij + labile_ij);   s_j = clip((h_j - g) / slope, 0, 1), sum s <= 0.04 N;
    labile_ij += min(1, gain r_i s_j) (ceiling - labile_ij)   where r_i, s_j > 0.1

which is one projection of the brain (drive, competition, Hebbian learning) without mechanisms that
only take up time. Patterns come in turns; learning changes the rates, so an engine that computes
anything else is found out by its rates at the end.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engramlab.brain.synapses import wire_targets, wire_weights
from engramlab.engine.network import weight_quantiles
from engramlab.kernel import kernel
from engramlab.randomness import substream

ACTIVE_SHARE = 0.04
THRESHOLD, SLOPE, GAIN = 0.7, 0.4, 0.05
BASE_DRIVE, LEARNED_DRIVE = 1.0, 1.0
PATTERNS = 4
KEY = np.uint64(0x5EED)


@dataclass(frozen=True)
class Scale:
    """A size of the task: cells of the input and of the region, synapses of a cell."""

    cells: int
    fan_out: int

    @property
    def active(self) -> float:
        """Sum of rates that inhibition allows."""
        return ACTIVE_SHARE * self.cells

    @property
    def mean_weight(self) -> float:
        """Mean unlearned weight: a pattern gives a drive of `BASE_DRIVE` on average."""
        return BASE_DRIVE / (self.fan_out * ACTIVE_SHARE)

    @property
    def ceiling(self) -> float:
        """Largest learned strength."""
        return LEARNED_DRIVE / (self.fan_out * ACTIVE_SHARE)

    @property
    def synapses(self) -> int:
        """Synapses in all."""
        return self.cells * self.fan_out

    @property
    def events(self) -> int:
        """Synapses of active cells, each of which is heard and may learn in a moment."""
        return self.fan_out * self.active_rows

    @property
    def active_rows(self) -> int:
        """Input cells that are active in a pattern."""
        return round(ACTIVE_SHARE * self.cells)

    @property
    def arcs(self) -> NDArray[np.uint32]:
        """See `engramlab.brain.synapses.wire_targets`."""
        return np.array(
            [k * self.cells // self.fan_out for k in range(self.fan_out + 1)], np.uint32
        )

    @cached_property
    def patterns(self) -> NDArray[np.float32]:
        """Rates of the input, shape (pattern, cell)."""
        random = np.random.default_rng(1)
        rates = np.zeros((PATTERNS, self.cells), np.float32)
        for rate in rates:
            chosen = random.choice(self.cells, round(ACTIVE_SHARE * self.cells), replace=False)
            rate[chosen] = random.uniform(0.5, 1, chosen.size)
        return rates

    def wiring(self) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Targets and unlearned weights, shape (cell, synapse) each."""
        target = np.empty((self.cells, self.fan_out), np.uint32)
        weight = np.empty((self.cells, self.fan_out), np.float32)
        _wire(self.arcs, self.cells, np.float32(self.mean_weight), target, weight)
        return target, weight


SCALES = {
    "1k": Scale(1_000, 500),
    "10k": Scale(10_000, 1_000),
    "100k": Scale(100_000, 2_000),
}


@kernel
def _wire(arcs, cells, mean, target, weight):  # type: ignore[no-untyped-def]
    generation = np.zeros(cells, np.uint16)
    quantile = QUANTILE
    for i in range(target.shape[0]):
        row_key = substream(KEY, i)
        wire_targets(row_key, arcs, cells, target[i])
        wire_weights(row_key, 0, generation, 1, mean, quantile, target[i], weight[i])


QUANTILE = weight_quantiles()
