"""Learning-induced excitability: cells that took part in an experience stay excitable for hours."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="learning_excitability",
    summary="Cells active in a salient experience stay more excitable for hours, so that memories "
    "formed close in time share cells and are linked.",
    equation="in a session boost_j = max(boost_j, r_j min(1, boost_gain M)); after it "
    "d(boost)/dt = -boost / boost_tau;  eps_j += boost_drive boost_j",
    sources=(
        "Cai et al. 2016, Nature 534:115, doi 10.1038/nature17955",
        "Rashid et al. 2016, Science 353:383, doi 10.1126/science.aaf0594",
    ),
    parameters=(
        Parameter("boost_drive", 0.9, 0.0, 3.0, "drive", "prototype notes, by hand"),
        Parameter("boost_gain", 1.3, 0.0, 5.0, "1", "prototype notes, by hand"),
        Parameter("boost_tau_hours", 30.0, 1.0, 200.0, "h", "prototype notes, by hand"),
    ),
    variables=("boost",),
    after=("inhibitory_plasticity",),  # which follows the boost from the start of a gap
)


@kernel
def excite(excitability, boost, boost_drive):  # type: ignore[no-untyped-def]
    """Add the boost to the drive."""
    for j in range(boost.size):
        excitability[j] += np.float32(boost_drive * boost[j])


@kernel
def learn(boost, rate, modulator, boost_gain):  # type: ignore[no-untyped-def]
    """Raise the boost of cells that fire while the modulator is up."""
    gain = min(1.0, boost_gain * modulator[0])
    for j in range(boost.size):
        boost[j] = max(boost[j], np.float32(gain * rate[j]))


@kernel
def elapse(boost, hours, boost_tau_hours):  # type: ignore[no-untyped-def]
    """Exponential decay."""
    decay = np.float32(math.exp(-hours / boost_tau_hours))
    for j in range(boost.size):
        boost[j] *= decay
