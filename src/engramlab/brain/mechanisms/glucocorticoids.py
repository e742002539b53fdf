"""Glucocorticoids: stress weakens inhibition, enlarges engrams, and for a time impairs recall."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="glucocorticoids",
    summary="Stress releases corticosterone for hours. It makes interneurons of amygdala and "
    "dentate gyrus, through endocannabinoids, let more cells into an engram, impairs recall by "
    "hippocampus while it is high, and when repeated blunts the reward cells of the amygdala.",
    equation="drive rises to stress at once and falls back: d(drive)/dt = (stress - drive) / "
    "release_tau;  dC/dt = (drive - C) / clearance_tau;  c_j = (C (1 - corticosterone_block_j) + "
    "given_j) (1 - receptor_block_j);  active of DG, CA1 and BLA x (1 + disinhibition mean c (1 "
    "- endocannabinoid_block) session_novelty);  learned drive onto CA3 and CA1 x (1 - "
    "recall_impairment min(1, mean c));  d(load)/dt = stress / load_rise - load / load_tau;  "
    "drive of positive BLA cells -= blunting load",
    maths=(
        r"\frac{\mathrm{d} d}{\mathrm{d} t} = \frac{S - d}{\tau_r} \quad (d \text{ rises to } S "
        r"\text{ at once}), \qquad \frac{\mathrm{d} C}{\mathrm{d} t} = \frac{d - C}{\tau_C}",
        r"c_j = \bigl(C\, (1 - b_j) + g_j\bigr)(1 - R_j)",
        r"k_{\mathrm{DG,CA1,BLA}} \times "
        r"\bigl(1 + \delta\, \langle c\, (1 - E) \rangle\, \psi\bigr)",
        r"\text{learned drive onto CA3 and CA1} \times "
        r"\bigl(1 - \iota \min(1, \langle c \rangle)\bigr)",
        r"\frac{\mathrm{d} L}{\mathrm{d} t} = \frac{S}{\tau_{\uparrow}} - \frac{L}{\tau_L}, "
        r"\qquad h_j \leftarrow h_j - \gamma L \quad \text{for positive BLA cells}",
    ),
    symbols={
        "stress": "S",
        "stress_drive": "d",
        "corticosterone": "C",
        "stress_load": "L",
        "glucocorticoid": "c_j",
        "session_novelty": r"\psi",
        "corticosterone_block": "b_j",
        "receptor_block": "R_j",
        "endocannabinoid_block": "E",
        "release_tau_hours": r"\tau_r",
        "clearance_tau_hours": r"\tau_C",
        "disinhibition": r"\delta",
        "recall_impairment": r"\iota",
        "load_rise_hours": r"\tau_{\uparrow}",
        "load_tau_days": r"\tau_L",
        "blunting": r"\gamma",
    },
    sources=(
        "Lesuis et al. 2025, Cell 188:121, doi 10.1016/j.cell.2024.10.034",
        "Lesuis et al. 2021, Biol Psychiatry 90:494, doi 10.1016/j.biopsych.2021.04.010",
        "de Quervain et al. 1998, Nature 394:787, doi 10.1038/29542 (recall impaired 30 min and "
        "not 2 min or 4 h after stress)",
        "Ramirez et al. 2015, Nature 522:335, doi 10.1038/nature14514 (chronic stress)",
    ),
    parameters=(
        Parameter("release_tau_hours", 0.5, 0.05, 2.0, "h", "de Quervain et al. 1998: at 30 min"),
        Parameter("clearance_tau_hours", 0.6, 0.1, 4.0, "h", "de Quervain et al. 1998: not at 4 h"),
        Parameter("disinhibition", 1.12, 0.0, 4.0, "1", "Lesuis et al. 2025: 1.5-2 x (recalled)"),
        Parameter("recall_impairment", 1.0, 0.0, 1.0, "1", "assumed: partial impairment"),
        Parameter("load_rise_hours", 30.0, 1.0, 500.0, "h", "assumed: ten days of 2-3 h"),
        Parameter("load_tau_days", 14.0, 1.0, 100.0, "d", "assumed: weeks"),
        Parameter("blunting", 0.8, 0.0, 4.0, "drive", "assumed: less reward seeking"),
    ),
    variables=("glucocorticoid",),
    signals=("stress", "stress_drive", "corticosterone", "stress_load"),
)


@kernel
def excite(
    glucocorticoid, corticosterone, corticosterone_given, corticosterone_block, receptor_block
):
    """Effective level in every neuron in this moment."""
    for j in range(glucocorticoid.size):
        level = corticosterone[0] * (1.0 - min(1.0, float(corticosterone_block[j])))
        level = (level + corticosterone_given[j]) * (1.0 - min(1.0, float(receptor_block[j])))
        glucocorticoid[j] = np.float32(level)


@kernel
def elapse(
    stress,
    stress_drive,
    corticosterone,
    stress_load,
    hours,
    release_tau_hours,
    clearance_tau_hours,
    load_rise_hours,
    load_tau_days,
):
    """Exact step of the two linear stages of release, and of the load, over a gap."""
    a, b = 1.0 / release_tau_hours, 1.0 / clearance_tau_hours
    if abs(a - b) < 1e-6 * b:
        a *= 1.0 + 1e-5  # equal rates: the limit, to rounding
    s = stress[0]
    stress_drive[0] = max(stress_drive[0], s)  # a stressor at once starts the whole release
    x, y = stress_drive[0] - s, corticosterone[0] - s
    decay_a, decay_b = math.exp(-a * hours), math.exp(-b * hours)
    stress_drive[0] = s + x * decay_a
    corticosterone[0] = s + y * decay_b + x * b / (b - a) * (decay_a - decay_b)
    tau = 24.0 * load_tau_days
    decay = math.exp(-hours / tau)
    stress_load[0] = stress_load[0] * decay + s * tau / load_rise_hours * (1.0 - decay)


@kernel
def mean_level(glucocorticoid, endocannabinoid_block, start, stop):
    """Mean effective level of a region, and the same where endocannabinoids pass it on."""
    level = disinhibiting = 0.0
    for j in range(start, stop):
        level += glucocorticoid[j]
        disinhibiting += glucocorticoid[j] * (1.0 - min(1.0, float(endocannabinoid_block[j])))
    n = max(1, stop - start)
    return level / n, disinhibiting / n
