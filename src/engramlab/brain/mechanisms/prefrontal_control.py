"""Prefrontal control: prefrontal cortex, by nucleus reuniens, keeps hippocampal codes sparse."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="prefrontal_control",
    summary="Prefrontal cortex, relayed by nucleus reuniens, holds hippocampal ensembles of a "
    "new experience small and specific; when it or the path is silent they grow and overlap. "
    "Extinction is kept overnight only when it was active.",
    equation="active of CA3 and CA1 x (1 + control_loss (1 - control) session_novelty); control "
    "= control_rest min(1, activity of PFC in the last moment / active), 0 when PFC or its path "
    "to CA1 is silenced; at the end of a session without reward, capture_tag of positive BLA "
    "cells x mean share of PFC that was active",
    maths=(
        r"k_{\mathrm{CA3,CA1}} \times \bigl(1 + \kappa (1 - \chi)\, \psi\bigr)",
        r"\chi = \chi_0 \min\left(1, \frac{\sum_{\mathrm{PFC}} r}{k_{\mathrm{PFC}}}\right), \quad "
        r"0 \text{ when PFC or its path to CA1 is silenced}",
        r"T_j \leftarrow T_j\, \langle x \rangle_{\mathrm{PFC}} \quad \text{for positive BLA "
        r"cells, at the end of a session without reward}",
    ),
    symbols={
        "control_loss": r"\kappa",
        "control": r"\chi",
        "control_rest": r"\chi_0",
        "session_novelty": r"\psi",
        "capture_tag": "T_j",
    },
    sources=(
        "Xu & Sudhof 2013, Science 339:1290, doi 10.1126/science.1229534",
        "Quirk et al. 2000, J Neurosci 20:6225, doi 10.1523/JNEUROSCI.20-16-06225.2000",
        "Do-Monte et al. 2015, J Neurosci 35:3607, doi 10.1523/JNEUROSCI.3137-14.2015",
    ),
    parameters=(
        Parameter("control_rest", 0.95, 0.0, 1.0, "1", "assumed: room for more (Xu & Sudhof)"),
        Parameter("control_loss", 1.658, 0.0, 3.0, "1", "fitted: docs/model.md; Xu & Sudhof 2013"),
    ),
    signals=("control", "reuniens_block", "cortex_active", "cortex_moments"),
    after=("protein_capture", "lability"),
)


@kernel
def learn(cortex_active, cortex_moments, cortex_now, reward):
    """Follow how much of prefrontal cortex was active; a reward needs none of it."""
    cortex_active[0] += 1.0 if reward[0] > 0.0 else cortex_now[0]
    cortex_moments[0] += 1.0


@kernel
def end_session(network, capture_tag, cortex_active, cortex_moments):
    """Without prefrontal cortex, what positive amygdala cells learned is not kept."""
    share = min(1.0, cortex_active[0] / max(1.0, cortex_moments[0]))
    cortex_active[0] = 0.0
    cortex_moments[0] = 0.0
    amygdala = network.region[network.region.size - 1]
    for j in range(amygdala.start + amygdala.boundary, amygdala.stop):
        capture_tag[j] *= np.float32(share)
