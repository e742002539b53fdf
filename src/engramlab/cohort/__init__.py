"""Groups of virtual animals, run over worker processes and resumable."""

from __future__ import annotations

from engramlab.cohort.pool import (
    AnimalError,
    Cohort,
    DamagedAnimalWarning,
    WorkersLostError,
    run_cohort,
)
from engramlab.cohort.series import run_cohorts
from engramlab.cohort.size import check_size

__all__ = [
    "AnimalError",
    "Cohort",
    "DamagedAnimalWarning",
    "WorkersLostError",
    "check_size",
    "run_cohort",
    "run_cohorts",
]
