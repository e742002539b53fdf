"""Changes to the YAML text of a protocol that keep its comments, its order and its style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.messages import Path, path_text
from engramlab.protocol.reading import read_yaml

WIDTH = 4096  # one step a line: broken lines of {...} are hard to read
NAMED = ("contexts", "cues", "tags", "cells", "groups")  # parts whose entries others refer to


@dataclass(frozen=True, slots=True)
class Put:
    """Set the value at `path`; what is missing on the way there is made.

    An index one past the end of a list appends to it.
    """

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away what stands at `path`; nothing happens when there is nothing."""

    path: Path


@dataclass(frozen=True, slots=True)
class Rename:
    """Rename an entry of one of the parts `NAMED`, and everything that refers to it."""

    part: str
    old: str
    new: str


Edit = Put | Remove | Rename


def edit_protocol(text: str, edits: Sequence[Edit]) -> str:
    """Apply edits to a protocol's YAML text.

    The text need not be a valid protocol, before or after, but valid YAML with fields.

    Parameters
    ----------
    text : str
    edits : sequence of Edit

    Returns
    -------
    str

    Raises
    ------
    ProtocolError
        For a text that is no YAML, or an edit that does not fit it.
    """
    content = read_yaml(text)
    for edit in edits:
        match edit:
            case Put():
                _put(content, edit.path, edit.value)
            case Remove():
                _remove(content, edit.path)
            case Rename():
                _rename(content, edit)
    return write_yaml(content)


def write_yaml(content: CommentedMap) -> str:
    """Write what `read_yaml` read, with its comments."""
    writer = YAML(typ="rt", pure=True)
    writer.width = WIDTH
    writer.preserve_quotes = True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


def _misfit(path: Path) -> ProtocolError:
    return ProtocolError(Problem(path_text(path), "there is no such place in this protocol"))


def _put(content: Any, path: Path, value: Any) -> None:
    if not path:
        raise _misfit(path)
    for number, part in enumerate(path[:-1]):
        if not _has(content, part):
            made: Any = CommentedSeq() if isinstance(path[number + 1], int) else CommentedMap()
            if number > 0:
                made.fa.set_flow_style()
            _assign(content, part, made, path)
        content = content[part]
    _assign(content, path[-1], _flow(value), path)


def _has(content: Any, part: str | int) -> bool:
    if isinstance(content, list):
        return isinstance(part, int) and 0 <= part < len(content)
    return isinstance(content, Mapping) and content.get(part) is not None


def _assign(content: Any, part: str | int, value: Any, path: Path) -> None:
    if isinstance(content, list) and isinstance(part, int) and part == len(content):
        content.append(value)
    elif _has(content, part) or (isinstance(content, Mapping) and isinstance(part, str)):
        content[part] = value
    else:
        raise _misfit(path)


def _remove(content: Any, path: Path) -> None:
    if not path:
        return
    *parents, last = path
    for part in parents:
        if not _has(content, part):
            return
        content = content[part]
    if _has(content, last) or (isinstance(content, Mapping) and last in content):
        del content[last]


def _flow(value: Any) -> Any:
    """A plain value as YAML on one line, whole numbers without a point."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({key: _flow(each) for key, each in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq([_flow(each) for each in value])
        sequence.fa.set_flow_style()
        return sequence
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _rename(content: CommentedMap, edit: Rename) -> None:
    entries = content.get(edit.part)
    if edit.part not in NAMED or not isinstance(entries, CommentedMap) or edit.old not in entries:
        raise _misfit((edit.part, edit.old))
    if edit.new != edit.old and edit.new in entries:
        raise ProtocolError(
            Problem(f"{edit.part}.{edit.old}", f"there is a '{edit.new}' already", "another name")
        )
    place = list(entries).index(edit.old)
    value = entries.pop(edit.old)
    entries.insert(place, edit.new, value)
    for holder, key in _references(content, edit.part):
        if holder[key] == edit.old:
            holder[key] = edit.new


def _references(content: CommentedMap, part: str) -> Iterator[tuple[Any, Any]]:
    """Places (a mapping or list, and the key in it) that name an entry of `part`."""
    for entry in _mappings(content.get("contexts")):
        if part == "contexts":
            yield from _at(entry, "similar_to")
    for entry in _mappings(content.get("cells")):
        names = {"tags": ("tagged",), "cells": ("as_many_as", "outside")}.get(part, ())
        for name in names:
            yield from _at(entry, name)
    for step in _mappings(content.get("timeline")):
        yield from _in_step(step, part)


def _in_step(step: Mapping[str, Any], part: str) -> Iterator[tuple[Any, Any]]:
    match part:
        case "contexts":
            yield from _at(step, "context")
        case "cues":
            cues = step.get("cue")
            for cue in _mappings(cues if isinstance(cues, list) else [cues]):
                yield from _at(cue, "name")
        case "tags" if step.get("do") == "tag":
            yield from _at(step, "name")
        case "cells":
            yield from _at(step, "cells")
            for light in _mappings(step.get("light")):
                yield from _at(light, "cells")
        case "groups":
            groups = step.get("groups")
            if isinstance(groups, list):
                yield from ((groups, index) for index in range(len(groups)))


def _mappings(entries: Any) -> list[Any]:
    if isinstance(entries, Mapping):
        entries = list(entries.values())
    return [e for e in entries or () if isinstance(e, Mapping)] if isinstance(entries, list) else []


def _at(holder: Any, key: str) -> Iterator[tuple[Any, str]]:
    if key in holder:
        yield holder, key
