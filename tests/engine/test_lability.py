"""When recall opens a memory, by hand, and what that does to its synapses."""

# mypy: allow-untyped-calls
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from networks import PROJECTIONS, connected, copy, dense, fill, network, place, row, signal

from engramlab.brain.mechanism import NEVER, SETTLED
from engramlab.brain.mechanisms.lability import elapse, end_session
from engramlab.engine.network import Network

SIGNALS = (
    "shock_sum",
    "reminder",
    "reminder_cue",
    "reminder_peak",
    "reminder_outcome",
    "reminder_cortical",
    "restorage_strength",
)
PARAMETERS = (
    0.9,  # destabilised
    0.1,  # surprise_threshold
    2.0,  # reminder_base
    12.0,  # reminder_strength
    10.0,  # reminder_age
    28.0,  # reminder_limit
    10.0,  # reminder_chromatin
    0.9,  # restorage_gain
    1.25,  # synthesis_delay_hours
)


@dataclass(frozen=True)
class Recall:
    """A session in which something was recalled."""

    moments: float
    expected: float = 0.4
    outcome: float = 0.0
    cortical: float = 0.0
    chromatin: float = 0.0
    resistance: float = 0.0


def recall(built: Network, session: Recall) -> float:
    """End a session; return how far it opened the memory."""
    row(built, "chromatin")[:] = session.chromatin
    row(built, "resistance")[:] = session.resistance
    values = (
        session.outcome,
        session.moments,
        1.0,
        session.expected,
        session.outcome,
        session.cortical,
        0.0,
    )
    for name, value in zip(SIGNALS, values, strict=True):
        signal(built, name)[0] = value
    own = (
        *("peak", "restorage_message", "synthesis_wait", "chromatin", "resistance"),
        "destabilisation_block",
    )
    arguments: list[Any] = [built]
    arguments += [row(built, name) for name in own] + [signal(built, name) for name in SIGNALS]
    arguments += PARAMETERS
    end_session(*arguments)
    for name in SIGNALS[:5]:
        assert signal(built, name)[0] == 0  # the next session starts anew
    return float(signal(built, "restorage_strength")[0])


MIN = 2  # moments in a minute


@pytest.mark.parametrize(
    ("session", "opening"),
    [
        # (n - need) / 3, need = 2
        (Recall(1 * MIN), 0),
        (Recall(1.5 * MIN), 1 / 3),
        (Recall(2 * MIN), 2 / 3),
        (Recall(3 * MIN), 1),
        # One cue of six moments is enough where three minutes are.
        (Recall(6), 1),
        # From 28 moments on it closes, at 42 it is closed: 1 - (2 * 35 / 28 - 2) at 35.
        (Recall(14 * MIN), 1),
        (Recall(35), 0.5),
        (Recall(30 * MIN), 0),
        # A resistant memory needs 12 x 0.25 moments more, an old one 10 x its cortical share.
        (Recall(3 * MIN, resistance=1.25), 1 / 3),
        (Recall(4 * MIN, resistance=1.25), 1),
        (Recall(3 * MIN, resistance=1.0), 1),  # one full shock leaves no resistance
        (Recall(3 * MIN, cortical=1.0), 0),
        (Recall(14, cortical=1.0), 2 / 3),
        (Recall(3 * MIN, cortical=0.25), 0.5),
        # Open chromatin of the recalled cells stands for 10 x 0.5 of those moments.
        (Recall(14, cortical=1.0, chromatin=0.5), 1),
        (Recall(1 * MIN, chromatin=0.2), 2 / 3),
        # |US - E|: nothing below 0.1, all above 0.25, a shock as expected closes.
        (Recall(3 * MIN, expected=0.1), 0),
        (Recall(3 * MIN, expected=0.175), 0.5),
        (Recall(3 * MIN, outcome=0.4), 0),
        (Recall(3 * MIN, outcome=0.35), 0),
        (Recall(3 * MIN, outcome=0.575), 0.5),
        (Recall(3 * MIN, outcome=0.9), 1),
        # Nothing was expected: nothing is opened, whatever comes.
        (Recall(3 * MIN, expected=0.0, outcome=0.9), 0),
    ],
)
def test_the_opening_by_hand(session: Recall, opening: float) -> None:
    built = network()
    row(built, "peak")[place("BLA")] = 0.5
    assert recall(built, session) == pytest.approx(opening, abs=1e-6)


