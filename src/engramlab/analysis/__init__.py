"""Measures applied to tables: what `analyze` prints and draws."""

from engramlab.analysis.against import compare, contexts_of, scores_of_run
from engramlab.analysis.analysis import Analysis, analyze
from engramlab.analysis.counts import overlap_of_counts
from engramlab.analysis.imaging import ImagingAnalysis, ImagingPlan, analyze_imaging

__all__ = [
    "Analysis",
    "ImagingAnalysis",
    "ImagingPlan",
    "analyze",
    "analyze_imaging",
    "compare",
    "contexts_of",
    "overlap_of_counts",
    "scores_of_run",
]
