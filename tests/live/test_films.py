"""A film shows the animal of the run, and looking changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from engramlab import Brain, LiveAnimal, film
from engramlab.engine import run_animal, run_twin
from engramlab.live.films import MAX_NIGHTS
from engramlab.measures.engram import overlap_over_chance
from engramlab.protocol import Protocol, load_protocol


@pytest.mark.parametrize("twin", [False, True])
def test_a_film_is_of_the_animal_of_the_run(twin: bool) -> None:
    plan = load_protocol("silent-engram")
    record = (run_twin if twin else run_animal)(plan, "anisomycin", 2, 7)
    seen = film(plan, "anisomycin", 2, 7, twin=twin)
    assert tuple(seen.sessions) == record.sessions
    for number, frame in enumerate(seen.sessions.values()):
        assert np.array_equal(frame.peak, record.ieg[number])
        assert np.array_equal(frame.freezing_by_moment, record.freezing_by_moment[number])
    assert np.array_equal(seen.frames[-1].tags["engram"], record.tags["engram"])


def test_frames_tell_what_happened_in_order() -> None:
    seen = film(load_protocol("silent-engram"), "anisomycin", 0, 1)
    assert [frame.kind for frame in seen.frames] == [
        *("birth", "begin", "session", "begin", "end", "end", "night", "probe", "probe", "probe")
    ]
    hours = [frame.hour for frame in seen.frames]
    assert hours == sorted(hours)
    lit = seen.sessions["light-on"]
    assert np.array_equal(lit.lit > 0, lit.tags["engram"] & (seen.region == "DG"))


def test_a_night_shows_what_is_replayed() -> None:
    seen = film(load_protocol("silent-engram"), "saline", 0, 1)
    night = next(frame for frame in seen.frames if frame.kind == "night")
    assert night.replays > 0
    trained = seen.sessions["training"].engram
    here = seen.region == "CA3"
    assert night.activity[here & trained].mean() > 2 * night.activity[here & ~trained].mean()


def test_a_blocked_night_shows_no_replay() -> None:
    mouse = LiveAnimal(1, [{"do": "enter", "place": "A"}, {"do": "stay", "moments": 4}])
    mouse.do("wait", nights=1)
    assert mouse.film.frames[-2].activity.any()
    mouse.do("block_replay", hours=24)
    mouse.do("wait", nights=1)
    night = next(frame for frame in reversed(mouse.film.frames) if frame.kind == "night")
    assert night.replays == 0
    assert not night.activity.any()


def test_many_nights_are_thinned() -> None:
    probe = {"do": "session", "name": "late", "at_days": 200, "context": "A", "minutes": 1}
    plan = Protocol.create(
        name="long", contexts={"A": {}}, groups={"g": {}}, timeline=[{**probe, "probe": True}]
    )
    brain = Brain().without("replay", "neurogenesis")
    nights = [frame for frame in film(plan, "g", 0, 1, brain).frames if frame.kind == "night"]
    assert 0.5 * MAX_NIGHTS < len(nights) <= MAX_NIGHTS + 3


def test_tables_hold_what_the_frames_hold() -> None:
    seen = film(load_protocol("silent-engram"), "saline", 0, 1)
    table = seen.neurons(-1)
    assert len(table) == sum(region.cells for region in seen.brain.regions)
    assert table["peak"].to_numpy() == pytest.approx(seen.frames[-1].peak)
    place = seen.brain.region_slices()["CA1"]
    history = seen.history("CA1", 17)
    assert history["excitability"].to_numpy() == pytest.approx(
        [frame.neuron("excitability")[place.start + 17] for frame in seen.frames]
    )
    with pytest.raises(IndexError, match="cells 0 to 399"):
        seen.history("CA1", 400)
    overlap = seen.overlap("CA1")
    first, last = (seen.sessions[name].engram[place] for name in overlap.index[[0, -1]])
    assert overlap.iloc[0, -1] == pytest.approx(overlap_over_chance(first, last))
