"""Drift of excitability over hours and days."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream, uniform

MECHANISM = Mechanism(
    name="excitability_drift",
    summary="Excitability drifts over hours and over days, so that different cells are "
    "allocated to memories formed apart and representations drift.",
    equation="eps_j += drift_sd x(t / drift_period) + slow_drift_sd x'(t / slow_drift_period);  "
    "x(u) = cos(a) n_k + sin(a) n_(k+1), k = floor(u + phase_j), a = pi / 2 (u + phase_j - k), "
    "n_k independent standard normal: variance 1 at every time, independent after two periods",
    maths=(
        r"\varepsilon_j \leftarrow \varepsilon_j + \sigma_f\, x_j(t / T_f) + \sigma_s\, x'_j(t / "
        r"T_s)",
        r"x_j(u) = n_k \cos a + n_{k+1} \sin a, \quad k = \lfloor u + \varphi_j \rfloor, \quad a "
        r"= \frac{\pi}{2} (u + \varphi_j - k), \quad n_k \sim N(0, 1)",
    ),
    symbols={
        "drift_sd": r"\sigma_f",
        "drift_period_hours": "T_f",
        "slow_drift_sd": r"\sigma_s",
        "slow_drift_period_days": "T_s",
    },
    sources=(
        "Mau, Hasselmo & Cai 2020, eLife 9:e63550, doi 10.7554/eLife.63550",
        "Delamare, Feitosa Tomé & Clopath 2024, J Neurosci 44:e0846232024, doi "
        "10.1523/JNEUROSCI.0846-23.2024 (found: ISTA repository record)",
    ),
    parameters=(
        Parameter("drift_sd", 0.08, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter(
            "drift_period_hours", 12.0, 1.0, 100.0, "h", "Rashid et al. 2016: gone within a day"
        ),
        Parameter("slow_drift_sd", 0.09, 0.0, 1.0, "drive", "by hand: docs/model.md"),
        Parameter(
            "slow_drift_period_days", 8.0, 1.0, 60.0, "d", "Ziv et al. 2013: weeks (recalled)"
        ),
    ),
    variables=("drift",),
    innate=("drift",),
    signals=("drift_key_high", "drift_key_low", "drift_hour"),
)


@kernel
def smooth_noise(key, j, u):
    """Standard normal process of cell `j` at time `u` in periods; a value of time alone.

    So it does not matter in which steps time passes.
    """
    stream = substream(key, j)
    place = u + uniform(stream, 0)
    k = math.floor(place)
    angle = 0.5 * math.pi * (place - k)
    return math.cos(angle) * normal(stream, 1 + k) + math.sin(angle) * normal(stream, 2 + k)


@kernel
def wander(
    drift, first, key, hours, drift_sd, drift_period_hours, slow_drift_sd, slow_drift_period_days
):
    """Write the drift of the cells from `first` on at this hour."""
    fast, slow = substream(key, 2), substream(key, 5)
    for j in range(first, drift.size):
        value = drift_sd * smooth_noise(fast, j, hours / drift_period_hours)
        value += slow_drift_sd * smooth_noise(slow, j, hours / (24.0 * slow_drift_period_days))
        drift[j] = np.float32(value)


@kernel
def initialise(
    drift,
    drift_key_high,
    drift_key_low,
    key,
    drift_sd,
    drift_period_hours,
    slow_drift_sd,
    slow_drift_period_days,
):
    """Keep the key in two halves, which floats hold exactly; set the drift at hour 0."""
    drift_key_high[0] = np.float64(np.uint64(key) >> np.uint64(32))
    drift_key_low[0] = np.float64(np.uint64(key) & np.uint64(0xFFFFFFFF))
    wander(drift, 0, key, 0.0, drift_sd, drift_period_hours, slow_drift_sd, slow_drift_period_days)


@kernel
def excite(
    network,
    excitability,
    drift,
    drift_key_high,
    drift_key_low,
    drift_hour,
    clock,
    asleep,
    drift_sd,
    drift_period_hours,
    slow_drift_sd,
    slow_drift_period_days,
):
    """Move to the present, and add the drift to the drive.

    Here and not in gaps: most are gone through without a look at it. Nor is it for EC and DG at
    night, where the first cells to compete are those of CA3.
    """
    if drift_hour[0] != clock[0]:
        key = np.uint64(np.uint64(drift_key_high[0]) << np.uint64(32)) + np.uint64(drift_key_low[0])
        wander(
            drift,
            network.region[2].start if asleep[0] > 0.0 else 0,
            key,
            clock[0],
            drift_sd,
            drift_period_hours,
            slow_drift_sd,
            slow_drift_period_days,
        )
        if asleep[0] == 0.0:
            drift_hour[0] = clock[0]
    for j in range(drift.size):
        excitability[j] += drift[j]
