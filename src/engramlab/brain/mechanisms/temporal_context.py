"""Temporal context: part of the input changes slowly with time, wherever the animal is."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import substream, uniform

MECHANISM = Mechanism(
    name="temporal_context",
    summary="Part of the entorhinal input codes time, on scales from a day to weeks: it is "
    "shared by experiences hours apart and less and less so over days, so that the same place is "
    "never met with quite the same input and codes drift.",
    equation="each of time_features slots holds one time cell, renewed at a period and phase of "
    "its own; slot i of n has the period time_period (slow_time_period / time_period)^((i / "
    "n)^3); off, the slots never change",
    maths=(
        r"T_i = T_f \left(\frac{T_s}{T_f}\right)^{(i / n)^3} \quad \text{is the period of slot } "
        r"i \text{ of } n; \quad n_p \text{ cells code the place}",
    ),
    symbols={
        "time_period_hours": "T_f",
        "slow_time_period_days": "T_s",
        "time_features": "n",
        "place_features": "n_p",
    },
    sources=(
        "Tsao et al. 2018, Nature 561:57, doi 10.1038/s41586-018-0459-6",
        "Howard & Kahana 2002, J Math Psychol 46:269, doi 10.1006/jmps.2001.1388",
    ),
    parameters=(
        Parameter("place_features", 48.0, 5.0, 60.0, "cells", "by hand: docs/model.md"),
        Parameter("time_features", 3.0, 0.0, 60.0, "cells", "by hand: docs/model.md"),
        Parameter("time_period_hours", 16.0, 1.0, 1000.0, "h", "by hand: docs/model.md"),
        Parameter(
            "slow_time_period_days",
            14.0,
            1.0,
            100.0,
            "d",
            "Ziv et al. 2013, Nat Neurosci 16:264 (CA1 codes drift over weeks; recalled)",
        ),
    ),
)


@kernel
def time_code(key, hours, slots, fast_hours, slow_hours, cells):
    """Local indices of the time cells that are active at this hour, one for each slot."""
    active = np.empty(slots, np.int64)
    for slot in range(slots):
        stream = substream(key, slot)
        phase = uniform(stream, 0)
        along = ((slot + 0.5) / slots) ** 3  # most cells change within a day or two
        period = fast_hours * math.pow(max(1.0, slow_hours / fast_hours), along)
        epoch = math.floor(hours / period + phase)
        active[slot] = int(uniform(stream, 1 + epoch) * cells)
    return active
