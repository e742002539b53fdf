"""From validation errors to problems a person can mend: where, what, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engramlab.errors import Problem
from engramlab.protocol import schema, within_session

Path = tuple[str | int, ...]
NO_FIELDS = ("tuple[", "function-", "literal[", "[key]", "CuePresentations")
UNITS = ("minutes", "hours", "days", "seconds", "mA")
OTHER_UNITS = {  # how people write units, beside the names above
    *("ms", "s", "sec", "secs", "second", "min", "mins", "minute", "h", "hr", "hrs", "hour"),
    *("d", "day", "week", "weeks", "month", "months", "a", "ma", "ua", "µa"),
}
REGION_WORDS = {"hippocampus": "[DG, CA3, CA1]", "amygdala": "BLA", "cortex": "PFC"}
STEPS: dict[str, type[BaseModel]] = {
    "session": schema.SessionStep,
    "tag": schema.TagStep,
    "virus": schema.VirusStep,
    "drug": schema.DrugStep,
    "stress": schema.StressStep,
    "housing": schema.HousingStep,
    "sleep_deprivation": schema.SleepDeprivationStep,
    "lesion": schema.LesionStep,
    "silence": schema.SilenceStep,
    "replay_block": schema.ReplayBlockStep,
}
STEP_PARTS: dict[str, type[BaseModel]] = {
    "shocks": within_session.Shocks,
    "cue": within_session.CuePresentations,
    "reward": within_session.Reward,
    "light": within_session.Light,
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
}
SHAPES = {  # end of pydantic's error type -> what is allowed
    "tuple_type": "a list, as in [...], also for a single one",
    "dict_type": "names with what they stand for, as in {A: {}}",
    "model_type": "fields with values, as in {...}; {} for none",
    "model_attributes_type": "fields with values, as in {...}; {} for none",
    "string_type": "a text; in quotes if it looks like a number or a date",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """``"did you mean 'x'? "`` for a near miss, else an empty string."""
    if not isinstance(name, str):
        return ""
    near = difflib.get_close_matches(name[:100], list(known), n=1, cutoff=0.55)
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


def shown(found: object) -> str:
    """A value that was found, cut short: an input may be nested without end."""
    if found is None:
        return "empty"
    if isinstance(found, Mapping):
        return "a mapping" + (f" ({', '.join(str(key)[:20] for key in found)})"[:60])
    if isinstance(found, list | tuple):
        return f"a list of {len(found)}"
    text = repr(found)
    return text if len(text) <= 60 else text[:57] + "..."


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
    details: dict[Path, ErrorDetails] = {}
    for detail in error.errors():
        if _of_other_form(detail["loc"], content):
            continue
        details.setdefault(_real_path(detail["loc"], content), detail)
    return [
        Problem(place(source, content, path), *_explain(detail, path, content))
        for path, detail in details.items()
        if not (detail["type"] in ("literal_error", "too_short") and _part_of(path, details))
    ]


def _of_other_form(loc: Path, content: Any) -> bool:
    """Whether pydantic tried `cue` as a list where one was given, or the other way round."""
    if len(loc) < 5 or loc[0] != "timeline" or loc[3] != "cue":
        return False
    given = _value(content, (loc[0], loc[1], "cue"))
    one = isinstance(given, Mapping) or not isinstance(given, list | tuple)
    return (loc[4] == "CuePresentations") != one


def _part_of(path: Path, others: Iterable[Path]) -> bool:
    """Whether something within `path` is wrong too, of which its own error is an echo."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in others)


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
        if index == 2 and loc[0] in ("timeline", "cells"):
            continue  # the kind of step or of cell set
        if isinstance(part, str) and part.startswith(NO_FIELDS):
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
    given = _value(content, path[:2])
    given = given if isinstance(given, Mapping) else {}
    owner: type[BaseModel] | None = schema.Protocol
    match path[:-1]:
        case ("timeline", int()):
            owner = STEPS.get(str(given.get("do")))
        case ("timeline", int(), str(part), *_):
            owner = STEP_PARTS.get(part)
        case ("cells", _):
            owner = next((CELL_SETS[kind] for kind in CELL_SETS if kind in given), None)
        case (str(part), _):
            owner = PARTS.get(part)
    return list(owner.model_fields) if owner else []


