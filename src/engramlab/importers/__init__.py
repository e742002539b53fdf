"""Real data files to tables and recordings; one file format a module of `formats`."""

from engramlab.importers.columns import ColumnMap, read_columns
from engramlab.importers.importer import Ask, Importer, Options
from engramlab.importers.registry import importers, read_animals, read_data
from engramlab.importers.scores import Scores, read_scores

__all__ = [
    "Ask",
    "ColumnMap",
    "Importer",
    "Options",
    "Scores",
    "importers",
    "read_animals",
    "read_columns",
    "read_data",
    "read_scores",
]
