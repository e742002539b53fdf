"""The protocol as a picture: a lane for each group, time not to scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle
from matplotlib.path import Path

from engramlab.analysis.style import INK, RC
from engramlab.errors import ParameterError, Problem
from engramlab.protocol import Protocol, Schedule, schedule
from engramlab.protocol.schedule import (
    Drug,
    Event,
    Housing,
    Lesion,
    ReplayBlock,
    Session,
    Silence,
    SleepDeprivation,
    Stress,
    TagWindow,
    Virus,
)
from engramlab.protocol.schema import SessionStep
from engramlab.record import Experiment
from engramlab.report.figure import ON_TINT, SHOCK, FigureKind, day_text, short

BOX = 1.0  # width of a session, the unit of the x axis
ROW = 0.34  # height of a bar with its room
BOLT = np.array([[3, 12], [-5, -2], [0, -2], [-3, -14], [5, 2], [0, 2], [3, 12]]) / 100
MOST_SESSIONS = 100
INCH = 0.72  # of one unit
# Light tints, one a context, on which black text can be read.
TINTS = ("#cfe5f5", "#fbdcc0", "#c9ead9", "#f3d5e5", "#fbf0b2", "#dedede", "#d9d2f0", "#e6d3c0")
DRIVE, SILENCE, REWARD, CUE = "#0072b2", "#e69f00", "#009e73", "#7a3fa0"
# Colours of what lasts.
BARS = {
    TagWindow: "#009e73",
    Drug: "#b00020",
    Virus: "#0072b2",
    Lesion: "#444444",
    Silence: "#a36a00",
    ReplayBlock: "#7a3fa0",
    SleepDeprivation: "#4b2a66",
    Stress: "#c2410c",
    Housing: "#3f7d20",
}
NIGHT_HOUR = 12.0  # hour 0 is 9:00; replay is at 21:00


@dataclass(frozen=True)
class Axis:
    """Places of hours on a time axis that is not to scale.

    Sessions of the same hour stand side by side in a column of boxes; between columns the room
    grows with the logarithm of the time that passes.

    Parameters
    ----------
    hours, x : tuple of float
        Corresponding values, both rising; between them the axis is linear.
    boxes : dict of (hour, session name) to left edge
    columns : tuple of (hour, left edge, right edge)
    """

    hours: tuple[float, ...]
    x: tuple[float, ...]
    boxes: dict[tuple[float, str], float]
    columns: tuple[tuple[float, float, float], ...]

    def place(self, hour: float) -> float:
        """Place of an hour; what lies outside goes to the ends."""
        return float(np.interp(hour, self.hours, self.x))


def time_axis(schedules: list[Schedule]) -> Axis:
    """Lay out the sessions of all groups on one axis."""
    names: dict[float, list[str]] = {}
    ends: dict[float, float] = {}
    for session in (session for plan in schedules for session in plan.sessions):
        at = names.setdefault(session.start_hours, [])
        if session.name not in at:
            at.append(session.name)
        ends[session.start_hours] = max(ends.get(session.start_hours, 0.0), session.end_hours)
    starts = sorted(names)
    earliest = min(event.start_hours for plan in schedules for event in plan.events)
    hours: list[float] = []
    x: list[float] = []
    boxes: dict[tuple[float, str], float] = {}
    columns: list[tuple[float, float, float]] = []
    if earliest < starts[0]:
        hours.append(earliest)
        x.append(0.0)
    for number, start in enumerate(starts):
        left = x[-1] + _room(start - hours[-1]) if x else 0.0
        right = left + BOX * len(names[start])
        following = starts[number + 1] if number + 1 < len(starts) else math.inf
        # Sessions of other groups may begin before this one ends.
        end = min(ends[start], start + 0.9 * (following - start))
        hours += [start, end]
        x += [left, right]
        columns.append((start, left, right))
        boxes |= {(start, name): left + BOX * i for i, name in enumerate(names[start])}
    last = max(_end(event) for plan in schedules for event in plan.events)
    if last > hours[-1]:
        hours.append(last)
        x.append(x[-1] + _room(last - hours[-2]))
    return Axis(tuple(hours), tuple(x), boxes, tuple(columns))


def _room(hours: float) -> float:
    return 0.45 + 0.25 * math.log10(1.0 + max(hours, 0.0))


def _end(event: Event) -> float:
    """End of an event as far as it belongs on the axis: what lasts for good ends with it."""
    end = getattr(event, "end_hours", event.start_hours)
    return end if math.isfinite(end) else event.start_hours


def draw(experiment: Experiment) -> Figure:
    """Draw the protocol of an experiment."""
    return _figure(experiment.protocol)


def protocol_figure(protocol: Protocol) -> Figure:
    """The time line of a protocol that has not been run.

    Raises
    ------
    ParameterError
        When it has more sessions than fit into one picture.
    """
    if reason := _too_much(protocol):
        raise ParameterError(Problem(protocol.name, reason, f"up to {MOST_SESSIONS} sessions"))
    # Names in a protocol are a user's: a dollar sign in them is not mathematics.
    with matplotlib.rc_context({**RC, "text.parse_math": False}):
        return _figure(protocol)


def _figure(protocol: Protocol) -> Figure:
    """Boxes for sessions, bars for what lasts, day and nights below."""
    schedules = [schedule(protocol, group) for group in protocol.groups]
    axis = time_axis(schedules)
    tints = {name: TINTS[i % len(TINTS)] for i, name in enumerate(protocol.contexts)}
    lanes = [_bars(plan) for plan in schedules]
    heights = [1.2 + ROW * len({label for label, _ in bars}) for bars in lanes]
    longest = max(len(short(name)) for _, name in axis.boxes)
    header = 0.085 * longest + 0.3
    width = max(axis.x[-1], 3.0)
    figure = Figure(
        figsize=(INCH * width + 1.7, 0.55 * (sum(heights) + header + 1.0)), layout="constrained"
    )
    axes = figure.add_subplot()
    top = 0.0
    for plan, bars, height in zip(schedules, lanes, heights, strict=True):
        _lane(axes, axis, plan, bars, top, tints, width)
        axes.text(-0.25, top - 0.55, short(plan.group), ha="right", va="center", weight="bold")
        top -= height
    for (_, name), left in axis.boxes.items():
        axes.text(
            left + 0.42,
            0.12,
            short(name),
            rotation=40,
            ha="left",
            va="bottom",
            rotation_mode="anchor",
        )
    _scale(axes, axis, top)
    axes.set(xlim=(-0.3, width + 0.1), ylim=(top - 0.75, header))
    axes.set_axis_off()
    figure.legend(
        handles=_legend(schedules, tints),
        loc="outside lower left",
        ncols=max(2, int((INCH * width + 1.7) / 1.35)),
        fontsize=7.5,
        handlelength=1.4,
    )
    return figure


def _lane(
    axes: Axes,
    axis: Axis,
    plan: Schedule,
    bars: list[tuple[str, Event]],
    top: float,
    tints: dict[str, str],
    width: float,
) -> None:
    """Draw one group: a line of time, its sessions on it, its bars below."""
    axes.plot([0, width], [top - 0.55] * 2, color="0.75", linewidth=1, zorder=0)
    for session in plan.sessions:
        _box(axes, axis.boxes[session.start_hours, session.name], top, session, tints)
    rows = list(dict.fromkeys(label for label, _ in bars))
    written: set[str] = set()
    for label, event in bars:
        y = top - 1.05 - ROW * rows.index(label)
        left = axis.place(event.start_hours)
        end = getattr(event, "end_hours", math.inf)
        right = max(width if math.isinf(end) else axis.place(end), left + 0.12)
        colour = BARS[type(event)]
        axes.add_patch(Rectangle((left, y - 0.24), right - left, 0.24, color=colour, linewidth=0))
        if label not in written:
            written.add(label)
            inside = right - left > 0.095 * len(short(label, 40))
            axes.text(
                left + 0.06 if inside else right + 0.06,
                y - 0.13,
                short(label, 40),
                fontsize=7,
                color="white" if inside else colour,
                va="center",
            )


def _box(axes: Axes, left: float, top: float, session: Session, tints: dict[str, str]) -> None:
    """Draw one session with its context, shocks, light, cue and reward."""
    x, w = left + 0.05, BOX - 0.1
    axes.add_patch(
        FancyBboxPatch(
            (x, top - 0.85),
            w,
            0.6,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=tints[session.context],
            edgecolor=ON_TINT,
            linewidth=1.0,
            linestyle="--" if session.probe else "-",
        )
    )
    name = short(session.context, 10)
    axes.text(
        left + BOX / 2,
        top - 0.6,
        name,
        ha="center",
        va="center",
        fontsize=9 if len(name) <= 5 else 6.5,
        weight="bold",
        color=ON_TINT,
    )
    at = (np.arange(session.moments) + 0.5) / session.moments * w + x
    shocks = at[np.array(session.shock_mA) > 0]
    for place in shocks:
        bolt = BOLT + np.array([place, top - 0.28])
        axes.fill(bolt[:, 0], bolt[:, 1], color=SHOCK, linewidth=0, zorder=4)
    for on, colour, height in (
        (np.array(session.reward) > 0, REWARD, -0.81),
        (np.array([cue is not None for cue in session.cue]), CUE, -0.75),
    ):
        _strip(axes, x, w, on, colour, top + height, 0.05)
    for number, beam in enumerate(session.light):
        colour = DRIVE if beam.effect == "drive" else SILENCE
        y = top - 0.19 + 0.08 * number
        _strip(axes, x, w, np.array(beam.moments), colour, y, 0.07)


def _strip(
    axes: Axes, x: float, w: float, on: np.ndarray, colour: str, y: float, height: float
) -> None:
    """Draw a bar over the moments in which something is on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    for begin, end in edges.reshape(-1, 2) / max(on.size, 1):
        axes.add_patch(
            Rectangle((x + begin * w, y), (end - begin) * w, height, color=colour, linewidth=0)
        )