def _unit_of(name: str) -> str:
    unit = name.rpartition("_")[2]
    return unit if unit in UNITS else ""


def _unit_hint(name: str, known: Iterable[str]) -> str:
    """The field that `name` stands for where only its unit differs, as in ``shock_uA``."""
    stem, _, unit = name.rpartition("_")
    if name in ("at", "from", "to"):
        stem = name
    elif unit not in UNITS and unit.lower() not in OTHER_UNITS:
        return ""
    fields = [field for field in known if _unit_of(field) and field.rpartition("_")[0] == stem]
    if not fields:
        return ""
    near = difflib.get_close_matches(name, fields, n=1, cutoff=0.85) or fields
    units = " or ".join(_unit_of(field) for field in near)
    names = " or ".join(f"'{field}'" for field in near)
    return f"the unit is in the name, here {units}: write {names}. "


def _explain(detail: ErrorDetails, path: Path, content: Any) -> tuple[str, str]:
    """What is wrong and what is allowed."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    name = _last_name(path)
    if path == ("engramlab",):
        allowed = "'engramlab: 1', the version of the format; a newer file needs a newer engramlab"
        if kind == "missing":
            return "'engramlab' is missing", allowed
        return f"format version {shown(found)} is unknown", allowed
    if kind == "extra_forbidden":
        known = _fields(path, content)
        hint = _unit_hint(name, known) or did_you_mean(name, known)
        return f"unknown field '{name}'", hint + one_of(known)
    if kind == "invalid_key":
        return f"{name} is no name of a field", "a text"
    if kind == "missing":
        unit = _unit_of(name)
        return f"'{name}' is missing", f"a number in {unit}" if unit else f"a value for '{name}'"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        step = _value(content, path)
        found = step.get("do") if isinstance(step, Mapping) else step
        return f"'do' is {shown(found)}", did_you_mean(found, STEPS) + one_of(STEPS)
    if kind == "cell_set_kind":
        return (
            f"'{name}' {detail['msg']}",
            "a tag ('tagged'), a random share ('share'), as many as another set ('as_many_as') or "
            "cell numbers ('ids')",
        )
    if kind == "literal_error":
        return _not_in_list(found, str(context.get("expected", "")))
    if kind == "value_error":
        return str(context.get("error", detail["msg"])), ""
    if kind == "string_pattern_mismatch":
        if path[-1] in ("title", "description", "citation"):
            return f"{name} holds control characters", "plain text"
        return f"{shown(found)} is no name", "letters, digits, '-' and '_', at most 64"
    if kind == "too_short":
        return f"{name} is empty", f"at least {context['min_length']}"
    for ending, allowed in SHAPES.items():
        if kind.endswith(ending):
            return f"{name or 'the protocol'} is {shown(found)}", allowed
    return _number(detail, name)


def _not_in_list(found: object, expected: str) -> tuple[str, str]:
    names = re.findall(r"'([^']+)'", expected)
    hint = did_you_mean(found, names)
    if "DG" in names and isinstance(found, str) and found.lower() in REGION_WORDS:
        hint = f"did you mean {REGION_WORDS[found.lower()]}? "
    return f"{shown(found)} is not allowed here", hint + expected


def _number(detail: ErrorDetails, name: str) -> tuple[str, str]:
    """Explain what is wrong with a number."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    unit = _unit_of(name.partition("[")[0])
    for limit, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most")):
        if limit in context:
            sign = "negative time: " if unit not in ("", "mA") and found < 0 else ""
            allowed = f"{words} {context[limit]:g} {unit}".strip()
            if limit == "le" and context["le"] == 1:
                allowed += ": a share, not a percentage"
            return f"{sign}{name} is {shown(found)}", allowed
    if kind == "plain_number" or kind.startswith(("float", "int", "finite")):
        plain = f"a plain number in {unit}" if unit else "a plain number"
        return f"{name} is {shown(found)}, not a number", plain + ", without a unit behind it"
    return f"{name}: {detail['msg'].lower()}", ""


def _last_name(path: Path) -> str:
    """The last field of a path with the list index behind it, if any."""
    named = [index for index, part in enumerate(path) if isinstance(part, str)]
    return path_text(path[named[-1] :]) if named else path_text(path)
