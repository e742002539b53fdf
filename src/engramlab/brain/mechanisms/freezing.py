"""From shock to unconditioned stimulus, and from amygdala to behaviour."""

import math

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="freezing",
    summary="The negative half of the amygdala is read out as freezing by a saturating curve; off, "
    "an animal shows only its baseline.",
    equation="freezing % = freezing_base + (freezing_top - freezing_base) x^n / (x^n + x_half^n), "
    "x = V_negative; the animal's trait and scatter shift its log-odds;  "
    "US = 1 - exp(-(mA - shock_floor) / shock_scale)",
    maths=(
        r"\text{freezing} = f_0 + (f_1 - f_0) \frac{x^n}{x^n + x_{1/2}^n}, \quad x = V^-",
        r"\operatorname{logit}(\text{freezing}) \leftarrow \operatorname{logit}(\text{freezing}) "
        r"+ z + N(0, \sigma_z)",
        r"\mathrm{US} = 1 - \exp\left(-\frac{I - I_0}{I_s}\right) \quad \text{for a shock of } I "
        r"\text{ mA}",
    ),
    symbols={
        "freezing_base": "f_0",
        "freezing_top": "f_1",
        "freezing_half": "x_{1/2}",
        "freezing_power": "n",
        "freezing_scatter": r"\sigma_z",
        "shock_floor_mA": "I_0",
        "shock_scale_mA": "I_s",
        "freezing_trait": "z",
    },
    sources=(
        "Baldi et al. 2004 (0.15 mA no freezing, no more above 0.9 mA; found: abstract, through "
        "shared/evidence)",
        "LeDoux et al. 1988, J Neurosci 8:2517 (central amygdala as the output of fear)",
    ),
    parameters=(
        Parameter("shock_floor_mA", 0.15, 0.0, 0.5, "mA", "Baldi et al. 2004"),
        Parameter(
            "shock_scale_mA", 0.19, 0.05, 2.0, "mA", "by hand: docs/model.md; Baldi et al. 2004"
        ),
        Parameter("freezing_base", 1.2, 0.1, 20.0, "%", "fitted; recalled: unshocked mice 0-5 %"),
        Parameter(
            "freezing_top", 89.4, 50.0, 99.0, "%", "fitted; recalled: ceiling of mouse scores"
        ),
        Parameter("freezing_half", 0.334, 0.05, 1.0, "1", "fitted: docs/model.md"),
        Parameter("freezing_power", 2.17, 1.0, 6.0, "1", "fitted: docs/model.md"),
        Parameter("freezing_scatter", 0.4, 0.0, 2.0, "log-odds", "assumed: scatter of 30 s bins"),
    ),
)


@kernel
def unconditioned_stimulus(shock_mA, floor_mA, scale_mA):
    """Strength of a shock in [0, 1)."""
    if shock_mA <= floor_mA:
        return 0.0
    return 1.0 - math.exp(-(shock_mA - floor_mA) / scale_mA)


@kernel
def freezing_percent(x, base, top, half, power):
    """Percent of time freezing for a read-out `x`."""
    if x <= 0.0:
        return base
    raised = x**power
    return base + (top - base) * raised / (raised + half**power)
