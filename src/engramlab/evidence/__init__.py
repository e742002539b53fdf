"""Published findings as executable claims, and how the brain scores on them."""

from engramlab.evidence.catalogue import all_findings, chosen, out_of_scope, parse_finding
from engramlab.evidence.finding import Finding, OutOfScope
from engramlab.evidence.scoring import Outcome, score
from engramlab.evidence.tally import Tally

__all__ = [
    "Finding",
    "OutOfScope",
    "Outcome",
    "Tally",
    "all_findings",
    "chosen",
    "out_of_scope",
    "parse_finding",
    "score",
]
