"""Drugs, stress, housing, sleep, silence, viruses and several cues: read, scheduled, refused."""

from __future__ import annotations

from typing import Any

import pytest

from engramlab.errors import ProtocolError
from engramlab.protocol import (
    Drug,
    Housing,
    Protocol,
    Silence,
    SleepDeprivation,
    Stress,
    Virus,
    parse_protocol,
    schedule,
)

HEAD = """\
engramlab: 1
name: t
contexts: {A: {}}
cues: {tone: {}, lamp: {}}
tags: {engram: {}}
cells:
  tagged: {tagged: engram, region: DG}
  reward: {tagged: engram, region: BLA, population: positive}
  some: {region: BLA, population: negative, share: 0.15}
groups: {g: {}, h: {}}
timeline:
  - {do: session, name: first, at_hours: 9, context: A, minutes: 5}
"""
SESSION = "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "


def error(step: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(HEAD + f"  - {step}\n", "p.yaml")
    return str(caught.value)


def in_step(step: str) -> str:
    """A step without its time."""
    return "{do: " + step + ", at_hours: 1}"


@pytest.mark.parametrize(
    ("step", "field", "expected"),
    [
        # Drugs.
        ("drug, drug: anisomicin, hours: 2", ".drug", "did you mean 'anisomycin'? "),
        ("drug, drug: zif268-antisense, hours: 2", ".drug", "did you mean 'Zif268-antisense'"),
        ("drug, hours: 2", ".drug", "'drug' is missing"),
        ("drug, drug: anisomycin", ".hours", "a number in hours"),
        ("drug, drug: anisomycin, hours: 0", ".hours", "more than 0 hours"),
        ("drug, drug: anisomycin, hours: 2, region: CA9", ".region", "did you mean 'CA"),
        (
            "drug, drug: anisomycin, hours: 2, region: [DG, CA9]",
            ".region[1]",
            "'CA9' is not allowed here",
        ),
        (
            "drug, drug: anisomycin, hours: 2, region: hippocampus",
            ".region",
            "did you mean [DG, CA3, CA1]",
        ),
        ("drug, drug: anisomycin, hours: 2, region: amygdala", ".region", "did you mean BLA"),
        ("drug, drug: anisomycin, hours: 2, region: []", ".region", "'BLA'"),
        ("drug, drug: anisomycin, hours: 2, amount: 0", ".amount", "more than 0"),
        ("drug, drug: anisomycin, hours: 2, amount: -1", ".amount", "more than 0"),
        ("drug, drug: anisomycin, hours: 2, amount: 4", ".amount", "at most 3"),
        ("drug, drug: anisomycin, hours: 2, amount: full", ".amount", "a plain number"),
        ("drug, drug: anisomycin, hours: 2, cells: some", ".cells", "unknown field 'cells'"),
        # Stress, housing, sleep.
        ("stress, hours: 1, intensity: 2", ".intensity", "at most 1"),
        ("stress, hours: 1, intensity: 0", ".intensity", "more than 0"),
        ("stress, hours: 1, intensty: 1", ".intensty", "did you mean 'intensity'"),
        ("stress", ".hours", "a number in hours"),
        ("stress, minutes: 30", ".minutes", "write 'hours'"),
        ("housing, hours: 100", ".neurogenesis", "'neurogenesis' is missing"),
        ("housing, hours: 100, neurogenesis: -1", ".neurogenesis", "at least 0"),
        ("housing, hours: 100, neurogenesis: 11", ".neurogenesis", "at most 10"),
        ("housing, hours: 100, neurogenesis: running", ".neurogenesis", "a plain number"),
        ("sleep_deprivation", ".hours", "a number in hours"),
        ("sleep_deprivation, hours: -5", ".hours", "negative time: hours is -5"),
        ("sleep_deprivation, hours: 5, region: DG", ".region", "unknown field 'region'"),
        # Silence.
        ("silence, hours: 1", "", "give one of 'region', 'cells', 'projection'"),
        ("silence, hours: 1, region: DG, cells: some", "", "give one of 'region', 'cells'"),
        ("silence, hours: 1, region: DG, projection: PFC-BLA", "", "give one of 'region'"),
        ("silence, hours: 1, cells: some, projection: PFC-BLA", "", "give one of 'region'"),
        (
            "silence, hours: 1, region: DG, cells: some, projection: PFC-BLA",
            "",
            "give one of 'region', 'cells', 'projection'",
        ),
        ("silence, hours: 1, projection: CA1-PCF", ".projection", "did you mean 'CA1-PFC'"),
        ("silence, hours: 1, projection: [PFC-BLA, BLA-PFC]", ".projection[1]", "'BLA-PFC'"),
        ("silence, hours: 1, projection: CA1-EC", ".projection", "is not allowed here"),
        ("silence, hours: 1, projection: []", ".projection", "'PFC-CA1'"),
        ("silence, projection: PFC-BLA", ".hours", "a number in hours"),
        ("silence, hours: 1, cells: sme", ".cells", "did you mean 'some'"),
        ("silence, hours: 1, cells: reward", ".cells", "never opened"),
        ("lesion, projection: PFC-BLA", ".projection", "unknown field 'projection'"),
        # Viruses.
        ("virus, cells: some", "", "CREB takes 'excitability', and no 'acetylation'"),
        ("virus, cells: some, acetylation: 0.5", "", "CREB takes 'excitability'"),
        (
            "virus, cells: some, excitability: 1, acetylation: 0.5",
            "",
            "CREB takes 'excitability', and no 'acetylation'",
        ),
        (
            "virus, what: KAT5, cells: some, excitability: 1, acetylation: 0.5",
            "",
            "KAT5 takes 'acetylation', and no 'excitability'",
        ),
        ("virus, what: KAT5, cells: some, excitability: 1", "", "KAT5 takes 'acetylation'"),
        ("virus, what: KAT5, cells: some", "", "KAT5 takes 'acetylation'"),
        ("virus, what: KAT5, cells: some, acetylation: 0", ".acetylation", "more than 0"),
        ("virus, what: KAT5, cells: some, acetylation: 60", ".acetylation", "not a percentage"),
        ("virus, what: KAT, cells: some, acetylation: 0.5", ".what", "did you mean 'KAT5'"),
        ("virus, what: hM3Dq, cells: some, excitability: -1", "", "negative for hM4Di, positive"),
        ("virus, what: KAT5, cells: tagged, acetylation: 0.5", ".cells", "never opened"),
        # Names of steps.
        ("stres, hours: 1", "", "did you mean 'stress'"),
        ("sleep-deprivation, hours: 1", "", "did you mean 'sleep_deprivation'"),
        ("hosing, hours: 1", "", "did you mean 'housing'"),
    ],
)
def test_a_wrong_step_is_named_with_its_line_and_field(
    step: str, field: str, expected: str
) -> None:
    message = error(in_step(step))
    assert f"p.yaml, line 13, timeline[1]{field}: " in message
    assert expected in message


@pytest.mark.parametrize(
    ("cue", "field", "expected"),
    [
        ("[{name: tone, at_minutes: [1]}, {name: lmp, at_minutes: [2]}]", ".cue[1].name", "'lamp'"),
        ("{name: lmp, at_minutes: [2]}", ".cue.name", "did you mean 'lamp'"),
        ("[{name: tone, at_minutes: [1]}, {name: lamp}]", ".cue[1].at_minutes", "is missing"),
        ("[{name: tone, at_minutes: [1], secnds: 5}]", ".cue[0].secnds", "mean 'seconds'"),
        ("[{name: tone, at_minutes: [-1]}]", ".cue[0].at_minutes[0]", "negative time"),
        ("[{name: tone, at_minutes: []}]", ".cue[0].at_minutes", "at least 1"),
        (
            "[{name: tone, at_minutes: [1], seconds: 60}, {name: lamp, at_minutes: [1.5]}]",
            "",
            "cues 'tone' and 'lamp' fall into the same moment of 30 s (minute 1.5)",
        ),
        (
            "[{name: lamp, at_minutes: [1.75]}, {name: tone, at_minutes: [1, 1.6]}]",
            "",
            "cues 'lamp' and 'tone' fall into the same moment of 30 s (minute 1.6)",
        ),
        (
            "[{name: tone, at_minutes: [1]}, {name: lamp, at_minutes: [4], seconds: 90}]",
            "",
            "'cue' at minute 4 for 90 seconds outlasts the session of 5 minutes",
        ),
    ],
)
def test_a_wrong_cue_is_named(cue: str, field: str, expected: str) -> None:
    message = error(SESSION + f"cue: {cue}}}")
    assert f"p.yaml, line 13, timeline[1]{field}: " in message
    assert expected in message


@pytest.mark.parametrize(
    "cue",
    ["tone", "[]", "[tone]", "{name: tone}", "[{name: tone}]", "[{name: tone, at_minute: [1]}]"],
)
def test_a_wrong_cue_is_told_of_once_and_without_our_own_names(cue: str) -> None:
    message = error(SESSION + f"cue: {cue}}}")
    assert "CuePresentations" not in message
    assert message.count("p.yaml") == 1 + ("at_minute:" in cue)


def test_cues_may_touch_and_one_may_overlap_itself() -> None:
    text = (
        SESSION + "cue: [{name: tone, at_minutes: [1, 1.2], seconds: 60}, "
        "{name: lamp, at_minutes: [0.9, 2]}]}"
    )
    session = schedule(parse_protocol(HEAD + f"  - {text}\n"), "g").sessions[0]
    assert session.cue == (
        *(None, "lamp", "tone", "tone"),
        *("lamp", None, None, None, None, None),
    )


@pytest.mark.parametrize(("seconds", "moments"), [(1, 1), (30, 1), (31, 2), (60, 2), (60.5, 3)])
def test_a_cue_fills_the_moments_that_it_touches(seconds: float, moments: int) -> None:
    text = SESSION + f"cue: {{name: tone, at_minutes: [1], seconds: {seconds}}}}}"
    session = schedule(parse_protocol(HEAD + f"  - {text}\n"), "g").sessions[0]
    assert session.cue == (*[None] * 2, *["tone"] * moments, *[None] * (8 - moments))


STEPS: list[tuple[dict[str, Any], Any, str]] = [
    (
        {"do": "drug", "drug": "GluA2-3Y", "region": ["DG", "CA1"], "amount": 0.3, "hours": 0.2},
        Drug(0.1, "GluA2-3Y", ("DG", "CA1"), 0.3, 0.3),
        "GluA2-3Y in DG, CA1 for 0.2 h",
    ),
    (
        {"do": "drug", "drug": "anisomycin", "region": "BLA", "hours": 6},
        Drug(0.1, "anisomycin", ("BLA",), 1.0, 6.1),
        "anisomycin in BLA for 6 h",
    ),
    (
        {"do": "drug", "drug": "AM251", "hours": 6},
        Drug(0.1, "AM251", (), 1.0, 6.1),
        "AM251 for 6 h",
    ),
    (
        {"do": "stress", "intensity": 0.5, "hours": 0.2},
        Stress(0.1, 0.5, 0.3),
        "stress of intensity 0.5 for 0.2 h",
    ),
    (
        {"do": "stress", "hours": 2},
        Stress(0.1, 1.0, 2.1),
        "stress of intensity 1 for 2 h",
    ),
    (
        {"do": "housing", "neurogenesis": 0, "hours": 672},
        Housing(0.1, 0.0, 672.1),
        "housing with neurogenesis x 0 for 672 h",
    ),
    (
        {"do": "sleep_deprivation", "hours": 5},
        SleepDeprivation(0.1, 5.1),
        "no sleep for 5 h",
    ),
    (
        {"do": "silence", "projection": "PFC-CA1", "hours": 1},
        Silence(0.1, (), None, ("PFC-CA1",), 1.1),
        "silence of PFC-CA1 for 1 h",
    ),
    (
        {"do": "silence", "projection": ["PFC-BLA", "CA1-BLA"], "hours": 1},
        Silence(0.1, (), None, ("PFC-BLA", "CA1-BLA"), 1.1),
        "silence of PFC-BLA, CA1-BLA for 1 h",
    ),
    (
        {"do": "silence", "region": ["DG"], "hours": 1},
        Silence(0.1, ("DG",), None, (), 1.1),
        "silence of DG for 1 h",
    ),
    (
        {"do": "silence", "cells": "some", "hours": 1},
        Silence(0.1, (), "some", (), 1.1),
        "silence of some for 1 h",
    ),
    (
        {"do": "virus", "what": "KAT5", "cells": "some", "acetylation": 0.6, "hours": 48},
        Virus(0.1, "some", "KAT5", 0.6, 48.1),
        "KAT5 in some for 48 h",
    ),
    (
        {"do": "virus", "what": "hM4Di", "cells": "some", "excitability": -1},
        Virus(0.1, "some", "hM4Di", -1.0, float("inf")),
        "hM4Di in some",
    ),
]


def made(*steps: dict[str, Any]) -> Protocol:
    return Protocol.create(
        name="t",
        contexts={"A": {}},
        cells={"some": {"region": "DG", "share": 0.1}},
        groups={"g": {}, "h": {}},
        timeline=[
            {"do": "session", "name": "s", "at_days": 50, "context": "A", "minutes": 1},
            *({**step, "at_hours": 0.1, "groups": ["g"]} for step in steps),
        ],
    )


@pytest.mark.parametrize(("step", "event", "words"), STEPS)
def test_a_step_is_scheduled_described_and_written(
    step: dict[str, Any], event: Any, words: str
) -> None:
    plan = made(step)
    assert schedule(plan, "g").events[0] == event
    assert len(schedule(plan, "h").events) == 1  # of another group
    assert f"day 0 09:06  {words}  [g]" in plan.describe()
    assert words in plan._repr_html_()
    again = parse_protocol(plan.to_yaml())
    assert again == plan
    assert schedule(again, "g") == schedule(plan, "g")


def test_all_steps_of_an_hour_come_before_its_session_in_the_order_of_the_file() -> None:
    steps = [{**step, "at_days": 50} for step, _, _ in STEPS]
    plan = Protocol.create(
        name="t",
        contexts={"A": {}},
        cells={"some": {"region": "DG", "share": 0.1}},
        groups={"g": {}},
        timeline=[
            {"do": "session", "name": "s", "at_days": 50, "context": "A", "minutes": 1},
            *steps,
        ],
    )
    events = schedule(plan, "g").events
    assert [type(event) for event in events[:-1]] == [type(event) for _, event, _ in STEPS]
    assert events[-1].start_hours == events[0].start_hours == 1200
    assert schedule(plan, "g").horizon_hours == 1200 + 1 / 60


def test_tagged_cells_may_be_of_a_population() -> None:
    text = (
        HEAD + "  - {do: tag, name: engram, at_hours: 9, hours: 1}\n"
        "  - {do: virus, cells: reward, excitability: 1, at_hours: 10}\n"
    )
    plan = parse_protocol(text)
    assert plan.cells["reward"].population == "positive"  # type: ignore[union-attr]
    assert parse_protocol(plan.to_yaml()) == plan
    with pytest.raises(ProtocolError, match="DG has no population 'positive'"):
        parse_protocol(text.replace("tagged: engram, region: BLA", "tagged: engram, region: DG"))
