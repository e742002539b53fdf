"""Many runs, one answer: what mechanisms carry, what parameters fit, what they do."""

from engramlab.studies.ablation import Ablation, AblationPlan, ablate, mechanisms_named
from engramlab.studies.calibration import Point, calibrate
from engramlab.studies.fitting import Comparison, Fit, fit
from engramlab.studies.match import Match, matched_targets, read_match
from engramlab.studies.plan import FitPlan, make_plan, read_plan
from engramlab.studies.splitting import split_by_name, split_by_share
from engramlab.studies.sweep import Sweep, SweepPlan, run_sweep
from engramlab.studies.target import Target, target_of

__all__ = [
    "Ablation",
    "AblationPlan",
    "Comparison",
    "Fit",
    "FitPlan",
    "Match",
    "Point",
    "Sweep",
    "SweepPlan",
    "Target",
    "ablate",
    "calibrate",
    "fit",
    "make_plan",
    "matched_targets",
    "mechanisms_named",
    "read_match",
    "read_plan",
    "run_sweep",
    "split_by_name",
    "split_by_share",
    "target_of",
]
