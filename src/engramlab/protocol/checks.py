"""Checks across the parts of a protocol: names that exist, sessions that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.messages import Path, did_you_mean, one_of, place
from engramlab.protocol.schema import (
    AsManyCells,
    GivenCells,
    Protocol,
    SessionStep,
    Step,
    TaggedCells,
    TagStep,
)

MAX_MOMENTS = 200_000  # of all sessions of one group: about 69 days of continuous testing
TOLERANCE_HOURS = 1e-9


def check(protocol: Protocol, source: str, content: Any = None) -> None:
    """Raise a ProtocolError with all problems across the parts of `protocol`.

    Parameters
    ----------
    protocol : Protocol
    source : str
        Where the protocol came from, for the messages.
    content : mapping, optional
        What was read, which knows the lines.

    Raises
    ------
    ProtocolError
    """
    problems = [
        Problem(place(source, content, path), what, allowed)
        for path, what, allowed in _problems(protocol)
    ]
    if problems:
        raise ProtocolError(problems)


Finding = tuple[Path, str, str]


def _problems(protocol: Protocol) -> Iterator[Finding]:
    names = list(_names(protocol))
    yield from names
    if not names:  # with unknown names the checks below would repeat them
        yield from _circles(protocol)
        for group in protocol.groups:
            yield from _order(protocol, group)


def _unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Iterator[Finding]:
    known = list(known)
    if name not in known:
        yield path, f"there is no {kind} '{name}'", did_you_mean(name, known) + one_of(known)


def _names(protocol: Protocol) -> Iterator[Finding]:
    for name, context in protocol.contexts.items():
        if context.similar_to is not None:
            path: Path = ("contexts", name, "similar_to")
            yield from _unknown(path, "context", context.similar_to, protocol.contexts)
    for name, cells in protocol.cells.items():
        if isinstance(cells, TaggedCells):
            yield from _unknown(("cells", name, "tagged"), "tag", cells.tagged, protocol.tags)
        if isinstance(cells, AsManyCells):
            path = ("cells", name, "as_many_as")
            yield from _unknown(path, "cell set", cells.as_many_as, protocol.cells)
            if cells.outside is not None:
                path = ("cells", name, "outside")
                yield from _unknown(path, "cell set", cells.outside, protocol.cells)
    for index, step in enumerate(protocol.timeline):
        here: Path = ("timeline", index)
        for number, group in enumerate(step.groups or ()):
            yield from _unknown((*here, "groups", number), "group", group, protocol.groups)
        if isinstance(step, SessionStep):
            yield from _unknown((*here, "context"), "context", step.context, protocol.contexts)
            if step.cue:
                path = (*here, "cue", "name")
                yield from _unknown(path, "cue", step.cue.name, protocol.cues)
            for number, light in enumerate(step.light):
                path = (*here, "light", number, "cells")
                yield from _unknown(path, "cell set", light.cells, protocol.cells)
        elif isinstance(step, TagStep):
            yield from _unknown((*here, "name"), "tag", step.name, protocol.tags)
        else:
            cells_name = getattr(step, "cells", None)
            if cells_name is not None:
                path = (*here, "cells")
                yield from _unknown(path, "cell set", cells_name, protocol.cells)


def _circle(start: str, follows: Mapping[str, list[str]]) -> list[str] | None:
    """Find a chain of names that leads back to `start`."""
    stack = [[start]]
    while stack:
        chain = stack.pop()
        for name in follows.get(chain[-1], []):
            if name == start:
                return [*chain, name]
            if name not in chain:
                stack.append([*chain, name])
    return None


def _circles(protocol: Protocol) -> Iterator[Finding]:
    similar = {
        name: [context.similar_to]
        for name, context in protocol.contexts.items()
        if context.similar_to
    }
    drawn = {
        name: [other for other in (cells.as_many_as, cells.outside) if other]
        for name, cells in protocol.cells.items()
        if isinstance(cells, AsManyCells)
    }
    for part, follows in (("contexts", similar), ("cells", drawn)):
        for name in follows:
            chain = _circle(name, follows)
            if chain:
                text = " -> ".join(chain)
                yield (part, name), f"refers to itself: {text}", "a chain that ends"


def _tags_of(name: str, protocol: Protocol) -> Iterator[str]:
    """Tags on which a cell set depends."""
    cells = protocol.cells[name]
    if isinstance(cells, TaggedCells):
        yield cells.tagged
    if isinstance(cells, AsManyCells):
        yield from _tags_of(cells.as_many_as, protocol)
        if cells.outside is not None:
            yield from _tags_of(cells.outside, protocol)


def _uses(step: Step) -> Iterator[tuple[Path, str]]:
    """Cell sets that a step uses, with the path to each."""
    if isinstance(step, SessionStep):
        for number, light in enumerate(step.light):
            yield ("light", number, "cells"), light.cells
    else:
        name = getattr(step, "cells", None)
        if name is not None:
            yield ("cells",), name


def _order(protocol: Protocol, group: str) -> Iterator[Finding]:
    """Check one group's time line: tags before their use, no overlap, unique names, size."""
    steps = [
        (index, step)
        for index, step in enumerate(protocol.timeline)
        if step.groups is None or group in step.groups
    ]
    opened: dict[str, float] = {}
    for _, step in steps:
        if isinstance(step, TagStep):
            opened[step.name] = min(opened.get(step.name, step.start_hours), step.start_hours)
    for index, step in steps:
        for path, cells in _uses(step):
            for tag in _tags_of(cells, protocol):
                if tag not in opened:
                    yield (
                        ("timeline", index, *path),
                        f"'{cells}' is empty in group '{group}': its tag '{tag}' is never opened",
                        f"a step 'do: tag, name: {tag}' for this group before this one",
                    )
                elif opened[tag] >= step.start_hours:
                    yield (
                        ("timeline", index, *path),
                        f"'{cells}' is used in group '{group}' at hour {step.start_hours:g}, "
                        f"before its tag '{tag}' opens at hour {opened[tag]:g}",
                        "a tag window that opens before a session and before this step",
                    )
    yield from _sessions(group, [(i, step) for i, step in steps if isinstance(step, SessionStep)])
    for name, given in protocol.cells.items():
        if isinstance(given, GivenCells) and len(set(given.ids)) != len(given.ids):
            yield ("cells", name, "ids"), "a cell is named twice", "each number once"


