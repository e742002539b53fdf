"""Replay at night: the hippocampus teaches the cortex."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import noise, uniform

MECHANISM = Mechanism(
    name="replay",
    summary="In sleep CA3 falls into stored patterns that reinstate input and teach prefrontal "
    "cortex and its path to the amygdala, night by night.",
    equation="CA3 drive = N(replay_seed, replay_seed_sd) + learned in-strength on a random "
    "share, then recurrence x replay_recurrence at threshold replay_threshold; accepted if mean "
    "recurrent drive > replay_quality; cortex learns in proportion to the mean replay_tag of the "
    "active CA3 cells, set to s peak_j at the end of a session (s: strength of the consolidation "
    "or restorage signal), decaying with replay_tag_tau where held, else with "
    "replay_tag_unheld; held_j = 1 where CA3 and PFC replay together, decaying with "
    "replay_hold; then CA1, EC, PFC, BLA as awake; "
    "Hebbian learning x cortical_rate; PFC-BLA learns valence(ripple_gain x hippocampus alone) - "
    "valence(cortex alone), the positive half x relief_replay",
    maths=(
        r"h_{\mathrm{CA3}} = N(\mu, \sigma) + \text{learned in-strength} \quad \text{on a random "
        r"share } \alpha \text{ of the cells}",
        r"\text{then recurrence} \times g \text{ at threshold } \theta; \quad \text{accepted if "
        r"the mean recurrent drive} > Q",
        r"u_j \leftarrow s\, \hat{r_j} \quad \text{at the end of a session}, \qquad "
        r"\frac{\mathrm{d} u_j}{\mathrm{d} t} = -u_j \left(\frac{b_j}{\tau_u} + \frac{1 - "
        r"b_j}{\tau_0}\right), \qquad b_j \leftarrow \max(b_j,\ x_{\mathrm{PFC}}\, r_j) \text{ in "
        r"replay}, \qquad \frac{\mathrm{d} b_j}{\mathrm{d} t} = -\frac{b_j}{\tau_b}",
        r"\text{cortex: } \Delta w \propto \eta_c\, \langle u \rangle_{\mathrm{CA3}}; \qquad "
        r"\text{PFC-BLA: } \delta = V(G \cdot \text{hippocampus}) - V(\text{cortex}), \text{ rate "
        r"} \eta_v, \text{ positive half} \times \xi",
        r"n_r \text{ events a night}",
    ),
    symbols={
        "replay_seed": r"\mu",
        "replay_seed_sd": r"\sigma",
        "replay_seed_share": r"\alpha",
        "replay_recurrence": "g",
        "replay_threshold": r"\theta",
        "replay_quality": "Q",
        "replay_tag": "u_j",
        "replay_tag_tau_days": r"\tau_u",
        "replay_tag_unheld_days": r"\tau_0",
        "replay_held": "b_j",
        "replay_hold_days": r"\tau_b",
        "cortical_rate": r"\eta_c",
        "ripple_gain": "G",
        "cortical_valence_rate": r"\eta_v",
        "relief_replay": r"\xi",
        "replays_per_night": "n_r",
    },
    sources=(
        "Lesburgueres et al. 2011, Science 331:924, doi 10.1126/science.1196164 (early tags in "
        "cortex)",
        "Rothschild et al. 2017, Nat Neurosci 20:251 (cortex and hippocampus replay in a loop; "
        "recalled)",
        "Wilson & McNaughton 1994, Science 265:676, doi 10.1126/science.8036517",
        "Kitamura et al. 2017, Science 356:73, doi 10.1126/science.aam6808",
        "McClelland, McNaughton & O'Reilly 1995, Psychol Rev 102:419",
        "Hasselmo 1999, Trends Cogn Sci 3:351 (low acetylcholine in sleep frees recurrence)",
    ),
    parameters=(
        Parameter(
            "replay_tag_tau_days",
            16.7,
            0.5,
            60.0,
            "d",
            "assumed: recent memories are replayed most",
        ),
        Parameter(
            "replay_tag_unheld_days", 10.0, 0.5, 60.0, "d", "Lesburgueres et al. 2011: a week"
        ),
        Parameter("replay_hold_days", 1.5, 0.2, 10.0, "d", "assumed: from night to night"),
        Parameter("replays_per_night", 20.0, 0.0, 200.0, "events", "assumed: for speed"),
        Parameter("replay_seed", 0.3, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_seed_sd", 0.25, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_seed_share", 0.35, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("replay_recurrence", 2.0, 0.0, 5.0, "1", "by hand: docs/model.md"),
        Parameter("replay_threshold", 0.4, 0.0, 2.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_quality", 0.15, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter(
            "ripple_gain",
            1.85,
            0.5,
            4.0,
            "1",
            "by hand: Wiltgen et al. 2007, Kim & Fanselow 1992 (fear of day 28 as of day 1); CA1 "
            "fires in bursts in ripples",
        ),
        Parameter("cortical_rate", 0.115, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("relief_replay", 0.3, 0.0, 1.0, "1", "assumed: fear outlasts extinction"),
        Parameter("cortical_valence_rate", 0.068, 0.0, 10.0, "1", "by hand: docs/model.md"),
    ),
    variables=("replay_tag", "replay_held"),
    after=("protein_capture", "lability"),
)


@kernel
def end_session(replay_tag, replay_held, peak, consolidation_strength, restorage_strength):
    """Mark the cells of this experience for replay."""
    strength = max(consolidation_strength[0], restorage_strength[0])
    for j in range(replay_tag.size):
        replay_tag[j] = max(replay_tag[j], np.float32(strength * peak[j]))
        replay_held[j] = max(replay_held[j], np.float32(strength * peak[j]))


@kernel
def elapse(
    replay_tag,
    replay_held,
    hours,
    replay_tag_tau_days,
    replay_tag_unheld_days,
    replay_hold_days,
):
    """The mark fades, faster where replay does not hold it: the integral of both rates."""
    days = hours / 24.0
    fast = max(0.0, 1.0 / replay_tag_unheld_days - 1.0 / replay_tag_tau_days)
    slow = days / replay_tag_tau_days
    held_days = replay_hold_days * (1.0 - math.exp(-days / replay_hold_days))
    loss = np.float32(math.exp(-days / replay_hold_days))
    for j in range(replay_tag.size):
        if replay_tag[j] > 0.0:
            lost = slow + fast * (days - replay_held[j] * held_days)
            replay_tag[j] *= np.float32(math.exp(-lost))
        replay_held[j] *= loss


@kernel
def seed_pattern(key, in_strength, mean, sd, share, drive):
    """Random CA3 drive, biased to cells with strong learned recurrent input."""
    for j in range(drive.size):
        drive[j] = np.float32(mean + sd * noise(key, 2 * j))
        if uniform(key, 2 * j + 1) < share:
            drive[j] += np.float32(min(1.2, in_strength[j]))
