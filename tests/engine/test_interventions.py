"""What is done to an animal acts where, when and as long as the protocol says, and on nothing else.

Controls have an inert step where the treated animal has one that acts: see `plans.inert`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plans import (
    PROJECTIONS,
    SHOCKS,
    TRAINING,
    alike,
    freezing,
    identical,
    inert,
    probe,
    protocol,
    same,
    state,
    strength,
)

from engramlab.brain import Brain
from engramlab.brain.drugs import DRUG_SIGNALS, DRUGS
from engramlab.brain.mechanism import CLOCK
from engramlab.engine import AnimalRecord, run_animal
from engramlab.engine.animal import Animal
from engramlab.engine.network import signal_index, variable_index
from engramlab.protocol import Drug, Protocol, schedule

SLICES = Brain().region_slices()
SILENT_ENGRAM = [
    probe("natural"),
    probe("off", "C"),
    probe("light", "C", light=[{"cells": "DG", "effect": "drive"}]),
]


def lived(*steps: dict[str, Any], brain: Brain | None = None, animal: int = 0) -> AnimalRecord:
    return run_animal(protocol(*steps), "g", animal, 1, brain)


def reborn(plan: Protocol) -> Animal:
    """An animal of which one can see the inside."""
    return Animal(plan, "g", 0, 1, Brain())


def drug(name: str, hour: float, hours: float, **more: Any) -> dict[str, Any]:
    return {"do": "drug", "drug": name, "at_hours": hour, "hours": hours, **more}


# Drugs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRUGS)
@pytest.mark.parametrize("region", [None, "BLA", ["DG", "CA1"]])
def test_a_drug_reaches_its_regions_with_its_dose_and_leaves(
    name: str, region: str | list[str] | None
) -> None:
    where = {} if region is None else {"region": region}
    plan = protocol(drug(name, 1, 2, amount=1.5, **where), probe("p"))
    (event,) = (e for e in schedule(plan, "g").events if isinstance(e, Drug))
    animal = reborn(plan)
    before = animal.network.neuron.copy()
    decay = animal.network.projection.copy()
    animal._drug(event, 1)
    reached = np.zeros(before.shape[1], np.bool_)
    for part in SLICES if region is None else [region] if isinstance(region, str) else region:
        reached[SLICES[part]] = True
    for signal, row in variable_index().items():
        added = 1.5 * dict(DRUGS[name].actions).get(signal, 0.0)
        expected = before[row] + np.float32(added) * reached
        np.testing.assert_array_equal(animal.network.neuron[row], expected, err_msg=signal)
    animal._drug(event, -1)
    np.testing.assert_array_equal(animal.network.neuron, before)
    np.testing.assert_array_equal(animal.network.projection, decay)


def test_overlapping_drugs_leave_nothing() -> None:
    doses = [
        drug(name, 1 + 0.1 * number, 5 + number % 3, amount=0.3 + 0.1 * (number % 5))
        for number, name in enumerate((*DRUGS, *DRUGS))
    ]
    animal = reborn(protocol(*doses, probe("p")))
    decay = animal.network.projection.copy()
    animal.live()
    signals = animal.network.neuron[[variable_index()[name] for name in DRUG_SIGNALS]]
    assert np.abs(signals).max() < 1e-5
    for rate in ("forget", "forget_more"):
        np.testing.assert_allclose(animal.network.projection[rate], decay[rate], rtol=1e-5)


EVENTFUL: list[dict[str, Any]] = [
    {"do": "stress", "at_hours": 0.5, "hours": 0.5},
    {**TRAINING, "at_hours": 1, "shocks": SHOCKS},
    {**TRAINING, "name": "recall", "at_hours": 25, "minutes": 5},
    {**TRAINING, "name": "extinction", "at_hours": 49, "minutes": 15},
    probe("late", days=3),
]


def test_every_drug_acts() -> None:
    """A drug that changes nothing in a life with stress, shock, recall and extinction is none."""
    plain = run_animal(protocol(timeline=[inert(0.2, 60), *EVENTFUL]), "g", 0, 1)
    without_effect = []
    for name in DRUGS:
        treated = run_animal(protocol(timeline=[drug(name, 0.2, 60), *EVENTFUL]), "g", 0, 1)
        if all(alike(plain, treated, session) for session in plain.sessions):
            without_effect.append(name)
    assert not without_effect


def test_anisomycin_in_a_region_spares_all_others() -> None:
    saline = lived(inert(0.1, 6), probe("p", days=8 / 24))
    treated = lived(drug("anisomycin", 0.1, 6, region="BLA"), probe("p", days=8 / 24))
    for name in PROJECTIONS:
        kept = strength(saline, "p", name), strength(treated, "p", name)
        if name == "CA1-BLA":
            assert 0 < kept[1] < 0.8 * kept[0]
        elif not name.endswith("-BLA"):
            assert kept[0] == kept[1]
            assert kept[0] > 0 or name in ("DG-CA3", "CA1-EC", "PFC-PFC", "CA1-PFC")
    np.testing.assert_array_equal(
        saline.state[1][:, : SLICES["BLA"].start], treated.state[1][:, : SLICES["BLA"].start]
    )


def test_light_recalls_what_anisomycin_took_from_natural_recall() -> None:
    """And it is the silent synapses that do it, those from prefrontal cortex among them."""
    means: dict[str, dict[str, float]] = {}
    anisomycin = drug("anisomycin", 0.1, 8)
    without = Brain().without("silent_synapses").with_parameters(silent_birth=0)
    for name, step, brain in (
        ("saline", inert(0.1, 8), Brain()),
        ("anisomycin", anisomycin, Brain()),
        ("no silent synapses", anisomycin, without),
    ):
        records = [lived(step, *SILENT_ENGRAM, brain=brain, animal=n) for n in range(5)]
        means[name] = {
            test: float(np.mean([freezing(record, test) for record in records]))
            for test in ("natural", "off", "light")
        }
    assert means["saline"]["natural"] > means["anisomycin"]["natural"] + 20
    assert means["anisomycin"]["light"] > means["anisomycin"]["off"] + 20
    assert means["no silent synapses"]["light"] < means["no silent synapses"]["off"] + 10


def test_blocked_removal_stops_decay_while_it_acts_and_no_longer() -> None:
    """Day 10: nothing is labile any more, and without replay nothing is added."""
    quiet = Brain().without("replay", "neurogenesis")
    days = (10, 12, 15, 25)
    tests = [probe(f"d{day}", days=day) for day in days]

    def kept(step: dict[str, Any], projection: str) -> list[float]:
        record = lived(step, *tests, brain=quiet)
        return [strength(record, f"d{day}", projection) for day in days]

    def faded(values: list[float], *days_of_decay: float) -> bool:
        tau = Brain().parameters["forget_tau_hippocampus_days"]
        return np.allclose(values, values[0] * np.exp(-np.array(days_of_decay) / tau), rtol=1e-4)

    schaffer = kept(drug("GluA2-3Y", 240, 120), "CA3-CA1")
    assert schaffer[0] > 0
    assert schaffer[0] == schaffer[1] == schaffer[2]
    assert faded(schaffer, 0, 0, 0, 10)
    plain = kept(inert(240, 120), "CA3-CA1")
    assert plain[0] == pytest.approx(schaffer[0], rel=1e-6)
    assert faded(plain, 0, 2, 5, 15)
    assert faded(kept(drug("GluA2-3Y", 240, 120, amount=0.5), "CA3-CA1"), 0, 1, 2.5, 12.5)
    elsewhere = kept(drug("GluA2-3Y", 240, 120, region="BLA"), "CA3-CA1")
    np.testing.assert_allclose(elsewhere, plain, rtol=1e-6)
    amygdala = kept(drug("GluA2-3Y", 240, 120, region="BLA"), "CA1-BLA")
    assert amygdala[0] == amygdala[1] == amygdala[2] > amygdala[3] > 0


def test_light_on_reward_cells_is_a_reward_and_on_fear_cells_a_shock() -> None:
    """What was lit with cells of one half in a place is expected there a day later."""
    cells = {
        half: {"region": "BLA", "population": half, "share": 0.3}
        for half in ("negative", "positive")
    }

    def expected(**light: Any) -> Any:
        visit = {"do": "session", "name": "visit", "at_hours": 0, "context": "A", "minutes": 6}
        plan = protocol(timeline=[{**visit, **light}, probe("p")], cells=cells)
        records = [run_animal(plan, "g", animal, 1) for animal in range(3)]
        return np.mean([record.valence_by_moment[1].mean(axis=0) for record in records], axis=0)

    plain = expected()
    for number, half in enumerate(cells):
        lit = expected(light=[{"cells": half, "effect": "drive"}])
        assert lit[number] > plain[number] + 0.1
        assert lit[1 - number] < plain[1 - number] + 0.05


# Stress ------------------------------------------------------------------------------------------


def stressed(*steps: dict[str, Any], brain: Brain | None = None, animal: int = 0) -> AnimalRecord:
    training = {**TRAINING, "at_hours": 1, "shocks": SHOCKS}
    return run_animal(protocol(timeline=[*steps, training, probe("p")]), "g", animal, 1, brain)


STRESS = {"do": "stress", "at_hours": 0.5, "hours": 0.5}


@pytest.mark.parametrize("region", ["DG", "BLA"])
def test_stress_before_training_enlarges_engrams(region: str) -> None:
    def size(step: dict[str, Any]) -> float:
        cells = [stressed(step, animal=n).ieg[0, SLICES[region]] > 0.3 for n in range(4)]
        return float(np.mean(cells))

    plain, full = size(inert(0.5, 0.5)), size(STRESS)
    assert full > 1.15 * plain
    assert plain < size({**STRESS, "intensity": 0.5}) < full


@pytest.mark.parametrize("name", ["metyrapone", "mifepristone"])
def test_blockers_of_corticosterone_undo_stress(name: str) -> None:
    brain = Brain().with_parameters(blunting=0)  # the load is of stress itself
    treated = drug(name, 0.2, 100)
    unstressed = stressed(treated, inert(0.5, 0.5), brain=brain)
    assert identical(stressed(treated, STRESS, brain=brain), unstressed)
    assert not identical(
        stressed(inert(0.2, 100), STRESS, brain=brain),
        stressed(inert(0.2, 100), inert(0.5, 0.5), brain=brain),
    )


def test_stress_adds_up_and_ends() -> None:
    steps = [STRESS, {**STRESS, "at_hours": 0.8, "intensity": 0.5}]
    animal = reborn(protocol(*steps, probe("p")))
    stress = signal_index()["stress"]
    seen: list[tuple[float, float]] = []
    intervene = animal._intervene

    def watched(event: Any, step: int, hour: float) -> None:
        intervene(event, step, hour)
        seen.append((round(hour, 6), float(animal.network.signal[stress])))

    animal._intervene = watched  # type: ignore[method-assign]
    animal.live()
    levels = dict(seen)
    assert [levels[hour] for hour in (0.5, 0.8, 1.0, 1.3)] == [1, 1.5, 0.5, 0]


# Sleep and housing -------------------------------------------------------------------------------


def test_no_sleep_is_no_replay_and_less_synthesis() -> None:
    awake = {"do": "sleep_deprivation", "at_hours": 0.1, "hours": 5}
    kept = [
        strength(lived(step, probe("p", days=8 / 24)), "p", "CA3-CA1")
        for step in (inert(0.1, 5), awake)
    ]
    assert 0 < kept[1] < 0.9 * kept[0]
    at_night = {**awake, "at_hours": 10}
    block = {"do": "replay_block", "at_hours": 10, "hours": 5}
    no_capture = Brain().without("protein_capture")
    assert identical(
        lived(at_night, probe("p"), brain=no_capture), lived(block, probe("p"), brain=no_capture)
    )
    assert not identical(lived(block, probe("p")), lived(inert(10, 5), probe("p")))


def test_housing_multiplies_neurogenesis() -> None:
    def housing(factor: float) -> dict[str, Any]:
        return {"do": "housing", "at_hours": 0, "hours": 600, "neurogenesis": factor}

    late = probe("late", days=7)
    barren = lived(housing(0), late)
    assert same(barren, lived(inert(0, 600), late, brain=Brain().without("neurogenesis")), "late")
    assert same(lived(housing(1), late), lived(inert(0, 600), late), "late")
    threefold = Brain().with_parameters(
        neurogenesis_per_day=3 * Brain().parameters["neurogenesis_per_day"]
    )
    assert same(lived(housing(3), late), lived(inert(0, 600), late, brain=threefold), "late")
    assert not same(lived(housing(3), late), barren, "late")
    assert same(lived(housing(6), housing(0.5), late), lived(housing(3), housing(1), late), "late")


# Silence -----------------------------------------------------------------------------------------


def test_a_silenced_projection_is_silent_for_its_hours_only() -> None:
    tests = [probe("during"), probe("after", days=28 / 24)]
    silence = {"do": "silence", "projection": "CA1-BLA", "at_hours": 20, "hours": 6}
    plain, treated = lived(inert(20, 6), *tests), lived(silence, *tests)
    assert freezing(treated, "during") < freezing(plain, "during") - 20
    assert same(plain, treated, "after")


def test_two_silences_of_one_projection_end_with_the_second() -> None:
    silence = {"do": "silence", "projection": ["CA1-BLA"], "at_hours": 20, "hours": 3}
    later = {**silence, "projection": ["CA3-CA1", "CA1-BLA"], "at_hours": 22, "hours": 4}
    tests = [probe("first"), probe("after", days=28 / 24)]
    twice = lived(silence, later, *tests)
    once = lived(inert(20, 3), {**later, "at_hours": 22}, *tests)
    assert same(twice, once, "first")  # hour 24: the second still acts
    assert same(twice, lived(inert(20, 3), inert(22, 4), *tests), "after")


def test_without_the_reuniens_path_a_new_experience_takes_more_cells() -> None:
    silence = {"do": "silence", "projection": "PFC-CA1", "at_hours": 20, "hours": 6}
    new = probe("new", "C")

    def cells(step: dict[str, Any], *off: str) -> float:
        records = [lived(step, new, brain=Brain().without(*off), animal=n) for n in range(3)]
        return float(np.mean([record.ieg[-1, SLICES["CA1"]] > 0.3 for record in records]))

    assert cells(silence) > 1.1 * cells(inert(20, 6))
    assert cells(silence, "prefrontal_control") == cells(inert(20, 6), "prefrontal_control")


@pytest.mark.parametrize(
    "step",
    [
        {"do": "silence", "cells": "DG", "at_hours": 2, "hours": 10},
        {"do": "virus", "cells": "DG", "excitability": 1, "at_hours": 2, "hours": 10},
    ],
)
def test_what_ends_is_taken_back_from_the_cells_it_was_given_to(step: dict[str, Any]) -> None:
    plan = protocol(
        step,
        {"do": "tag", "name": "engram", "at_hours": 3, "hours": 1},
        {"do": "session", "name": "more", "at_hours": 3, "context": "C", "minutes": 4},
        probe("p"),
    )
    animal = reborn(plan)
    animal.live()
    assert not animal.blocked.any()
    assert not animal.network.neuron[variable_index()["virus_creb"]].any()


# Viruses, tags, births of synapses ---------------------------------------------------------------


def test_kat5_keeps_the_chromatin_of_its_cells_open_while_it_is_there() -> None:
    virus = {"do": "virus", "what": "KAT5", "cells": "three", "acetylation": 0.6, "at_hours": 10}
    record = lived({**virus, "hours": 20}, probe("during"), probe("after", days=6))
    ours = record.cell_sets["three"]
    assert np.all(state(record, "during", "chromatin")[ours] == np.float32(0.6))
    assert np.all(state(record, "after", "chromatin")[ours] < 0.3)
    others = state(record, "during", "chromatin")[~ours]
    assert np.all(others < 0.6)


def test_overlapping_windows_of_a_tag_are_their_union() -> None:
    plan = protocol(
        {"do": "tag", "name": "unused", "at_hours": 1, "hours": 3},
        {"do": "tag", "name": "unused", "at_hours": 2, "hours": 6},
        {"do": "session", "name": "in-the-second", "at_hours": 5, "context": "C", "minutes": 2},
    )
    record = run_animal(plan, "g", 0, 1)
    np.testing.assert_array_equal(record.tags["unused"], record.ieg[1] > 0.3)


def test_prefrontal_input_to_the_amygdala_is_born_silent_and_gains_strength_at_night() -> None:
    record = lived(probe("evening", days=8 / 24), probe("later", days=3))
    q = PROJECTIONS.index("PFC-BLA")
    evening, later = record.strength[1, q], record.strength[2, q]
    assert evening[0] == 0
    assert evening[1] > 0
    assert later[0] > 0


def test_time_passes_to_the_last_event_and_no_further() -> None:
    animal = reborn(protocol(inert(30, 5), probe("p")))
    animal.live()
    assert animal.network.signal[CLOCK] == 35
