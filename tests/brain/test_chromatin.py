"""Chromatin: acetylation at the end of a session, its loss, drugs on both enzymes, KAT5."""

# mypy: allow-untyped-calls
from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engramlab.brain.mechanisms.chromatin import elapse, end_session, excite

TAU_DAYS = 4.0
HOURS = 24 * TAU_DAYS
PRIMING_TAU = 3.0  # h
share = st.floats(0, 1, width=32)


def cells(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def after(
    hours: float, chromatin: float, p300: float = 0.0, hdac: float = 0.0, kat5: float = 0.0
) -> float:
    """Opening after some hours under blockers of p300 and of histone deacetylases, and KAT5."""
    level, primed = cells(chromatin), cells(0.0)
    elapse(level, primed, cells(p300), cells(hdac), cells(kat5), hours, TAU_DAYS, PRIMING_TAU)
    return float(level[0])


def primed_after(hours: float, primed: float, hdac: float = 0.0) -> float:
    """Priming after some hours, with or without an inhibitor of histone deacetylases."""
    level = cells(primed)
    elapse(cells(0), level, cells(0), cells(hdac), cells(0), hours, TAU_DAYS, PRIMING_TAU)
    return float(level[0])


def test_priming_fades_in_hours_and_is_given_by_the_inhibitor() -> None:
    assert primed_after(PRIMING_TAU, 0.8) == pytest.approx(0.8 / math.e)
    assert primed_after(1.0, 0.0, hdac=1.0) == pytest.approx(0.5 * (1 - 1 / math.e))
    assert primed_after(50.0, 0.8, hdac=1.0) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("recall", "fresh"),
    [
        # (expected, outcome, share of cortex in it)
        ((0.8, 0.0, 0.0), 1.0),  # nothing came: surprising
        ((0.8, 0.75, 0.0), 0.0),  # what was expected
        ((0.175, 0.0, 0.0), 0.5),  # (0.175 - 0.1) / 0.15
        ((0.8, 0.0, 0.4), 0.5),  # 1 - 1.25 x 0.4: partly cortical
        ((0.8, 0.0, 0.9), 0.0),  # a remote memory is not opened
        ((0.0, 0.9, 0.0), 0.0),  # nothing was recalled
    ],
)
def test_recall_primes_by_surprise_and_recency(
    recall: tuple[float, float, float], fresh: float
) -> None:
    found = session_end(cells(0, 0), cells(1, 0.5), recall=recall)
    np.testing.assert_allclose(found["primed"], [0.9 * fresh, 0.45 * fresh], rtol=1e-5)
    np.testing.assert_allclose(found["chromatin"], [0.12 * fresh, 0.06 * fresh], rtol=1e-5)


def test_openness_fades_over_days() -> None:
    assert after(HOURS, 0.8) == pytest.approx(0.8 / math.e, rel=1e-5)
    assert after(HOURS, 0.0) == 0


@given(st.floats(0.1, 200), st.floats(0.1, 200), share, st.sampled_from([0.0, 0.5, 1.0]), share)
def test_a_gap_may_be_split(
    first: float, second: float, chromatin: float, p300: float, kat5: float
) -> None:
    halves = after(second, after(first, chromatin, p300, kat5=kat5), p300, kat5=kat5)
    assert halves == pytest.approx(after(first + second, chromatin, p300, kat5=kat5), abs=1e-5)


def test_without_p300_it_is_lost_eight_times_as_fast() -> None:
    assert after(HOURS / 8, 0.8, p300=1.0) == pytest.approx(0.8 / math.e, rel=1e-5)
    assert after(HOURS / 8, 0.8, p300=3.0) == pytest.approx(0.8 / math.e, rel=1e-5)
    assert after(HOURS / 4.5, 0.8, p300=0.5) == pytest.approx(0.8 / math.e, rel=1e-5)


def test_without_deacetylases_it_stays_or_rises_to_a_half() -> None:
    assert after(50.0, 0.8, hdac=1.0) == pytest.approx(0.8)
    assert after(1.0, 0.0, hdac=1.0) == pytest.approx(0.5 * (1 - math.exp(-1)))
    assert after(50.0, 0.0, hdac=1.0) == pytest.approx(0.5)
    assert after(50.0, 0.0, hdac=0.5) == pytest.approx(0.25)
    assert after(HOURS, 0.8, hdac=0.5) == pytest.approx(0.8 * math.exp(-0.5))


