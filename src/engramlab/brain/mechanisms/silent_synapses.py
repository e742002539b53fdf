"""Silent synapses: connectivity that outlives strength."""

import numpy as np

from engramlab.brain.mechanism import FRESH, Mechanism, Parameter
from engramlab.brain.mechanisms.hebbian_learning import ACTIVE
from engramlab.brain.synapses import entries
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="silent_synapses",
    summary="Learning also builds connections between engram cells that need no protein synthesis "
    "and outlive strength, too weak for natural recall but enough for direct light. They hold NMDA "
    "receptors, so they pass what comes in step, and more than in proportion.",
    equation="at the end of a session silent = max(silent, silent_share (labile + protected)); "
    "effective weight = max(labile + protected, y^coincidence_power silent);  y (synchrony) of a "
    "region = share of a whole natural engram that light drives in it, else the mean y of the "
    "regions before it, weighted by the drive that comes from each",
    maths=(
        r"w^s \leftarrow \max\bigl(w^s,\ \alpha_s (w^l + w^p)\bigr) \quad \text{at the end of a "
        r"session}",
        r"W = \max\bigl(w^l + w^p,\ y^{\nu} w^s\bigr), \quad y = \text{synchrony}",
        r"y_R = \max\left(\text{share of a natural engram that light drives},\ "
        r"\frac{\sum_{Q \to R} y_Q D_{QR}}{\sum_{Q \to R} D_{QR}}\right), \quad D_{QR}: "
        r"\text{drive of region } Q \text{ on } R",
    ),
    symbols={
        "silent_share": r"\alpha_s",
        "coincidence_power": r"\nu",
    },
    sources=(
        "Ryan et al. 2015, Science 348:1007, doi 10.1126/science.aaa5542",
        "Roy et al. 2017, PNAS 114:E9972, doi 10.1073/pnas.1714248114",
        "Isaac, Nicoll & Malenka 1995, Neuron 15:427 (silent synapses hold NMDA receptors only; "
        "recalled)",
        "Losonczy & Magee 2006, Neuron 50:291 (inputs in step sum supralinearly; recalled)",
    ),
    parameters=(
        Parameter(
            "silent_share",
            0.9,
            0.0,
            1.0,
            "1",
            "Ryan et al. 2015: connectivity of amnesic engrams as in controls (recalled)",
        ),
        Parameter(
            "coincidence_power",
            2.5,
            1.0,
            6.0,
            "1",
            "assumed: NMDA receptors; Liu et al. 2012, Ramirez et al. 2015 (light on a neutral "
            "memory recalls nothing along the paths that it hardly drives)",
        ),
    ),
)


@kernel
def end_session(network, peak, silent_share):
    """Build connectivity in the rows of cells that were active in this session."""
    share = np.float32(silent_share)
    for q in range(network.projection.size):
        pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
        for i in range(network.projection[q].cells):
            if (
                peak[pre + i] > ACTIVE
                and network.rows[network.projection[q].row + i].state == FRESH
            ):
                first, last = entries(network, q, i)
                for e in range(first, last):
                    synapse = network.learned[e]
                    strength = share * (synapse.labile + synapse.protected)
                    synapse.silent = max(synapse.silent, strength)
