"""Learning-induced excitability: cells that took part in an experience stay excitable for hours."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="learning_excitability",
    summary="Cells active in a salient experience stay more excitable for hours, so that memories "
    "formed close in time share cells and are linked.",
    equation="at the end of a session boost_j = max(boost_j, peak_j min(1, boost_gain max M)); "
    "then d(boost)/dt = -boost / boost_tau;  eps_j += boost_drive boost_j",
    maths=(
        r"b_j \leftarrow \max\bigl(b_j,\ \hat{r_j} \min(1, g_b \max M)\bigr) \quad \text{at the "
        r"end of a session}",
        r"\frac{\mathrm{d} b_j}{\mathrm{d} t} = -\frac{b_j}{\tau_b}",
        r"\varepsilon_j \leftarrow \varepsilon_j + \beta_b\, b_j",
    ),
    symbols={
        "boost": "b_j",
        "boost_gain": "g_b",
        "boost_tau_hours": r"\tau_b",
        "boost_drive": r"\beta_b",
        "modulator": "M",
    },
    sources=(
        "Cai et al. 2016, Nature 534:115, doi 10.1038/nature17955",
        "Rashid et al. 2016, Science 353:383, doi 10.1126/science.aaf0594",
    ),
    parameters=(
        Parameter("boost_drive", 0.84, 0.0, 3.0, "drive", "by hand: docs/model.md"),
        Parameter("boost_gain", 1.3, 0.0, 5.0, "1", "by hand: docs/model.md"),
        Parameter("boost_tau_hours", 34.9, 1.0, 200.0, "h", "by hand: docs/model.md"),
    ),
    variables=("boost",),
    signals=("salience",),
    after=("inhibitory_plasticity",),  # which follows the boost from the start of a gap
)


@kernel
def excite(excitability, boost, boost_drive):
    """Add the boost to the drive."""
    for j in range(boost.size):
        excitability[j] += np.float32(boost_drive * boost[j])


@kernel
def learn(modulator, salience):
    """Keep the strongest modulation of the session."""
    salience[0] = max(salience[0], modulator[0])


@kernel
def end_session(boost, peak, salience, boost_gain):
    """Raise the boost of the cells that fired; it takes minutes, so it starts after the session."""
    gain = min(1.0, boost_gain * salience[0])
    for j in range(boost.size):
        boost[j] = max(boost[j], np.float32(gain * peak[j]))
    salience[0] = 0.0


@kernel
def elapse(boost, hours, boost_tau_hours):
    """Exponential decay."""
    decay = np.float32(math.exp(-hours / boost_tau_hours))
    for j in range(boost.size):
        boost[j] *= decay
