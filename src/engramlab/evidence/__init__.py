"""Published findings as executable claims, and how the brain scores on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engramlab.evidence.catalogue import (
    all_findings,
    chosen,
    finding_ids,
    out_of_scope,
    parse_finding,
)
from engramlab.evidence.finding import Finding, OutOfScope
from engramlab.lazy import loaded_when_used

if TYPE_CHECKING:
    from engramlab.evidence.scoring import Outcome, score
    from engramlab.evidence.tally import Tally

# Loaded when first used: reading the catalogue needs no engine.
_HOMES = {"Outcome": "scoring", "score": "scoring", "Tally": "tally"}
__all__ = [
    "Finding",
    "OutOfScope",
    "Outcome",
    "Tally",
    "all_findings",
    "chosen",
    "finding_ids",
    "out_of_scope",
    "parse_finding",
    "score",
]

__getattr__ = loaded_when_used(__name__, _HOMES)
