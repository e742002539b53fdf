"""Heterosynaptic depression: granule cells that learn some inputs turn away from the others."""

import math

import numpy as np

from engramlab.brain.anatomy import PROJECTIONS
from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.brain.mechanisms.hebbian_learning import ACTIVE
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="heterosynaptic_depression",
    summary="While some inputs of a granule cell are potentiated, its others are weakened, so that "
    "a cell of one engram answers less to a merely similar place, which calls up cells of its own.",
    equation="d(weakening_j) = hebbian_rate rate_EC-DG M r_j (1 - weakening_j) for DG cells with "
    "r_j > 0.1, as their inputs are potentiated; weakened_j = weakening_j from the end of the "
    "session on; both decay with heterosynaptic_tau; unlearned drive onto DG x (1 - "
    "heterosynaptic_share weakened_j)",
    maths=(
        r"\Delta d_j = \eta\, \eta_q\, M\, r_j (1 - d_j) \quad \text{in DG}, \qquad "
        r"\frac{\mathrm{d} d_j}{\mathrm{d} t} = -\frac{d_j}{\tau_d}",
        r"\text{unlearned drive onto DG} \times (1 - \alpha_d\, D_j), \quad D_j \leftarrow d_j "
        r"\text{ at the end of a session}",
    ),
    symbols={
        "weakening": "d_j",
        "weakened": "D_j",
        "hebbian_rate": r"\eta",
        "modulator": "M",
        "heterosynaptic_share": r"\alpha_d",
        "heterosynaptic_tau_days": r"\tau_d",
    },
    sources=(
        "Levy & Steward 1979, Brain Res 175:233, doi 10.1016/0006-8993(79)91003-5 (perforant path: "
        "what is active with the cell is potentiated, what is silent depressed; recalled)",
        "McHugh et al. 2007, Science 317:94, doi 10.1126/science.1140263 (NMDA receptors of DG "
        "serve to tell similar places apart)",
        "Tome et al. 2024, Nat Neurosci 27:561, doi 10.1038/s41593-023-01551-w (cells drop out of "
        "the DG engram within a day)",
    ),
    parameters=(
        Parameter("heterosynaptic_share", 1.0, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter(
            "heterosynaptic_tau_days", 60.0, 1.0, 500.0, "d", "assumed: as long as connectivity"
        ),
    ),
    variables=("weakened", "weakening"),
    after=("novelty",),  # which sets the modulator
)
PERFORANT = np.int64([projection.name for projection in PROJECTIONS].index("EC-DG"))


@kernel
def learn(network, rate, weakening, modulator, hebbian_rate):
    """Weaken the other inputs of the granule cells whose inputs are potentiated now."""
    dentate = network.region[network.projection[PERFORANT].post]
    gain = hebbian_rate * modulator[0] * network.projection[PERFORANT].learning_rate
    for j in range(dentate.start, dentate.stop):
        if rate[j] > ACTIVE:
            step = min(1.0, gain * rate[j])
            weakening[j] += np.float32(step * (1.0 - weakening[j]))


@kernel
def end_session(weakened, weakening):
    """Depression counts from now on: it takes longer than a session, and leaves its code alone."""
    for j in range(weakened.size):
        weakened[j] = weakening[j]


@kernel
def elapse(weakened, weakening, hours, heterosynaptic_tau_days):
    """Exponential decay."""
    decay = np.float32(math.exp(-hours / (24.0 * heterosynaptic_tau_days)))
    for j in range(weakened.size):
        weakened[j] *= decay
        weakening[j] *= decay


@kernel
def turn_away(drive, weakened, share):
    """Lessen the unlearned drive of these granule cells by what they were weakened."""
    for j in range(drive.size):
        drive[j] *= np.float32(1.0 - share * weakened[j])
