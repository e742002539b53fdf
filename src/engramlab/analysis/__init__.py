"""Measures applied to tables: what `analyze` prints and draws."""

from engramlab.analysis.against import compare, scores_of_run
from engramlab.analysis.analysis import Analysis, analyze

__all__ = ["Analysis", "analyze", "compare", "scores_of_run"]
