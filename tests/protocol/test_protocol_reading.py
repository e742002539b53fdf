"""Protocols: every mistake has a place and a remedy; what is written reads back the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engramlab.errors import ProtocolError
from engramlab.protocol import (
    Lesion,
    Protocol,
    Session,
    TagWindow,
    load_protocol,
    paradigm_names,
    parse_protocol,
    schedule,
)

HEAD = """\
engramlab: 1
name: t
contexts: {A: {}, B: {similar_to: A, similarity: 0.5}}
cues: {tone: {}}
tags: {engram: {}}
cells:
  tagged: {tagged: engram, region: DG}
  some: {region: BLA, population: negative, share: 0.15}
groups: {g: {}, h: {}}
timeline:
"""
SESSION = "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "
GOOD = "  - {do: session, name: s, at_hours: 1, context: A, minutes: 5}\n"


def error(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text, "p.yaml")
    return str(caught.value)


@pytest.mark.parametrize("name", paradigm_names())
def test_paradigms_read_and_survive_a_round_trip(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.name == name
    assert parse_protocol(protocol.to_yaml()) == protocol
    assert protocol.title in protocol.describe()
    for group in protocol.groups:
        assert schedule(protocol, group).sessions


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{do: session, name: s, at_hours: 1, contxt: A, minutes: 5}", "did you mean 'context'"),
        ("{do: session, name: s, at_hours: 1, context: A, minutes: 5 min}", "number in minutes"),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "
            "shocks: {at_minutes: [1], shock_uA: 1}}",
            "write 'shock_mA'",
        ),
        ("{do: session, name: s, at_hours: -1, context: A, minutes: 5}", "negative time"),
        ("{do: session, name: s, context: A, minutes: 5}", "exactly one of at_minutes"),
        ("{do: session, name: s, at_hours: 1, at_days: 1, context: A, minutes: 5}", "exactly one"),
        ("{do: session, name: s, at_hours: .inf, context: A, minutes: 5}", "at_hours"),
        ("{do: session, name: s, at_days: 900, context: A, minutes: 5}", "day 365"),
        ("{do: session, name: s, at_hours: 1, context: A, minutes: 5.2}", "multiple of 0.5"),
        ("{do: session, name: s, at_hours: 1, context: C, minutes: 5}", "no context 'C'"),
        ("{do: sesion, name: s, at_hours: 1}", "did you mean 'session'"),
        ("{do: drug, drug: anisomycine, at_hours: 1, hours: 2}", "did you mean 'anisomycin'"),
        ("{do: lesion, region: CA9, at_hours: 1}", "did you mean 'CA"),
        ("{do: lesion, at_hours: 1}", "either 'region' or 'cells'"),
        ("{do: virus, cells: sme, excitability: 1, at_hours: 1}", "did you mean 'some'"),
        ("{do: virus, cells: some, what: hM4Di, excitability: 1, at_hours: 1}", "negative for"),
        ("{do: tag, name: engrm, at_hours: 1, hours: 1}", "did you mean 'engram'"),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, groups: [k]}",
            "no group 'k'",
        ),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "
            "shocks: {at_minutes: [6], shock_mA: 1}}",
            "outside the session",
        ),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "
            "shocks: {at_minutes: [1], shock_mA: 30}}",
            "at most 3 mA",
        ),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, "
            "light: [{cells: tagged, effect: drive}]}",
            "never opened",
        ),
        (
            "{do: session, name: s, at_hours: 1, context: A, minutes: 5, probe: true, "
            "shocks: {at_minutes: [1], shock_mA: 1}}",
            "a probe changes nothing",
        ),
        ("{do: session, name: s, at_hours: 1, context: A, minutes: true}", "number in minutes"),
        ("{do: session, name: s, at_hours: '1', context: A, minutes: 5}", "number in hours"),
        ("{do: session, name: s, at_hours: 1, context: A, hours: 2}", "write 'minutes'"),
        ("{do: session, name: s, at_day: 1, context: A, minutes: 5}", "write 'at_days'"),
        ("{do: tag, name: engram, at_hours: 1, hours: -2}", "negative time: hours is -2"),
        ("{do: lesion, region: [DG, CA9], at_hours: 1}", "region[1]: 'CA9'"),
        ("{do: lesion, region: hippocampus, at_hours: 1}", "did you mean [DG, CA3, CA1]"),
        ("{do: lesion, region: [], at_hours: 1}", "timeline[1].region"),
        (SESSION + "groups: []}", "groups is empty"),
        (SESSION + "groups: g}", "a list"),
        (SESSION + "shocks: {at_minutes: [1, 1.2], shock_mA: 1}}", "same moment"),
        (SESSION + "reward: {at_minutes: [1, 1.2]}}", "same moment"),
        (SESSION + "shocks: {at_minutes: [-1], shock_mA: 1}}", "at_minutes[0] is -1"),
        (SESSION + "cue: {name: tone, at_minutes: [4], seconds: 90}}", "outlasts the session"),
        (
            SESSION + "light: [{cells: some, effect: drive, from_minutes: 0.1, to_minutes: 0.4}]}",
            "multiples of 0.5",
        ),
        ("null", "timeline[1] is empty"),
    ],
)
def test_a_wrong_step_is_named_with_its_line(step: str, expected: str) -> None:
    message = error(
        HEAD + GOOD.replace("name: s", "name: first").replace("1,", "9,") + f"  - {step}\n"
    )
    assert "p.yaml, line 12, timeline[1]" in message
    assert expected in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        ("- a\n- b\n", "not fields with values"),
        ("engramlab: 1\nname: [", "line 2"),
        ("engramlab: 1\nengramlab: 1\n", "duplicate key"),
        (HEAD.replace("engramlab: 1", "engramlab: 2") + GOOD, "format version 2 is unknown"),
        (HEAD.replace("similarity: 0.5", "similarity: 1.5") + GOOD, "at most 1"),
        (HEAD.replace("similar_to: A", "similar_to: B") + GOOD, "refers to itself"),
        (HEAD.replace("share: 0.15", "shar: 0.15") + GOOD, "says nothing of which cells"),
        (HEAD, "timeline"),
        ("engramlab: 1\nname: &a [*a]\n", "name"),
        (HEAD.replace("engramlab: 1", "engramlab: true") + GOOD, "format version True is unknown"),
        (HEAD.replace("BLA, pop", "DG, pop") + GOOD, "DG has no population 'negative'"),
        (HEAD.replace("negative", "context") + GOOD, "(it has negative, positive)"),
        (HEAD.replace("h: {}", "light: {tile: x}") + GOOD, "did you mean 'title'"),
        (HEAD.replace("0.15", "15") + GOOD, "a share, not a percentage"),
        (
            HEAD.replace("share: 0.15", "ids: [1, 1]").replace("population: negative, ", "") + GOOD,
            "a cell twice",
        ),
        (HEAD.replace("name: t", "name: !!int ''") + GOOD, "not valid YAML"),
        (HEAD.replace("name: t", "? [[a]]\n: c\nname: t") + GOOD, "not valid YAML"),
        (HEAD.replace("name: t", "{[a]: b}: c\nname: t") + GOOD, "no name of a field"),
        (HEAD + GOOD + "# \x07", "line 12"),
    ],
)
def test_a_wrong_file_is_named(text: str, expected: str) -> None:
    message = error(text)
    assert expected in message
    assert "p.yaml" in message


def test_all_problems_are_reported_at_once() -> None:
    message = error(HEAD + "  - {do: session, name: s, at_hours: -1, contxt: A, minutes: x}\n")
    assert message.count("timeline[0]") == 4  # negative, unknown, missing context, no number


def test_sessions_of_one_group_do_not_overlap() -> None:
    later = "  - {do: session, name: t, at_minutes: 64, context: A, minutes: 5, groups: [g]}\n"
    assert "session 't' starts at hour" in error(HEAD + GOOD + later)
    parse_protocol(HEAD + GOOD + later.replace("64", "65"))
    message = error(HEAD + GOOD + later.replace("minutes: 5", "minutes: 5, probe: true"))
    assert "while 's'" in message


def test_probes_may_coincide_and_share_the_start_of_a_session() -> None:
    probe = "  - {do: session, name: P, at_hours: 1, context: B, minutes: 5, probe: true}\n"
    text = HEAD + GOOD + probe.replace("P", "p1") + probe.replace("P", "p2")
    assert len(schedule(parse_protocol(text), "g").sessions) == 3


def test_two_sessions_of_a_group_need_two_names() -> None:
    assert "two sessions named 's'" in error(HEAD + GOOD + GOOD.replace("1,", "2,"))


def test_a_tag_must_open_before_its_cells_are_used() -> None:
    use = (
        "  - {do: session, name: t, at_hours: 3, context: A, minutes: 5, "
        "light: [{cells: tagged, effect: drive}]}\n"
    )
    late = "  - {do: tag, name: engram, at_hours: 4, hours: 1}\n"
    assert "before its tag 'engram' opens" in error(HEAD + GOOD + use + late)
    parse_protocol(HEAD + late.replace("4", "0.5") + GOOD + use)


def test_a_tag_needs_a_session_in_its_window_before_its_cells_are_used() -> None:
    use = (
        "  - {do: session, name: t, at_hours: 3, context: A, minutes: 5, probe: true, "
        "light: [{cells: tagged, effect: drive}]}\n"
    )
    window = "  - {do: tag, name: engram, at_hours: START, hours: 0.5}\n"
    no_session = "no session before lies in a window of its tag 'engram'"
    parse_protocol(HEAD + window.replace("START", "1") + GOOD + use)
    for start in ("0.5", "1.5", "2.9"):  # ends as the session starts, opens after it, ...
        message = error(HEAD + window.replace("START", start) + GOOD + use)
        assert no_session in message
        assert "session 't'" in message
    for hour in ("0.8", "1"):  # before the session; a probe of the same hour comes before it, too
        early = use.replace("at_hours: 3", f"at_hours: {hour}")
        assert no_session in error(HEAD + window.replace("START", "0.7") + early + GOOD)
    probed = GOOD.replace("minutes: 5", "minutes: 5, probe: true")  # labels nothing
    assert no_session in error(HEAD + window.replace("START", "1") + probed + use)


def test_one_mistake_is_told_of_once() -> None:
    assert error(HEAD + GOOD + GOOD.replace("1,", "2,")).count("two sessions") == 1  # of 2 groups
    circle = "A: {similar_to: C, similarity: 0.2}, C: {similar_to: B, similarity: 0.1}"
    assert error(HEAD.replace("A: {}", circle) + GOOD).count("refers to itself") == 1
    text = HEAD + GOOD + GOOD.replace("name: s", "name: t").replace("context: A", "context: K")
    message = error(text)  # mistakes of different kinds come together
    assert "no context 'K'" in message
    assert "while 's'" in message


def test_equal_times_in_different_units_are_equal() -> None:
    text = HEAD + (
        "  - {do: session, name: s, at_days: 0.3, context: A, minutes: 5}\n"
        "  - {do: lesion, region: DG, at_hours: 7.2}\n"
        "  - {do: tag, name: engram, at_hours: 0.1, hours: 0.2}\n"
    )
    events = schedule(parse_protocol(text), "g").events
    assert [type(event) for event in events] == [TagWindow, Lesion, Session]
    assert events[1].start_hours == events[2].start_hours
    assert isinstance(events[0], TagWindow)
    assert events[0].end_hours == 0.3


def test_describe_gives_the_time_of_day() -> None:
    text = HEAD + GOOD.replace("at_hours: 1,", "at_hours: 23.5,")
    assert "day 1 08:30  session 's' in A, 5 min" in parse_protocol(text).describe()


def test_a_group_that_does_not_exist_is_named() -> None:
    with pytest.raises(ProtocolError, match="did you mean 'shock'"):
        schedule(load_protocol("contextual-fear"), "shok")


def test_files_that_are_no_protocols(tmp_path: Path) -> None:
    for content, expected in ((b"\xff\xfe\x00", "not UTF-8"), (b"", "is empty")):
        path = tmp_path / "p.yaml"
        path.write_bytes(content)
        with pytest.raises(ProtocolError, match=expected):
            load_protocol(path)
    with pytest.raises(ProtocolError, match="is a folder"):
        load_protocol(tmp_path)
    with pytest.raises(ProtocolError, match="did you mean 'contextual-fear'"):
        load_protocol("contextual-faer")
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as stream:
        os.truncate(stream.fileno(), 2 * 1024**3)  # sparse: takes no room on disk
    with pytest.raises(ProtocolError, match="which is no protocol"):
        load_protocol(huge)
    with pytest.raises(ProtocolError, match="is no path"):
        load_protocol("a\0b")
    endless = Path("/dev/zero")
    if endless.exists():  # says that it has no bytes
        with pytest.raises(ProtocolError, match="at most 1,000,000 bytes"):
            load_protocol(endless)


def test_python_protocols_raise_the_same_errors() -> None:
    with pytest.raises(ProtocolError, match=r"timeline\[0\]\.minutes"):
        Protocol.create(
            name="t",
            contexts={"A": {}},
            groups={"g": {}},
            timeline=[{"do": "session", "name": "s", "at_hours": 0, "context": "A", "minutes": -1}],
        )


def test_minutes_fall_into_the_right_moments() -> None:
    protocol = Protocol.create(
        name="t",
        contexts={"A": {}},
        cues={"tone": {}},
        cells={"some": {"region": "DG", "share": 0.1}},
        groups={"g": {}},
        timeline=[
            {
                "do": "session",
                "name": "s",
                "at_days": 2,
                "context": "A",
                "minutes": 3,
                "shocks": {"at_minutes": [0, 2.75], "shock_mA": 0.7},
                "cue": {"name": "tone", "at_minutes": [1], "seconds": 45},
                "light": [{"cells": "some", "effect": "drive", "from_minutes": 1, "to_minutes": 2}],
            }
        ],
    )
    session = schedule(protocol, "g").sessions[0]
    assert session.start_hours == 48
    assert list(session.shock_mA) == [0.7, 0, 0, 0, 0, 0.7]
    assert list(session.cue) == [None, None, "tone", "tone", None, None]
    assert session.light[0].moments == (False, False, True, True, False, False)
