"""What an animal meets: places taken in by parts, several cues, time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from plans import freezing, probe, protocol

from engramlab.brain import Brain
from engramlab.brain.mechanisms.exploration import sampled_share
from engramlab.engine import run_animal
from engramlab.engine.features import Features
from engramlab.protocol import schedule

CONTEXT, TIME, CUE = slice(0, 600), slice(600, 700), slice(700, 760)
PLACE = round(Brain().parameters["place_features"])
NO_CUES = (None,) * 8


def features(brain: Brain | None = None, key: int = 7) -> Features:
    return Features(protocol(), brain or Brain(), key)


def met(
    brain: Brain | None = None, session: str = "s", context: str = "A", hours: float = 0.0
) -> NDArray[np.bool_]:
    """Place cells that are active in each moment."""
    rates = features(brain).session(session, context, hours, NO_CUES)
    return np.asarray(rates[:, CONTEXT] == 1)


def test_a_place_is_taken_in_moment_by_moment() -> None:
    cells = met()
    per_moment = Brain().parameters["sampling_per_moment"]
    expected = [round(sampled_share(moment, per_moment) * PLACE) for moment in range(8)]
    np.testing.assert_array_equal(cells.sum(axis=1), expected)
    assert expected[0] < 0.5 * PLACE < 0.9 * PLACE < expected[-1]
    assert np.all(cells[1:] >= cells[:-1])  # what was met is not lost
    whole = np.zeros(CONTEXT.stop, np.bool_)
    whole[features().place("A")] = True
    assert not (cells & ~whole).any()
    np.testing.assert_array_equal(np.flatnonzero(features().part_of("A")), np.flatnonzero(whole))


def test_each_session_begins_elsewhere_in_the_place() -> None:
    first, again, other = met(), met(), met(session="other")
    np.testing.assert_array_equal(first, again)
    assert (first[0] != other[0]).any()
    assert first[0].sum() == other[0].sum()


@pytest.mark.parametrize(
    "brain", [Brain().without("exploration"), Brain().with_parameters(sampling_per_moment=1)]
)
def test_without_exploration_a_place_is_met_at_once(brain: Brain) -> None:
    assert np.all(met(brain).sum(axis=1) == PLACE)


VISIT = {"do": "session", "name": "visit", "at_hours": 0, "minutes": 5}
GLANCE = protocol(
    cells={},
    groups={"known": {}, "new": {}},
    timeline=[
        {**VISIT, "context": "A", "groups": ["known"]},
        {**VISIT, "context": "C", "groups": ["new"]},
        {**probe("glance"), "minutes": 0.5},
    ],
)


def glanced(group: str, brain: Brain) -> list[NDArray[np.float32]]:
    """Rates of the cells that code A in half a minute there, by animal, a day after the visit."""
    rates = []
    for animal in range(6):
        record = run_animal(GLANCE, group, animal, 3, brain)
        place = Features(GLANCE, brain, record.key).place("A")
        rates.append(record.rate[record.sessions.index("glance")][place])
    return rates


def test_a_known_place_is_completed_on_entry_and_a_new_one_is_hardly() -> None:
    brain = Brain()
    met = round(sampled_share(0, brain.parameters["sampling_per_moment"]) * PLACE)
    completed = {}
    for group in ("known", "new"):
        rates = glanced(group, brain)
        for place in rates:
            assert len(set(place[place < 1].tolist())) == 1  # all as far as it is recognised
            assert (place == 1).sum() >= met - 1
        completed[group] = np.mean([np.min(place) for place in rates])
    assert completed["known"] > 0.25
    assert completed["new"] < 0.3 * completed["known"]


def test_without_recognition_no_place_is_completed() -> None:
    for place in glanced("known", Brain().with_parameters(recognition=0)):
        assert set(place.tolist()) == {0.0, 1.0}


def test_time_and_cues_are_met_at_once() -> None:
    plan = protocol(
        {
            "do": "session",
            "name": "s",
            "at_hours": 5,
            "context": "A",
            "minutes": 3,
            "cue": [
                {"name": "tone", "at_minutes": [0, 2], "seconds": 60},
                {"name": "lamp", "at_minutes": [1.5]},
            ],
        }
    )
    session = schedule(plan, "g").sessions[1]
    assert session.cue == ("tone", "tone", None, "lamp", "tone", "tone")
    mine = features()
    rates = mine.session("s", "A", 5.0, session.cue)
    count = round(Brain().parameters["cue_cells"])
    for moment, cue in enumerate(session.cue):
        cells = np.flatnonzero(rates[moment, CUE]) + CUE.start
        expected = [] if cue is None else sorted(mine.cue(cue))
        np.testing.assert_array_equal(cells, expected)
        assert len(cells) == (0 if cue is None else count)
    assert set(mine.cue("tone")) != set(mine.cue("lamp"))
    assert np.all(rates[:, TIME] == rates[0, TIME])
    assert set(np.flatnonzero(rates[0, TIME]) + TIME.start) == set(mine.time(5.0))


def test_similar_places_share_their_part_and_unrelated_ones_little() -> None:
    mine = features()
    a, b, c = (set(mine.place(name)) for name in "ABC")
    assert len(a) == len(b) == len(c) == PLACE
    assert len(a & b) == round(0.5 * PLACE)
    assert len(a & c) < 0.4 * PLACE


def test_time_stands_still_without_temporal_context() -> None:
    still = features(Brain().without("temporal_context"))
    np.testing.assert_array_equal(still.time(0.0), still.time(1000.0))
    assert set(features().time(0.0)) != set(features().time(1000.0))


def test_two_cues_of_one_session_are_learned_apart() -> None:
    """The tone comes with shock and the lamp without."""
    plan = protocol(
        timeline=[
            {
                "do": "session",
                "name": "training",
                "at_hours": 0,
                "context": "A",
                "minutes": 8,
                "shocks": {"at_minutes": [2, 4, 6], "shock_mA": 0.75},
                "cue": [
                    {"name": "tone", "at_minutes": [2, 4, 6]},
                    {"name": "lamp", "at_minutes": [3, 5, 7]},
                ],
            },
            *(
                probe(cue, "C", cue=[{"name": cue, "at_minutes": [0], "seconds": 120}])
                for cue in ("tone", "lamp")
            ),
        ]
    )
    # Few cells each, so that the cues share hardly any: what is shared cannot be told apart.
    brain = Brain().with_parameters(cue_cells=8)
    records = [run_animal(plan, "g", animal, 1, brain) for animal in range(8)]
    assert np.mean([freezing(r, "tone") - freezing(r, "lamp") for r in records]) > 20
