"""Protein x tag: the fate of labile strength against its equations, with every block."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from engramlab.brain.anatomy import REGIONS
from engramlab.brain.mechanisms.protein_capture import (
    capture,
    captured_share,
    elapse,
    end_session,
)

LABILE, PROTEIN, TAG = 10.0, 3.0, 2.0  # time constants, h
PER_HOUR, SLEEP_LOSS = 3.0, 0.6
DELAY = 1.25  # h from message to protein
HIPPOCAMPUS = ("DG", "CA3", "CA1")


class Place(NamedTuple):
    """Of a network, the regions alone."""

    region: NDArray[np.void]


def place(home: str) -> Place:
    """A brain of one neuron, which is in this region."""
    region = np.zeros(len(REGIONS), [("start", np.int64), ("stop", np.int64)])
    here = [one.name for one in REGIONS].index(home)
    region["start"], region["stop"] = (
        np.arange(len(REGIONS)) > here,
        np.arange(len(REGIONS)) >= here,
    )
    return Place(region)


@dataclass(frozen=True)
class Neuron:
    """What decides on the labile strength onto one neuron, in the order of the kernel."""

    protein: float = 0.0
    restorage: float = 0.0
    capture_tag: float = 0.0
    synthesis_block: float = 0.0
    acetylation_block: float = 0.0
    consolidation_block: float = 0.0
    restorage_block: float = 0.0


def fate(
    hours: float,
    neuron: Neuron,
    sleepless: float = 0.0,
    forget: float = 0.0,
    home: str = "CA1",
) -> tuple[float, float]:
    """Shares that stay labile and that are protected at the end."""
    survival, captured = np.array([math.exp(-hours / LABILE)]), np.zeros(1)
    arguments: list[Any] = [place(home), survival, captured, hours, forget]
    arguments += [np.array([value], np.float32) for value in asdict(neuron).values()]
    arguments += [np.array([sleepless]), LABILE, PROTEIN, TAG, PER_HOUR, SLEEP_LOSS]
    capture(*arguments)
    return float(survival[0]), float(captured[0])


def solved(hours: float, neuron: Neuron, sleepless: float, forget: float) -> NDArray[np.float64]:
    """The same by numerical integration of five pools."""
    awake = 1 - SLEEP_LOSS * sleepless
    synthesis = max(0, 1 - max(neuron.synthesis_block, 0.95 * neuron.acetylation_block)) * awake
    of_new = max(0, 1 - neuron.consolidation_block)
    of_recalled = max(0, 1 - neuron.restorage_block)

    def equations(_: float, y: NDArray[np.float64]) -> list[float]:
        protein, restorage, tag, labile, protected = y
        flow = PER_HOUR * tag * (protein * of_new + restorage * of_recalled) * synthesis * labile
        return [
            -protein / PROTEIN,
            -restorage / PROTEIN,
            -tag / TAG,
            -labile / LABILE - flow,
            flow - forget * protected,
        ]

    start = [neuron.protein, neuron.restorage, neuron.capture_tag, 1, 0]
    return np.asarray(solve_ivp(equations, (0, hours), start, rtol=1e-9, atol=1e-12).y[3:, -1])


# Never so little that the kernel leaves it out, as what no one could measure.
amount = st.floats(0.125, 1, width=32)
dose = st.sampled_from([0.0, 0.25, 0.5, 0.75])
full = Neuron(protein=1.0, restorage=0.5, capture_tag=1.0)


@example(hours=8.0, neuron=full, sleepless=0.0, forget=0.01)
@example(hours=8.0, neuron=full, sleepless=0.0, forget=1 / LABILE)  # as fast as it fades
@example(hours=8.0, neuron=full, sleepless=1.0, forget=0.01)
@example(hours=8.0, neuron=replace(full, synthesis_block=0.6), sleepless=0.0, forget=0.01)
@example(hours=8.0, neuron=replace(full, acetylation_block=0.6), sleepless=0.0, forget=0.01)
@example(hours=8.0, neuron=replace(full, consolidation_block=0.6), sleepless=0.0, forget=0.01)
@example(hours=8.0, neuron=replace(full, restorage_block=0.6), sleepless=0.0, forget=0.01)
@given(
    hours=st.floats(0.01, 60),
    neuron=st.builds(Neuron, amount, amount, amount, dose, dose, dose, dose),
    sleepless=st.sampled_from([0.0, 1.0]),
    forget=st.sampled_from([0.0, 1 / 480, 1 / 24, 1 / LABILE]),
)
@settings(max_examples=40)
def test_capture_in_closed_form_is_the_solution_of_its_equations(
    hours: float, neuron: Neuron, sleepless: float, forget: float
) -> None:
    np.testing.assert_allclose(
        fate(hours, neuron, sleepless, forget),
        solved(hours, neuron, sleepless, forget),
        rtol=1e-5,
        atol=2e-4,
    )


@given(st.floats(0.01, 1), st.floats(0.01, 60), st.floats(0.1, 6))
@settings(max_examples=40)
def test_the_series_is_the_integral(made: float, hours: float, per_hour: float) -> None:
    def equations(t: float, y: NDArray[np.float64]) -> list[float]:
        flow = per_hour * made * math.exp(-t / 3.0) * y[0]
        return [-y[0] / 5.0 - flow, flow]

    exact = solve_ivp(equations, (0, hours), [1.0, 0.0], rtol=1e-9, atol=1e-12).y[:, -1]
    np.testing.assert_allclose(
        captured_share(made, hours, 1 / 5, 3.0, per_hour), exact, rtol=1e-5, atol=1e-8
    )


@given(st.floats(0.01, 1), st.floats(0.01, 200), st.floats(0.1, 6))
def test_capture_conserves_strength_when_nothing_fades(
    made: float, hours: float, per_hour: float
) -> None:
    survival, captured = captured_share(made, hours, 0.0, 3.0, per_hour)
    assert survival + captured == pytest.approx(1.0, abs=1e-9)


@given(
    st.floats(0.1, 20),
    st.floats(0.1, 20),
    st.builds(Neuron, amount, amount, amount),
    st.sampled_from([0.0, 1 / 24]),
)
def test_a_gap_may_be_split(first: float, second: float, neuron: Neuron, forget: float) -> None:
    pools = [neuron.protein, neuron.restorage, neuron.capture_tag]
    later: list[Any] = [np.array([value], np.float32) for value in pools]
    waiting = [np.zeros(1, np.float32) for _ in range(3)]
    arguments = [*later, *waiting, first, PROTEIN, TAG]
    elapse(*arguments)
    half, protected = fate(first, neuron, forget=forget)
    rest, more = fate(second, Neuron(*(float(pool[0]) for pool in later)), forget=forget)
    np.testing.assert_allclose(
        (half * rest, protected * math.exp(-forget * second) + half * more),
        fate(first + second, neuron, forget=forget),
        atol=3e-4,
    )


FULL = Neuron(protein=1.0, capture_tag=1.0)
RECALLED = Neuron(restorage=1.0, capture_tag=1.0)


def test_protein_and_tag_are_both_needed() -> None:
    survival, captured = fate(24.0, FULL)
    # All that flows from p = exp(-t (1/3 + 1/2)): b = 3 / (5/6) = 3.6.
    assert captured > 0.9 * (1 - math.exp(-3.6))
    assert survival < math.exp(-3.6)
    for lacking in (replace(FULL, protein=0.0), replace(FULL, capture_tag=0.0)):
        assert fate(24.0, lacking) == (math.exp(-24 / LABILE), 0.0)


@pytest.mark.parametrize(
    ("block", "stops_new", "stops_recalled"),
    [
        ("synthesis_block", True, True),
        ("consolidation_block", True, False),
        ("restorage_block", False, True),
    ],
)
@pytest.mark.parametrize("dose_", [1.0, 3.0])
def test_each_block_stops_its_own_path_and_no_other(
    block: str, stops_new: bool, stops_recalled: bool, dose_: float
) -> None:
    for neuron, stopped in ((FULL, stops_new), (RECALLED, stops_recalled)):
        treated = fate(12.0, replace(neuron, **{block: dose_}))
        assert treated == ((math.exp(-12 / LABILE), 0.0) if stopped else fate(12.0, neuron))


def test_partial_blocks_have_partial_effects() -> None:
    captured = [
        fate(12.0, neuron, sleepless)[1]
        for neuron, sleepless in (
            (FULL, 0.0),
            (FULL, 1.0),  # 0.4 of the synthesis
            (replace(FULL, synthesis_block=0.6), 0.0),  # the same
            (replace(FULL, acetylation_block=1.0), 0.0),  # 0.2 of it
            (replace(FULL, acetylation_block=1.0, synthesis_block=0.6), 0.0),  # the stronger one
        )
    ]
    assert captured[0] > captured[1] > captured[3] > 0
    assert captured[1] == pytest.approx(captured[2], rel=1e-6)
    assert captured[3] == captured[4]


@pytest.mark.parametrize("home", [region.name for region in REGIONS])
def test_loss_of_sleep_acts_on_hippocampus_alone(home: str) -> None:
    rested, tired = (fate(12.0, FULL, sleepless, home=home) for sleepless in (0.0, 1.0))
    if home in HIPPOCAMPUS:
        as_if = fate(12.0, replace(FULL, synthesis_block=SLEEP_LOSS), home=home)
        assert tired == pytest.approx(as_if, rel=1e-5)
        assert tired[1] < rested[1]
    else:
        assert tired == rested


def session_end(
    peak: list[float], salient: float, restored: float, broadcast: float = 0.5
) -> tuple[list[float], list[float], float]:
    protein = np.array([0.0, 0.0, 0.9], np.float32)
    wait = np.zeros(3, np.float32)
    tag = np.array([0.0, 0.8, 0.0], np.float32)
    sum_of_session, strength = np.array([salient]), np.zeros(1)
    end_session(
        protein,
        wait,
        tag,
        np.array(peak, np.float32),
        sum_of_session,
        strength,
        np.array([restored], np.float64),
        1.2,
        broadcast,
        DELAY,
    )
    made = 1.0 if strength[0] > 0 else 0.0
    assert wait.tolist() == pytest.approx([DELAY * made] * 3)
    assert sum_of_session[0] == 0  # the next session starts anew
    return protein.tolist(), tag.tolist(), float(strength[0])


def test_a_strong_session_makes_protein_and_tags_what_was_active() -> None:
    protein, tag, strength = session_end([0.6, 0.4, 0.2], salient=1.2, restored=0.0)
    s = 1 - math.exp(-1)
    assert strength == pytest.approx(s)
    assert protein == pytest.approx([0.9 * s, 0.6 * s, 1.0])  # at least the broadcast, at most 1
    assert tag == pytest.approx([0.9, 0.8, 0.3])  # an older tag stays where it is stronger
    assert session_end([1, 1, 1], salient=0.0, restored=0.0)[0] == pytest.approx([0, 0, 0.9])


def test_protein_is_there_after_its_delay_however_the_time_is_split() -> None:
    protein, restorage, tag = (np.full(1, value, np.float32) for value in (0.2, 0.0, 1.0))
    message, restoring, wait = (np.full(1, value, np.float32) for value in (0.6, 2.0, DELAY))
    for hours in (0.5, 0.25):
        elapse(protein, restorage, tag, message, restoring, wait, hours, PROTEIN, TAG)
    assert protein[0] == pytest.approx(0.2 * math.exp(-0.75 / PROTEIN))
    assert restorage[0] == 0
    elapse(protein, restorage, tag, message, restoring, wait, DELAY - 0.75, PROTEIN, TAG)
    assert protein[0] == pytest.approx(0.6 + 0.2 * math.exp(-DELAY / PROTEIN))
    assert restorage[0] == 2.0
    assert message[0] == restoring[0] == wait[0] == 0  # once


def test_what_is_restored_is_not_stored_anew() -> None:
    plain, half, whole = (session_end([1, 0, 0], 1.2, restored)[2] for restored in (0, 0.5, 1))
    assert half == pytest.approx(0.5 * plain)
    assert whole == 0
