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
    equation="two parts, one over hours and one over days: d(drift) = -drift dt / tau + noise;  over "
    "a gap D: drift -> rho drift + sqrt(1 - rho^2) N(0, drift_sd),  rho = exp(-D / tau)",
    sources=(
        "Mau, Hasselmo & Cai 2020, eLife 9:e63550, doi 10.7554/eLife.63550",
        "Delamare, Feitosa Tomé & Clopath 2024, J Neurosci 44:e0846232024, doi "
        "10.1523/JNEUROSCI.0846-23.2024 (found: ISTA repository record)",
    ),
    parameters=(
        Parameter("drift_sd", 0.15, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter(
            "drift_tau_hours", 10.0, 1.0, 100.0, "h", "Rashid et al. 2016: gone within a day"
        ),
        Parameter("slow_drift_sd", 0.12, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter("slow_drift_tau_days", 8.0, 1.0, 60.0, "d", "Ziv et al. 2013: weeks (recalled)"),
    ),
    variables=("drift", "slow_drift"),
)


@kernel
def initialise(drift, slow_drift, key, drift_sd, slow_drift_sd):
    """Start in the stationary state."""
    stream = substream(key, 2)
    for j in range(drift.size):
        drift[j] = np.float32(drift_sd * normal(stream, 2 * j))
        slow_drift[j] = np.float32(slow_drift_sd * normal(stream, 2 * j + 1))


@kernel
def excite(excitability, drift, slow_drift):
    """Add the drift to the drive."""
    for j in range(drift.size):
        excitability[j] += drift[j] + slow_drift[j]


@kernel
def elapse(
    drift, slow_drift, hours, key, drift_sd, drift_tau_hours, slow_drift_sd, slow_drift_tau_days
):
    """Exact step of both processes over a gap of any length."""
    rho = math.exp(-hours / drift_tau_hours)
    slow = math.exp(-hours / (24.0 * slow_drift_tau_days))
    spread = drift_sd * math.sqrt(1.0 - rho * rho)
    slow_spread = slow_drift_sd * math.sqrt(1.0 - slow * slow)
    stream = substream(key, 2)
    for j in range(drift.size):
        drift[j] = np.float32(rho * drift[j] + spread * normal(stream, 2 * j))
        slow_drift[j] = np.float32(slow * slow_drift[j] + slow_spread * normal(stream, 2 * j + 1))
