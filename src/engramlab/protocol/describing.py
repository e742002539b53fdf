"""A protocol in words, for a terminal and for a notebook."""

from __future__ import annotations

from html import escape

from engramlab.protocol.schema import (
    DrugStep,
    Group,
    HousingStep,
    LesionStep,
    Protocol,
    ReplayBlockStep,
    SessionStep,
    SilenceStep,
    SleepDeprivationStep,
    Step,
    StressStep,
    TagStep,
    VirusStep,
)

FIRST_HOUR = 9  # hour 0 of a protocol is 9:00 on day 0


def in_words(protocol: Protocol) -> str:
    """Groups, then the time line with one line a step."""
    lines = [protocol.title or protocol.name]
    lines += [f"  {name}: {text}" for name, text in _groups(protocol)]
    lines += [f"  {when}  {what}  [{who}]" for when, what, who in _steps(protocol)]
    return "\n".join(lines)


def as_html(protocol: Protocol) -> str:
    """Groups and time line as a short table."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _steps(protocol)
    )
    groups = "; ".join(f"{name}: {text}" for name, text in _groups(protocol))
    return (
        f"<b>{escape(protocol.title or protocol.name)}</b><p>{escape(groups)}</p>"
        f"<table><tr><th>time</th><th>what</th><th>groups</th></tr>{rows}</table>"
    )


def _groups(protocol: Protocol) -> list[tuple[str, str]]:
    return [(name, _group(name, group)) for name, group in protocol.groups.items()]


def _group(name: str, group: Group) -> str:
    text = group.title or name
    if group.without:
        text += f", without {', '.join(group.without)}"
    for parameter, value in group.parameters.items():
        text += f", {parameter} {value:g}"
    return text


def _steps(protocol: Protocol) -> list[tuple[str, str, str]]:
    """Time, deed and groups of every step, in order of time."""
    return [
        (
            clock(step.start_hours),
            step_in_words(step),
            ", ".join(step.groups) if step.groups else "all groups",
        )
        for step in sorted(protocol.timeline, key=lambda step: step.start_hours)
    ]


def clock(hours: float) -> str:
    """Calendar day and time of day of an hour of a protocol, e.g. ``day 1 09:00``."""
    minutes = round((hours + FIRST_HOUR) * 60)
    day, minute = divmod(minutes, 24 * 60)
    return f"day {day} {minute // 60:02d}:{minute % 60:02d}"


def step_in_words(step: Step) -> str:
    """What a step does, in a few words."""
    match step:
        case SessionStep():
            return _session(step)
        case TagStep():
            return f"tag '{step.name}' open for {step.hours:g} h"
        case VirusStep():
            for_hours = "" if step.hours is None else f" for {step.hours:g} h"
            return f"{step.what} in {step.cells}{for_hours}"
        case DrugStep():
            return f"{step.drug}{_where(step.regions)} for {step.hours:g} h"
        case StressStep():
            return f"stress of intensity {step.intensity:g} for {step.hours:g} h"
        case HousingStep():
            return f"housing with neurogenesis x {step.neurogenesis:g} for {step.hours:g} h"
        case SleepDeprivationStep():
            return f"no sleep for {step.hours:g} h"
        case LesionStep():
            return f"lesion of {step.cells or ', '.join(step.regions)}"
        case SilenceStep():
            target = step.cells or ", ".join((*step.regions, *step.projections))
            return f"silence of {target} for {step.hours:g} h"
        case ReplayBlockStep():
            return f"replay blocked for {step.hours:g} h"
    raise TypeError(f"no words for {type(step).__name__}")


def _where(regions: tuple[str, ...]) -> str:
    return f" in {', '.join(regions)}" if regions else ""


def _session(step: SessionStep) -> str:
    kind = "probe" if step.probe else "session"
    text = f"{kind} '{step.name}' in {step.context}, {step.minutes:g} min"
    if step.shocks:
        text += f", {len(step.shocks.at_minutes)} x {step.shocks.shock_mA:g} mA"
    for cue in step.cues:
        text += f", {len(cue.at_minutes)} x {cue.name} of {cue.seconds:g} s"
    if step.reward:
        text += ", reward" + (" throughout" if step.reward.whole else "")
    for light in step.light:
        text += f", light {light.effect}s {light.cells}"
    return text
