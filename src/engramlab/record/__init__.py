"""What was recorded of a cohort: dataset, tidy table, provenance, results folder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engramlab.record' has no attribute '{name}'")
    return getattr(import_module(f"engramlab.record.{_HOMES[name]}"), name)
