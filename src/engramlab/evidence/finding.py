"""A published finding: its claim, what the model must show, and where every number is from."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from engramlab.protocol import Protocol, load_protocol
from engramlab.protocol.quantities import Checked

Kind = Literal["direction", "size", "null"]
Tier = Literal["core", "recalled", "data", "contested"]


class Citation(Checked):
    """Where a finding was published."""

    authors: str
    year: int
    journal: str
    doi: str | None = Field(default=None, pattern=r"^10\.[^\s]+$")

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.journal}"


class Predicate(Checked):
    """One thing that must hold, as a comparison of measures.

    Parameters
    ----------
    expr : str
        For example ``freezing["shock", "A-day-1"] - freezing["shock", "C-day-1"] >= 20``: see
        `engramlab.evidence.expression`.
    kind : {"direction", "size", "null"}
        A direction holds when its 95 % interval lies on the right side; a size or a null (no
        difference within a tolerance) when the means satisfy it.
    control : bool
        True for a negative control: a finding whose control fails has failed.
    soft : bool
        True for what is reported and never decides whether the finding holds.
    why : str
        The claim in words, with the source of its bounds.
    """

    expr: str
    kind: Kind
    control: bool = False
    soft: bool = False
    why: str = ""


class PublishedValue(Checked):
    """A number or direction from the paper with its provenance."""

    what: str
    value: str
    provenance: str = Field(pattern=r"^(found: .+|recalled.*|measured: .+)$")
    confidence: Literal["high", "medium", "low"]


class Finding(Checked):
    """A published finding; one file in `engramlab.evidence.findings`.

    Its predicates are fixed before tuning and are never weakened to pass. `not_tested` says what
    the paper shows beside them and a model of this kind has no variable for.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    claim: str
    topic: str
    citation: Citation
    tier: Tier
    protocol: str | Protocol
    animals: int = Field(12, ge=4, le=100)
    predicates: tuple[Predicate, ...] = Field(min_length=1)
    published_values: tuple[PublishedValue, ...] = ()
    contradicting: str = ""
    not_tested: tuple[str, ...] = ()
    explanation: str = ""

    @property
    def counted(self) -> bool:
        """Whether it counts in the score: contested findings are reported only."""
        return self.tier != "contested"

    @cached_property
    def plan(self) -> Protocol:
        """The protocol to run: its own, or the built-in paradigm that it names."""
        return (
            self.protocol if isinstance(self.protocol, Protocol) else load_protocol(self.protocol)
        )


class OutOfScope(Checked):
    """A published finding that this laboratory cannot test; an entry of ``out_of_scope.yaml``."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    citation: Citation
    reason: str
