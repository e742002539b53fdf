"""Lability: recall with prediction error returns protected strength to the labile pool."""

import math

import numpy as np

from engramlab.brain.activity import active_share
from engramlab.brain.mechanism import NEVER, Mechanism, Parameter
from engramlab.brain.mechanisms.hebbian_learning import ACTIVE, refresh
from engramlab.brain.mechanisms.protein_capture import order
from engramlab.brain.synapses import entries
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="lability",
    summary="Recall that meets a prediction error opens a window of hours in which the memory must "
    "be stored again. Strong and old memories need a longer reminder; a long one closes the window "
    "again and extinguishes instead.",
    equation="n = moments from the first with V- > recall_threshold on (one with a cue counts "
    "cue_weight); E = highest V- before any outcome; need = reminder_base + reminder_strength "
    "max(0, mean resistance - 1) + reminder_age cortical_share - reminder_chromatin mean "
    "chromatin, means over the negative BLA cells that were recalled; opening = clip((n - need) / "
    "3) clip((|US - E| - surprise_threshold) / 0.15) (1 - clip(2 n / reminder_limit - 2)); at the "
    "end protected -> labile by destabilised x opening on synapses among the recalled cells, "
    "restorage_j = max(., restorage_gain opening min(1, 1.5 peak_j)) after synthesis_delay;  "
    "resistance_j += peak_j sum "
    "over shocks US min(1, activity of CA1 / active);  d(resistance)/dt = -resistance / "
    "resistance_tau",
    maths=(
        r"n = \text{moments from the first with } V^- > \theta_r \quad (\text{one with a cue "
        r"counts } m_c), \qquad E = \max V^- \text{ before any outcome}",
        r"\text{need} = m_0 + m_s \max(0, \langle z \rangle - 1) + m_a\, \kappa - m_{ch}\, "
        r"\langle c \rangle",
        r"O = \operatorname{clip}\left(\frac{n - \text{need}}{3}\right) "
        r"\operatorname{clip}\left(\frac{|\mathrm{US} - E| - \theta_s}{0.15}\right) \left(1 - "
        r"\operatorname{clip}\left(\frac{2 n}{m_l} - 2\right)\right)",
        r"w^p \to w^l: \text{ a share } \lambda\, O \text{ among recalled cells}; \qquad \rho_j "
        r"\leftarrow \max(\rho_j,\ g_\rho\, O \min(1, 1.5\, \hat{r}_j))",
        r"z_j \leftarrow z_j + \hat{r}_j \sum_{\text{shocks}} \mathrm{US} \min\left(1, "
        r"\frac{\sum_{\mathrm{CA1}} r}{k}\right), \qquad \frac{\mathrm{d} z_j}{\mathrm{d} t} = "
        r"-\frac{z_j}{\tau_z}",
    ),
    symbols={
        "recall_threshold": r"\theta_r",
        "cue_weight": "m_c",
        "reminder_peak": "E",
        "reminder_base": "m_0",
        "reminder_strength": "m_s",
        "resistance": "z_j",
        "resistance_tau_days": r"\tau_z",
        "reminder_age": "m_a",
        "cortical_share": r"\kappa",
        "reminder_chromatin": "m_{ch}",
        "surprise_threshold": r"\theta_s",
        "reminder_limit": "m_l",
        "destabilised": r"\lambda",
        "restorage": r"\rho_j",
        "restorage_gain": r"g_\rho",
    },
    sources=(
        "Nader, Schafe & LeDoux 2000, Nature 406:722, doi 10.1038/35021052",
        "Suzuki et al. 2004, J Neurosci 24:4787, doi 10.1523/JNEUROSCI.5491-03.2004",
        "Sevenster, Beckers & Kindt 2013, Science 339:830, doi 10.1126/science.1231357",
        "Graff et al. 2014, Cell 156:261, doi 10.1016/j.cell.2013.12.020",
        "Wang, de Oliveira Alvares & Nader 2009, Nat Neurosci 12:905, doi 10.1038/nn.2350 (strong "
        "training with hippocampus lowers GluN2B in amygdala for weeks)",
    ),
    parameters=(
        Parameter("destabilised", 0.97, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("recall_threshold", 0.12, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("surprise_threshold", 0.1, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("cue_weight", 15.0, 1.0, 30.0, "moments", "Nader et al. 2000: one cue suffices"),
        Parameter("reminder_base", 2.0, 0.0, 20.0, "moments", "Suzuki et al. 2004: not 1 min"),
        Parameter(
            "reminder_strength", 3.0, 0.0, 100.0, "moments", "Suzuki et al. 2004: 3 shocks resist"
        ),
        Parameter("resistance_tau_days", 25.0, 1.0, 365.0, "d", "Wang et al. 2009: gone by day 60"),
        Parameter(
            "restorage_gain",
            2.196,
            0.0,
            10.0,
            "1",
            "fitted: docs/model.md; vehicle leaves recall intact",
        ),
        Parameter("reminder_age", 6.0, 0.0, 100.0, "moments", "Suzuki et al. 2004"),
        Parameter("reminder_limit", 40.0, 5.0, 200.0, "moments", "Suzuki et al. 2004: not 30 min"),
        Parameter("reminder_chromatin", 10.0, 0.0, 100.0, "moments", "Graff et al. 2014"),
    ),
    variables=("resistance",),
    signals=(
        "shock_sum",
        "reminder",
        "reminder_cue",
        "reminder_peak",
        "reminder_outcome",
        "reminder_cortical",
        "restorage_strength",
    ),
)


@kernel
def learn(
    network,
    shock_sum,
    reminder,
    reminder_cue,
    reminder_peak,
    reminder_outcome,
    reminder_cortical,
    valence_negative,
    shock,
    cue_on,
    cortical_share,
    recall_threshold,
    cue_weight,
):
    """Follow what is expected and what comes; with cues, in the moments of the cues."""
    if shock[0] > 0.0:
        shock_sum[0] += shock[0] * active_share(network, 3)  # CA1
    before = reminder_outcome[0] == 0.0  # what is expected is read before the outcome
    reminder_outcome[0] = max(reminder_outcome[0], shock[0])
    if cue_on[0] > 0.0:
        reminder_cue[0] = 1.0
    elif reminder_cue[0] > 0.0:
        return
    v = valence_negative[0]
    if before and v > reminder_peak[0]:
        reminder_peak[0] = v
        reminder_cortical[0] = cortical_share[0]
    if v > recall_threshold or reminder[0] > 0.0:
        reminder[0] += cue_weight if cue_on[0] > 0.0 else 1.0


@kernel
def clip(x):
    """Between 0 and 1."""
    return min(1.0, max(0.0, x))


@kernel
def surprise(outcome, expected, threshold):
    """How far what came was another thing than what was expected, [0, 1]."""
    return clip((abs(outcome - expected) - threshold) / 0.15)


@kernel
def end_session(
    network,
    peak,
    restorage_message,
    synthesis_wait,
    chromatin,
    resistance,
    destabilisation_block,
    shock_sum,
    reminder,
    reminder_cue,
    reminder_peak,
    reminder_outcome,
    reminder_cortical,
    restorage_strength,
    destabilised,
    surprise_threshold,
    reminder_base,
    reminder_strength,
    reminder_age,
    reminder_limit,
    reminder_chromatin,
    restorage_gain,
    synthesis_delay_hours,
):
    """Destabilise what was recalled and start the synthesis that can store it again."""
    expected = reminder_peak[0]
    opening = 0.0
    if expected > 0.0:
        amygdala = network.region[network.region.size - 1]
        opened, held, cells = 0.0, 0.0, 0
        for j in range(amygdala.start, amygdala.start + amygdala.boundary):
            if peak[j] > ACTIVE:
                opened += chromatin[j]
                held += resistance[j]
                cells += 1
        need = reminder_base + reminder_strength * max(0.0, held / max(1, cells) - 1.0)
        need += reminder_age * reminder_cortical[0]
        need -= reminder_chromatin * opened / max(1, cells)
        opening = clip((reminder[0] - need) / 3.0)
        opening *= surprise(reminder_outcome[0], expected, surprise_threshold)
        opening *= 1.0 - clip(2.0 * reminder[0] / reminder_limit - 2.0)
    for j in range(resistance.size):
        resistance[j] += np.float32(shock_sum[0] * peak[j])
    shock_sum[0] = 0.0
    restorage_strength[0] = opening
    for signal in (reminder, reminder_cue, reminder_peak, reminder_outcome):
        signal[0] = 0.0
    if opening <= 0.0:
        return
    for j in range(restorage_message.size):
        made = np.float32(restorage_gain * opening * min(1.0, 1.5 * peak[j]))
        order(synthesis_wait, j, made, synthesis_delay_hours)
        restorage_message[j] = max(restorage_message[j], made)
    share = np.float32(destabilised * opening)
    for q in range(network.projection.size):
        pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
        post = network.region[network.projection[q].post].start
        for i in range(network.projection[q].cells):
            r = peak[pre + i]
            if r <= ACTIVE or network.rows[network.projection[q].row + i].state == NEVER:
                continue
            refresh(network, q, i)
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                j = post + synapse.to
                s = peak[j]
                if s > ACTIVE:
                    free = max(np.float32(0.0), np.float32(1.0) - destabilisation_block[j])
                    moved = share * free * synapse.protected * min(np.float32(1.0), 2 * r * s)
                    synapse.protected -= moved
                    synapse.labile += moved


@kernel
def elapse(resistance, hours, resistance_tau_days):
    """Resistance is lost over weeks."""
    decay = np.float32(math.exp(-hours / (24.0 * resistance_tau_days)))
    for j in range(resistance.size):
        resistance[j] *= decay
