"""Feed-forward inhibition: engram cells of DG gain contacts on the interneurons of CA3."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="feedforward_inhibition",
    summary="Learning grows contacts of dentate engram cells on CA3 interneurons, which keep CA3 "
    "from completing a memory for a merely similar place; they are lost over weeks.",
    equation="at the end of a session feedforward_j = max(feedforward_j, feedforward_growth s "
    "peak_j), s = strength of the consolidation signal; d(feedforward)/dt = -feedforward / "
    "feedforward_tau; learned recurrent drive in CA3 x (1 - feedforward_share F / (F + 0.25)), F = "
    "sum_DG r_j feedforward_j / active",
    maths=(
        r"f_j \leftarrow \max(f_j,\ g_f\, s\, \hat{r_j}) \quad \text{at the end of a session}",
        r"\frac{\mathrm{d} f_j}{\mathrm{d} t} = -\frac{f_j}{\tau_f}",
        r"\text{recurrent drive in CA3} \times \left(1 - \alpha_f \frac{F}{F + 0.25}\right), "
        r"\quad F = \frac{1}{k} \sum_{j \in \mathrm{DG}} r_j f_j",
    ),
    symbols={
        "feedforward": "f_j",
        "feedforward_growth": "g_f",
        "feedforward_share": r"\alpha_f",
        "feedforward_tau_days": r"\tau_f",
    },
    sources=(
        "Ruediger et al. 2011, Nature 473:514, doi 10.1038/nature09946",
        "Guo et al. 2018, Nat Med 24:438, doi 10.1038/nm.4491",
    ),
    parameters=(
        Parameter(
            "feedforward_growth",
            1.0,
            0.0,
            4.0,
            "1",
            "1: wild type (Ruediger et al. 2011: 1.5-2 x contacts, recalled); 0: no growth",
        ),
        Parameter("feedforward_share", 0.7, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter(
            "feedforward_tau_days",
            14.0,
            2.0,
            100.0,
            "d",
            "Ruediger et al. 2011: back to baseline in about 4 weeks (recalled)",
        ),
    ),
    variables=("feedforward",),
    after=("protein_capture",),  # which sets the strength of the consolidation signal
)


@kernel
def end_session(feedforward, peak, consolidation_strength, feedforward_growth):
    """Grow contacts of the cells that took part (read for DG only)."""
    gain = feedforward_growth * consolidation_strength[0]
    for j in range(feedforward.size):
        feedforward[j] = max(feedforward[j], np.float32(gain * peak[j]))


@kernel
def elapse(feedforward, hours, feedforward_tau_days):
    """Contacts retract."""
    decay = np.float32(math.exp(-hours / (24.0 * feedforward_tau_days)))
    for j in range(feedforward.size):
        feedforward[j] *= decay


@kernel
def feedforward_input(rate, feedforward, start, stop, active):
    """Activity of the contacts of DG on interneurons of CA3, as a share of a whole engram's."""
    total = 0.0
    for j in range(start, stop):
        total += min(1.0, float(rate[j])) * feedforward[j]
    return total / active
