"""What was recorded of a cohort: dataset, tidy table, provenance, results folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engramlab.lazy import loaded_when_used

if TYPE_CHECKING:
    from engramlab.record.dataset import assemble, digest
    from engramlab.record.experiment import Experiment
    from engramlab.record.files import staged
    from engramlab.record.provenance import describe_run, read_provenance, write_provenance
    from engramlab.record.table import make_table

# Loaded when first used: a run is begun without pandas and xarray, and its workers start sooner.
_HOMES = {
    "Experiment": "experiment",
    "assemble": "dataset",
    "describe_run": "provenance",
    "digest": "dataset",
    "make_table": "table",
    "read_provenance": "provenance",
    "staged": "files",
    "write_provenance": "provenance",
}
__all__ = [
    "Experiment",
    "assemble",
    "describe_run",
    "digest",
    "make_table",
    "read_provenance",
    "staged",
    "write_provenance",
]

__getattr__ = loaded_when_used(__name__, _HOMES)
