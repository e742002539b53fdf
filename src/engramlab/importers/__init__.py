"""Real data files to tidy tables; one importer a file."""

from engramlab.importers.columns import ColumnMap, read_columns
from engramlab.importers.scores import Scores, read_scores

__all__ = ["ColumnMap", "Scores", "read_columns", "read_scores"]
