"""From validation errors to problems a person can mend: where, what, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engramlab.errors import Problem
from engramlab.protocol import schema

UNITS = ("minutes", "hours", "days", "seconds", "mA")
Path = tuple[str | int, ...]
STEPS: dict[str, type[BaseModel]] = {
    "session": schema.SessionStep,
    "tag": schema.TagStep,
    "virus": schema.VirusStep,
    "drug": schema.DrugStep,
    "lesion": schema.LesionStep,
    "silence": schema.SilenceStep,
    "replay_block": schema.ReplayBlockStep,
}
CELL_SETS: dict[str, type[BaseModel]] = {
    "tagged": schema.TaggedCells,
    "share": schema.RandomCells,
    "as_many_as": schema.AsManyCells,
    "ids": schema.GivenCells,
}
PARTS: dict[str, type[BaseModel]] = {
    "contexts": schema.Context,
    "cues": schema.Cue,
    "tags": schema.Tag,
    "groups": schema.Group,
    "shocks": schema.Shocks,
    "cue": schema.CuePresentations,
    "reward": schema.Reward,
    "light": schema.Light,
}


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """``"did you mean 'x'? "`` for a near miss, else an empty string."""
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.55)
    return f"did you mean '{near[0]}'? " if near else ""


def one_of(known: Iterable[str]) -> str:
    """List allowed names."""
    names = list(known)
    return "one of " + ", ".join(names) if names else "none is declared in this protocol"


def path_text(path: Path) -> str:
    """Write a path as in ``timeline[2].shocks.shock_mA``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def problems_of(error: ValidationError, content: Any, source: str) -> list[Problem]:
    """Return one problem for each thing wrong in `content`.

    Parameters
    ----------
    error : ValidationError
    content : mapping
        What was validated.
    source : str
        Where it came from, e.g. a file's path; lines are added where `content` knows them.
    """
    problems: dict[Path, Problem] = {}
    for detail in error.errors():
        path = _real_path(detail["loc"], content)
        if path in problems:
            continue
        problems[path] = Problem(place(source, content, path), *_explain(detail, path, content))
    return list(problems.values())


def place(source: str, content: Any, path: Path) -> str:
    """``file, line n, field`` for a path into `content`."""
    line = line_of(content, path)
    where = source if line is None else f"{source}, line {line}"
    text = path_text(path)
    return f"{where}, {text}" if text else where


def line_of(content: Any, path: Path) -> int | None:
    """Line (from 1) at which a path stands, when `content` was read from YAML."""
    line = None
    for part in path:
        marks = getattr(content, "lc", None)
        if marks is None or marks.data is None or part not in marks.data:
            break
        line = marks.data[part][0] + 1
        content = content[part]
    return line


def _real_path(loc: Path, content: Any) -> Path:
    """Drop from pydantic's location the names of union members, which no file contains."""
    path: list[str | int] = []
    for index, part in enumerate(loc):
        if len(path) == 2 and (
            (part in STEPS and path[0] == "timeline")
            or (part in CELL_SETS and path[0] == "cells" and index < len(loc) - 1)
        ):
            continue
        if isinstance(part, str) and part.startswith(("tuple[", "function-", "literal[", "[key]")):
            continue
        last = index == len(loc) - 1
        if isinstance(content, Mapping) and part not in content and not last:
            continue
        path.append(part)
        if isinstance(content, Mapping):
            content = content.get(part)
        elif isinstance(content, list | tuple) and isinstance(part, int) and part < len(content):
            content = content[part]
        else:
            content = None
    return tuple(path)


def _value(content: Any, path: Path) -> Any:
    for part in path:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _fields(path: Path, content: Any) -> list[str]:
    """Names that the mapping holding the last part of `path` may have."""
    owner = [part for part in path[:-1] if isinstance(part, str)]
    if not owner:
        return list(schema.Protocol.model_fields)
    if owner[0] == "cells":
        given = _value(content, path[:-1]) or {}
        return [
            field
            for kind, model in CELL_SETS.items()
            if kind in given
            for field in model.model_fields
        ]
    if owner == ["timeline"]:
        kind = str((_value(content, path[:-1]) or {}).get("do"))
        return list(STEPS[kind].model_fields) if kind in STEPS else []
    part = PARTS.get(owner[-1]) or PARTS.get(owner[0])
    return list(part.model_fields) if part else []


def _unit_hint(name: str, known: Iterable[str]) -> str:
    """A field with the right stem and a wrong unit, e.g. ``delay_days`` for ``delay_hours``."""
    stem = re.sub(r"_?[A-Za-zµ]+$", "", name) or name
    for field in known:
        unit = field.rsplit("_", 1)[-1]
        if unit in UNITS and stem and field.startswith(stem) and field != name:
            return f"the unit of this field is {unit}: write '{field}'. "
    return ""


def _explain(detail: ErrorDetails, path: Path, content: Any) -> tuple[str, str]:
    """What is wrong and what is allowed."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = _fields(path, content)
        hint = _unit_hint(name, known) or did_you_mean(name, known)
        return f"unknown field '{name}'", hint + one_of(known)
    if kind == "missing":
        return f"'{name}' is missing", f"a value for '{name}'"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        step = _value(content, path)
        found = step.get("do") if isinstance(step, Mapping) else step
        return f"'do' is {found!r}", did_you_mean(found, STEPS) + one_of(STEPS)
    if kind == "cell_set_kind":
        return (
            f"'{name}' {detail['msg']}",
            "a tag ('tagged'), a random share ('share'), as many as another set ('as_many_as') or "
            "cell numbers ('ids')",
        )
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        if path == ("engramlab",):
            return f"format version {found!r} is unknown", "1; a newer file needs a newer engramlab"
        names = re.findall(r"'([^']+)'", expected)
        return f"{found!r} is not allowed here", did_you_mean(found, names) + expected
    if kind == "value_error":
        return str(context.get("error", detail["msg"])), ""
    unit = name.rsplit("_", 1)[-1] if name.rsplit("_", 1)[-1] in UNITS else ""
    for limit, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most")):
        if limit in context:
            sign = "negative time: " if unit and limit == "ge" and found < 0 else ""
            return f"{sign}{name} is {found!r}", f"{words} {context[limit]:g} {unit}".strip()
    if kind.startswith(("float", "int", "finite")):
        plain = f"a plain number in {unit}" if unit else "a plain number"
        return f"{name} is {found!r}, not a number", plain + ", without a unit behind it"
    if kind == "string_pattern_mismatch":
        return f"{found!r} is no name", "letters, digits, '-' and '_', at most 64"
    if kind.endswith("_type") or kind == "model_attributes_type":
        return f"{name or 'the protocol'} is {_short(found)}", detail["msg"].lower()
    return f"{name}: {detail['msg'].lower()}", ""


def _short(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 60 else text[:57] + "..."
