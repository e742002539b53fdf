"""Trait excitability: cells differ from birth in how easily they fire."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream

MECHANISM = Mechanism(
    name="trait_excitability",
    summary="Cells differ for good in how easily they fire, which biases which of them join "
    "engrams.",
    equation="eps_j += trait_j,  trait_j ~ N(0, trait_sd)",
    maths=(
        r"\varepsilon_j \leftarrow \varepsilon_j + \theta_j, \quad \theta_j \sim N(0, "
        r"\sigma_\theta)",
    ),
    symbols={
        "trait": r"\theta_j",
        "trait_sd": r"\sigma_\theta",
    },
    sources=("Yiu et al. 2014, Neuron 83:722, doi 10.1016/j.neuron.2014.07.017",),
    parameters=(Parameter("trait_sd", 0.02, 0.0, 1.0, "drive", "by hand: docs/model.md"),),
    variables=("trait",),
    innate=("trait",),
)


@kernel
def initialise(trait, key, trait_sd):
    """Draw every cell's trait."""
    stream = substream(key, 1)
    for j in range(trait.size):
        trait[j] = np.float32(trait_sd * normal(stream, j))


@kernel
def excite(excitability, trait):
    """Add the trait to the drive."""
    for j in range(trait.size):
        excitability[j] += trait[j]
