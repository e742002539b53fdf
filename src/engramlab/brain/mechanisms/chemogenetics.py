"""Chemogenetics: designer receptors with their ligand raise or lower excitability for hours."""

from engramlab.brain.mechanism import Mechanism
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="chemogenetics",
    summary="hM3Dq (raises) or hM4Di (lowers) with its ligand shifts the excitability of the "
    "cells that carry it for some hours; so do drugs that raise excitability.",
    equation="eps_j += virus_chemogenetic_j + excitation_j (the protocol's drives while they act)",
    maths=(r"\varepsilon_j \leftarrow \varepsilon_j + d_j + e_j",),
    symbols={
        "virus_chemogenetic": "d_j",
        "excitation": "e_j",
    },
    sources=("Roth 2016, Neuron 89:683, doi 10.1016/j.neuron.2016.01.040",),
)


@kernel
def excite(excitability, virus_chemogenetic, excitation):
    """Add the receptor's or drug's drive."""
    for j in range(virus_chemogenetic.size):
        excitability[j] += virus_chemogenetic[j] + excitation[j]
