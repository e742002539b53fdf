"""Competition by inhibition: the best-driven cells fire, the rest are silenced."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

STEPS = 2**20  # of a full rate, in which rates are summed

MECHANISM = Mechanism(
    name="competition",
    summary="Feedback inhibition lets only the best-driven cells of a region fire, so that the "
    "size of an engram is set by inhibition and not by the input.",
    equation="r_j = clip((h_j - g) / s, 0, 1); g is the smallest value >= threshold for which "
    "sum_j r_j <= active max(1, input / natural input)^recruitment",
    maths=(
        r"r_j = \operatorname{clip}\left(\frac{h_j - g}{s},\ 0,\ 1\right)",
        r"g = \min \left\{ g \geq \theta : \sum_j r_j \leq k\, \max\left(1, "
        r"\frac{I}{I_0}\right)^{\rho} \right\}",
        r"\theta, s, k: \text{threshold, slope and allowed activity of the region};\quad I / I_0: "
        r"\text{input over natural input}",
    ),
    symbols={
        "recruitment": r"\rho",
    },
    sources=(
        "Stefanelli et al. 2016, Neuron 89:1074, doi 10.1016/j.neuron.2016.01.024",
        "Morrison et al. 2016, Neurobiol Learn Mem 135:91, doi 10.1016/j.nlm.2016.07.007",
    ),
    parameters=(
        Parameter("drive_noise", 0.08, 0.0, 0.5, "drive", "assumed: moment-to-moment spread"),
        Parameter("recruitment", 0.0, 0.0, 1.0, "1", "assumed: inhibition tracks strong input"),
        Parameter("light_rate", 1.25, 0.5, 4.0, "1", "assumed: rate under light over natural"),
        Parameter("light_drive", 2.78, 0.0, 10.0, "drive", "assumed: above any natural drive"),
    ),
)


@kernel
def settle(drive, threshold, slope, active, rate):
    """Write to `rate` the activity under the smallest inhibition that keeps its sum <= `active`.

    The sum of rates is piecewise linear and falls with inhibition, so Newton steps, kept inside a
    bracket once there is one, find the inhibition in few passes. Rates are summed as integers:
    their sum does not depend on the order, so that a processor may add many at once, and all come
    to the same bits.
    """
    steep, none, full = np.float32(1.0 / slope), np.float32(0.0), np.float32(1.0)
    steps = np.float32(STEPS)
    low, high, inhibition = threshold, np.inf, threshold
    jump = slope
    for _ in range(60):
        level = np.float32(inhibition)
        total = np.int64(0)
        graded = np.int32(0)
        for j in range(drive.size):
            # Without branches, which processors guess wrong, as in all loops over cells here.
            r = min(full, max(none, (drive[j] - level) * steep))
            total += np.int32(r * steps)
            graded += np.int32((r > none) & (r < full))
        excess = total / STEPS - active
        if abs(excess) <= 1e-4 * active or (excess <= 0.0 and inhibition <= threshold):
            break
        if excess > 0.0:
            low = inhibition
        else:
            high = inhibition
        if graded > 0:
            inhibition += excess * slope / graded
        else:  # the sum is flat here: all that fire do so at their full rate
            inhibition += jump
            jump += jump
        if inhibition <= low or inhibition >= high:
            inhibition = 0.5 * (low + high)
        if high - low < 1e-7:
            break
    level = np.float32(inhibition)
    for j in range(drive.size):
        rate[j] = min(full, max(none, (drive[j] - level) * steep))
