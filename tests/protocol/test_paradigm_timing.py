"""An independent reading of the papers' designs, held against the built-in paradigms.

Written as a table of hours, not with the paradigms' own words, so that a slip in one shows.
"""

from __future__ import annotations

import pytest

from engramlab.protocol import Drug, Lesion, Session, Virus, load_protocol, paradigm_names, schedule

# (paradigm, group): hours of sessions with shocks, hours of all tests
DESIGN: dict[tuple[str, str], tuple[set[float], set[float]]] = {
    ("contextual-fear", "shock"): ({0}, {24, 672}),
    ("contextual-fear", "no-shock"): (set(), {24, 672}),
    ("artificial-recall", "fear"): ({24}, {48}),
    ("artificial-recall", "neutral-tag"): ({24}, {48}),
    ("artificial-recall", "no-shock"): (set(), {48}),
    ("false-memory", "light"): ({24}, {48}),
    ("false-memory", "no-light"): ({24}, {48}),
    ("false-memory", "tag-C"): ({24}, {48}),
    ("silent-engram", "saline"): ({0}, {24}),
    ("silent-engram", "anisomycin"): ({0}, {24}),
    ("creb-allocation", "creb"): ({24}, {48}),
    ("creb-allocation", "control"): ({24}, {48}),
    ("lesion-timeline", "intact"): ({0}, {24, 168, 336, 672}),
    ("lesion-timeline", "lesion-day-1"): ({0}, {24}),
    ("lesion-timeline", "lesion-day-7"): ({0}, {168}),
    ("lesion-timeline", "lesion-day-14"): ({0}, {336}),
    ("lesion-timeline", "lesion-day-28"): ({0}, {672}),
    ("engram-selectivity", "trained"): ({0}, {1, 5, 12, 18, 24}),
}


def sessions(paradigm: str, group: str) -> tuple[Session, ...]:
    return schedule(load_protocol(paradigm), group).sessions


def test_every_group_of_every_paradigm_has_a_design() -> None:
    assert set(DESIGN) == {
        (name, group) for name in paradigm_names() for group in load_protocol(name).groups
    }


@pytest.mark.parametrize(("paradigm", "group"), DESIGN)
def test_shocks_and_tests_are_when_the_design_says(paradigm: str, group: str) -> None:
    shocked, tested = DESIGN[paradigm, group]
    plan = sessions(paradigm, group)
    assert {s.start_hours for s in plan if any(s.shock_mA)} == shocked
    assert {s.start_hours for s in plan if s.probe} == tested
    for session in plan:
        assert set(session.shock_mA) <= {0.0, 0.75}
        assert sum(mA > 0 for mA in session.shock_mA) in (0, 3)
        assert session.probe == (session.minutes == 3)  # tests last 3 min and change nothing


def light(paradigm: str, group: str) -> dict[str, tuple[str, str]]:
    """Session -> (effect, cells) of the light in it, which is on throughout."""
    found: dict[str, tuple[str, str]] = {}
    for session in sessions(paradigm, group):
        for beam in session.light:
            assert all(beam.moments)
            found[session.name] = (beam.effect, beam.cells)
    return found


def test_light_falls_where_the_papers_put_it() -> None:
    drive = ("drive", "engram-DG")
    for group in ("fear", "neutral-tag", "no-shock"):
        assert light("artificial-recall", group) == {"light-on": drive}
    for group, expected in (("light", {"training-B": drive}), ("tag-C", {"training-B": drive})):
        assert light("false-memory", group) == expected
    assert light("false-memory", "no-light") == {}
    for group in ("saline", "anisomycin"):
        assert light("silent-engram", group) == {"light-on": drive}
    for group in ("creb", "control"):
        assert light("creb-allocation", group) == {
            "recall-creb-silenced": ("silence", "creb"),
            "recall-random-silenced": ("silence", "random"),
        }


@pytest.mark.parametrize(
    ("paradigm", "group", "tagged_in", "shocked_in"),
    [
        ("artificial-recall", "fear", "A", "A"),
        ("artificial-recall", "neutral-tag", "N", "A"),
        ("false-memory", "light", "A", "B"),
        ("false-memory", "tag-C", "C", "B"),
    ],
)
def test_tag_and_shock_are_in_their_places(
    paradigm: str, group: str, tagged_in: str, shocked_in: str
) -> None:
    protocol = load_protocol(paradigm)
    (window,) = (s for s in protocol.timeline if s.do == "tag" and group in (s.groups or [group]))
    plan = [s for s in schedule(protocol, group).sessions if not s.probe]
    end = window.start_hours + window.hours
    assert {s.context for s in plan if window.start_hours <= s.start_hours < end} == {tagged_in}
    assert {s.context for s in plan if any(s.shock_mA)} == {shocked_in}
    if tagged_in != shocked_in:  # a place can be neutral only if it shares nothing
        assert all(place.similar_to is None for place in protocol.contexts.values())


def test_interventions_meet_the_groups_they_are_meant_for() -> None:
    protocol = load_protocol("silent-engram")
    (drug,) = (e for e in schedule(protocol, "anisomycin").events if isinstance(e, Drug))
    training = schedule(protocol, "anisomycin").sessions[0]
    assert drug.start_hours == pytest.approx(training.end_hours)
    assert not any(isinstance(e, Drug) for e in schedule(protocol, "saline").events)

    protocol = load_protocol("creb-allocation")
    (virus,) = (e for e in schedule(protocol, "creb").events if isinstance(e, Virus))
    assert virus.start_hours < 24 < virus.end_hours
    assert not any(isinstance(e, Virus) for e in schedule(protocol, "control").events)

    protocol = load_protocol("lesion-timeline")
    for day in (1, 7, 14, 28):
        events = schedule(protocol, f"lesion-day-{day}").events
        (lesion,) = (e for e in events if isinstance(e, Lesion))
        assert set(lesion.regions) == {"DG", "CA3", "CA1"}
        assert lesion.start_hours == 24 * day
        assert events.index(lesion) < len(events) - 1  # before the test of the same hour
    assert not any(isinstance(e, Lesion) for e in schedule(protocol, "intact").events)