def test_chromatin_counts_in_negative_cells_that_were_recalled() -> None:
    for active, expected in ((place("BLA").start, 2 / 3), (place("BLA").start + 150, 0)):
        built = network()  # one cell that is active, negative or positive
        row(built, "peak")[active] = 0.5
        assert recall(built, Recall(1 * MIN, chromatin=0.2)) == pytest.approx(expected, abs=1e-6)


def recalled_network() -> Network:
    built = network()
    fill(built, SETTLED)
    built.labile[:] = 0.125
    random = np.random.default_rng(3)
    peak = row(built, "peak")
    peak[:] = random.random(peak.size) * (random.random(peak.size) < 0.5)
    return built


@pytest.mark.parametrize("projection", ["CA3-CA1", "CA1-BLA", "EC-BLA", "PFC-PFC"])
@pytest.mark.parametrize("block", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("moments", [6, 3])
def test_strength_among_recalled_cells_becomes_labile(
    projection: str, block: float, moments: int
) -> None:
    built, q = recalled_network(), PROJECTIONS.index(projection)
    row(built, "destabilisation_block")[:] = block
    before = copy(built)
    opening = recall(built, Recall(moments))
    p = built.projection[q]
    peak = row(built, "peak").astype(float)
    first = int(built.region[p["pre"]]["start"] + p["first_cell"])
    r = peak[first : first + int(p["cells"])]
    s = peak[built.region[p["post"]]["start"] : built.region[p["post"]]["stop"]]
    r, s = np.where(r > 0.1, r, 0), np.where(s > 0.1, s, 0)
    share = 0.9 * opening * max(0, 1 - block) * np.minimum(1, 2 * np.outer(r, s))
    old = dense(before, q, before.protected)
    np.testing.assert_allclose(dense(built, q, built.protected), old * (1 - share), atol=1e-6)
    moved = dense(built, q, built.labile) - 0.125 * connected(built, q)
    np.testing.assert_allclose(moved, old * share, atol=1e-6)
    assert moved.any() == (block < 1)
    np.testing.assert_array_equal(built.silent, before.silent)  # contacts stay


def test_recalled_neurons_begin_to_restore() -> None:
    built = recalled_network()
    row(built, "restorage_message")[:3] = 0.8
    row(built, "peak")[:4] = (1.0, 0.2, 0.0, 0.2)
    opening = recall(built, Recall(3))
    assert opening == pytest.approx(1 / 3)
    expected = [0.8, 0.8, 0.8, 0.9 * 0.3 / 3]  # what is under way is not added to
    np.testing.assert_allclose(row(built, "restorage_message")[:4], expected, rtol=1e-5)


def test_a_closed_memory_is_left_as_it_was() -> None:
    built = recalled_network()
    before = copy(built)
    assert recall(built, Recall(1 * MIN)) == 0
    for name in ("protected", "labile", "silent", "neuron", "rows"):
        np.testing.assert_array_equal(getattr(built, name), getattr(before, name))


def test_what_was_never_learned_is_not_opened() -> None:
    built = recalled_network()
    built.rows["state"] = NEVER
    before = copy(built)
    assert recall(built, Recall(6)) == 1
    np.testing.assert_array_equal(built.protected, before.protected)
    assert not (built.rows["state"] != NEVER).any()


def test_shocks_leave_resistance_in_the_cells_that_were_active_and_it_fades() -> None:
    built = recalled_network()
    recall(built, Recall(0, expected=0.0, outcome=0.75))
    left = row(built, "resistance").copy()
    np.testing.assert_allclose(left, 0.75 * row(built, "peak"), rtol=1e-6)
    elapse(row(built, "resistance"), 24.0 * 25.0, 25.0)
    np.testing.assert_allclose(row(built, "resistance"), left / np.e, rtol=1e-5)
