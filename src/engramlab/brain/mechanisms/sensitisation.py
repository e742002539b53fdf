"""Sensitisation: shocks under stress leave fear cells excitable for weeks."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="sensitisation",
    summary="A very strong shock, or a shock under glucocorticoids or without prefrontal control, "
    "leaves the negative cells of the amygdala more excitable for weeks, so that fear spreads to "
    "similar situations and new fear is learned faster.",
    equation="x = sum over shocks US (mean c of BLA + control_loss (1 - control) + intense "
    "max(0, mA - intense_above) / 0.3 mA);  at the end of a session sensitised_j = max(., "
    "sensitised_most (1 - exp(-x))) for negative BLA cells;  d(sensitised)/dt = -sensitised / "
    "sensitised_tau;  eps_j += sensitised_j",
    maths=(
        r"x = \sum_{\text{shocks}} \mathrm{US} \left(\langle c \rangle_{\mathrm{BLA}} + \kappa "
        r"(1 - \chi) + \iota \frac{\max(0, I - I_\iota)}{0.3\ \mathrm{mA}}\right)",
        r"S_j \leftarrow \max\bigl(S_j,\ S_1 (1 - e^{-x})\bigr) \quad \text{for negative BLA "
        r"cells, at the end of a session}",
        r"\frac{\mathrm{d} S_j}{\mathrm{d} t} = -\frac{S_j}{\tau_S}, \qquad \varepsilon_j "
        r"\leftarrow \varepsilon_j + S_j",
    ),
    symbols={
        "sensitising": "x",
        "sensitised": "S_j",
        "sensitised_most": "S_1",
        "sensitised_tau_days": r"\tau_S",
        "intense": r"\iota",
        "intense_above_mA": r"I_\iota",
        "current_mA": "I",
        "control_loss": r"\kappa",
        "control": r"\chi",
    },
    sources=(
        "Rau, DeCola & Fanselow 2005, Neurosci Biobehav Rev 29:1207 (stress-enhanced fear; "
        "recalled)",
        "Poulos et al. 2016, Learn Mem 23:379, doi 10.1101/lm.041400.115",
        "Baldi et al. 2004, Neurobiol Learn Mem 81:162, doi 10.1016/j.nlm.2004.02.004",
        "Xu & Sudhof 2013, Science 339:1290, doi 10.1126/science.1229534",
    ),
    parameters=(
        Parameter("sensitised_most", 1.5, 0.0, 4.0, "drive", "by hand: below the threshold of BLA"),
        Parameter("sensitised_tau_days", 40.0, 1.0, 365.0, "d", "Poulos et al. 2016: 28 days"),
        Parameter("intense", 0.45, 0.0, 5.0, "1", "by hand: docs/model.md"),
        Parameter(
            "intense_above_mA", 0.9, 0.0, 2.0, "mA", "Baldi et al. 2004: at 1.2 mA and not at 0.9"
        ),
    ),
    variables=("sensitised",),
    signals=("sensitising",),
)


@kernel
def excite(excitability, sensitised):
    """Add the lasting drive."""
    for j in range(sensitised.size):
        excitability[j] += sensitised[j]


@kernel
def learn(
    network,
    glucocorticoid,
    shock,
    current_mA,
    control,
    sensitising,
    control_loss,
    intense,
    intense_above_mA,
):
    """Sum up what sensitises in this session."""
    if shock[0] <= 0.0:
        return
    amygdala = network.region[network.region.size - 1]
    level = 0.0
    for j in range(amygdala.start, amygdala.start + amygdala.boundary):
        level += glucocorticoid[j] / amygdala.boundary
    level += control_loss * (1.0 - control[0])
    level += intense * max(0.0, current_mA[0] - intense_above_mA) / 0.3
    sensitising[0] += shock[0] * level


@kernel
def end_session(network, sensitised, sensitising, sensitised_most):
    """Set the lasting drive of negative cells."""
    if sensitising[0] > 0.0:
        level = np.float32(sensitised_most * (1.0 - math.exp(-sensitising[0])))
        amygdala = network.region[network.region.size - 1]
        for j in range(amygdala.start, amygdala.start + amygdala.boundary):
            sensitised[j] = max(sensitised[j], level)
        sensitising[0] = 0.0


@kernel
def elapse(sensitised, hours, sensitised_tau_days):
    """Exponential decay."""
    decay = np.float32(math.exp(-hours / (24.0 * sensitised_tau_days)))
    for j in range(sensitised.size):
        sensitised[j] *= decay
