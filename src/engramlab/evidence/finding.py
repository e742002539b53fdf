"""A published finding: its claim, what the model must show, and where every number is from."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Any, Literal

from pydantic import Field, ValidationError
from ruamel.yaml import YAML

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol import Protocol, load_protocol
from engramlab.protocol.checks import check
from engramlab.protocol.messages import did_you_mean, problems_of
from engramlab.protocol.quantities import Checked

Kind = Literal["direction", "size", "null"]
Tier = Literal["core", "recalled", "data", "contested"]


class Citation(Checked):
    """Where a finding was published."""

    authors: str
    year: int
    journal: str
    doi: str | None = None


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
    why : str
        The claim in words, with the source of its bounds.
    """

    expr: str
    kind: Kind
    control: bool = False
    why: str = ""


class PublishedValue(Checked):
    """A number or direction from the paper with its provenance."""

    what: str
    value: str
    provenance: str = Field(pattern=r"^(found: .+|recalled.*|measured: .+)$")
    confidence: Literal["high", "medium", "low"]


class Finding(Checked):
    """A published finding; one file in `engramlab.evidence.findings`.

    Its predicates are fixed before tuning and are never weakened to pass.
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
    explanation: str = ""

    @property
    def counted(self) -> bool:
        """Whether it counts in the score: contested findings are reported only."""
        return self.tier != "contested"

    def plan(self) -> Protocol:
        """The protocol to run: its own, or the built-in paradigm that it names."""
        return (
            self.protocol if isinstance(self.protocol, Protocol) else load_protocol(self.protocol)
        )


def all_findings() -> dict[str, Finding]:
    """Every finding of the catalogue by id.

    Raises
    ------
    ProtocolError
        With file, line and field for a finding file that is not valid.
    """
    folder = files("engramlab.evidence") / "findings"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            finding = parse_finding(entry.read_text(encoding="utf-8"), entry.name)
            found[finding.id] = finding
    return found


def chosen(only: tuple[str, ...]) -> list[Finding]:
    """Findings with these ids or topics; all without any.

    Raises
    ------
    ProtocolError
        For a name that is neither.
    """
    catalogue = all_findings()
    topics = {finding.topic for finding in catalogue.values()}
    known = sorted({*catalogue, *topics})
    unknown = [
        Problem(f"finding '{name}'", "is unknown", did_you_mean(name, known) + "an id or a topic")
        for name in only
        if name not in known
    ]
    if unknown:
        raise ProtocolError(unknown)
    return [
        finding
        for finding in catalogue.values()
        if not only or finding.id in only or finding.topic in only
    ]


def parse_finding(text: str, source: str) -> Finding:
    """Check the YAML text of a finding.

    Raises
    ------
    ProtocolError
        With every problem found.
    """
    content: Any = YAML(typ="rt", pure=True).load(io.StringIO(text))
    try:
        finding = Finding.model_validate(content)
    except ValidationError as error:
        raise ProtocolError(problems_of(error, content, source)) from None
    if isinstance(finding.protocol, Protocol):
        check(finding.protocol, source, content["protocol"])
    if finding.id != source.removesuffix(".yaml"):
        raise ProtocolError(Problem(source, f"holds the finding '{finding.id}'", "the file's name"))
    return finding