def _bars(plan: Schedule) -> list[tuple[str, Event]]:
    """Events that last, each with its label."""
    return [(label, event) for event in plan.events for label in _label(event)]


def _label(event: Event) -> Iterator[str]:
    match event:
        case TagWindow():
            yield f"tag '{event.name}' open"
        case Drug():
            where = f" in {', '.join(event.regions)}" if event.regions else ""
            yield event.drug + where
        case Virus():
            yield f"{event.what} in {event.cells}"
        case Lesion():
            yield f"lesion of {event.cells or ', '.join(event.regions)}"
        case Silence():
            yield f"{event.cells or ', '.join((*event.regions, *event.projections))} silenced"
        case ReplayBlock():
            yield "replay blocked"
        case SleepDeprivation():
            yield "no sleep"
        case Stress():
            yield "stress"
        case Housing():
            yield f"neurogenesis x {event.neurogenesis:g}"


def _scale(axes: Axes, axis: Axis, bottom: float) -> None:
    """Write the day below each column and the nights between columns."""
    y = bottom - 0.1
    for number, (hour, left, right) in enumerate(axis.columns):
        axes.plot([left + 0.05, right - 0.05], [y, y], color=INK, linewidth=1.2)
        axes.text((left + right) / 2, y - 0.1, day_text(hour), ha="center", va="top")
        if number + 1 < len(axis.columns):
            after, following = axis.columns[number + 1][:2]
            nights = _nights(hour, after)
            text = f"{nights} night" + ("s" if nights > 1 else "") if nights else "…"
            axes.text(
                (right + following) / 2, y - 0.1, text, ha="center", va="top", size=6.5, alpha=0.75
            )


