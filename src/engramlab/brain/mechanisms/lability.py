"""Lability: recall with prediction error returns protected strength to the labile pool."""

import numpy as np

from engramlab.brain.mechanism import NEVER, Mechanism, Parameter
from engramlab.brain.mechanisms.hebbian_learning import ACTIVE, refresh
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="lability",
    summary="Recall that meets a prediction error opens a window of hours in which the memory must "
    "be stored again; long exposure closes it and extinguishes instead.",
    equation="in a session count moments with V- > recall_threshold and |error| > "
    "surprise_threshold; share = destabilised min(1, count / 3) max(0, 1 - safe / 4); at the end "
    "protected -> labile by share on synapses among the recalled cells, and they make protein",
    sources=(
        "Nader, Schafe & LeDoux 2000, Nature 406:722, doi 10.1038/35021052",
        "Suzuki et al. 2004, J Neurosci 24:4787, doi 10.1523/JNEUROSCI.5491-03.2004",
        "Sevenster, Beckers & Kindt 2013, Science 339:830, doi 10.1126/science.1231357",
    ),
    parameters=(
        Parameter("destabilised", 0.9, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("recall_threshold", 0.3, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("surprise_threshold", 0.2, 0.0, 1.0, "1", "by hand: docs/model.md"),
    ),
    signals=("surprise_moments", "safe_moments"),
    after=("protein_capture",),
)


@kernel
def learn(
    surprise_moments,
    safe_moments,
    valence_negative,
    valence_positive,
    error_negative,
    reward,
    recall_threshold,
    surprise_threshold,
):
    """Count the moments that open the window and those that close it."""
    surprised = abs(error_negative[0]) > surprise_threshold
    if valence_negative[0] > recall_threshold and surprised:
        surprise_moments[0] += 1.0
    if valence_positive[0] > 0.35 and reward[0] == 0.0:
        safe_moments[0] += 1.0


@kernel
def end_session(network, peak, protein, surprise_moments, safe_moments, destabilised):
    """Destabilise what was recalled and start the synthesis that can store it again."""
    opening = min(1.0, surprise_moments[0] / 3.0)
    share = destabilised * opening * max(0.0, 1.0 - safe_moments[0] / 4.0)
    synthesis = max(0.9 * opening, 0.5 * min(1.0, safe_moments[0] / 4.0))
    surprise_moments[0] = 0.0
    safe_moments[0] = 0.0
    for j in range(protein.size):
        protein[j] = max(protein[j], np.float32(synthesis * min(1.0, 1.5 * peak[j])))
    if share <= 0.0:
        return
    for q in range(network.projection.size):
        pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
        post = network.region[network.projection[q].post].start
        fan_out = network.projection[q].fan_out
        for i in range(network.projection[q].cells):
            r = peak[pre + i]
            if r <= ACTIVE or network.rows[network.projection[q].row + i].state == NEVER:
                continue
            refresh(network, q, i)
            z = network.projection[q].synapse + i * fan_out
            for k in range(z, z + fan_out):
                s = peak[post + network.target[k]]
                if s > ACTIVE:
                    moved = (
                        np.float32(share) * network.protected[k] * min(np.float32(1.0), 2 * r * s)
                    )
                    network.protected[k] -= moved
                    network.labile[k] += moved
