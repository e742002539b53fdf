"""Checks across the parts of a protocol: names that exist, sessions that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.messages import Path, did_you_mean, one_of, place
from engramlab.protocol.quantities import to_nanohour
from engramlab.protocol.schema import (
    AnyStep,
    AsManyCells,
    Protocol,
    SessionStep,
    Step,
    TaggedCells,
    TagStep,
)

MAX_MOMENTS = 100_000  # of all sessions of one group: about 35 days without a break
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
    circles = list(_circles(protocol))
    yield from circles
    told: set[Path] = set()  # a place that is wrong for many groups is told of once
    for group in protocol.groups:
        steps = [
            (index, step)
            for index, step in enumerate(protocol.timeline)
            if step.groups is None or group in step.groups
        ]
        findings = list(_sessions(group, steps))
        if not names and not circles:  # these would be told of again
            findings += _tags_in_use(protocol, group, steps)
        for finding in findings:
            if finding[0] not in told:
                yield finding
        told.update(finding[0] for finding in findings)


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
            for number, cue in enumerate(step.cues):
                path = (*here, "cue", "name")
                if isinstance(step.cue, tuple):
                    path = (*here, "cue", number, "name")
                yield from _unknown(path, "cue", cue.name, protocol.cues)
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
        told: set[str] = set()
        for name in follows:
            chain = _circle(name, follows)
            if chain and not told & set(chain):
                text = " -> ".join(chain)
                yield (part, name), f"refers to itself: {text}", "a chain that ends"
            told.update(chain or ())


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


def _tags_in_use(
    protocol: Protocol, group: str, steps: list[tuple[int, AnyStep]]
) -> Iterator[Finding]:
    """Check that tagged cells are used after a session in their tag's window.

    Only a session labels cells (a probe leaves the animal as it was), if its start lies in the
    window, so a set can be seen to be empty before anything is run.
    """
    windows: dict[str, list[TagStep]] = {}
    for _, step in steps:
        if isinstance(step, TagStep):
            windows.setdefault(step.name, []).append(step)
    starts = [s.start_hours for _, s in steps if isinstance(s, SessionStep) and not s.probe]
    for index, step in steps:
        for path, cells in _uses(step):
            for tag in _tags_of(cells, protocol):
                what = _why_empty(tag, step.start_hours, windows.get(tag, []), starts)
                if what:
                    name = f" (session '{step.name}')" if isinstance(step, SessionStep) else ""
                    yield (
                        ("timeline", index, *path),
                        f"'{cells}' is empty in group '{group}' at hour {step.start_hours:g}"
                        f"{name}: {what}",
                        f"a step 'do: tag, name: {tag}' for this group, with a session in its "
                        "window, before this step",
                    )


def _why_empty(tag: str, hour: float, windows: list[TagStep], starts: list[float]) -> str:
    """Why no cell carries `tag` at `hour`, or an empty text when some may."""
    if not windows:
        return f"its tag '{tag}' is never opened"
    opened = min(window.start_hours for window in windows)
    if opened >= hour:
        return f"this is before its tag '{tag}' opens at hour {opened:g}"
    labelling = (
        window.start_hours <= start < to_nanohour(window.start_hours + window.hours)
        for window in windows
        for start in starts
        if start < hour
    )
    return "" if any(labelling) else f"no session before lies in a window of its tag '{tag}'"


def _sessions(group: str, steps: list[tuple[int, AnyStep]]) -> Iterator[Finding]:
    """Check one group's sessions: there are some, with unique names, not too long, no overlap."""
    sessions = [(index, step) for index, step in steps if isinstance(step, SessionStep)]
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
    sessions.sort(key=lambda item: (item[1].start_hours, item[0]))
    for position, (index, step) in enumerate(sessions):
        if step.probe:
            continue  # runs on a copy: nothing that starts later is in its way
        end = step.start_hours + step.minutes / 60
        for later_index, other in sessions[position + 1 :]:
            if other.start_hours >= end - TOLERANCE_HOURS:
                break
            if other.probe and other.start_hours == step.start_hours:
                continue  # sees the animal as it is before the session
            yield (
                ("timeline", later_index),
                f"in group '{group}' session '{other.name}' starts at hour "
                f"{other.start_hours:g}, while '{step.name}' (timeline[{index}]) lasts until hour "
                f"{end:g}",
                f"a start at hour {end:g} or later",
            )
