"""Chromatin: learning acetylates histones in the cells that took part, which primes them."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="chromatin",
    summary="Strong experience and recall with surprise open the chromatin of the cells that took "
    "part, for days; open cells are more excitable, make more protein and are more labile.",
    equation="at the end of a session chromatin_j += acetylation_gain s peak_j (1 - "
    "acetylation_block_j) (1 - chromatin_j), s = strength of the consolidation or restorage "
    "signal; d(chromatin)/dt = -(1 - deacetylation_block_j) chromatin / chromatin_tau, x 8 under "
    "acetylation_block; never below virus_acetylation_j; below 0.5 "
    "deacetylation_block it rises to that at 1/h; eps_j += chromatin_drive chromatin_j",
    maths=(
        r"c_j \leftarrow c_j + g_c\, s\, \hat{r_j}\, (1 - B_j)(1 - c_j) \quad \text{at the end of "
        r"a session}",
        r"\frac{\mathrm{d} c_j}{\mathrm{d} t} = -\frac{(1 - D_j)\, c_j}{\tau_c} \quad (\times 8 "
        r"\text{ under } B_j)",
        r"c_j \geq v_j; \quad \text{where } c_j < D_j / 2 \text{ it rises to that at } "
        r"1/\mathrm{h}",
        r"\varepsilon_j \leftarrow \varepsilon_j + \beta_c\, c_j",
    ),
    symbols={
        "chromatin": "c_j",
        "acetylation_gain": "g_c",
        "chromatin_tau_days": r"\tau_c",
        "chromatin_drive": r"\beta_c",
        "acetylation_block": "B_j",
        "deacetylation_block": "D_j",
        "virus_acetylation": "v_j",
    },
    sources=(
        "Santoni et al. 2024, Science 385:eadg9982, doi 10.1126/science.adg9982",
        "Marco et al. 2020, Nat Neurosci 23:1606, doi 10.1038/s41593-020-00717-0",
        "Graff et al. 2014, Cell 156:261, doi 10.1016/j.cell.2013.12.020",
    ),
    parameters=(
        Parameter("acetylation_gain", 0.02, 0.0, 1.0, "1", "assumed: of full acetylation"),
        Parameter("chromatin_tau_days", 4.0, 0.5, 60.0, "d", "Marco et al. 2020: open at day 5"),
        Parameter(
            "chromatin_drive", 0.7, 0.0, 2.0, "drive", "Santoni et al. 2024: 1.3 x allocation"
        ),
        Parameter("chromatin_protein", 0.6, 0.0, 3.0, "1", "assumed: gain of protein by opening"),
    ),
    variables=("chromatin",),
    after=("protein_capture", "lability"),
)


@kernel
def initialise(chromatin):
    """Closed at birth."""
    chromatin[:] = np.float32(0.0)


@kernel
def excite(excitability, chromatin, virus_acetylation, chromatin_drive):
    """Open cells are more excitable."""
    for j in range(chromatin.size):
        level = max(chromatin[j], virus_acetylation[j])
        excitability[j] += np.float32(chromatin_drive * level)


@kernel
def end_session(
    chromatin,
    protein,
    restorage,
    peak,
    acetylation_block,
    virus_acetylation,
    consolidation_strength,
    restorage_strength,
    acetylation_gain,
    chromatin_protein,
):
    """Acetylate the cells that took part; what is open makes more protein."""
    strength = max(consolidation_strength[0], restorage_strength[0])
    for j in range(chromatin.size):
        chromatin[j] = max(chromatin[j], virus_acetylation[j])
        free = 1.0 - min(1.0, float(acetylation_block[j]))
        open_before = float(chromatin[j])
        chromatin[j] += np.float32(
            acetylation_gain * strength * peak[j] * free * (1.0 - chromatin[j])
        )
        gain = np.float32(1.0 + chromatin_protein * open_before)
        if peak[j] > 0.1:
            protein[j] = min(np.float32(1.0), protein[j] * gain)
            restorage[j] = min(np.float32(1.0), restorage[j] * gain)


@kernel
def elapse(
    chromatin, acetylation_block, deacetylation_block, virus_acetylation, hours, chromatin_tau_days
):
    """Histones are deacetylated; blockers of either enzyme shift the balance."""
    rate = 1.0 / (24.0 * chromatin_tau_days)
    for j in range(chromatin.size):
        given = min(1.0, float(deacetylation_block[j]))
        own = rate * (1.0 - given) * (1.0 + 7.0 * min(1.0, float(acetylation_block[j])))
        level = float(chromatin[j])
        if level < 0.5 * given:
            level = 0.5 * given - (0.5 * given - level) * math.exp(-hours)
        else:
            level *= math.exp(-own * hours)
        chromatin[j] = max(np.float32(level), virus_acetylation[j])
