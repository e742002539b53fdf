"""CREB overexpression: a virus makes chosen cells more excitable."""

from engramlab.brain.mechanism import Mechanism
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="creb",
    summary="Cells given more CREB by a virus are more excitable and are preferentially allocated "
    "to an engram.",
    equation="eps_j += virus_creb_j (the protocol's drive while the virus is expressed)",
    maths=(r"\varepsilon_j \leftarrow \varepsilon_j + q_j",),
    symbols={
        "virus_creb": "q_j",
    },
    sources=(
        "Han et al. 2007, Science 316:457, doi 10.1126/science.1139438",
        "Zhou et al. 2009, Nat Neurosci 12:1438, doi 10.1038/nn.2405",
    ),
)


@kernel
def excite(excitability, virus_creb):
    """Add the virus's drive."""
    for j in range(virus_creb.size):
        excitability[j] += virus_creb[j]
