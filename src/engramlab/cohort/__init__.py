"""Groups of virtual animals, run over worker processes and resumable."""

from __future__ import annotations

from engramlab.cohort.cohort import AnimalError, Cohort, run_cohort
from engramlab.cohort.pool import Workers, WorkersLostError
from engramlab.cohort.series import run_cohorts
from engramlab.cohort.size import check_size

__all__ = [
    "AnimalError",
    "Cohort",
    "Workers",
    "WorkersLostError",
    "check_size",
    "run_cohort",
    "run_cohorts",
]