def _nights(begin: float, end: float) -> int:
    """Nights (21:00) between two hours."""
    return math.floor((end - NIGHT_HOUR) / 24) - math.floor((begin - NIGHT_HOUR) / 24)


def _legend(schedules: list[Schedule], tints: dict[str, str]) -> list[Artist]:
    """Explain what is there, and nothing else."""
    sessions = [session for plan in schedules for session in plan.sessions]
    effects = {beam.effect for session in sessions for beam in session.light}
    entries: list[tuple[bool, Artist]] = [
        (True, Patch(fc="none", ec=INK, label="session")),
        (
            any(s.probe for s in sessions),
            Patch(fc="none", ec=INK, linestyle="--", label="probe (on a copy)"),
        ),
        (
            any(max(s.shock_mA) > 0 for s in sessions),
            Line2D(
                [], [], linestyle="", marker=Path(BOLT), ms=10, mew=0, color=SHOCK, label="shock"
            ),
        ),
        ("drive" in effects, Patch(color=DRIVE, label="light drives")),
        ("silence" in effects, Patch(color=SILENCE, label="light silences")),
        (any(any(s.cue) for s in sessions), Patch(color=CUE, label="cue")),
        (any(max(s.reward) > 0 for s in sessions), Patch(color=REWARD, label="reward")),
    ]
    return [handle for there, handle in entries if there]


def why_not(experiment: Experiment) -> str:
    """Say what is too much."""
    return _too_much(experiment.protocol)


def _too_much(protocol: Protocol) -> str:
    sessions = sum(isinstance(step, SessionStep) for step in protocol.timeline)
    return "" if sessions <= MOST_SESSIONS else f"{sessions} sessions do not fit into one picture"


def alt(experiment: Experiment) -> str:
    """The time line in words."""
    return experiment.protocol.describe()


FIGURE = FigureKind(
    name="timeline",
    title="Time line of the protocol",
    place=0,
    caption=(
        "One lane a group; a box is a session with its context. Dashed boxes are probes: tests on "
        "a copy of the animal, which leave it unchanged. Time is not to scale."
    ),
    draw=draw,
    why_not=why_not,
    alt=alt,
)
