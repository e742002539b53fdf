"""Temporal context: part of the input changes slowly with time, wherever the animal is."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import substream, uniform

MECHANISM = Mechanism(
    name="temporal_context",
    summary="Part of the entorhinal input codes time: it is shared by experiences hours apart and "
    "has changed after a day, so that the same place is never met with quite the same input.",
    equation="each of time_features slots holds one time cell, renewed every time_period at a "
    "phase of its own; off, the slots never change",
    sources=(
        "Tsao et al. 2018, Nature 561:57, doi 10.1038/s41586-018-0459-6",
        "Howard & Kahana 2002, J Math Psychol 46:269, doi 10.1006/jmps.2001.1388",
    ),
    parameters=(
        Parameter("place_features", 36.0, 5.0, 60.0, "cells", "by hand: docs/model.md"),
        Parameter("time_features", 24.0, 0.0, 60.0, "cells", "by hand: docs/model.md"),
        Parameter("time_period_hours", 24.0, 1.0, 1000.0, "h", "by hand: docs/model.md"),
    ),
)


@kernel
def time_code(key, hours, slots, period_hours, cells):
    """Local indices of the time cells that are active at this hour, one for each slot."""
    active = np.empty(slots, np.int64)
    for slot in range(slots):
        stream = substream(key, slot)
        phase = uniform(stream, 0)
        epoch = math.floor(hours / period_hours + phase)
        active[slot] = int(uniform(stream, 1 + epoch) * cells)
    return active
