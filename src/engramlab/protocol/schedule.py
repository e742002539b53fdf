"""What happens to one group, in hours and in order: what the engine runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.messages import did_you_mean, one_of
from engramlab.protocol.quantities import MOMENT_MINUTES, moment_of, to_nanohour
from engramlab.protocol.schema import (
    AnyStep,
    DrugStep,
    HousingStep,
    LesionStep,
    Protocol,
    ReplayBlockStep,
    SessionStep,
    SilenceStep,
    SleepDeprivationStep,
    StressStep,
    TagStep,
    VirusStep,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that starts at an hour (hour 0 is 9:00 on day 0)."""

    start_hours: float


@dataclass(frozen=True, slots=True)
class Beam:
    """Light on a set of cells, on or off in each moment."""

    cells: str
    effect: Literal["drive", "silence"]
    moments: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Session(Event):
    """A session in moments of 30 s; tuples have one entry a moment."""

    name: str
    minutes: float
    moments: int
    context: str
    shock_mA: tuple[float, ...]  # noqa: N815 - the unit is written as it is
    reward: tuple[float, ...]
    cue: tuple[str | None, ...]
    light: tuple[Beam, ...]
    probe: bool

    @property
    def end_hours(self) -> float:
        """End of the session."""
        return self.start_hours + self.minutes / 60.0


@dataclass(frozen=True, slots=True)
class TagWindow(Event):
    """A tag's window."""

    name: str
    end_hours: float


@dataclass(frozen=True, slots=True)
class Virus(Event):
    """Added excitability in a set of cells; `end_hours` may be infinite."""

    cells: str
    what: str
    amount: float  # drive, or acetylation of KAT5
    end_hours: float


@dataclass(frozen=True, slots=True)
class Drug(Event):
    """A drug that acts; without regions in the whole brain."""

    drug: str
    regions: tuple[str, ...]
    amount: float
    end_hours: float


@dataclass(frozen=True, slots=True)
class Stress(Event):
    """Stress."""

    intensity: float
    end_hours: float


@dataclass(frozen=True, slots=True)
class Housing(Event):
    """Housing that multiplies neurogenesis."""

    neurogenesis: float
    end_hours: float


@dataclass(frozen=True, slots=True)
class SleepDeprivation(Event):
    """No sleep."""

    end_hours: float


@dataclass(frozen=True, slots=True)
class Lesion(Event):
    """Regions or cells destroyed."""

    regions: tuple[str, ...]
    cells: str | None


@dataclass(frozen=True, slots=True)
class Silence(Event):
    """Regions, cells or projections inactivated."""

    regions: tuple[str, ...]
    cells: str | None
    projections: tuple[str, ...]
    end_hours: float


@dataclass(frozen=True, slots=True)
class ReplayBlock(Event):
    """Nights without replay."""

    end_hours: float


Intervention = (
    TagWindow | Virus | Drug | Stress | Housing | SleepDeprivation | Lesion | Silence | ReplayBlock
)
AnyEvent = Session | Intervention


@dataclass(frozen=True, slots=True)
class Schedule:
    """All events of one group in order.

    Parameters
    ----------
    group : str
    events : tuple of AnyEvent
        Sorted by start; at the same hour interventions come before sessions.
    horizon_hours : float
        When the last session ends.
    """

    group: str
    events: tuple[AnyEvent, ...]
    horizon_hours: float

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions in order."""
        return tuple(event for event in self.events if isinstance(event, Session))


def _session(step: SessionStep) -> Session:
    moments = round(step.minutes / MOMENT_MINUTES)
    shocks, rewards = [0.0] * moments, [0.0] * moments
    cues: list[str | None] = [None] * moments
    if step.shocks:
        for minute in step.shocks.at_minutes:
            shocks[moment_of(minute)] = step.shocks.shock_mA
    if step.reward:
        for moment in range(moments):
            if step.reward.whole:
                rewards[moment] = step.reward.amount
        for minute in step.reward.at_minutes:
            rewards[moment_of(minute)] = step.reward.amount
    for cue in step.cues:
        for minute in cue.at_minutes:
            for moment in cue.moments(minute):
                if moment < moments:
                    cues[moment] = cue.name
    beams = tuple(
        Beam(
            light.cells,
            light.effect,
            tuple(
                moment_of(light.from_minutes)
                <= moment
                < moment_of(step.minutes if light.to_minutes is None else light.to_minutes)
                for moment in range(moments)
            ),
        )
        for light in step.light
    )
    return Session(
        start_hours=step.start_hours,
        name=step.name,
        minutes=step.minutes,
        moments=moments,
        context=step.context,
        shock_mA=tuple(shocks),
        reward=tuple(rewards),
        cue=tuple(cues),
        light=beams,
        probe=step.probe,
    )


def _event(step: AnyStep) -> AnyEvent:
    start = step.start_hours
    match step:
        case SessionStep():
            return _session(step)
        case TagStep():
            return TagWindow(start, step.name, to_nanohour(start + step.hours))
        case VirusStep():
            end = math.inf if step.hours is None else to_nanohour(start + step.hours)
            amount = step.acetylation if step.excitability is None else step.excitability
            assert amount is not None  # the step takes one of the two
            return Virus(start, step.cells, step.what, amount, end)
        case DrugStep():
            end = to_nanohour(start + step.hours)
            return Drug(start, step.drug, step.regions, step.amount, end)
        case StressStep():
            return Stress(start, step.intensity, to_nanohour(start + step.hours))
        case HousingStep():
            return Housing(start, step.neurogenesis, to_nanohour(start + step.hours))
        case SleepDeprivationStep():
            return SleepDeprivation(start, to_nanohour(start + step.hours))
        case LesionStep():
            return Lesion(start, step.regions, step.cells)
        case SilenceStep():
            end = to_nanohour(start + step.hours)
            return Silence(start, step.regions, step.cells, step.projections, end)
        case ReplayBlockStep():
            return ReplayBlock(start, to_nanohour(start + step.hours))


def schedule(protocol: Protocol, group: str) -> Schedule:
    """Events of one group.

    Parameters
    ----------
    protocol : Protocol
    group : str

    Returns
    -------
    Schedule

    Raises
    ------
    ProtocolError
        If the protocol has no such group.
    """
    if group not in protocol.groups:
        known = protocol.groups
        raise ProtocolError(
            Problem(
                protocol.name, f"has no group '{group}'", did_you_mean(group, known) + one_of(known)
            )
        )
    events = [
        _event(step) for step in protocol.timeline if step.groups is None or group in step.groups
    ]
    events.sort(key=lambda event: (event.start_hours, isinstance(event, Session)))
    ends = [event.end_hours for event in events if isinstance(event, Session)]
    return Schedule(group, tuple(events), max(ends, default=0.0))
