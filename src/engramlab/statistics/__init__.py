"""Statistics with the animal as the unit, by scipy and statsmodels.

`scipy.stats` is named in full where it is used: SciPy loads it then, which takes half a second.
"""

from engramlab.statistics.anova import anova, welch_anova
from engramlab.statistics.comparison import compare_groups, compare_two
from engramlab.statistics.corrections import corrected_p
from engramlab.statistics.effect_size import (
    cliffs_delta,
    hedges_g_estimate,
    partial_eta_squared_interval,
)
from engramlab.statistics.mixed_model import MixedModel, mixed_model
from engramlab.statistics.power import animals_for_power, power_curve, power_of_difference
from engramlab.statistics.resampling import PermutationTest, bootstrap_interval, permutation_test
from engramlab.statistics.units import animal_means

__all__ = [
    "MixedModel",
    "PermutationTest",
    "animal_means",
    "animals_for_power",
    "anova",
    "bootstrap_interval",
    "cliffs_delta",
    "compare_groups",
    "compare_two",
    "corrected_p",
    "hedges_g_estimate",
    "mixed_model",
    "partial_eta_squared_interval",
    "permutation_test",
    "power_curve",
    "power_of_difference",
    "welch_anova",
]
