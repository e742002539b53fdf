"""Whole animals: same bits, independence, probes that change nothing, switches that act."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from plans import (
    SHOCKS,
    TRAINING,
    alike,
    close,
    freezing,
    identical,
    inert,
    probe,
    protocol,
    same,
)

from engramlab.brain import Brain
from engramlab.brain.brain import all_mechanisms
from engramlab.engine import run_animal, run_twin
from engramlab.engine.animal import born
from engramlab.engine.animal_record import STATE
from engramlab.errors import ParameterError, ProtocolError
from engramlab.protocol import Protocol, load_protocol


def test_the_same_animal_twice_is_the_same_bits() -> None:
    plan = protocol(probe("A"), probe("late", days=3))
    first, second = (run_animal(plan, "g", 0, 1) for _ in range(2))
    assert identical(first, second)
    assert all(same(first, second, name) for name in first.sessions)
    other = run_animal(plan, "g", 0, 2)
    assert not same(first, other, "A")


# Steps and sessions of which silent-engram has none.
EVENTFUL: list[dict[str, Any]] = [
    {"do": "housing", "at_hours": 0, "hours": 100, "neurogenesis": 3},
    {"do": "stress", "at_hours": 23, "hours": 0.5},
    {"do": "virus", "what": "KAT5", "cells": "three", "acetylation": 0.5, "at_hours": 20},
    {"do": "drug", "drug": "AM251", "region": "BLA", "amount": 0.5, "at_hours": 23, "hours": 9},
    {
        "do": "session",
        "name": "recall",
        "at_days": 1,
        "context": "A",
        "minutes": 6,
        "cue": [{"name": "tone", "at_minutes": [1]}, {"name": "lamp", "at_minutes": [3]}],
    },
    {"do": "sleep_deprivation", "at_hours": 30, "hours": 5},
    {
        "do": "session",
        "name": "treat",
        "at_days": 2,
        "context": "C",
        "minutes": 2,
        "reward": {"whole": True},
    },
    {"do": "silence", "projection": ["PFC-CA1", "PFC-BLA"], "at_days": 3, "hours": 30},
    probe("light", days=3, light=[{"cells": "DG", "effect": "drive"}]),
    probe("late", days=4),
]


@pytest.mark.parametrize(
    ("life", "group", "expected"),
    [
        (load_protocol("silent-engram"), "anisomycin", "cfdd3bcab95b9397"),
        (protocol(*EVENTFUL), "g", "fa7cf1e95746588d"),
    ],
    ids=["silent-engram", "eventful"],
)
def test_golden_digest(life: Protocol, group: str, expected: str) -> None:
    """The same numbers as when this was written: which cells fired, and freezing to 0.01 %."""
    record = run_animal(life, group, 3, 7)
    digest = hashlib.sha256()
    digest.update(np.packbits(record.ieg > 0.3).tobytes())
    digest.update(np.round(np.concatenate(record.freezing_by_moment), 2).tobytes())
    assert digest.hexdigest()[:16] == expected


@pytest.mark.parametrize("life", [protocol(*EVENTFUL), load_protocol("silent-engram")])
def test_wiring_that_is_hashed_when_needed_gives_the_bits_of_wiring_that_is_stored(
    life: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = list(life.groups)[-1]
    # Only what is stored is scaled.
    monkeypatch.setattr("engramlab.engine.network.scale_inputs", lambda network, q: None)
    stored = run_animal(life, group, 0, 1)
    monkeypatch.setattr("engramlab.engine.network.STORED_SYNAPSES", 0)
    assert identical(stored, run_animal(life, group, 0, 1))


def test_probes_leave_the_animal_as_it_was() -> None:
    with_probes = protocol(
        probe("p1"),
        probe("p2", "B", light=[{"cells": "DG", "effect": "drive"}]),
        probe("end", days=4),
    )
    without = protocol(probe("end", days=4))
    first, second = run_animal(with_probes, "g", 0, 1), run_animal(without, "g", 0, 1)
    assert same(first, second, "end")


def test_last_probes_take_no_copy_of_what_was_learned_and_give_the_same_bits() -> None:
    # "early" looks ahead on a copy: a night comes after it.
    plan = protocol(probe("early", days=1.6), probe("A", days=2.2), probe("B", "B", days=2.2))
    goes_on, ends = born(plan, "g", 0, 1), born(plan, "g", 0, 1)
    for _ in goes_on.advance():
        pass
    assert identical(ends.live(), goes_on.record())
    assert ends.present is ends.network
    assert goes_on.present is not goes_on.network


def test_groups_do_not_depend_on_each_other() -> None:
    one = protocol(probe("A"))
    two = protocol(probe("A"), groups={"other": {}, "g": {}})
    assert same(run_animal(one, "g", 1, 1), run_animal(two, "g", 1, 1), "A")
    assert not same(run_animal(two, "g", 1, 1), run_animal(two, "other", 1, 1), "A")


def test_twins_of_equal_groups_are_one_animal() -> None:
    steps = [
        {"do": "stress", "at_hours": 20, "hours": 1},
        {"do": "session", "name": "again", "at_days": 1, "context": "A", "minutes": 4},
        probe("late", days=3),
    ]
    plan = protocol(*steps, groups={"g": {}, "h": {}})
    first, second = (run_twin(plan, group, 3, 1) for group in ("g", "h"))
    assert identical(first, second)
    assert (first.group, second.group) == ("g", "h")
    for other in (
        run_animal(plan, "g", 3, 1),
        run_twin(plan, "g", 2, 1),
        run_twin(plan, "g", 3, 2),
    ):
        assert other.key != first.key
        assert not same(first, other, "late")


def test_twins_are_the_same_until_something_is_done_to_one() -> None:
    plan = protocol(
        probe("before"),
        {"do": "silence", "region": "CA1", "at_hours": 25, "hours": 2, "groups": ["h"]},
        {**inert(25, 2), "groups": ["g"]},
        probe("during", days=26 / 24),
        probe("after", days=2),
        groups={"g": {}, "h": {}, "brain": {"parameters": {"freezing_top": 70}}},
    )
    first, second, changed = (run_twin(plan, group, 0, 1) for group in plan.groups)
    assert same(first, second, "before")
    assert not same(first, second, "during")
    assert same(first, second, "after")  # no cell learned or drifted otherwise
    assert np.array_equal(first.ieg[1], changed.ieg[1])  # only the read-out was changed
    assert not same(first, changed, "before")


def test_a_step_without_effect_leaves_a_twin_as_it_is() -> None:
    plan = protocol(
        {**inert(1, 2), "groups": ["h"]}, probe("late", days=2), groups={"g": {}, "h": {}}
    )
    # Two exponentials in a row round otherwise than one; other noise would differ by far more.
    assert close(run_twin(plan, "g", 0, 1), run_twin(plan, "h", 0, 1), "late")
    assert not close(run_twin(plan, "g", 0, 1), run_twin(plan, "g", 0, 2), "late")


def test_records_hold_what_they_promise() -> None:
    plan = protocol(probe("A"), probe("B", "B"))
    record = run_animal(plan, "g", 0, 1)
    neurons = sum(region.cells for region in Brain().regions)
    assert record.sessions == ("training", "A", "B")
    assert [len(part) for part in record.freezing_by_moment] == [8, 4, 4]
    assert record.ieg.shape == record.rate.shape == (3, neurons)
    assert np.all((record.ieg >= 0) & (record.ieg <= 1) & (record.rate <= record.ieg + 1e-6))
    for part in record.freezing_by_moment:
        assert np.all((part > 0) & (part < 100))
    assert [part.shape for part in record.valence_by_moment] == [(8, 2), (4, 2), (4, 2)]
    for part in record.valence_by_moment:
        assert np.all((part >= 0) & (part <= 1))
    assert record.strength.shape == (3, len(Brain().projections), 3)
    assert np.all((record.strength >= 0) & (record.strength <= 1.001))
    assert record.state.shape == (3, len(STATE), neurons)
    assert np.isfinite(record.state).all()
    assert record.cell_sets["three"].sum() == 3
    assert record.cell_sets["some"].sum() == round(0.15 * 150)
    assert record.cell_sets["DG"].sum() == record.cell_sets["random"].sum() > 10
    assert not (record.cell_sets["DG"] & record.cell_sets["random"]).any()


def test_the_tag_holds_the_cells_of_its_window_only() -> None:
    plan = protocol(
        {"do": "session", "name": "later", "at_days": 1, "context": "C", "minutes": 4},
    )
    record = run_animal(plan, "g", 0, 1)
    assert np.array_equal(record.tags["engram"], record.ieg[0] > 0.3)


def test_tagged_cells_may_be_of_a_population() -> None:
    sets = {
        name: {"tagged": "engram", "region": "BLA", "population": name}
        for name in ("negative", "positive")
    }
    plan = protocol(
        timeline=protocol().timeline, cells={**sets, "all": {"tagged": "engram", "region": "BLA"}}
    )
    record = run_animal(plan, "g", 0, 1)
    bla = Brain().region_slices()["BLA"]
    halves = {
        "negative": slice(bla.start, bla.start + 150),
        "positive": slice(bla.start + 150, bla.stop),
    }
    for name, half in halves.items():
        expected = np.zeros(record.ieg.shape[1], np.bool_)
        expected[half] = record.tags["engram"][half]
        np.testing.assert_array_equal(record.cell_sets[name], expected)
    assert record.cell_sets["negative"].sum() > 10  # a shock tags that half
    both = record.cell_sets["negative"] | record.cell_sets["positive"]
    np.testing.assert_array_equal(record.cell_sets["all"], both)


def test_light_drives_and_silences_exactly_its_cells() -> None:
    plan = protocol(
        probe("drive", "C", light=[{"cells": "DG", "effect": "drive"}]),
        probe("silence", "A", light=[{"cells": "DG", "effect": "silence"}]),
    )
    record = run_animal(plan, "g", 0, 1)
    cells = record.cell_sets["DG"]
    assert np.all(record.ieg[record.sessions.index("drive")][cells] == 1)
    assert np.all(record.ieg[record.sessions.index("silence")][cells] == 0)


def test_light_on_an_empty_tag_is_named() -> None:
    lit = probe("A", light=[{"cells": "DG", "effect": "drive"}])
    plan = protocol(lit, tags={"engram": {"threshold": 1.0}})
    with pytest.raises(
        ProtocolError, match=r"session 'A', light on 'DG': holds no cell in animal 0"
    ):
        run_animal(plan, "g", 0, 1)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"region": "CA1", "ids": [400]}, "cells.odd: names cell 400 of CA1"),
        ({"region": "BLA", "population": "negative", "as_many_as": "all"}, "needs 300 cells"),
    ],
)
def test_cells_that_do_not_exist_are_named(cells: dict[str, Any], expected: str) -> None:
    sets = {"odd": cells, "all": {"region": "BLA", "share": 1.0}}
    plan = protocol({"do": "lesion", "cells": "odd", "at_hours": 2}, probe("A"), cells=sets)
    with pytest.raises(ProtocolError, match=expected):
        run_animal(plan, "g", 0, 1)


def test_lesions_last_and_silencing_ends() -> None:
    plan = protocol(
        {"do": "silence", "region": ["CA1"], "at_hours": 20, "hours": 8},
        probe("during"),
        {"do": "lesion", "region": "PFC", "at_hours": 30},
        probe("after", days=2),
    )
    record = run_animal(plan, "g", 0, 1)
    slices = Brain().region_slices()
    during, after = record.ieg[1], record.ieg[2]
    assert not during[slices["CA1"]].any()
    assert during[slices["PFC"]].any()
    assert after[slices["CA1"]].any()
    assert not after[slices["PFC"]].any()


def test_a_cue_is_learned_in_its_own_right() -> None:
    tone = {"name": "tone", "at_minutes": [1.5, 2.5], "seconds": 60}
    plan = protocol(
        probe("tone", "C", cue={"name": "tone", "at_minutes": [0], "seconds": 120}),
        probe("no-tone", "C"),
        timeline=[
            {**TRAINING, "shocks": SHOCKS, "cue": tone},
            probe("tone", "C", cue={"name": "tone", "at_minutes": [0], "seconds": 120}),
            probe("no-tone", "C"),
        ],
    )
    records = [run_animal(plan, "g", animal, 1) for animal in range(6)]
    assert np.mean([freezing(r, "tone") - freezing(r, "no-tone") for r in records]) > 20


def test_replay_can_be_blocked_for_some_nights_only() -> None:
    block = {"do": "replay_block", "at_hours": 0, "hours": 24}
    plain = run_animal(protocol(probe("late", days=3)), "g", 0, 1)
    blocked = run_animal(protocol(block, probe("late", days=3)), "g", 0, 1)
    off = run_animal(protocol(probe("late", days=3)), "g", 0, 1, Brain().without("replay"))
    assert not same(plain, blocked, "late")
    assert not same(blocked, off, "late")


def test_reward_makes_a_place_good() -> None:
    plan = protocol(
        timeline=[
            {**TRAINING, "reward": {"whole": True}},
            probe("A"),
            probe("C", "C"),
        ]
    )
    record = run_animal(plan, "g", 0, 1)
    valence = [part.mean(axis=0) for part in record.valence_by_moment]
    assert valence[1][1] > valence[1][0]
    assert valence[1][1] > valence[2][1]


HEARD = {
    **{"do": "session", "context": "C", "minutes": 6},
    "cue": {"name": "tone", "at_minutes": [1, 2, 3, 4]},
}


@pytest.mark.parametrize("name", [mechanism.name for mechanism in all_mechanisms()])
def test_every_switch_acts(name: str) -> None:
    """A mechanism that changes nothing when it is off would carry nothing."""
    plan = protocol(
        {"do": "stress", "at_hours": 23, "hours": 0.5},
        {"do": "virus", "cells": "some", "excitability": 0.8, "at_hours": 0},
        {"do": "virus", "cells": "three", "what": "hM3Dq", "excitability": 1, "at_hours": 0},
        {"do": "session", "name": "again", "at_days": 1, "context": "A", "minutes": 4},
        {**HEARD, "name": "heard", "at_days": 2},
        {**HEARD, "name": "paired", "at_hours": 50, "shocks": {"at_minutes": [4], "shock_mA": 0.4}},
        probe("late", days=3, cue={"name": "tone", "at_minutes": [1]}),
        cells={
            "some": {"region": "BLA", "population": "negative", "share": 0.15},
            "three": {"region": "CA1", "ids": [0, 5, 7]},
        },
    )
    on = run_animal(plan, "g", 0, 1)
    off = run_animal(plan, "g", 0, 1, Brain().without(name))
    assert not alike(on, off, "late")


def test_groups_may_change_the_brain() -> None:
    groups = {"g": {}, "off": {"without": ["replay"], "parameters": {"trait_sd": 0.3}}}
    plan = protocol(probe("A"), groups=groups)
    brain = Brain().without("replay").with_parameters(trait_sd=0.3)
    direct = run_animal(protocol(probe("A"), groups={"off": {}}), "off", 0, 1, brain)
    assert same(run_animal(plan, "off", 0, 1), direct, "A")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Brain().without("replayy"), "did you mean 'replay'"),
        (lambda: Brain().with_parameters(trait_s=1), "did you mean 'trait_sd'"),
        (lambda: Brain().with_parameters(trait_sd=-1), "0 to 1 drive"),
        (
            lambda: Brain().with_parameters({"CA3-CA1.base_drive": float("nan")}),
            "outside its range",
        ),
    ],
)
def test_wrong_brains_are_named(make: Any, expected: str) -> None:
    with pytest.raises(ParameterError, match=expected):
        make()


def test_brains_are_values() -> None:
    assert Brain().with_parameters(trait_sd=0.2) == Brain().with_parameters(trait_sd=0.2)
    assert Brain().digest() != Brain().with_parameters(trait_sd=0.2).digest()
    assert Brain().digest() != Brain().without("replay").digest()
    assert Brain().with_parameters({"DG.active": 20}).regions[1].active == 20
    names = [row[1] for row in Brain().parameter_table()]
    assert len(names) == len(set(names))
    assert all(row[5] for row in Brain().parameter_table())


def test_without_individuality_animals_still_feel_the_shock() -> None:
    life, brain = protocol(probe("recall", days=1)), Brain().without("individuality")
    shocked = run_animal(life, "g", 0, 1, brain)
    assert shocked.freezing_by_moment[-1].mean() > 30
