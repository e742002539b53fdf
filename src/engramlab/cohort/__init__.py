"""Groups of virtual animals, run over worker processes and resumable."""

from __future__ import annotations

from engramlab.cohort.pool import (
    AnimalError,
    DamagedAnimalWarning,
    WorkersLostError,
    run_cohort,
)
from engramlab.cohort.size import check_size

__all__ = ["AnimalError", "DamagedAnimalWarning", "WorkersLostError", "check_size", "run_cohort"]
