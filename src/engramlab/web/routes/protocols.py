"""Protocols: what there is to start from, whether a YAML text is one, changes to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, JsonValue

from engramlab.brain.brain import all_mechanisms, declared_parameters
from engramlab.errors import Problem, ProtocolError
from engramlab.evidence import all_findings, finding_ids
from engramlab.evidence.catalogue import protocol_text
from engramlab.protocol import (
    Protocol,
    load_protocol,
    paradigm_names,
    paradigm_text,
    parse_protocol,
)
from engramlab.protocol.describing import step_in_words
from engramlab.protocol.editing import Edit, Put, Remove, Rename, edit_protocol
from engramlab.protocol.quantities import POPULATIONS, DrugName, ProjectionName, RegionName
from engramlab.protocol.reading import read_yaml
from engramlab.web.answers import ProblemAnswer, missing, problems_in
from engramlab.web.limits import MAX_PROTOCOL_CHARACTERS, ProtocolText

router = APIRouter(prefix="/protocols", tags=["protocols"])
Name = Annotated[str, Path(max_length=100)]
MAX_NODES = 20_000  # of a YAML text, which may hold one thing many times over by reference


class Source(BaseModel):
    """A protocol to start from."""

    id: str
    kind: Literal["paradigm", "finding"]
    title: str
    topic: str = ""
    citation: str = ""
    groups: int
    days: float


class ProtocolIn(BaseModel):
    """A protocol as YAML."""

    yaml: ProtocolText


class Checked(BaseModel):
    """What a YAML text holds, and what is wrong with it.

    `content` is there whenever the text is YAML with fields, valid or not; `words` says what each
    step of a valid protocol does.
    """

    yaml: str
    valid: bool
    problems: list[ProblemAnswer] = []
    content: dict[str, JsonValue] | None = None
    words: list[str] = []
    days: float = 0.0


PathPart = Annotated[str, Field(max_length=100)] | Annotated[int, Field(ge=0, le=10_000)]
EditPath = Annotated[list[PathPart], Field(min_length=1, max_length=8)]


class PutIn(BaseModel):
    """Set a value."""

    op: Literal["put"]
    path: EditPath
    value: JsonValue


class RemoveIn(BaseModel):
    """Take something away."""

    op: Literal["remove"]
    path: EditPath


class RenameIn(BaseModel):
    """Rename a context, cue, tag, set of cells or group, and what refers to it."""

    op: Literal["rename"]
    part: Literal["contexts", "cues", "tags", "cells", "groups"]
    old: Annotated[str, Field(max_length=100)]
    new: Annotated[str, Field(max_length=100)]


class EditsIn(BaseModel):
    """A protocol and what to change in it, in order."""

    yaml: ProtocolText
    edits: list[Annotated[PutIn | RemoveIn | RenameIn, Field(discriminator="op")]] = Field(
        max_length=200
    )


class ParameterOut(BaseModel):
    """A parameter of the brain."""

    name: str
    belongs_to: str
    value: float
    low: float
    high: float
    unit: str


class MechanismOut(BaseModel):
    """A mechanism that can be switched off."""

    name: str
    summary: str


class Vocabulary(BaseModel):
    """Names that a protocol may use."""

    drugs: list[str]
    regions: list[str]
    projections: list[str]
    populations: dict[str, list[str]]
    mechanisms: list[MechanismOut]
    parameters: list[ParameterOut]


@router.get("")
def sources() -> list[Source]:
    """Built-in paradigms and the protocols of all findings."""
    plans = [
        (name, "paradigm", "", "", load_protocol(name), load_protocol(name).title)
        for name in paradigm_names()
    ]
    plans += [
        (finding.id, "finding", finding.topic, str(finding.citation), finding.plan, finding.title)
        for finding in all_findings().values()
    ]
    return [
        Source(
            id=id,
            kind="paradigm" if kind == "paradigm" else "finding",
            title=title,
            topic=topic,
            citation=citation or plan.citation,
            groups=len(plan.groups),
            days=_days(plan),
        )
        for id, kind, topic, citation, plan, title in plans
    ]


@router.get("/vocabulary")
def vocabulary() -> Vocabulary:
    """Names and ranges for forms."""
    return Vocabulary(
        drugs=list(get_args(DrugName)),
        regions=list(get_args(RegionName)),
        projections=list(get_args(ProjectionName)),
        populations={region: list(names) for region, names in POPULATIONS.items()},
        mechanisms=[MechanismOut(name=m.name, summary=m.summary) for m in all_mechanisms()],
        parameters=[
            ParameterOut(
                name=name, belongs_to=owner, value=p.value, low=p.low, high=p.high, unit=p.unit
            )
            for name, (owner, p) in declared_parameters().items()
        ],
    )


@router.get("/{id}")
def source(id: Name) -> Checked:
    """YAML of a paradigm or of a finding's protocol."""
    if id in paradigm_names():
        return checked(paradigm_text(id))
    if id not in finding_ids():
        raise missing("paradigm or finding", id)
    return checked(protocol_text(id))


@router.post("/check")
def check(content: ProtocolIn) -> Checked:
    """Read a YAML text; problems come with lines and are no error of the request."""
    return checked(content.yaml)


@router.post("/edit")
def edit(content: EditsIn) -> Checked:
    """Change a YAML text, keeping its comments and its style, and read it."""
    _count_nodes(read_yaml(content.yaml))
    changed = edit_protocol(content.yaml, [_edit(each) for each in content.edits])
    if len(changed) > MAX_PROTOCOL_CHARACTERS:
        raise ProtocolError(Problem("", "the protocol would become too long"))
    return checked(changed)


def _edit(given: PutIn | RemoveIn | RenameIn) -> Edit:
    match given:
        case PutIn():
            return Put(tuple(given.path), given.value)
        case RemoveIn():
            return Remove(tuple(given.path))
    return Rename(given.part, given.old, given.new)


def checked(yaml: str) -> Checked:
    """Read a YAML text as the command line would."""
    try:
        read = read_yaml(yaml)
        _count_nodes(read)
    except ProtocolError as error:
        return Checked(yaml=yaml, valid=False, problems=problems_in(error))
    content = _plain(read)
    try:
        protocol = parse_protocol(yaml)
    except ProtocolError as error:
        return Checked(yaml=yaml, valid=False, problems=problems_in(error), content=content)
    return Checked(
        yaml=yaml,
        valid=True,
        content=content,
        words=[step_in_words(step) for step in protocol.timeline],
        days=_days(protocol),
    )


def _count_nodes(content: Any) -> None:
    """Refuse a text that unfolds to more than a protocol ever holds."""
    seen, stack = 0, [(content, 0)]
    while stack:
        node, depth = stack.pop()
        seen += 1
        if seen > MAX_NODES or depth > 50:
            raise ProtocolError(
                Problem("protocol", "unfolds to more than a protocol holds", "fewer references")
            )
        if isinstance(node, Mapping):
            stack += [(each, depth + 1) for each in node.values()]
        elif isinstance(node, list | tuple | set):
            stack += [(each, depth + 1) for each in node]


def _plain(node: Any) -> Any:
    """What was read, as JSON can hold it."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple | set):
        return [_plain(each) for each in node]
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, int):
        return int(node) if abs(node) < 2**53 else str(node)
    if isinstance(node, float):
        return float(node) if math.isfinite(node) else str(node)
    return str(node)


def _days(protocol: Protocol) -> float:
    return max(step.start_hours for step in protocol.timeline) / 24
