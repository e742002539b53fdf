"""Drift of excitability over days: an Ornstein-Uhlenbeck process in every cell."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream

MECHANISM = Mechanism(
    name="excitability_drift",
    summary="Excitability drifts over days, so that different cells are allocated to memories "
    "formed days apart and representations drift.",
    equation="d(drift) = -drift dt / tau + noise;  over a gap D: drift -> rho drift + "
    "sqrt(1 - rho^2) N(0, drift_sd),  rho = exp(-D / tau)",
    sources=(
        "Mau, Hasselmo & Cai 2020, eLife 9:e63550, doi 10.7554/eLife.63550",
        "Delamare, Feitosa Tomé & Clopath 2024, J Neurosci 44:e0846232024, doi "
        "10.1523/JNEUROSCI.0846-23.2024 (found: ISTA repository record)",
    ),
    parameters=(
        Parameter("drift_sd", 0.1, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("drift_tau_hours", 60.0, 6.0, 1000.0, "h", "by hand: docs/model.md"),
    ),
    variables=("drift",),
)


@kernel
def initialise(drift, key, drift_sd):
    """Start in the stationary state."""
    stream = substream(key, 2)
    for j in range(drift.size):
        drift[j] = np.float32(drift_sd * normal(stream, j))


@kernel
def excite(excitability, drift):
    """Add the drift to the drive."""
    for j in range(drift.size):
        excitability[j] += drift[j]


@kernel
def elapse(drift, hours, key, drift_sd, drift_tau_hours):
    """Exact step of the process over a gap of any length."""
    rho = math.exp(-hours / drift_tau_hours)
    spread = drift_sd * math.sqrt(1.0 - rho * rho)
    stream = substream(key, 2)
    for j in range(drift.size):
        drift[j] = np.float32(rho * drift[j] + spread * normal(stream, j))
