"""Error-driven learning of inputs to the amygdala."""

import math

import numpy as np

from engramlab.brain.mechanism import RATE, VALENCE, Mechanism, Parameter
from engramlab.brain.mechanisms.hebbian_learning import ACTIVE, refresh
from engramlab.brain.synapses import entries, meet
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream

MECHANISM = Mechanism(
    name="valence_learning",
    summary="Inputs to the amygdala learn from the signed difference of what happens and what was "
    "predicted; an omitted shock is a relief that trains the positive half.",
    equation="error- = max(0, US - V-) with a shock, else -V- as it would be were the positive "
    "half silent;  error+ = reward + relief + safe - V+, relief = relief_gain V- and safe = V- as "
    "it would be less V- when no shock comes: what is learned about safety stays while it is used, "
    "and is unlearned by a shock, by the cells that expected it;  d(labile) = rate r_i r_j error "
    "(room up, labile down), slower by depression_share and relief_rate without an outcome, not "
    "under extinction_block, and less by arousal_block arousal;  what falls, falls with the rates "
    "that predicted it, x cortical_depression from PFC, and protected strength x (1 - "
    "primed_unlearning primed_i rate r_i r_j error), labile strength by as much more;  from cues x "
    "(1 - inattention), from elsewhere x (1 - eclipsed);  while an outcome drives the cells, "
    "learned drive counts outcome_gate;  awake, PFC-BLA learns into the silent pool only",
    maths=(
        r"\delta^- = \max(0, \mathrm{US} - V^-) \text{ with a shock}, \quad -V^- \text{ without}",
        r"\delta^+ = v_r R + \text{relief} + \text{safe} - V^+, \quad \text{relief} = g_r "
        r"V^-,\ \text{safe} = \hat{V}^- - V^- \text{ when no shock comes}, \quad \hat{V}^-\text{: "
        r"were the positive half silent}",
        r"\Delta w^l_{ij} = \eta\, \eta_q\, r_i r_j\, \delta \quad (\text{room upwards, } w^l "
        r"\text{ downwards})",
        r"\delta^- < 0: \times\, \zeta \max(0, 1 - \beta_A A), \quad w^p_{ij} \leftarrow w^p_{ij} "
        r"(1 - g_u\, o_i\, |\Delta w_{ij}|),\ w^l_{ij} \text{ by as much more}, \quad \times\, "
        r"\zeta_c \text{ from PFC}; \qquad "
        r"\text{relief}: \times\, \eta_r \max(0, 1 - "
        r"\beta_A A); \qquad \text{neither under extinction block}",
    ),
    symbols={
        "valence_rate": r"\eta",
        "error_negative": r"\delta^-",
        "error_positive": r"\delta^+",
        "reward": "R",
        "reward_value": "v_r",
        "relief_gain": "g_r",
        "depression_share": r"\zeta",
        "primed_unlearning": "g_u",
        "primed": "o_i",
        "cortical_depression": r"\zeta_c",
        "relief_rate": r"\eta_r",
        "arousal": "A",
        "arousal_block": r"\beta_A",
    },
    sources=(
        "Rescorla & Wagner 1972, in Classical Conditioning II",
        "Redondo et al. 2014, Nature 513:426, doi 10.1038/nature13725",
        "Kitamura et al. 2017, Science 356:73, doi 10.1126/science.aam6808",
        "Kim et al. 2010, J Neurosci 30:832 (extinction soon after shock does not last)",
        "Graff et al. 2014, Cell 156:261, doi 10.1016/j.cell.2013.12.020 (priming by recall)",
        "Luo et al. 2018 (dopamine drives fear extinction; recalled)",
    ),
    parameters=(
        Parameter("valence_rate", 1.05, 0.0, 5.0, "1", "by hand: docs/model.md"),
        Parameter("depression_share", 0.0161, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter("shock_drive", 8.0, 0.0, 20.0, "drive", "by hand: docs/model.md"),
        Parameter("relief_gain", 1.0, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter(
            "cue_relief",
            0.831,
            0.0,
            5.0,
            "1",
            "assumed: extinction is bound to its place; by hand: an unpaired tone comes to mean "
            "safety (Gore et al. 2015)",
        ),
        Parameter("reward_value", 0.95, 0.0, 1.0, "1", "by hand: Ramirez et al. 2015"),
        Parameter("arousal_tau_hours", 0.701, 0.1, 12.0, "h", "Kim et al. 2010: 15 min, not a day"),
        Parameter(
            "arousal_block", 3.0, 0.0, 5.0, "1", "Maren 2014: stress right before extinction"
        ),
        Parameter(
            "outcome_slope", 0.5, 0.1, 5.0, "drive", "assumed: an outcome drives few cells hard"
        ),
        Parameter(
            "outcome_gate",
            0.03,
            0.0,
            1.0,
            "1",
            "assumed: while an outcome drives the cells, excitability and not what was learned "
            "before decides which (Rashid et al. 2016: chance overlap after a day)",
        ),
        Parameter("outcome_sd", 0.045, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter(
            "relief_rate",
            0.165,
            0.0,
            2.0,
            "1",
            "by hand: docs/model.md; extinction takes 10-30 min",
        ),
        Parameter(
            "primed_unlearning", 24.0, 0.0, 100.0, "1", "by hand: Graff et al. 2014, a month later"
        ),
        Parameter("silent_birth", 1.0, 0.0, 5.0, "1", "Kitamura et al. 2017: silent at day 2"),
        Parameter("positive_on_negative", 4.381, 0.0, 6.0, "drive", "fitted: docs/model.md"),
        Parameter("negative_on_positive", 0.532, 0.0, 6.0, "drive", "by hand: docs/model.md"),
        Parameter("cortical_depression", 0.1, 0.0, 1.0, "1", "assumed: cortex unlearns slowly"),
        Parameter("cue_cells", 12.0, 5.0, 60.0, "cells", "by hand: docs/model.md"),
    ),
    variables=("outcome_drive",),
    innate=("outcome_drive",),
    signals=("arousal", "lit_negative", "lit_positive"),
)


@kernel
def modulate(
    error_negative,
    error_positive,
    relief,
    shock,
    reward,
    valence_negative,
    valence_positive,
    predicted_negative,
    arousal,
    lit_negative,
    lit_positive,
    reward_value,
):
    """Set the two signed prediction errors of this moment.

    Light on cells of one half is to learning what its outcome is (Gore et al. 2015).
    """
    expected = valence_negative[0]
    outcome = max(shock[0], lit_negative[0])
    arousal[0] = max(arousal[0], shock[0])
    if outcome > 0.0:
        error_negative[0] = max(0.0, outcome - expected)
    else:
        error_negative[0] = -predicted_negative[0] if predicted_negative[0] > 0.05 else 0.0
    gain = max(reward_value * reward[0], lit_positive[0]) + relief[0]
    if gain > 0.05 or valence_positive[0] > 0.1:
        # Fear that the positive half holds back; what a shock disproves is no safety.
        safe = 0.0 if outcome > 0.0 else max(0.0, predicted_negative[0] - expected)
        error_positive[0] = max(-0.5, gain + safe - valence_positive[0])
    else:
        error_positive[0] = 0.0


@kernel
def correct(network, q, gain_negative, gain_positive, asleep, primed, release):
    """Move the weights of projection `q` by these signed gains on the two halves."""
    rate = network.neuron[RATE]
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    post = network.region[network.projection[q].post].start
    boundary = network.region[network.projection[q].post].boundary
    ceiling = np.float32(network.projection[q].ceiling)
    wanted = np.zeros(network.region[network.projection[q].post].stop - post, np.uint8)
    for j in range(wanted.size):  # where a synapse could grow
        gain = gain_negative if j < boundary else gain_positive
        wanted[j] = gain * rate[post + j] > 1e-5
    meet(network, q, ACTIVE, wanted)
    silently = network.projection[q].born_silent and not asleep
    cells, synapses = network.projection[q].cells, network.learned
    for i in range(cells):
        r = rate[pre + i]
        if r <= ACTIVE:
            continue
        refresh(network, q, i)
        opened = np.float32(release) * primed[pre + i]
        first, last = entries(network, q, i)
        for e in range(first, last):
            synapse = synapses[e]
            gain = gain_negative if synapse.to < boundary else gain_positive
            step = np.float32(gain * r * rate[post + synapse.to])
            strength = synapse.labile + synapse.protected
            if silently and step > np.float32(1e-4):
                room = max(np.float32(0.0), ceiling - synapse.silent)
                synapse.silent += min(np.float32(1.0), step) * room
            elif step > np.float32(1e-4):
                if strength < ceiling:
                    synapse.labile += min(np.float32(1.0), step) * (ceiling - strength)
            elif step < np.float32(-1e-4):
                fall = step * (synapse.labile + opened * synapse.labile + np.float32(0.3) * ceiling)
                fall = max(-synapse.labile, fall)
                synapse.labile += fall
                synapse.protected *= np.float32(1.0) - min(np.float32(1.0), -step * opened)
                synapse.silent = max(np.float32(0.0), synapse.silent + np.float32(0.5) * fall)


@kernel
def learn(
    network,
    error_negative,
    error_positive,
    shock,
    reward,
    extinction_block,
    arousal,
    lit_positive,
    valence_rate,
    depression_share,
    relief_rate,
    cue_relief,
    arousal_block,
    silent_birth,
    cortical_depression,
    inattention,
    eclipsed,
    primed,
    primed_unlearning,
):
    """Correct all projections to the amygdala in this moment."""
    amygdala = network.region[network.region.size - 1]
    blocked = 0.0
    for j in range(amygdala.start, amygdala.stop):
        blocked += min(1.0, float(extinction_block[j])) / (amygdala.stop - amygdala.start)
    negative, positive = error_negative[0], error_positive[0]
    calm = max(0.0, 1.0 - arousal_block * arousal[0])
    if negative < 0.0:
        negative *= depression_share * (1.0 - blocked) * calm
    relieved = shock[0] == 0.0 and reward[0] == 0.0 and lit_positive[0] == 0.0
    if relieved:
        positive *= relief_rate * (1.0 - blocked) * calm
    for q in range(network.projection.size):
        if network.projection[q].rule == VALENCE:
            rate = valence_rate * network.projection[q].learning_rate
            slow = network.projection[q].born_silent
            if slow:
                rate = valence_rate * silent_birth
            from_cue = network.projection[q].first_cell > 0
            share = cue_relief if relieved and from_cue else 1.0
            rate *= 1.0 - (inattention[0] if from_cue else eclipsed[0])
            correct(
                network,
                q,
                rate * negative * (cortical_depression if negative < 0.0 and slow else 1.0),
                rate * share * positive,
                False,
                primed,
                primed_unlearning,
            )


@kernel
def elapse(arousal, hours, arousal_tau_hours):
    """Arousal by a shock fades."""
    arousal[0] *= math.exp(-hours / arousal_tau_hours)


@kernel
def draw_outcome_drive(outcome_drive, key, first, last, sd):
    """Cells differ in how strongly the outcome of their half drives them."""
    for j in range(first, last):
        outcome_drive[j] = np.float32(np.exp(sd * normal(substream(key, 4), j)))


@kernel
def initialise(outcome_drive, network, key, outcome_sd):
    """Draw the outcome drive of every amygdala cell."""
    amygdala = network.region[network.region.size - 1]
    draw_outcome_drive(outcome_drive, key, amygdala.start, amygdala.stop, outcome_sd)
