"""What was recorded of a cohort: dataset, tidy table, provenance, results folder."""

from engramlab.record.dataset import assemble, digest
from engramlab.record.experiment import Experiment
from engramlab.record.files import staged
from engramlab.record.provenance import describe_run, read_provenance, write_provenance
from engramlab.record.table import make_table

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
