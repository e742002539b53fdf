"""Replay at night: the hippocampus teaches the cortex."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import noise, uniform

MECHANISM = Mechanism(
    name="replay",
    summary="In sleep CA3 falls into stored patterns that reinstate input and teach prefrontal "
    "cortex and its path to the amygdala, night by night.",
    equation="CA3 drive = N(replay_seed, replay_seed_sd) + learned in-strength on a random share, "
    "then recurrence x replay_recurrence at threshold replay_threshold; accepted if mean recurrent "
    "drive > replay_quality; then CA1, EC, PFC, BLA as awake; Hebbian learning x cortical_rate; "
    "PFC-BLA learns valence(ripple_gain x hippocampus alone) - valence(cortex alone), the positive half "
    "x relief_replay",
    sources=(
        "Wilson & McNaughton 1994, Science 265:676, doi 10.1126/science.8036517",
        "Kitamura et al. 2017, Science 356:73, doi 10.1126/science.aam6808",
        "McClelland, McNaughton & O'Reilly 1995, Psychol Rev 102:419",
        "Hasselmo 1999, Trends Cogn Sci 3:351 (low acetylcholine in sleep frees recurrence)",
    ),
    parameters=(
        Parameter("replays_per_night", 20.0, 0.0, 200.0, "events", "assumed: for speed"),
        Parameter("replay_seed", 0.3, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_seed_sd", 0.25, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_seed_share", 0.35, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("replay_recurrence", 2.0, 0.0, 5.0, "1", "by hand: docs/model.md"),
        Parameter("replay_threshold", 0.4, 0.0, 2.0, "drive", "by hand: docs/model.md"),
        Parameter("replay_quality", 0.15, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("ripple_gain", 3.0, 0.5, 4.0, "1", "assumed: CA1 fires in bursts in ripples"),
        Parameter("cortical_rate", 0.1, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("relief_replay", 0.3, 0.0, 1.0, "1", "assumed: fear outlasts extinction"),
        Parameter("cortical_valence_rate", 0.08, 0.0, 10.0, "1", "by hand: docs/model.md"),
    ),
)


@kernel
def seed_pattern(key, in_strength, mean, sd, share, drive):
    """Random CA3 drive, biased to cells with strong learned recurrent input."""
    for j in range(drive.size):
        drive[j] = np.float32(mean + sd * noise(key, 2 * j))
        if uniform(key, 2 * j + 1) < share:
            drive[j] += np.float32(min(1.2, in_strength[j]))
