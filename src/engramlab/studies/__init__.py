"""Questions put to the whole catalogue: what each mechanism carries, and what parameters fit."""

from engramlab.studies.ablation import Ablation, AblationPlan, ablate, mechanisms_named
from engramlab.studies.fitting import Comparison, Fit, fit
from engramlab.studies.plan import FitPlan, make_plan, read_plan
from engramlab.studies.splitting import split_by_name, split_by_share
from engramlab.studies.target import Target, target_of

__all__ = [
    "Ablation",
    "AblationPlan",
    "Comparison",
    "Fit",
    "FitPlan",
    "Target",
    "ablate",
    "fit",
    "make_plan",
    "mechanisms_named",
    "read_plan",
    "split_by_name",
    "split_by_share",
    "target_of",
]
