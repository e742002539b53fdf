"""Protocols in general: they read back the same, run in order, and damage is told of."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from engramlab.errors import ProtocolError
from engramlab.protocol import (
    Protocol,
    Session,
    paradigm_names,
    paradigm_text,
    parse_protocol,
    schedule,
)

times = st.integers(0, 200).map(lambda hours: hours * 2.0)
steps = st.lists(
    st.fixed_dictionaries(
        {
            "do": st.just("session"),
            "at_hours": times,
            "context": st.sampled_from(["A", "B"]),
            "minutes": st.integers(1, 60).map(lambda half: half / 2),
            "probe": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda step: step["at_hours"],
)


INTERVENTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "tag": {"name": st.just("engram"), "hours": st.floats(0.1, 99)},
    "virus": {"cells": st.just("some"), "excitability": st.floats(0.1, 5)},
    "drug": {"drug": st.just("anisomycin"), "hours": st.floats(0.1, 99)},
    "lesion": {"region": st.sampled_from(["CA3", ("DG", "CA1")])},
    "silence": {"cells": st.just("some"), "hours": st.floats(0.1, 99)},
    "replay_block": {"hours": st.floats(0.1, 99), "groups": st.just(("h",))},
}
intervention = st.sampled_from(sorted(INTERVENTIONS)).flatmap(
    lambda do: st.fixed_dictionaries({"at_hours": times, "do": st.just(do), **INTERVENTIONS[do]})
)
interventions = st.lists(intervention, max_size=6)
# Control characters and halves of surrogate pairs are refused, all other text is kept.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300)


def made(timeline: list[dict[str, Any]], **fields: object) -> Protocol:
    return Protocol.create(
        **{
            "name": "t",
            "contexts": {"A": {}, "B": {}},
            "tags": {"engram": {}},
            "cells": {"some": {"region": "DG", "share": 0.1}},
            "groups": {"g": {"parameters": {"trait_sd": 0.2}}, "h": {"without": ["replay"]}},
            "timeline": [
                {**step, "name": f"s{index}"} if step["do"] == "session" else step
                for index, step in enumerate(timeline)
            ],
            **fields,
        }
    )


@example(
    [{"do": "session", "at_hours": 0.0, "context": "A", "minutes": 5}], [], 0.5, "word  " * 40 + "."
)
@given(steps, interventions, st.floats(0, 1), texts)
def test_any_protocol_survives_a_round_trip(
    sessions: list[dict[str, Any]],
    others: list[dict[str, Any]],
    similarity: float,
    description: str,
) -> None:
    protocol = made(
        sessions + others,
        contexts={"A": {}, "B": {"similar_to": "A", "similarity": similarity}},
        description=description,
        citation="a: b # c 'd'  \"e\"",
    )
    assert parse_protocol(protocol.to_yaml()) == protocol


@given(steps, interventions)
def test_schedules_are_in_order_and_complete(
    sessions: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    for group in ("g", "h"):
        plan = schedule(made(sessions + others), group)
        own = [step for step in others if group in step.get("groups", ("g", "h"))]
        assert len(plan.sessions) == len(sessions)
        assert len(plan.events) == len(sessions) + len(own)
        order = [(event.start_hours, isinstance(event, Session)) for event in plan.events]
        assert order == sorted(order)
        assert plan.horizon_hours == max(session.end_hours for session in plan.sessions)
        for session in plan.sessions:
            assert session.moments == len(session.shock_mA) == len(session.cue)
            assert session.moments == 2 * session.minutes


DAMAGE = [
    "",
    "null",
    "[]",
    "{}",
    "-1",
    "5 min",
    "{a: b}",
    "&x",
    "*x",
    "!!int ",
    ": ",
    "'",
    "\t",
    "é",
]


@given(st.sampled_from(paradigm_names()), st.data())
def test_damage_gives_a_protocol_or_a_message(name: str, data: st.DataObject) -> None:
    text = paradigm_text(name)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(DAMAGE)) + text[end:]
    try:
        protocol = parse_protocol(text, "p.yaml")
    except ProtocolError as damaged:
        places = [problem.where for problem in damaged.problems]
    else:
        assert parse_protocol(protocol.to_yaml()) == protocol
        return
    assert places
    assert all(place.startswith("p.yaml") for place in places)
