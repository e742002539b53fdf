"""Cortical maturation: cortex recalls what it learned only when its cells have matured."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="cortical_maturation",
    summary="Prefrontal cells of an engram are there from the first night, but immature: what "
    "the synapses onto and from them learned passes more activity with every night in which they "
    "are replayed.",
    equation="after a night maturity_j += (1 - maturity_j) min(1, mean rate_j in its replay / "
    "maturation_nights);  awake, learned strength onto and from PFC cell j counts maturity_j",
    maths=(
        r"m_j \leftarrow m_j + (1 - m_j) \min\left(1, \frac{\langle r_j "
        r"\rangle_{\text{replay}}}{n_m}\right) \quad \text{every night}",
        r"\text{awake}: \quad W_{jk} = m_j\, (w^l_{jk} + w^p_{jk}) \quad \text{from prefrontal "
        r"cells}, \qquad m_k \text{ times as much onto them}",
    ),
    symbols={"maturity": "m_j", "maturation_nights": "n_m"},
    sources=(
        "Kitamura et al. 2017, Science 356:73, doi 10.1126/science.aam6808 (prefrontal engram "
        "cells are made at training, silent on day 2, mature on day 14; spines grow with input "
        "from hippocampal engram cells)",
        "Lesburgueres et al. 2011, Science 331:924, doi 10.1126/science.1196164 (early tagging, "
        "late spines; recalled)",
    ),
    parameters=(
        Parameter(
            "maturation_nights",
            6.0,
            0.1,
            60.0,
            "nights",
            "by hand: Kitamura et al. 2017, little on day 2, most on day 14",
        ),
    ),
    variables=("maturity",),
)


@kernel
def mature(maturity, shown, first, last, nights):
    """Let the cells `first` to `last` (exclusive) mature by a night of replay."""
    for j in range(first, last):
        share = min(np.float32(1.0), shown[j] / np.float32(nights))
        maturity[j] += (np.float32(1.0) - maturity[j]) * share