def test_the_rise_without_deacetylases_may_be_split() -> None:
    level = 0.0
    for _ in range(10):
        level = after(0.1, level, hdac=1.0)
    assert level == pytest.approx(after(1.0, 0.0, hdac=1.0), rel=1e-3)


@given(st.floats(0.1, 500), share, share, share)
def test_kat5_keeps_a_floor(hours: float, chromatin: float, kat5: float, p300: float) -> None:
    assert after(hours, chromatin, p300, kat5=kat5) >= kat5
    assert after(1e5, chromatin, p300, kat5=kat5) == pytest.approx(kat5)


def test_open_and_virus_cells_are_more_excitable() -> None:
    excitability = cells(0.1, 0.1, 0.1)
    excite(excitability, cells(0.5, 0.5, 0.0), cells(0.0, 0.75, 0.0), 0.5)
    np.testing.assert_allclose(excitability, [0.1 + 0.25, 0.1 + 0.375, 0.1], rtol=1e-6)


def session_end(
    chromatin: NDArray[np.float32],
    peak: NDArray[np.float32],
    *,
    stored: float = 0.0,
    restored: float = 0.0,
    block: float = 0.0,
    kat5: float = 0.0,
    recall: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> dict[str, Any]:
    primed = np.zeros_like(peak)
    expected, outcome, cortical = (np.array([value]) for value in recall)
    protein, restorage = np.full_like(peak, 0.4), np.full_like(peak, 0.8)
    end_session(
        chromatin,
        primed,
        expected,
        outcome,
        cortical,
        0.1,
        0.9,
        1.25,
        protein,
        restorage,
        peak,
        np.full_like(peak, block),
        np.full_like(peak, kat5),
        np.array([stored]),
        np.array([restored]),
        0.12,
        0.6,
    )
    assert expected[0] == outcome[0] == 0  # the next session starts anew
    return {
        "chromatin": chromatin,
        "primed": primed,
        "protein": protein,
        "restorage": restorage,
    }


@pytest.mark.parametrize(("stored", "restored"), [(0.5, 0.0), (0.0, 0.5)])
def test_a_session_opens_the_cells_that_took_part(stored: float, restored: float) -> None:
    def before() -> NDArray[np.float32]:
        return cells(0, 0.5, 0.5)

    found = session_end(before(), cells(1, 0.5, 0), stored=stored, restored=restored)
    expected = [0.12 * 0.5, 0.5 + 0.12 * 0.5 * 0.5 * 0.5, 0.5]
    np.testing.assert_allclose(found["chromatin"], expected, rtol=1e-6)
    blocked = session_end(
        cells(0, 0.5, 0.5), cells(1, 0.5, 0), stored=stored, restored=restored, block=1.0
    )
    np.testing.assert_array_equal(blocked["chromatin"], cells(0, 0.5, 0.5))
    half = session_end(
        cells(0, 0.5, 0.5), cells(1, 0.5, 0), stored=stored, restored=restored, block=0.5
    )
    np.testing.assert_allclose(
        half["chromatin"] - cells(0, 0.5, 0.5),
        0.5 * (found["chromatin"] - cells(0, 0.5, 0.5)),
        atol=1e-7,
    )


def test_a_weak_session_opens_nothing() -> None:
    np.testing.assert_array_equal(session_end(cells(0, 0.5), cells(1, 1))["chromatin"], [0, 0.5])


def test_what_was_open_before_makes_more_protein_where_it_was_active() -> None:
    found = session_end(cells(0, 0.5, 0.5), cells(1, 1, 0.09), stored=1.0)
    np.testing.assert_allclose(found["protein"], [0.4, 0.4 * 1.3, 0.4], rtol=1e-6)
    np.testing.assert_allclose(found["restorage"], [0.8, 0.8 * 1.3, 0.8], rtol=1e-6)


def test_kat5_opens_at_the_end_of_a_session_too() -> None:
    found = session_end(cells(0, 0.9), cells(0, 0), kat5=0.6)
    np.testing.assert_allclose(found["chromatin"], [0.6, 0.9], rtol=1e-6)
