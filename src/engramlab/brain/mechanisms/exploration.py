"""Exploration: a place is taken in over some minutes, not at once."""

import math

from engramlab.brain.mechanism import Mechanism, Parameter

MECHANISM = Mechanism(
    name="exploration",
    summary="An animal takes in the features of a place over its first minutes there, so that a "
    "shock at once meets only part of it; recall can complete a place that is known.",
    equation="share of the place's features met in moment m = 1 - (1 - sampling_per_moment)^(m "
    "+ 1/2), as at its middle",
    maths=(r"\text{share met in moment } m = 1 - (1 - q)^{m + 1/2}",),
    symbols={
        "sampling_per_moment": "q",
    },
    sources=(
        "Fanselow 1990, Anim Learn Behav 18:264, doi 10.3758/BF03205285",
        "Krasne et al. 2015, Neurobiol Learn Mem 121:1 (sampling of a context; recalled)",
    ),
    parameters=(
        Parameter(
            "sampling_per_moment",
            0.5,
            0.1,
            1.0,
            "1",
            "by hand: docs/model.md; mice need 1-3 min to condition to a place (Fanselow 1990; "
            "recalled)",
        ),
    ),
)


def sampled_share(moment: int, per_moment: float) -> float:
    """Share of a place's features met by the middle of this moment (from 0) of a session."""
    return 1.0 - math.pow(1.0 - per_moment, moment + 0.5)
