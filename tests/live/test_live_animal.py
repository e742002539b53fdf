"""A live animal is the animal of a run; what is done to it can be taken back and written down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engramlab import LiveAnimal, run
from engramlab.engine import run_animal
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import ProtocolError
from engramlab.live import Frame, compare
from engramlab.protocol import parse_protocol

TRAINING: list[dict[str, Any]] = [
    {"do": "open_tag"},
    {"do": "enter", "place": "A"},
    {"do": "stay", "moments": 5},
    {"do": "stay", "shock_mA": 0.75, "moments": 2},
    {"do": "stay", "shock_mA": 0.75},
    {"do": "close_tag"},
]
ENGRAM = {"region": "DG", "tagged": "engram"}
STEPS: list[list[dict[str, Any]]] = [
    [{"do": "enter", "place": "B"}, {"do": "stay", "moments": 3, "cue": "tone", "reward": True}],
    [{"do": "probe", "place": "A"}],
    [{"do": "probe", "place": "D", "light": [{"cells": ENGRAM}]}],
    [
        {"do": "probe", "place": "D", "cue": "tone"},
        {"do": "silence", "region": ["DG", "CA3"], "hours": 0.5},
    ],
    [{"do": "wait", "hours": 3.7}],
    [{"do": "wait", "nights": 2}],
    [{"do": "inject", "drug": "anisomycin", "region": "BLA"}, {"do": "stress"}],
    [{"do": "infect", "cells": {"region": "CA1", "share": 0.1}}],
    [{"do": "lesion", "cells": {"region": "DG", "as_many_as": "engram"}}],
    [{"do": "open_tag", "tag": "late"}, {"do": "enter", "place": "A"}, {"do": "stay"}],
    [{"do": "keep_awake"}, {"do": "house", "neurogenesis": 2, "hours": 30}],
]


def same_record(first: AnimalRecord, second: AnimalRecord) -> bool:
    return (
        first.sessions == second.sessions
        and all(
            np.array_equal(getattr(first, name), getattr(second, name))
            for name in ("ieg", "rate", "state", "strength")
        )
        and all(map(np.array_equal, first.freezing_by_moment, second.freezing_by_moment))
        and all(np.array_equal(first.tags[name], second.tags[name]) for name in first.tags)
    )


def same_frame(first: Frame, second: Frame) -> bool:
    return (first.kind, first.hour, first.title) == (
        second.kind,
        second.hour,
        second.title,
    ) and all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("activity", "peak", "lit", "silenced", "state", "freezing_by_moment")
    )


@settings(max_examples=12)
@given(st.lists(st.sampled_from(STEPS), max_size=5), st.integers(0, 2**40))
def test_it_is_the_animal_of_a_run(parts: list[list[dict[str, Any]]], seed: int) -> None:
    opened = sum({"do": "open_tag", "tag": "late"} in part for part in parts)
    actions = [*TRAINING, *(action for part in parts for action in part)]
    mouse = LiveAnimal(seed)
    for action in actions:
        if action == {"do": "open_tag", "tag": "late"} and "late" in mouse.open_tags:
            with pytest.raises(ProtocolError, match="open already"):
                mouse.do(action)
            continue
        mouse.do(action)
    assert opened == 0 or "late" in mouse.open_tags
    plan = parse_protocol(mouse.protocol.to_yaml())
    assert same_record(mouse.record(), run_animal(plan, "mouse", 0, seed))


def test_the_same_actions_give_the_same_frames() -> None:
    actions = [*TRAINING, {"do": "wait", "nights": 2}, {"do": "probe", "place": "A"}]
    first, second = LiveAnimal(3, actions), LiveAnimal(3, actions)
    pairs = list(zip(first.film.frames, second.film.frames, strict=True))
    assert all(same_frame(a, b) for a, b in pairs)
    assert not same_frame(first.frame, LiveAnimal(4, actions).frame)


def test_undo_is_never_having_done_it() -> None:
    mouse = LiveAnimal(1, TRAINING)
    before = mouse.film.frames
    mouse.do("inject", drug="anisomycin")
    mouse.do("wait", nights=1)
    mouse.undo(2)
    assert all(same_frame(a, b) for a, b in zip(before, mouse.film.frames, strict=True))
    assert (
        mouse.do("probe", place="A").freezing
        == LiveAnimal(1, TRAINING).do("probe", place="A").freezing
    )
    with pytest.raises(ValueError, match="to undo"):
        mouse.undo(100)


def test_what_happens_to_a_twin_does_not_touch_the_other() -> None:
    mouse = LiveAnimal(1, TRAINING)
    twin = mouse.twin()
    twin.do("lesion", region="BLA")
    twin.do("wait", nights=1)
    assert (mouse.do("wait", nights=1).silenced.sum(), twin.frame.silenced.sum()) == (0, 300)
    assert mouse.do("probe", place="A").freezing > 30 > twin.do("probe", place="A").freezing


def test_a_probe_changes_nothing() -> None:
    tested = LiveAnimal(1, [*TRAINING, {"do": "probe", "place": "B"}, {"do": "wait", "nights": 1}])
    untested = LiveAnimal(1, [*TRAINING, {"do": "wait", "nights": 1}])
    assert np.array_equal(tested.frame.state, untested.frame.state)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"do": "stay"}, "home cage"),
        ({"do": "enter", "place": "Z"}, "no place 'Z'"),
        ({"do": "close_tag"}, "no open tag 'engram'"),
        ({"do": "probe", "place": "A", "cue": "bell"}, "no cue 'bell'"),
        ({"do": "probe", "place": "A", "light": [{"cells": ENGRAM}]}, "no tag 'engram'"),
        ({"do": "wait"}, "either 'hours' or 'nights'"),
        ({"do": "wait", "hours": 3, "nights": 2}, "either 'hours' or 'nights'"),
        ({"do": "fly"}, "fly"),
        ({"do": "inject", "drug": "tea"}, "tea"),
        ({"do": "infect", "cells": {"region": "DG"}}, "one of 'tagged', 'share'"),
        ({"do": "stay", "moments": 0}, "moments"),
    ],
)
def test_what_is_not_possible_is_said_and_changes_nothing(
    action: dict[str, Any], message: str
) -> None:
    mouse = LiveAnimal(1)
    frames = mouse.film.frames
    with pytest.raises(ProtocolError, match=message) as caught:
        mouse.do(action)
    assert all(problem.where.startswith("action 1") for problem in caught.value.problems)
    assert (mouse.actions, mouse.film.frames, mouse.hours) == ((), frames, 0.0)


def test_one_visit_has_shocks_of_one_strength() -> None:
    mouse = LiveAnimal(1, TRAINING[1:-1])
    with pytest.raises(ProtocolError, match="one strength"):
        mouse.do("stay", shock_mA=0.5)
    assert mouse.do("enter", place="A")
    assert mouse.do("stay", shock_mA=0.5).kind == "session"


def test_light_on_a_tag_that_labelled_nobody_is_refused() -> None:
    mouse = LiveAnimal(1, [{"do": "open_tag"}, {"do": "close_tag"}])
    with pytest.raises(ProtocolError, match="empty"):
        mouse.do("probe", place="A", light=[{"cells": ENGRAM}])


def test_a_longer_stay_is_one_session() -> None:
    mouse = LiveAnimal(1)
    mouse.do("enter", place="A")
    for _ in range(4):
        mouse.do("stay")
    assert mouse.hours == pytest.approx(2 / 60)
    assert mouse.protocol.timeline[0].model_dump()["minutes"] == 2
    whole = LiveAnimal(1, [{"do": "enter", "place": "A"}, {"do": "stay", "moments": 4}])
    assert np.array_equal(mouse.frame.state, whole.frame.state)


def test_an_experiment_of_it_has_all_figures_need() -> None:
    mouse = LiveAnimal(1, TRAINING)
    with pytest.raises(ProtocolError, match="no session yet"):
        _ = LiveAnimal(1).protocol
    experiment = mouse.experiment()
    assert experiment.freezing.loc[("mouse", 0), "A-1"] == pytest.approx(mouse.freezing["A-1"])


def test_a_comparison_is_a_run_of_each_treatment() -> None:
    mouse = LiveAnimal(5, [*TRAINING, {"do": "wait", "nights": 1}])
    twin = mouse.twin()
    mouse.do("probe", place="A")
    twin.do("probe", place="D")
    found = compare({"A": mouse, "D": twin}, 3)
    for name, animal in (("A", mouse), ("D", twin)):
        table = run(animal.protocol, animals=3, seed=5, workers=1).freezing
        assert found.values[name] == pytest.approx(table.iloc[:, -1].tolist())
    assert found.difference("A", "D").value == pytest.approx(
        found.mean("A").value - found.mean("D").value
    )
    overlap = compare({"A": mouse}, 2, measure="overlap", region="DG").values["A"]
    assert overlap[0] == pytest.approx(mouse.film.overlap("DG").iloc[0, -1])