def _sessions(group: str, sessions: list[tuple[int, SessionStep]]) -> Iterator[Finding]:
    if not sessions:
        yield ("groups", group), f"group '{group}' has no session", "at least one session step"
    seen: dict[str, int] = {}
    for index, step in sessions:
        if step.name in seen:
            yield (
                ("timeline", index, "name"),
                f"group '{group}' has two sessions named '{step.name}' "
                f"(the other is timeline[{seen[step.name]}])",
                "a name of its own for each session of a group",
            )
        seen.setdefault(step.name, index)
    moments = sum(2 * step.minutes for _, step in sessions)
    if moments > MAX_MOMENTS:
        yield (
            ("groups", group),
            f"the sessions of group '{group}' last {moments / 120:g} h in all",
            f"at most {MAX_MOMENTS / 120:g} h",
        )
    real = sorted(
        ((step.start_hours, step.minutes / 60, index, step) for index, step in sessions),
        key=lambda item: item[:3],
    )
    for position, (start, length, index, step) in enumerate(real):
        for later, _, later_index, other in real[position + 1 :]:
            if later >= start + length - TOLERANCE_HOURS:
                break
            if step.probe and (other.probe or later <= start + TOLERANCE_HOURS):
                continue  # probes run on copies, which see the animal as it is at their start
            if other.probe and later <= start + TOLERANCE_HOURS:
                continue
            if step.probe:
                continue
            yield (
                ("timeline", later_index),
                f"in group '{group}' session '{other.name}' starts at hour {later:g}, while "
                f"'{step.name}' (timeline[{index}]) lasts until hour {start + length:g}",
                f"a start at hour {start + length:g} or later",
            )
