"""What the brain must show: one parameter set, 12 animals a group, predicates fixed beforehand.

``>>`` is larger by at least 20 points of freezing, ``~`` within 10 points, as in
``shared/evidence/findings.md``. The seed is the user's choice: ENGRAMLAB_TEST_SEED (default 1).
"""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import engramlab as lab
from engramlab.measures import difference, overlap_over_chance

SEED = int(os.environ.get("ENGRAMLAB_TEST_SEED", "1"))
MUCH, ABOUT = 20.0, 10.0
ENGRAM_SIZE = {"DG": (2, 6), "CA3": (5, 15), "CA1": (8, 20), "PFC": (4, 20), "BLA": (5, 20)}


@cache
def experiment(name: str) -> lab.Experiment:
    return lab.run(name, animals=12, seed=SEED, workers=1)


def freezing(name: str, group: str, session: str) -> NDArray[np.float64]:
    scores = np.asarray(experiment(name).freezing[session].xs(group), np.float64)
    assert np.isfinite(scores).all()
    return scores


def much_more(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """At least 20 points more, and surely more."""
    estimate = difference(first, second)
    return estimate.value >= MUCH and estimate.low > 0


def about(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    return abs(difference(first, second).value) <= ABOUT


def test_recall_after_a_day_is_specific_and_needs_the_shock() -> None:
    trained = freezing("contextual-fear", "shock", "A-day-1")
    assert much_more(trained, freezing("contextual-fear", "shock", "C-day-1"))
    assert much_more(trained, freezing("contextual-fear", "no-shock", "A-day-1"))


@pytest.mark.parametrize("region", list(ENGRAM_SIZE))
def test_engrams_have_their_published_size(region: str) -> None:
    data = experiment("contextual-fear").data
    tags = data["tagged"].sel(tag="engram").values[:, data["region"].values == region]
    size = 100 * tags[data["group"].values == "shock"].mean()
    low, high = ENGRAM_SIZE[region]
    assert low <= size <= high


def test_fear_generalizes_with_time_while_recall_stays() -> None:
    early, late = (freezing("contextual-fear", "shock", f"C-day-{day}") for day in (1, 28))
    assert difference(late, early).value >= 15
    trained = freezing("contextual-fear", "shock", "A-day-28")
    assert difference(trained, freezing("contextual-fear", "shock", "A-day-1")).high > 0


def test_hippocampus_is_needed_early_and_not_late() -> None:
    name = "lesion-timeline"
    lesioned = {
        day: freezing(name, f"lesion-day-{day}", f"recall-day-{day}") for day in (1, 7, 14, 28)
    }
    intact = {day: freezing(name, "intact", f"recall-day-{day}") for day in (1, 28)}
    assert lesioned[1].mean() < 10  # abolished: as an untrained mouse
    assert much_more(intact[1], lesioned[1])
    assert much_more(lesioned[28], lesioned[1])
    assert difference(intact[28], lesioned[28]).value < MUCH  # not abolished
    assert lesioned[7].mean() < lesioned[14].mean()


def test_light_on_tagged_cells_recalls_elsewhere_and_only_what_was_learned() -> None:
    name = "artificial-recall"
    off, on = (freezing(name, "fear", f"light-{state}") for state in ("off", "on"))
    assert much_more(on, off)
    assert about(freezing(name, "no-shock", "light-on"), freezing(name, "no-shock", "light-off"))


def test_light_on_a_neutral_memory_recalls_no_fear() -> None:
    name, control = "artificial-recall", "neutral-tag"
    assert about(freezing(name, control, "light-on"), freezing(name, control, "light-off"))


def test_the_neutral_tag_control_is_afraid_of_what_it_was_trained_to_fear() -> None:
    """Without this the control above would also pass in animals that learned nothing."""
    name = "artificial-recall"
    trained = freezing(name, "neutral-tag", "recall-A")
    assert much_more(trained, freezing(name, "neutral-tag", "light-off"))


def test_light_recall_survives_anisomycin_and_natural_recall_does_not() -> None:
    name = "silent-engram"
    assert much_more(freezing(name, "saline", "recall-A"), freezing(name, "anisomycin", "recall-A"))
    on, off = (freezing(name, "anisomycin", f"light-{state}") for state in ("on", "off"))
    assert much_more(on, off)
    assert difference(on, freezing(name, "anisomycin", "recall-A")).low > 0


def test_connectivity_outlives_strength_under_anisomycin() -> None:
    data = experiment("silent-engram").data.sel(session="recall-A")
    treated = data["group"].values == "anisomycin"
    for projection in ("CA3-CA3", "CA3-CA1", "CA1-BLA"):
        strength = data["strength"].sel(projection=projection).values
        contacts = data["connectivity"].sel(projection=projection).values
        assert strength[treated].mean() < 0.25 * strength[~treated].mean()
        assert contacts[treated].mean() > 0.75 * contacts[~treated].mean()


def test_creb_cells_are_over_represented_in_an_engram_of_the_same_size() -> None:
    data = experiment("creb-allocation").data
    here = data["population"].values == "negative"
    tags = data["tagged"].sel(tag="engram").values[:, here]
    cells = data["in_cell_set"].sel(cell_set="creb").values[:, here]
    with_creb = data["group"].values == "creb"
    ratios = [overlap_over_chance(a, b) for a, b in zip(cells, tags, strict=True)]
    assert 2 <= np.mean(np.array(ratios)[with_creb]) <= 4
    assert 0.6 <= np.mean(np.array(ratios)[~with_creb]) <= 1.4
    assert 0.75 <= tags[with_creb].mean() / tags[~with_creb].mean() <= 1.25


def test_silencing_creb_cells_hurts_and_as_many_random_cells_do_not() -> None:
    name = "creb-allocation"
    intact = freezing(name, "creb", "recall")
    assert much_more(intact, freezing(name, "creb", "recall-creb-silenced"))
    assert about(intact, freezing(name, "creb", "recall-random-silenced"))
    control = freezing(name, "control", "recall")
    assert about(control, freezing(name, "control", "recall-creb-silenced"))


def test_light_on_a_safe_place_during_shock_makes_a_false_memory_of_it() -> None:
    name = "false-memory"
    feared = freezing(name, "light", "test-A")
    assert much_more(feared, freezing(name, "light", "test-C"))
    assert much_more(feared, freezing(name, "no-light", "test-A"))


def test_light_on_another_place_makes_no_false_memory() -> None:
    name = "false-memory"
    feared = freezing(name, "light", "test-A")
    assert much_more(feared, freezing(name, "tag-C", "test-A"))


def test_recall_becomes_selective_within_a_day() -> None:
    """Tomé et al. 2024 in direction; the size of early freezing is off and said so in the docs."""
    table = {
        (place, hour): freezing("engram-selectivity", "trained", f"{place}-{hour}h")
        for place in ("A", "novel")
        for hour in (1, 5, 12, 24)
    }
    assert not much_more(table["A", 1], table["novel", 1])
    assert much_more(table["A", 24], table["novel", 24])
