"""Figures and self-contained HTML pages."""

from engramlab.report.figures import FIGURES
from engramlab.report.page import write_analysis_report, write_report

__all__ = ["FIGURES", "write_analysis_report", "write_report"]
