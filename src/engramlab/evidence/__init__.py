"""Published findings as executable claims, and how the brain scores on them."""

from engramlab.evidence.catalogue import all_findings, chosen, parse_finding
from engramlab.evidence.finding import Finding
from engramlab.evidence.scoring import Outcome, score

__all__ = ["Finding", "Outcome", "all_findings", "chosen", "parse_finding", "score"]
