"""Regions as equations in NumPy: competition, recurrence, contacts, hormones, cortex."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
import pytest
from networks import (
    PROJECTIONS,
    REGIONS,
    activate,
    copy,
    dense,
    fill,
    laid_out,
    network,
    parameter,
    place,
    row,
    signal,
)
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanism import SETTLED
from engramlab.brain.mechanisms.feedforward_inhibition import feedforward_input
from engramlab.engine.animal import Animal
from engramlab.engine.circuit import begin_moment, fire, jitter, mean_hormone, respond
from engramlab.engine.network import Network
from engramlab.engine.session import run_session
from engramlab.protocol import Protocol

QUIET = Brain().with_parameters(drive_noise=0)
Rates = NDArray[np.float64]


def settled(drive: Rates, threshold: float, slope: float, active: float) -> Rates:
    """Rates under the smallest inhibition that keeps their sum, by bisection."""

    def rates(inhibition: float) -> Rates:
        return np.clip((drive - inhibition) / slope, 0, 1)

    low, high = threshold, max(threshold, float(drive.max()))
    if rates(low).sum() <= active:
        return rates(low)
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rates(middle).sum() > active else (low, middle)
    return rates(high)


def ca3_by_hand(built: Network, passed: float) -> Rates:
    """CA3's response to its input, with recurrent drive let through by this share."""
    region = built.region[REGIONS.index("CA3")]
    base, learned = np.zeros(300), np.zeros(300)
    for name in ("DG-CA3", "EC-CA3"):
        q = PROJECTIONS.index(name)
        before = row(built, "rate")[place(name[:2])].astype(float)
        fired = np.where(before > 0.02, before, 0)
        base += fired @ dense(built, q, built.base)
        learned += fired @ dense(built, q, built.protected)
    natural = sum(p.base_drive for p in Brain().projections if p.post == "CA3")
    strong = max(1, base.sum() / (natural * 300)) ** parameter("recruitment")
    limits = float(region["threshold"]), float(region["slope"]), float(region["active"]) * strong
    recurrent = dense(built, PROJECTIONS.index("CA3-CA3"), built.protected)
    rate = settled(base + learned, *limits)
    for _ in range(int(region["passes"])):
        fired = np.where(rate > 0.02, rate, 0)
        rate = settled(base + learned + passed * (fired @ recurrent), *limits)
    return rate


def trained_hippocampus(brain: Brain = QUIET) -> Network:
    built = network(brain=brain)
    activate(built, PROJECTIONS.index("DG-CA3"))
    fill(built, SETTLED)
    built.labile[:] = 0.0
    for q in range(len(PROJECTIONS)):
        p = built.projection[q]
        part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
        built.protected[part] *= np.float32(0.5 * p["ceiling"])
    return built


