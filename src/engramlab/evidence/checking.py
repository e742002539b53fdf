"""Whether a predicate can be evaluated on a protocol, known without running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from engramlab.brain.anatomy import PROJECTIONS
from engramlab.errors import Problem, ProtocolError
from engramlab.evidence.expression import MEASURES, Measure, parse
from engramlab.evidence.places import When, cells, when
from engramlab.protocol import Protocol, Schedule, Session, TagWindow, schedule
from engramlab.protocol.messages import did_you_mean, one_of
from engramlab.protocol.quantities import MOMENT_MINUTES, POPULATIONS, ProjectionName, RegionName
from engramlab.protocol.schema import TaggedCells

REGIONS: tuple[RegionName, ...] = get_args(RegionName)
PATHS = tuple(dict.fromkeys((*(p.name for p in PROJECTIONS), *get_args(ProjectionName))))
Wrong = tuple[str, str]  # what is wrong, and what is allowed


def problems_in(text: str, protocol: Protocol, where: str = "") -> list[Problem]:
    """Everything in an expression that a protocol's record would not hold.

    Parameters
    ----------
    text : str
        The expression.
    protocol : Protocol
    where : str
        Place of the expression, for messages; by default its text.

    Returns
    -------
    list of Problem
        Empty for an expression that can be evaluated.
    """
    where = where or f"predicate '{text}'"
    try:
        measures = parse(text, where).measures()
    except ProtocolError as error:
        return error.problems
    if not measures:
        return [Problem(where, "compares numbers only", "at least one measure")]
    check = _Check(protocol)
    found = (
        Problem(where, f"{measure}: {what}", allowed)
        for measure in measures
        for what, allowed in check(measure)
    )
    return list(dict.fromkeys(found))


class _Check:
    """Checks the names in measures against one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._schedules: dict[str, Schedule] = {}
        self._kinds: dict[str, Callable[[str, str], Iterator[Wrong]]] = {
            "session": self._session,
            "": self._nothing,
            "part": self._part,
            "cells": self._cells,
            "set": self._set,
            "tag": self._tag,
            "projection": self._projection,
        }

    def __call__(self, measure: Measure) -> Iterator[Wrong]:
        """Everything wrong in a measure."""
        groups = self.protocol.groups
        if measure.group not in groups:
            yield _unknown("there is no group", measure.group, groups)
            return
        if measure.group not in self._schedules:
            self._schedules[measure.group] = schedule(self.protocol, measure.group)
        kinds = (*MEASURES[measure.name].needs, *MEASURES[measure.name].may)
        pairs = list(zip(kinds, measure.names, strict=False))
        windows = [name for kind, name in pairs if kind == "window"]
        for kind, name in pairs:
            if kind == "when":
                yield from self._when(name, windows, measure.group)
            elif kind != "window":
                yield from self._kinds[kind](name, measure.group)
        if kinds[-1] == "tag":
            yield from self._by_tag(measure)
        if measure.name == "over_representation":
            chosen_by_tag = self.protocol.cells.get(measure.names[1])
            if isinstance(chosen_by_tag, TaggedCells):
                yield f"'{measure.names[1]}' was itself chosen by a tag", "a set drawn otherwise"
        if measure.name == "discrimination" and len(measure.names) == 1:
            yield from self._partner(measure)

    def _sessions(self, group: str) -> dict[str, Session]:
        return {session.name: session for session in self._schedules[group].sessions}

    def _open(self, group: str) -> dict[str, list[TagWindow]]:
        """Windows of each tag that is opened in a group."""
        windows: dict[str, list[TagWindow]] = {}
        for event in self._schedules[group].events:
            if isinstance(event, TagWindow):
                windows.setdefault(event.name, []).append(event)
        return windows

    def _session(self, name: str, group: str) -> Iterator[Wrong]:
        known = self._sessions(group)
        if name not in known:
            if ":" in name:
                yield f"'{name}' is part of a session", f"a whole session: {one_of(known)}"
            else:
                yield _unknown(f"group '{group}' has no session", name, known)

    def _when(self, name: str, windows: list[str], group: str) -> Iterator[Wrong]:
        try:
            place = when(name, *windows)
        except ValueError as error:
            yield str(error), 'one cue and one range of minutes, as in "session:tone:0-3"'
            return
        wrong = list(self._session(place.session, group))
        yield from wrong or self._window(place, self._sessions(group)[place.session])

    def _window(self, place: When, session: Session) -> Iterator[Wrong]:
        cues = list(dict.fromkeys(cue for cue in session.cue if cue))
        if place.cue and place.cue not in cues:
            known = [*cues, f"minutes as in 0-{session.minutes:g}"]
            yield _unknown(f"session '{session.name}' has no cue", place.cue, known)
            return
        if place.minutes is None:
            return
        first, end = place.minutes
        if not first < end <= session.minutes or first % MOMENT_MINUTES or end % MOMENT_MINUTES:
            yield (
                f"minutes {first:g}-{end:g} are no part of session '{session.name}'",
                f"a range in steps of {MOMENT_MINUTES:g} within 0-{session.minutes:g}",
            )
        elif place.cue and place.cue not in session.cue[_moments(first, end)]:
            yield f"'{place.cue}' is not on in minutes {first:g}-{end:g}", "minutes with the cue"

    def _nothing(self, name: str, _: str) -> Iterator[Wrong]:
        if name:
            yield f"'{name}' stands where no session is needed", 'an empty text, ""'

    def _part(self, name: str, _: str) -> Iterator[Wrong]:
        region, colon, population = name.partition(":")
        if region in REGIONS:
            populations = POPULATIONS.get(region, ())
            if colon and population not in populations:
                yield _unknown(f"{region} has no population", population, populations)
        elif name not in self.protocol.cells:
            known = [
                *REGIONS,
                *(f"{region}:{part}" for region, parts in POPULATIONS.items() for part in parts),
                *self.protocol.cells,
            ]
            yield _unknown("there is no region, population or set of cells", name, known)

    def _cells(self, name: str, group: str) -> Iterator[Wrong]:
        wanted = cells(name)
        if wanted.tag is None:
            yield from self._part(name, group)
            return
        yield from self._part(name.rpartition("@")[2], group)
        if wanted.tag:
            yield from self._tag(wanted.tag, group)
        elif not self._open(group):
            yield f"group '{group}' has no tag", "a step 'do: tag' for this group"

    def _set(self, name: str, _: str) -> Iterator[Wrong]:
        if name not in self.protocol.cells:
            yield _unknown("there is no set of cells", name, self.protocol.cells)

    def _tag(self, name: str, group: str) -> Iterator[Wrong]:
        if name not in self._open(group):
            yield _unknown(f"group '{group}' has no tag", name, self._open(group))

    def _projection(self, name: str, _: str) -> Iterator[Wrong]:
        if name not in PATHS:
            yield _unknown("there is no projection", name, PATHS)

    def _by_tag(self, measure: Measure) -> Iterator[Wrong]:
        """Check that it is clear which tag is meant, and that the session did not label it."""
        needs = MEASURES[measure.name].needs
        tags = self._open(measure.group)
        named = measure.names[len(needs) :]
        if not named and len(tags) != 1:
            has = ", ".join(tags) or "none"
            name = f'{measure.name}{MEASURES[measure.name]}, or a step "do: tag"'
            yield f"group '{measure.group}' has {len(tags)} tags ({has}); say which", name
            return
        session = self._sessions(measure.group).get(measure.names[0])
        tag = named[0] if named else next(iter(tags))
        if session is None or session.probe:
            return
        for window in tags.get(tag, ()):
            if window.start_hours <= session.start_hours < window.end_hours:
                yield (
                    f"session '{session.name}' itself gave the cells their tag '{tag}'",
                    "a session outside the tag's window",
                )

    def _partner(self, measure: Measure) -> Iterator[Wrong]:
        """Check that ``discrimination`` of one session finds the other by itself."""
        sessions = self._sessions(measure.group)
        here = sessions.get(measure.names[0])
        first = self._schedules[measure.group].sessions[0].context
        if here is None or any(
            other.context == first != here.context and other.start_hours == here.start_hours
            for other in sessions.values()
        ):
            return
        yield (
            f"no session in '{first}', the first context, stands beside it at the same hour",
            'both sessions: discrimination["group", "first", "second"]',
        )


def _moments(first: float, end: float) -> slice:
    return slice(round(first / MOMENT_MINUTES), round(end / MOMENT_MINUTES))


def _unknown(what: str, name: str, known: Iterable[str]) -> Wrong:
    known = list(known)
    choice = one_of(known) if known else "none is there"
    return f"{what} '{name}'", did_you_mean(name, known) + choice
