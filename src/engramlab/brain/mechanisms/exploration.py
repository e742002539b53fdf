"""Exploration: a new place is taken in over some minutes, a known one at a glance."""

import math

from engramlab.brain.mechanism import Mechanism, Parameter

MECHANISM = Mechanism(
    name="exploration",
    summary="An animal takes in the features of a place over its first minutes there, so that a "
    "shock at once meets only part of it. A place that hippocampus recognises on entry is "
    "completed: its other features are there at once.",
    equation="share of the place's features met in moment m = 1 - (1 - sampling_per_moment)^(m "
    "+ 1/2), as at its middle; the others fire at min(1, recognition familiarity), familiarity in "
    "the first moment from what has been met",
    maths=(
        r"\text{share met in moment } m = 1 - (1 - q)^{m + 1/2}",
        r"r_j = \min(1,\ g_r\, \phi_0) \text{ for features of the place not yet met}, \quad "
        r"\phi_0\text{: familiarity on entry}",
    ),
    symbols={
        "sampling_per_moment": "q",
        "recognition": "g_r",
        "recognised": r"\min(1,\ g_r\, \phi_0)",
    },
    sources=(
        "Fanselow 1990, Anim Learn Behav 18:264, doi 10.3758/BF03205285",
        "Krasne et al. 2015, Neurobiol Learn Mem 121:1 (sampling of a context; recalled)",
        "Rudy & O'Reilly 1999, Behav Neurosci 113:867 (what was learned of a place before "
        "completes it when it is met for an instant; recalled)",
    ),
    parameters=(
        Parameter(
            "sampling_per_moment",
            0.52,
            0.1,
            1.0,
            "1",
            "by hand: docs/model.md; mice need 1-3 min to condition to a place (Fanselow 1990; "
            "recalled)",
        ),
        Parameter(
            "recognition",
            2.5,
            0.0,
            10.0,
            "1",
            "by hand: Fanselow 1990 (a known place is feared after a shock at once), Kitamura 2017",
        ),
    ),
)


def sampled_share(moment: int, per_moment: float) -> float:
    """Share of a place's features met by the middle of this moment (from 0) of a session."""
    return 1.0 - math.pow(1.0 - per_moment, moment + 0.5)