@pytest.mark.parametrize("contacts", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("switched_on", [True, False])
def test_feed_forward_contacts_hold_back_the_recurrence_of_ca3(
    contacts: float, switched_on: bool
) -> None:
    built = trained_hippocampus(QUIET if switched_on else QUIET.without("feedforward_inhibition"))
    row(built, "feedforward")[:] = contacts
    rates = np.minimum(1, row(built, "rate")[place("DG")].astype(float))
    dentate = built.region[REGIONS.index("DG")]
    level = float((rates * contacts).sum() / dentate["active"])
    passed = 1 - parameter("feedforward_share") * level / (level + 0.25) if switched_on else 1
    expected = ca3_by_hand(built, passed)
    cells = (dentate["start"], dentate["stop"], dentate["active"])
    found = feedforward_input(row(built, "rate"), row(built, "feedforward"), *cells)
    assert found == pytest.approx(level)
    ca3 = np.int64(REGIONS.index("CA3"))
    respond(built, ca3, np.int64(ca3 + 1), np.uint64(1))
    np.testing.assert_allclose(row(built, "rate")[place("CA3")], expected, atol=2e-3)
    if contacts == 2 and switched_on:  # or the test above could not tell
        assert np.abs(ca3_by_hand(built, 1.0) - expected).max() > 0.05


def fired(built: Network, region: str, learned: float = 0.0, base: float = 5.0) -> Rates:
    """Let a region fire with more drive than inhibition allows, or with little learned drive."""
    number = np.int64(REGIONS.index(region))
    entry = built.region[number]
    n = int(entry["stop"] - entry["start"])
    mean_hormone(built)
    drives = np.full(n, base, np.float32) + np.linspace(0, 1, n, dtype=np.float32) * (base > 0)
    fire(
        built,
        number,
        drives,
        np.full(n, learned, np.float32),
        np.zeros(n, np.float32),
        float(entry["threshold"]),
        float(entry["slope"]),
        1.0,
        jitter(built, number, np.uint64(1)),
    )
    return row(built, "rate")[place(region)].astype(float)


@pytest.mark.parametrize("region", ["DG", "CA3", "CA1", "PFC", "BLA"])
@pytest.mark.parametrize("novelty", [0.0, 0.5, 1.0])
def test_hormone_and_prefrontal_silence_enlarge_what_fires_by_their_factors(
    region: str, novelty: float
) -> None:
    hormone, endocannabinoids, control = 0.5, 0.4, 0.25
    disinhibited = 1 + parameter("disinhibition") * hormone * (1 - endocannabinoids) * novelty
    uncontrolled = 1 + parameter("control_loss") * (1 - control) * novelty
    for off, factors in (
        ((), (disinhibited, uncontrolled)),
        (("glucocorticoids",), (1.0, uncontrolled)),
        (("prefrontal_control",), (disinhibited, 1.0)),
    ):
        built = network(brain=QUIET.without(*off))
        row(built, "glucocorticoid")[:] = hormone
        row(built, "endocannabinoid_block")[:] = endocannabinoids
        signal(built, "session_novelty")[0] = novelty
        signal(built, "control")[0] = control
        expected = float(built.region[REGIONS.index(region)]["active"])
        expected *= factors[0] if region in ("DG", "CA1", "BLA") else 1
        expected *= factors[1] if region in ("CA3", "CA1") else 1
        assert fired(built, region).sum() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("region", ["DG", "CA3", "CA1", "PFC", "BLA"])
@pytest.mark.parametrize("hormone", [0.0, 0.5, 2.0])
def test_hormone_impairs_recall_by_ca3_and_ca1_alone(region: str, hormone: float) -> None:
    built = network(brain=QUIET.without("competition"))
    row(built, "glucocorticoid")[:] = hormone
    heard = 1 - parameter("recall_impairment") * min(1, hormone) if region in ("CA3", "CA1") else 1
    entry = built.region[REGIONS.index(region)]
    drive = float(entry["threshold"] + 0.6 * entry["slope"])
    expected = np.clip((heard * drive - entry["threshold"]) / entry["slope"], 0, 1)
    found = fired(built, region, learned=drive, base=0.0)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert expected > 0 or heard < 1


@pytest.mark.parametrize("rest", [0.0, 0.5, 1.0, None])
@pytest.mark.parametrize(
    ("reuniens", "silenced", "activity"),
    [(0.0, 0, 0.4), (1.0, 0, 0.0), (0.0, 399, 0.4), (0.0, 400, 0.0)],
)
def test_control_is_a_share_of_prefrontal_activity_unless_it_or_its_path_is_silent(
    reuniens: float, silenced: int, activity: float, rest: float | None
) -> None:
    brain = Brain() if rest is None else Brain().with_parameters(control_rest=rest)
    built = network(brain=brain)
    signal(built, "cortex_now")[0] = 0.4
    signal(built, "reuniens_block")[0] = reuniens
    row(built, "silenced")[place("PFC")][:silenced] = 1.0
    begin_moment(built)
    share = parameter("control_rest") if rest is None else rest
    assert signal(built, "control")[0] == pytest.approx(share * activity, abs=1e-12)


SHORT = Protocol.create(
    name="t",
    contexts={"A": {}},
    cues={"tone": {}},
    groups={"g": {}},
    timeline=[
        {
            "do": "session",
            "name": "training",
            "at_hours": 0,
            "context": "A",
            "minutes": 4,
            "shocks": {"at_minutes": [2, 3], "shock_mA": 0.75},
            "cue": {"name": "tone", "at_minutes": [2, 3]},
        },
        {"do": "session", "name": "end", "at_days": 2, "context": "A", "minutes": 0.5},
    ],
)


def visit(animal: Animal, built: Network, *, learning: bool = False) -> Rates:
    """Two minutes in A with a tone in one; what every neuron, the amygdala and freezing did."""
    cues = (None, None, "tone", "tone")
    freezing, valence = np.zeros(4), np.zeros((4, 2))
    run_session(
        built,
        animal.features.session("visit", "A", 48.0, cues),
        animal.features.part_of("A"),
        np.zeros(4),
        np.zeros(4),
        np.zeros((0, built.neuron.shape[1]), np.float32),
        np.zeros((0, 4), np.bool_),
        learning,
        np.uint64(5),
        freezing,
        valence,
    )
    return np.concatenate([row(built, "mean_rate"), freezing, valence.ravel()])


@pytest.fixture(scope="module")
def trained() -> Animal:
    animal = Animal(SHORT, "g", 0, 1, Brain())
    animal.live()
    animal.network = laid_out(animal.network)
    return animal


def test_silencing_a_projection_is_taking_its_weights_away(trained: Animal) -> None:
    intact = visit(trained, copy(trained.network))
    without_effect = set()
    for q, name in enumerate(PROJECTIONS):
        closed, empty = copy(trained.network), copy(trained.network)
        closed.projection["open"][q] = False
        p = empty.projection[q]
        part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
        for pool in (empty.base, empty.labile, empty.protected, empty.silent):
            pool[part] = 0.0
        found = visit(trained, closed)
        np.testing.assert_array_equal(found, visit(trained, empty), err_msg=name)
        if np.array_equal(found, intact):
            without_effect.add(name)
    assert without_effect == {"CA1-EC"}  # carries activity in sleep only


def test_a_visit_on_a_copy_changes_no_synapse(trained: Animal) -> None:
    built = copy(trained.network)
    visit(trained, built)
    for name in ("rows", "labile", "protected", "silent", "base", "target"):
        np.testing.assert_array_equal(getattr(built, name), getattr(trained.network, name))


def test_extinction_is_tagged_only_where_prefrontal_cortex_was_active(trained: Animal) -> None:
    """The tags of positive amygdala cells, on which what they learned depends overnight."""
    positive = slice(place("BLA").start + 150, place("BLA").stop)
    negative = slice(place("BLA").start, place("BLA").start + 150)
    tags = {}
    for silenced in (False, True):
        built = copy(trained.network)
        row(built, "capture_tag")[:] = 0.0
        row(built, "silenced")[place("PFC")] = float(silenced)
        row(built, "virus_creb")[positive][:20] = 3.0  # so that some of them fire
        visit(trained, built, learning=True)
        tags[silenced] = row(built, "capture_tag").copy()
        assert signal(built, "cortex_active")[0] == signal(built, "cortex_moments")[0] == 0
    assert tags[False][positive].any()
    assert not tags[True][positive].any()
    assert tags[True][negative].any()


@pytest.mark.parametrize(("active", "share"), [(0.0, 0.0), (3.0, 0.3), (25.0, 1.0)])
def test_the_prefrontal_gate_is_the_mean_share_that_was_active(active: float, share: float) -> None:
    from engramlab.brain.mechanisms.prefrontal_control import end_session

    built = network()
    row(built, "capture_tag")[:] = 0.8
    signal(built, "cortex_active")[0], signal(built, "cortex_moments")[0] = active, 10.0
    end_session(
        built,
        row(built, "capture_tag"),
        signal(built, "cortex_active"),
        signal(built, "cortex_moments"),
    )
    expected = np.full(built.neuron.shape[1], 0.8)
    expected[place("BLA").start + 150 : place("BLA").stop] *= share
    np.testing.assert_allclose(row(built, "capture_tag"), expected, rtol=1e-6)
