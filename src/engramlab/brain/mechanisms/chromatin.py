"""Chromatin: learning acetylates histones in the cells that took part, which primes them."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.brain.mechanisms.lability import surprise
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="chromatin",
    summary="Strong experience and recall with surprise open the chromatin of the cells that took "
    "part, for days; open cells are more excitable, make more protein and are more labile. Recall "
    "of a recent memory primes the cells of its input for hours: what is then unlearned is "
    "unlearned for good. Recall of a remote memory does not, unless deacetylases are inhibited.",
    equation="at the end of a session chromatin_j += acetylation_gain (s + fresh) peak_j (1 - "
    "acetylation_block_j) (1 - chromatin_j), s = strength of the consolidation or restorage "
    "signal; primed_j = max(primed_j, priming_gain fresh peak_j), fresh = clip((|US - E| - "
    "surprise_threshold) / 0.15) max(0, 1 - priming_age cortical_share), E = highest V- before any "
    "outcome, were the positive half silent; d(primed)/dt = -(1 - deacetylation_block) primed / "
    "priming_tau, below 0.5 deacetylation_block as chromatin; d(chromatin)/dt = -(1 - "
    "deacetylation_block_j) chromatin / chromatin_tau, x 8 under "
    "acetylation_block; never below virus_acetylation_j; below 0.5 "
    "deacetylation_block it rises to that at 1/h; eps_j += chromatin_drive chromatin_j",
    maths=(
        r"c_j \leftarrow c_j + g_c\, (s + f)\, \hat{r_j}\, (1 - B_j)(1 - c_j) \quad \text{at the "
        r"end of a session}",
        r"f = \operatorname{clip}\left(\frac{|\mathrm{US} - E| - \theta_s}{0.15}\right) \max(0, 1 "
        r"- m_p\, \kappa), \qquad o_j \leftarrow \max(o_j,\ g_o\, f\, \hat{r_j}), \qquad "
        r"\frac{\mathrm{d} o_j}{\mathrm{d} t} = -\frac{(1 - D_j)\, o_j}{\tau_o}",
        r"\frac{\mathrm{d} c_j}{\mathrm{d} t} = -\frac{(1 - D_j)\, c_j}{\tau_c} \quad (\times 8 "
        r"\text{ under } B_j)",
        r"c_j \geq v_j; \quad \text{where } c_j < D_j / 2 \text{ it rises to that at } "
        r"1/\mathrm{h}",
        r"\varepsilon_j \leftarrow \varepsilon_j + \beta_c\, c_j",
    ),
    symbols={
        "chromatin": "c_j",
        "acetylation_gain": "g_c",
        "primed": "o_j",
        "recall_peak": "E",
        "surprise_threshold": r"\theta_s",
        "priming_age": "m_p",
        "cortical_share": r"\kappa",
        "priming_gain": "g_o",
        "priming_tau_hours": r"\tau_o",
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
        Parameter("priming_tau_hours", 2.0, 0.5, 48.0, "h", "Monfils et al. 2009: 1 h, not 6 h"),
        Parameter("priming_gain", 1.0, 0.0, 1.0, "1", "assumed: recall can prime in full"),
        Parameter("priming_age", 1.25, 0.0, 10.0, "1", "Graff et al. 2014: not at day 30"),
        Parameter("chromatin_protein", 0.6, 0.0, 3.0, "1", "assumed: gain of protein by opening"),
    ),
    variables=("chromatin", "primed"),
    signals=("recall_peak", "recall_outcome", "recall_cortical"),
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
def learn(
    recall_peak,
    recall_outcome,
    recall_cortical,
    predicted_negative,
    shock,
    cortical_share,
):
    """Follow what is recalled before any outcome, whether or not it is shown."""
    if recall_outcome[0] == 0.0 and predicted_negative[0] > recall_peak[0]:
        recall_peak[0] = predicted_negative[0]
        recall_cortical[0] = cortical_share[0]
    recall_outcome[0] = max(recall_outcome[0], shock[0])


@kernel
def end_session(
    chromatin,
    primed,
    recall_peak,
    recall_outcome,
    recall_cortical,
    surprise_threshold,
    priming_gain,
    priming_age,
    protein_message,
    restorage_message,
    peak,
    acetylation_block,
    virus_acetylation,
    consolidation_strength,
    restorage_strength,
    acetylation_gain,
    chromatin_protein,
):
    """Acetylate the cells that took part; what is open makes more protein."""
    fresh = 0.0
    if recall_peak[0] > 0.0:
        fresh = surprise(recall_outcome[0], recall_peak[0], surprise_threshold)
        fresh *= max(0.0, 1.0 - priming_age * recall_cortical[0])
    recall_peak[0] = 0.0
    recall_outcome[0] = 0.0
    strength = max(consolidation_strength[0], restorage_strength[0]) + fresh
    for j in range(chromatin.size):
        primed[j] = max(primed[j], np.float32(priming_gain * fresh * peak[j]))
        chromatin[j] = max(chromatin[j], virus_acetylation[j])
        free = 1.0 - min(1.0, float(acetylation_block[j]))
        open_before = float(chromatin[j])
        chromatin[j] += np.float32(
            acetylation_gain * strength * peak[j] * free * (1.0 - chromatin[j])
        )
        gain = np.float32(1.0 + chromatin_protein * open_before)
        if peak[j] > 0.1:
            protein_message[j] = min(np.float32(1.0), protein_message[j] * gain)
            restorage_message[j] *= gain


@kernel
def relaxed(level, given, hours, kept):
    """Where `level` is after some hours: below what an inhibitor gives it rises, above it fades."""
    if level < given:
        return np.float32(given - (given - level) * math.exp(-hours))
    return np.float32(level * kept)


@kernel
def elapse(
    chromatin,
    primed,
    acetylation_block,
    deacetylation_block,
    virus_acetylation,
    hours,
    chromatin_tau_days,
    priming_tau_hours,
):
    """Histones are deacetylated; blockers of either enzyme shift the balance."""
    rate = 1.0 / (24.0 * chromatin_tau_days)
    kept_open, kept_primed = math.exp(-rate * hours), math.exp(-hours / priming_tau_hours)
    for j in range(chromatin.size):
        given, open_left, primed_left = 0.0, kept_open, kept_primed
        if deacetylation_block[j] != 0.0 or acetylation_block[j] != 0.0:  # as in few cells
            given = min(1.0, float(deacetylation_block[j]))
            own = rate * (1.0 - given) * (1.0 + 7.0 * min(1.0, float(acetylation_block[j])))
            open_left = math.exp(-own * hours)
            primed_left = math.exp(-hours * (1.0 - given) / priming_tau_hours)
        primed[j] = relaxed(float(primed[j]), 0.5 * given, hours, primed_left)
        level = relaxed(float(chromatin[j]), 0.5 * given, hours, open_left)
        chromatin[j] = max(level, virus_acetylation[j])
