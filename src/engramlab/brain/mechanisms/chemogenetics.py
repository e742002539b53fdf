"""Chemogenetics: designer receptors with their ligand raise or lower excitability for hours."""

from engramlab.brain.mechanism import Mechanism
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="chemogenetics",
    summary="hM3Dq (raises) or hM4Di (lowers) with its ligand shifts the excitability of the "
    "cells that carry it for some hours.",
    equation="eps_j += virus_chemogenetic_j (the protocol's drive while the ligand acts)",
    sources=("Roth 2016, Neuron 89:683, doi 10.1016/j.neuron.2016.01.040",),
)


@kernel
def excite(excitability, virus_chemogenetic):
    """Add the receptor's drive."""
    for j in range(virus_chemogenetic.size):
        excitability[j] += virus_chemogenetic[j]
