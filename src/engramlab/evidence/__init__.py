"""Published findings as executable claims, and how the brain scores on them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engramlab.evidence.catalogue import (
    all_findings,
    chosen,
    finding_ids,
    out_of_scope,
    parse_finding,
)
from engramlab.evidence.finding import Finding, OutOfScope

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engramlab.evidence' has no attribute '{name}'")
    return getattr(import_module(f"engramlab.evidence.{_HOMES[name]}"), name)
