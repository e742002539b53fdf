"""From what was done to a live animal to the protocol that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from engramlab.errors import Problem, ProtocolError
from engramlab.live.actions import (
    Action,
    Beam,
    BlockReplay,
    CloseTag,
    Enter,
    House,
    Infect,
    Inject,
    KeepAwake,
    Leave,
    Lesion,
    OpenTag,
    Probe,
    Silence,
    Stay,
    Stress,
    Target,
    Wait,
)
from engramlab.protocol import Protocol
from engramlab.protocol.messages import did_you_mean, one_of, problems_of
from engramlab.protocol.quantities import MAX_DAYS, MOMENT_MINUTES, to_nanohour

GROUP = "mouse"
PLACES: Mapping[str, Mapping[str, Any]] = {
    "A": {},
    "B": {"similar_to": "A", "similarity": 0.5},
    "C": {"similar_to": "A", "similarity": 0.25},
    "D": {},
}
CUES = ("tone", "lamp")
FOR_GOOD_HOURS = 24 * 400.0  # the longest window of a tag that a protocol takes
MINUTE = 1 / 60
MAX_VISIT_MOMENTS = 240  # two hours: each moment of a visit runs the visit again


@dataclass(frozen=True)
class Moment:
    """What a moment of 30 s in a place holds."""

    shock_mA: float  # noqa: N815 - the unit is written as it is
    cue: str | None
    reward: bool
    light: tuple[Beam, ...]


@dataclass(frozen=True)
class Plan:
    """A protocol that grows by actions; an immutable value.

    Two things of one hour have an order in a protocol (what ends, what begins, probes, sessions),
    so an action that would come before what has happened in this hour already takes a minute.

    Parameters
    ----------
    places : mapping of str to mapping
        Contexts, as in a protocol.
    without : tuple of str
        Mechanisms that are switched off.
    """

    places: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: PLACES)
    without: tuple[str, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    cells: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    open_tags: Mapping[str, int] = field(default_factory=dict)  # tag -> its step
    tags: tuple[str, ...] = ()
    sessions: int = 0  # sessions and probes so far
    now: float = 0.0  # hours
    probed: float = -1.0  # hour of the latest probe
    place: str | None = None  # where the animal is
    entered: float = 0.0  # hour
    moments: tuple[Moment, ...] = ()  # of this visit

    def after(self, action: Action) -> Plan:
        """The plan with one more action.

        Raises
        ------
        ProtocolError
            For an action that is not possible now.
        """
        match action:
            case Enter():
                self._known("place", action.place, self.places)
                left = self._left()
                return replace(left, place=action.place, entered=left.now)
            case Stay():
                return self._stay(action)
            case Leave():
                return self._left()
            case Wait():
                left = self._left()
                return replace(left, now=_later(left.now, action))
            case Probe():
                return self._left()._probe(action)
            case CloseTag():
                return self._left()._close(action.tag)
        return self._left()._begin(action)

    def protocol(self) -> Protocol:
        """The protocol of all actions so far.

        Raises
        ------
        ProtocolError
            When they cannot be a protocol.
        """
        content = {
            "name": "live",
            "title": "What was done to a live animal",
            "contexts": {name: dict(place) for name, place in self.places.items()},
            "cues": {name: {} for name in CUES},
            "tags": {name: {} for name in self.tags},
            "cells": dict(self.cells),
            "groups": {GROUP: {"without": list(self.without)} if self.without else {}},
            "timeline": list(self.steps) + self._visit(),
        }
        if self.sessions or self.moments:
            return Protocol.create(**content)
        try:  # a protocol needs a session, an animal that has just been born does not
            return Protocol.model_validate({"engramlab": 1, **content})
        except ValidationError as error:
            raise ProtocolError(problems_of(error, content, "protocol")) from None

    @property
    def end(self) -> float:
        """Hour at which the visit so far is over, or now."""
        return to_nanohour(self.now + len(self.moments) * MOMENT_MINUTES / 60)

    def _known(self, kind: str, name: str, known: Any) -> None:
        if name not in known:
            raise ProtocolError(
                Problem(
                    "", f"there is no {kind} '{name}'", did_you_mean(name, known) + one_of(known)
                )
            )

    def _visit(self) -> list[dict[str, Any]]:
        if not self.moments:
            return []
        name = f"{self.place}-{self.sessions + 1}"
        return [_session(name, str(self.place), self.entered, self.moments)]

    def _left(self) -> Plan:
        """Back in the home cage."""
        count = self.sessions + bool(self.moments)
        steps = (*self.steps, *self._visit())
        return replace(self, steps=steps, sessions=count, now=self.end, place=None, moments=())

    def _stay(self, action: Stay) -> Plan:
        if self.place is None:
            raise ProtocolError(
                Problem("", "the animal is in its home cage", "'enter' a place before 'stay'")
            )
        if action.cue is not None:
            self._known("cue", action.cue, CUES)
        if len(self.moments) + action.moments > MAX_VISIT_MOMENTS:
            raise ProtocolError(
                Problem(
                    "",
                    f"the visit would last {(len(self.moments) + action.moments) / 2:g} minutes",
                    f"at most {MAX_VISIT_MOMENTS / 2:g} minutes; 'enter' again for a new visit",
                )
            )
        plan = self._with_light(action.light)
        given = {moment.shock_mA for moment in self.moments if moment.shock_mA > 0}
        if action.shock_mA > 0 and given - {action.shock_mA}:
            raise ProtocolError(
                Problem(
                    "",
                    f"a shock of {action.shock_mA:g} mA in a visit that had one of "
                    f"{given.pop():g} mA",
                    "shocks of one strength in a visit, as in a protocol",
                )
            )
        rest = Moment(0.0, action.cue, action.reward, action.light)
        added = (replace(rest, shock_mA=action.shock_mA), *(rest,) * (action.moments - 1))
        return replace(plan, moments=(*self.moments, *added))

    def _probe(self, action: Probe) -> Plan:
        self._known("place", action.place, self.places)
        if action.cue is not None:
            self._known("cue", action.cue, CUES)
        plan = self._with_light(action.light)
        count = round(action.minutes / MOMENT_MINUTES)
        moments = (Moment(0.0, action.cue, False, action.light),) * count
        name = f"{action.place}-probe-{self.sessions + 1}"
        step = {**_session(name, action.place, self.now, moments), "probe": True}
        return replace(plan, steps=(*self.steps, step), sessions=self.sessions + 1, probed=self.now)

    def _close(self, tag: str) -> Plan:
        self._known("open tag", tag, self.open_tags)
        end = to_nanohour(self.now + MINUTE)
        steps = list(self.steps)
        number = self.open_tags[tag]
        steps[number] = {**steps[number], "hours": to_nanohour(end - steps[number]["at_hours"])}
        open_tags = {name: step for name, step in self.open_tags.items() if name != tag}
        return replace(self, steps=tuple(steps), open_tags=open_tags, now=end)

    def _begin(self, action: Action) -> Plan:
        """An intervention begins now, or a minute later when a probe has been made now."""
        now = to_nanohour(self.now + MINUTE) if self.probed == self.now else self.now
        plan = replace(self, now=now)
        cells = getattr(action, "cells", None)
        if cells is not None:
            plan = plan._with_cells(cells)
        if isinstance(action, OpenTag):
            if action.tag in self.open_tags:
                raise ProtocolError(
                    Problem("", f"tag '{action.tag}' is open already", "another tag, or close it")
                )
            tags = self.tags if action.tag in self.tags else (*self.tags, action.tag)
            plan = replace(
                plan, tags=tags, open_tags={**self.open_tags, action.tag: len(self.steps)}
            )
        step = {**_intervention(action), "at_hours": now}
        return replace(plan, steps=(*self.steps, step))

    def _with_light(self, light: tuple[Beam, ...]) -> Plan:
        plan = self
        for beam in light:
            plan = plan._with_cells(beam.cells)
        return plan

    def _with_cells(self, target: Target) -> Plan:
        tag = target.tagged or target.as_many_as
        if tag is not None:
            self._known("tag", tag, self.tags)
        added = {name_of(target): _cell_set(target)}
        if target.as_many_as is not None:
            model = Target(region=target.region, population=target.population, tagged=tag)
            added = {name_of(model): _cell_set(model), **added}
        return replace(self, cells={**self.cells, **added})


def name_of(target: Target) -> str:
    """Name of a set of cells in the protocol."""
    where = "-".join(part for part in (target.region, target.population) if part)
    if target.tagged is not None:
        return f"{target.tagged}-{where}"
    if target.as_many_as is not None:
        return f"as-many-as-{target.as_many_as}-{where}"
    return f"random-{100 * (target.share or 0):g}-{where}".replace(".", "_")


def _cell_set(target: Target) -> dict[str, Any]:
    place: dict[str, Any] = {"region": target.region}
    if target.population is not None:
        place["population"] = target.population
    if target.tagged is not None:
        return {"tagged": target.tagged, **place}
    if target.as_many_as is not None:
        model = name_of(
            Target(region=target.region, population=target.population, tagged=target.as_many_as)
        )
        return {"as_many_as": model, "outside": model, **place}
    return {"share": target.share, **place}


def _later(now: float, action: Wait) -> float:
    if action.hours is not None:
        later = now + action.hours
    else:
        assert action.nights is not None
        later = 24.0 * (now // 24.0 + action.nights)
    if later > 24 * MAX_DAYS:
        raise ProtocolError(
            Problem("", f"day {later / 24:.0f} is too late", f"at most day {MAX_DAYS}")
        )
    return to_nanohour(later)


def _runs(values: list[Any]) -> list[tuple[Any, int, int]]:
    """Runs of equal values, as (value, first, past the end)."""
    runs: list[tuple[Any, int, int]] = []
    for index, value in enumerate(values):
        if runs and runs[-1][0] == value:
            runs[-1] = (value, runs[-1][1], index + 1)
        else:
            runs.append((value, index, index + 1))
    return runs


def _session(name: str, place: str, hour: float, moments: tuple[Moment, ...]) -> dict[str, Any]:
    """A session step of these moments."""
    step: dict[str, Any] = {
        "do": "session",
        "name": name,
        "at_hours": hour,
        "context": place,
        "minutes": len(moments) * MOMENT_MINUTES,
    }
    shocks = [index for index, moment in enumerate(moments) if moment.shock_mA > 0]
    if shocks:
        step["shocks"] = {
            "at_minutes": [index * MOMENT_MINUTES for index in shocks],
            "shock_mA": moments[shocks[0]].shock_mA,
        }
    cues = [
        {"name": cue, "at_minutes": [first * MOMENT_MINUTES], "seconds": 30.0 * (end - first)}
        for cue, first, end in _runs([moment.cue for moment in moments])
        if cue is not None
    ]
    if cues:
        step["cue"] = cues
    rewards = [index * MOMENT_MINUTES for index, moment in enumerate(moments) if moment.reward]
    if rewards:
        step["reward"] = {"at_minutes": rewards}
    light = [
        {
            "cells": name_of(beam.cells),
            "effect": beam.effect,
            "from_minutes": first * MOMENT_MINUTES,
            "to_minutes": end * MOMENT_MINUTES,
        }
        for beams, first, end in _runs([moment.light for moment in moments])
        for beam in beams
    ]
    if light:
        step["light"] = light
    return step


def _where(action: Silence | Lesion | Inject) -> dict[str, Any]:
    if action.region is None:
        return {}
    return {"region": action.region if isinstance(action.region, str) else list(action.region)}


def _intervention(action: Action) -> dict[str, Any]:
    """A step of the protocol, without its time."""
    match action:
        case OpenTag():
            return {"do": "tag", "name": action.tag, "hours": FOR_GOOD_HOURS}
        case Inject():
            step = {"do": "drug", "drug": action.drug, "hours": action.hours}
            return {**step, "amount": action.amount, **_where(action)}
        case Infect():
            kind = "acetylation" if action.what == "KAT5" else "excitability"
            cells = {"cells": name_of(action.cells), "what": action.what}
            return {"do": "virus", **cells, kind: action.amount}
        case Stress():
            return {"do": "stress", "intensity": action.intensity, "hours": action.hours}
        case Silence() | Lesion():
            step = {"do": action.do, **_where(action)}
            if action.cells is not None:
                step["cells"] = name_of(action.cells)
            if isinstance(action, Silence):
                step["hours"] = action.hours
                if action.projection is not None:
                    step["projection"] = action.projection
            return step
        case KeepAwake():
            return {"do": "sleep_deprivation", "hours": action.hours}
        case BlockReplay():
            return {"do": "replay_block", "hours": action.hours}
        case House():
            return {"do": "housing", "neurogenesis": action.neurogenesis, "hours": action.hours}
    raise TypeError(f"'{action.do}' is no intervention")
