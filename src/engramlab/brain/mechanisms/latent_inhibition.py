"""Latent inhibition: a cue that announced nothing is attended to less in that place."""

import math

import numpy as np

from engramlab.brain.activity import weighted
from engramlab.brain.mechanism import RATE, Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="latent_inhibition",
    summary="A cue that came again and again without any outcome, expected or real, is attended "
    "to less in the place where it was met, so that it is learned about more slowly there; an "
    "outcome brings attention back.",
    equation="in a moment with a cue and no outcome habituation_j += habituation_rate r_j (1 - "
    "V-) (1 - habituation_j) in cue cells of EC and in CA1; with an outcome habituation_j *= 1 - "
    "outcome r_j in cue cells; inattention = attention_loss <habituation>_cue <habituation>_CA1, "
    "means weighted by rate; learning from the cue to the amygdala x (1 - inattention); "
    "d(habituation)/dt = -habituation / habituation_tau",
    maths=(
        r"q_j \leftarrow q_j + \eta_q\, r_j\, (1 - \hat{V}^-)(1 - q_j) \quad \text{cue, no "
        r"outcome}; "
        r"\qquad q_j \leftarrow q_j (1 - A\, r_j) \quad \text{cue and outcome } A",
        r"\iota = \lambda\, \langle q \rangle_{\mathrm{cue}}\, \langle q \rangle_{\mathrm{CA1}}, "
        r"\qquad \Delta w_{\mathrm{cue} \to \mathrm{BLA}} \times (1 - \iota)",
        r"\frac{\mathrm{d} q_j}{\mathrm{d} t} = -\frac{q_j}{\tau_q}",
    ),
    symbols={
        "habituation": "q_j",
        "habituation_rate": r"\eta_q",
        "raw_negative": r"\hat{V}^-",
        "attention_loss": r"\lambda",
        "inattention": r"\iota",
        "habituation_tau_days": r"\tau_q",
    },
    sources=(
        "Lubow 1973, Psychol Bull 79:398, doi 10.1037/h0034425",
        "Pearce & Hall 1980, Psychol Rev 87:532, doi 10.1037/0033-295X.87.6.532 (associability "
        "falls where nothing surprises; recalled)",
        "Wagner 1981, in Information Processing in Animals (a place that predicts a cue takes "
        "processing from it; recalled)",
        "Honey & Good 1993, Behav Neurosci 107:23 (hippocampus ties latent inhibition to its "
        "place; recalled)",
    ),
    parameters=(
        Parameter(
            "habituation_rate",
            0.04703,
            0.0,
            1.0,
            "1",
            "fitted: docs/model.md; Lubow 1973: 20 to 40 cues (recalled)",
        ),
        Parameter("attention_loss", 1.0, 0.0, 1.0, "1", "assumed: attention can be lost in full"),
        Parameter("habituation_tau_days", 14.0, 0.5, 365.0, "d", "assumed: lasts for weeks"),
    ),
    variables=("habituation",),
    signals=("inattention",),
)


@kernel
def modulate(network, inattention, habituation, cue_on, attention_loss):
    """Set how little is attended to the cue of this moment."""
    inattention[0] = 0.0
    if cue_on[0] > 0.0:
        rate = network.neuron[RATE]
        cue = weighted(habituation, rate, network.region[0].cues, network.region[0].stop)
        place = weighted(habituation, rate, network.region[3].start, network.region[3].stop)
        inattention[0] = attention_loss * cue * place


@kernel
def learn(network, habituation, cue_on, shock, reward, raw_negative, habituation_rate):
    """Habituate to a cue after which nothing comes and nothing was expected to come."""
    if cue_on[0] == 0.0:
        return
    rate = network.neuron[RATE]
    outcome = min(1.0, max(shock[0], reward[0]))
    step = habituation_rate * (1.0 - min(1.0, raw_negative[0]))
    for region in (0, 3):
        first = network.region[region].cues if region == 0 else network.region[region].start
        for j in range(first, network.region[region].stop):
            r = min(1.0, float(rate[j]))
            if outcome == 0.0:
                habituation[j] += np.float32(step * r * (1.0 - habituation[j]))
            elif region == 0:
                habituation[j] *= np.float32(1.0 - outcome * r)


@kernel
def elapse(habituation, hours, habituation_tau_days):
    """Attention comes back over weeks."""
    decay = np.float32(math.exp(-hours / (24.0 * habituation_tau_days)))
    for j in range(habituation.size):
        habituation[j] *= decay
