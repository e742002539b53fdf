"""Competition by inhibition: the best-driven cells fire, the rest are silenced."""

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

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

    The sum of rates is piecewise linear and falls with inhibition, so a Newton step kept inside a
    bracket finds the inhibition in few passes.
    """
    n = drive.size
    above = np.empty(n, np.float32)  # drives that can fire, in order; shrinks as inhibition rises
    count = 0
    low = high = threshold
    for j in range(n):
        above[count] = drive[j]
        count += drive[j] > threshold
    for c in range(count):
        high = max(high, float(above[c]))
    inhibition = low
    for _ in range(60):
        total = 0.0
        graded = 0
        for c in range(count):
            # Without branches, which processors guess wrong, as in all loops over cells here.
            x = (above[c] - inhibition) / slope
            total += min(1.0, max(0.0, x))
            graded += (x > 0.0) & (x < 1.0)
        excess = total - active
        if abs(excess) <= 1e-4 * active or (excess <= 0.0 and inhibition <= threshold):
            break
        if excess > 0.0:
            low = inhibition
            kept = 0
            for c in range(count):
                x = above[c]
                above[kept] = x
                kept += x > low
            count = kept
        else:
            high = inhibition
        if graded > 0:
            inhibition += excess * slope / graded
        if graded == 0 or inhibition <= low or inhibition >= high:
            inhibition = 0.5 * (low + high)
        if high - low < 1e-7:
            break
    for j in range(n):
        rate[j] = np.float32(min(1.0, max(0.0, (drive[j] - inhibition) / slope)))
