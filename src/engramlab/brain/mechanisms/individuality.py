"""Individuality: animals differ in how much a shock hurts and how readily they freeze."""

import math

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream

MECHANISM = Mechanism(
    name="individuality",
    summary="Animals differ for good in how much a shock hurts and how readily they freeze, which "
    "gives the spread between animals.",
    equation="shock_sensitivity = exp(N(0, shock_sd) - shock_sd^2 / 2); "
    "freezing_trait ~ N(0, freezing_sd), a shift of the log-odds of freezing",
    maths=(
        r"u = \exp\left(N(0, \sigma_u) - \frac{\sigma_u^2}{2}\right)",
        r"z \sim N(0, \sigma_z)",
    ),
    symbols={
        "shock_sensitivity": "u",
        "shock_sd": r"\sigma_u",
        "freezing_trait": "z",
        "freezing_sd": r"\sigma_z",
    },
    sources=(
        "Carneiro et al. 2018, PLoS ONE 13:e0196258 (spread of about 35 % of the mean; found: "
        "abstract, through shared/evidence)",
    ),
    parameters=(
        Parameter("shock_sd", 0.15, 0.0, 1.0, "1", "assumed: toward the published spread"),
        Parameter(
            "freezing_sd",
            0.6,
            0.0,
            2.0,
            "log-odds",
            "recalled: sd 3-8 below 10 %, 12-20 at 30-70 %, 6-12 above 80 % (shared/evidence)",
        ),
    ),
)


@kernel
def initialise(shock_sensitivity, freezing_trait, key, shock_sd, freezing_sd):
    """Draw this animal's two traits."""
    stream = substream(key, 3)
    shock_sensitivity[0] = math.exp(shock_sd * normal(stream, 0) - 0.5 * shock_sd * shock_sd)
    freezing_trait[0] = freezing_sd * normal(stream, 1)
