"""Protocols: what there is to start from, and whether a YAML text is one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel

from engramlab.errors import ProtocolError
from engramlab.evidence import all_findings
from engramlab.protocol import (
    Protocol,
    load_protocol,
    paradigm_names,
    paradigm_text,
    parse_protocol,
)
from engramlab.protocol.describing import step_in_words
from engramlab.protocol.schema import SessionStep
from engramlab.web.answers import ProblemAnswer, missing, problems_in
from engramlab.web.limits import ProtocolText

router = APIRouter(prefix="/protocols", tags=["protocols"])
Name = Annotated[str, Path(max_length=100)]


class Source(BaseModel):
    """A protocol to start from."""

    id: str
    kind: str
    title: str
    topic: str = ""
    citation: str = ""
    groups: int
    days: float


class ProtocolIn(BaseModel):
    """A protocol as YAML."""

    yaml: ProtocolText


class DrawnStep(BaseModel):
    """A step of the time line with what a picture of it needs."""

    index: int
    kind: str
    name: str
    words: str
    start_hours: float
    hours: float | None
    groups: list[str] | None


class Checked(BaseModel):
    """What a YAML text holds, or what is wrong with it."""

    valid: bool
    problems: list[ProblemAnswer] = []
    protocol: dict[str, Any] | None = None
    steps: list[DrawnStep] = []


@router.get("")
def sources() -> list[Source]:
    """Built-in paradigms and the protocols of all findings."""
    paradigms = [(name, load_protocol(name)) for name in paradigm_names()]
    found = [
        Source(
            id=name,
            kind="paradigm",
            title=protocol.title,
            citation=protocol.citation,
            groups=len(protocol.groups),
            days=_days(protocol),
        )
        for name, protocol in paradigms
    ]
    found += [
        Source(
            id=finding.id,
            kind="finding",
            title=finding.title,
            topic=finding.topic,
            citation=str(finding.citation),
            groups=len(finding.plan.groups),
            days=_days(finding.plan),
        )
        for finding in all_findings().values()
    ]
    return found


@router.get("/{id}")
def source(id: Name) -> ProtocolIn:
    """YAML of a paradigm or of a finding's protocol."""
    if id in paradigm_names():
        return ProtocolIn(yaml=paradigm_text(id))
    finding = all_findings().get(id)
    if finding is None:
        raise missing("paradigm or finding", id)
    if isinstance(finding.protocol, str):
        return ProtocolIn(yaml=paradigm_text(finding.protocol))
    return ProtocolIn(yaml=finding.protocol.to_yaml())


@router.post("/check")
def check(content: ProtocolIn) -> Checked:
    """Read a YAML text; problems come with lines and are no error of the request."""
    return checked(content.yaml)


def checked(yaml: str) -> Checked:
    """Read a YAML text as the command line would."""
    try:
        protocol = parse_protocol(yaml)
    except ProtocolError as error:
        return Checked(valid=False, problems=problems_in(error))
    return Checked(
        valid=True,
        protocol=protocol.model_dump(mode="json", exclude_none=True),
        steps=[
            DrawnStep(
                index=index,
                kind=step.do,
                name=getattr(step, "name", ""),
                words=step_in_words(step),
                start_hours=step.start_hours,
                hours=step.minutes / 60 if isinstance(step, SessionStep) else _hours(step),
                groups=None if step.groups is None else list(step.groups),
            )
            for index, step in enumerate(protocol.timeline)
        ],
    )


def _hours(step: Any) -> float | None:
    """How long a step lasts; None for good."""
    hours: float | None = getattr(step, "hours", None)
    return hours


def _days(protocol: Protocol) -> float:
    return max(step.start_hours for step in protocol.timeline) / 24
