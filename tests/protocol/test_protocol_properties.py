"""Protocols in general: they read back the same, run in order, and damage is told of."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engramlab.errors import ProtocolError
from engramlab.protocol import (
    Lesion,
    Protocol,
    Session,
    paradigm_names,
    paradigm_text,
    parse_protocol,
    schedule,
)
from engramlab.protocol.messages import STEPS
from engramlab.protocol.quantities import DrugName, ProjectionName, RegionName

REGIONS, PROJECTIONS, DRUGS = map(get_args, (RegionName, ProjectionName, DrugName))
times = st.integers(0, 200).map(lambda hours: hours * 2.0)
hours = st.floats(0.1, 99)
# One name, or a tuple of several: both are kept as they were written.
regions = st.sampled_from(REGIONS) | st.lists(st.sampled_from(REGIONS), min_size=1).map(tuple)
projections = st.sampled_from(PROJECTIONS) | st.lists(st.sampled_from(PROJECTIONS), min_size=1).map(
    tuple
)


@st.composite
def cues(draw: st.DrawFn) -> dict[str, Any]:
    """No cue, one or several, each in moments of its own, within half a minute to half an hour."""
    minutes = draw(st.integers(1, 60)) / 2
    free = draw(st.lists(st.integers(0, int(2 * minutes) - 1), unique=True, max_size=4))
    presented = [
        {
            "name": draw(st.sampled_from(["tone", "lamp"])),
            "at_minutes": (moment / 2,),
            "seconds": draw(st.floats(0.5, 30)),
        }
        for moment in free
    ]
    if not presented:
        return {"minutes": minutes}
    one = len(presented) == 1 and draw(st.booleans())
    return {"minutes": minutes, "cue": presented[0] if one else tuple(presented)}


session = st.tuples(
    st.fixed_dictionaries(
        {
            "do": st.just("session"),
            "at_hours": times,
            "context": st.sampled_from(["A", "B"]),
            "probe": st.booleans(),
        }
    ),
    cues(),
).map(lambda parts: {**parts[0], **parts[1]})
steps = st.lists(session, min_size=1, max_size=6, unique_by=lambda step: step["at_hours"])

Fields = dict[str, st.SearchStrategy[Any]]
# What a step needs, and what it may have besides.
INTERVENTIONS: dict[str, list[tuple[Fields, Fields]]] = {
    "tag": [({"name": st.just("engram"), "hours": hours}, {})],
    "virus": [
        (
            {"excitability": st.floats(0.1, 5)},
            {"hours": hours, "what": st.sampled_from(["CREB", "hM3Dq"])},
        ),
        ({"excitability": st.floats(-5, -0.1), "what": st.just("hM4Di")}, {"hours": hours}),
        ({"acetylation": st.floats(0.01, 1), "what": st.just("KAT5")}, {"hours": hours}),
    ],
    "drug": [
        (
            {"drug": st.sampled_from(DRUGS), "hours": hours},
            {"region": regions, "amount": st.floats(0.01, 3)},
        )
    ],
    "stress": [({"hours": hours}, {"intensity": st.floats(0.01, 1)})],
    "housing": [({"hours": hours, "neurogenesis": st.floats(0, 10)}, {})],
    "sleep_deprivation": [({"hours": hours}, {})],
    "lesion": [({"region": regions}, {}), ({"cells": st.just("some")}, {})],
    "silence": [
        ({"hours": hours, "region": regions}, {}),
        ({"hours": hours, "cells": st.just("some")}, {}),
        ({"hours": hours, "projection": projections}, {}),
    ],
    "replay_block": [({"hours": hours}, {})],
}


def _step(do: str, needed: Fields, optional: Fields) -> st.SearchStrategy[dict[str, Any]]:
    always: Fields = {"at_hours": times, "do": st.just(do), **needed}
    if do == "virus":
        always["cells"] = st.just("some")
    groups = st.sampled_from([("g",), ("h",), ("h", "g")])
    return st.fixed_dictionaries(always, optional={**optional, "groups": groups})


intervention = st.one_of(
    [_step(do, *kind) for do, kinds in INTERVENTIONS.items() for kind in kinds]
)
interventions = st.lists(intervention, max_size=6)
# Control characters and halves of surrogate pairs are refused, all other text is kept.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300)


def made(timeline: list[dict[str, Any]], **fields: object) -> Protocol:
    return Protocol.create(
        **{
            "name": "t",
            "contexts": {"A": {}, "B": {}},
            "cues": {"tone": {}, "lamp": {}},
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
        cells={
            "some": {"region": "DG", "share": 0.1},
            "reward": {"tagged": "engram", "region": "BLA", "population": "positive"},
        },
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
        ends = [
            step["at_hours"] + step["hours"]
            for step in sorted(own, key=lambda step: step["at_hours"])
            if "hours" in step
        ]
        found = [
            event.end_hours
            for event in plan.events
            if not isinstance(event, Session | Lesion) and math.isfinite(event.end_hours)
        ]
        for end, expected in zip_longest(found, ends):
            assert end == pytest.approx(expected, abs=1e-8)
        assert plan.horizon_hours == max(session.end_hours for session in plan.sessions)
        for session in plan.sessions:
            assert session.moments == len(session.shock_mA) == len(session.cue)
            assert session.moments == 2 * session.minutes
        cued = {step["at_hours"]: step.get("cue", ()) for step in sessions}
        for session in plan.sessions:
            presented = cued[session.start_hours]
            presented = (presented,) if isinstance(presented, dict) else presented
            on = {int(2 * cue["at_minutes"][0]): cue["name"] for cue in presented}
            assert session.cue == tuple(on.get(moment) for moment in range(session.moments))


@given(steps, interventions)
def test_describe_tells_of_every_step(
    sessions: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    protocol = made(sessions + others)
    lines = protocol.describe().splitlines()
    assert len(lines) == 1 + len(protocol.groups) + len(protocol.timeline)
    assert all(line.rstrip().endswith("]") for line in lines[1 + len(protocol.groups) :])


def test_every_kind_of_step_is_tried() -> None:
    assert {"session", *INTERVENTIONS} == set(STEPS)


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
