"""Reads the catalogue: one file a finding, each checked as a whole before anything is run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engramlab.errors import Problem, ProtocolError
from engramlab.evidence.checking import problems_in
from engramlab.evidence.finding import Citation, Finding, OutOfScope, Predicate, PublishedValue
from engramlab.protocol import Protocol, paradigm_text
from engramlab.protocol.checks import check
from engramlab.protocol.editing import write_yaml
from engramlab.protocol.messages import Path, did_you_mean, one_of, place, problems_of

PARTS: dict[str, type[BaseModel]] = {
    "citation": Citation,
    "predicates": Predicate,
    "published_values": PublishedValue,
}
Model = TypeVar("Model", bound=BaseModel)


def all_findings() -> dict[str, Finding]:
    """Every finding of the catalogue by id.

    Raises
    ------
    ProtocolError
        With file, line and field for every problem in every finding.
    """
    return _read_all(_files())


def finding_ids() -> tuple[str, ...]:
    """Ids of all findings, without reading them."""
    return tuple(_files())


def _files() -> dict[str, Traversable]:
    """File of every finding by id."""
    folder = files("engramlab.evidence") / "findings"
    found = {
        entry.name.removesuffix(".yaml"): entry
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))


def _read_all(entries: Mapping[str, Traversable]) -> dict[str, Finding]:
    found, problems = {}, []
    for name, entry in entries.items():
        try:
            found[name] = parse_finding(entry.read_text(encoding="utf-8"), entry.name)
        except ProtocolError as error:
            problems += error.problems
    if problems:
        raise ProtocolError(problems)
    return found


def protocol_text(id: str) -> str:
    """YAML text of a finding's protocol as its file writes it, with its comments.

    Raises
    ------
    ProtocolError
        If there is no such finding.
    """
    entries = _files()
    if id not in entries:
        known = list(entries)
        raise ProtocolError(
            Problem(f"finding '{id}'", "is unknown", did_you_mean(id, known) + "an id")
        )
    own = _read(entries[id].read_text(encoding="utf-8"), entries[id].name)["protocol"]
    return paradigm_text(own) if isinstance(own, str) else write_yaml(own)


def out_of_scope() -> tuple[OutOfScope, ...]:
    """Published findings that this laboratory cannot test, with the reasons.

    Raises
    ------
    ProtocolError
        With file, line and field for every problem.
    """
    source = "out_of_scope.yaml"
    text = (files("engramlab.evidence") / source).read_text(encoding="utf-8")
    content = _read(text, source)
    if not isinstance(content, list):
        raise ProtocolError(Problem(source, "holds no list", "entries that begin with '- id: ...'"))
    return tuple(
        _validated(OutOfScope, entry, f"{source}, entry {number}")
        for number, entry in enumerate(content, start=1)
    )


def chosen(only: tuple[str, ...]) -> list[Finding]:
    """Findings with these ids or topics; all without any.

    Raises
    ------
    ProtocolError
        For a name that is neither.
    """
    entries = _files()
    if only and all(name in entries for name in only):  # these alone need be read
        return list(_read_all({name: e for name, e in entries.items() if name in only}).values())
    catalogue = _read_all(entries)
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


@cache
def parse_finding(text: str, source: str) -> Finding:
    """Check the YAML text of a finding: its fields, its protocol, and that its predicates fit.

    Parameters
    ----------
    text : str
    source : str
        Name of its file, which is its id with ``.yaml``.

    Raises
    ------
    ProtocolError
        With every problem found.
    """
    content = _read(text, source)
    if not isinstance(content, dict):
        raise ProtocolError(Problem(source, "holds no fields", "fields such as 'id: ...'"))
    own = content.get("protocol")
    if isinstance(own, dict):  # by itself first, so that messages name its own fields
        protocol = _validated(Protocol, own, source)
        check(protocol, source, own)
    finding = _validated(Finding, content, source)
    if finding.id != source.removesuffix(".yaml"):
        raise ProtocolError(Problem(source, f"holds the finding '{finding.id}'", "the file's name"))
    try:
        plan = finding.plan
    except ProtocolError as error:
        where = place(source, content, ("protocol",))
        raise ProtocolError([Problem(where, str(p.what), p.allowed) for p in error.problems]) from (
            None
        )
    problems = [
        problem
        for number, predicate in enumerate(finding.predicates)
        for problem in problems_in(
            predicate.expr, plan, place(source, content, ("predicates", number, "expr"))
        )
    ]
    if problems:
        raise ProtocolError(problems)
    return finding


def _read(text: str, source: str) -> Any:
    """Content of a YAML text, which knows its lines."""
    try:
        return YAML(typ="rt", pure=True).load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        what = (error.problem or "cannot be read").split("\n")[0]
        raise ProtocolError(Problem(f"{source}{line}", f"not valid YAML: {what}")) from None
    except YAMLError as error:
        raise ProtocolError(Problem(source, f"not valid YAML: {error}")) from None


def _validated(model: type[Model], content: Any, source: str) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = {problem.where: problem for problem in problems_of(error, content, source)}
        if model is not Protocol:
            mine = (_explained(detail, model, content, source) for detail in error.errors())
            problems |= {problem.where: problem for problem in mine if problem}
        raise ProtocolError(list(problems.values())) from None


def _explained(
    detail: ErrorDetails, model: type[BaseModel], content: Any, source: str
) -> Problem | None:
    """What only a finding can have wrong; None where a protocol's message says it well."""
    path: Path = detail["loc"]
    where, kind = place(source, content, path), detail["type"]
    if kind == "extra_forbidden":
        owner = PARTS.get(str(path[0]), model) if len(path) > 1 else model
        known, name = list(owner.model_fields), str(path[-1])
        return Problem(where, f"unknown field '{name}'", did_you_mean(name, known) + one_of(known))
    if kind == "string_pattern_mismatch" and path[-1] == "provenance":
        allowed = "'found: <where>', 'recalled' or 'measured: <where>'"
        return Problem(where, f"provenance is '{detail['input']}'", allowed)
    if kind == "string_pattern_mismatch" and path[-1] == "doi":
        return Problem(where, f"doi is '{detail['input']}'", "a DOI as in 10.1126/science.1164139")
    if kind == "string_pattern_mismatch" and path[-1] == "id":
        return Problem(where, f"id is '{detail['input']}'", "lowercase letters, digits and '_'")
    return None
