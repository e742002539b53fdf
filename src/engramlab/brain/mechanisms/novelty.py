"""Novelty, shock and reward open plasticity through neuromodulators."""

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="novelty",
    summary="A mismatch of input and recall, a shock, a reward or an omitted shock raises the "
    "neuromodulatory gain of plasticity; off, only its baseline is left.",
    equation="M = modulator_base + novelty_gain (1 - familiarity) + shock + reward_gain reward + "
    "surprise_gain max(0, -error-)",
    maths=(r"M = M_0 + g_n (1 - \phi) + \mathrm{US} + g_r R + g_s \max(0, -\delta^-)",),
    symbols={
        "modulator": "M",
        "modulator_base": "M_0",
        "novelty_gain": "g_n",
        "familiarity": r"\phi",
        "reward_gain": "g_r",
        "reward": "R",
        "surprise_gain": "g_s",
        "error_negative": r"\delta^-",
    },
    sources=(
        "Lisman & Grace 2005, Neuron 46:703, doi 10.1016/j.neuron.2005.05.002",
        "Takeuchi et al. 2016, Nature 537:357, doi 10.1038/nature19325",
        "Salinas-Hernandez et al. 2018, eLife 7:e38818 (dopamine signals an omitted shock; "
        "recalled)",
    ),
    after=("valence_learning",),  # which sets the error
    parameters=(
        Parameter("modulator_base", 0.15, 0.0, 1.0, "1", "by hand: docs/model.md"),
        Parameter("novelty_gain", 1.2, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter("reward_gain", 0.7, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter("surprise_gain", 0.6, 0.0, 2.0, "1", "assumed: as strong as novelty"),
    ),
)


@kernel
def modulate(
    modulator,
    familiarity,
    shock,
    reward,
    error_negative,
    novelty_gain,
    reward_gain,
    surprise_gain,
):
    """Add to the baseline that the engine has set."""
    modulator[0] += novelty_gain * (1.0 - familiarity[0]) + shock[0] + reward_gain * reward[0]
    modulator[0] += surprise_gain * max(0.0, -error_negative[0])
