"""Activity of a region, against sums by hand."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
from networks import REGIONS, network, place

from engramlab.brain.activity import active_share, summed, weighted
from engramlab.brain.mechanism import RATE


def test_activity_is_a_share_of_what_inhibition_allows() -> None:
    built, cells = network(), place("CA1")
    number = REGIONS.index("CA1")
    allowed = float(built.region[number]["active"])
    rate = built.neuron[RATE]
    rate[cells][:10] = 0.5
    assert active_share(built, number) == 5.0 / allowed
    rate[cells] = 1.0
    assert active_share(built, number) == 1.0  # never more


def test_sums_and_means_are_of_the_cells_named() -> None:
    values, rate = np.array([9, 1, 3, 9], np.float32), np.array([1, 1, 3, 1], np.float32)
    assert summed(values, 1, 3) == 4.0
    assert weighted(values, rate, 1, 3) == (1 * 1 + 3 * 3) / 4
    assert weighted(values, np.zeros(4, np.float32), 0, 4) == 0.0
