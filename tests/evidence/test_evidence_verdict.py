"""Comparisons mean what they say; intervals are those of the animals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from handmade import protocol, reading, record
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from engramlab.errors import ProtocolError
from engramlab.evidence.finding import Predicate
from engramlab.evidence.reading import Reading
from engramlab.evidence.verdict import Verdict, evaluate_all

ONE, OTHER, TWO = 'freezing["one", "test"]', 'freezing["one", "other"]', 'freezing["two", "test"]'


def judge(expr: str, read: Reading, kind: Any = "size") -> Verdict:
    return evaluate_all([Predicate(expr=expr, kind=kind)], read)[0]


def freezing(one: list[float], two: list[float], other: list[float] | None = None) -> Reading:
    """Freezing in 'test' of the animals of both groups, and of group one in 'other'."""
    values = np.zeros((len(one) + len(two), 3))
    values[:, 1] = [*one, *two]
    values[: len(one), 2] = other or 0
    return reading(animals=len(one), freezing=values)


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("{0} * 0 + 1 < 2", True),
        ("2 <= {0} * 0 + 2", True),
        ("2 < {0} * 0 + 2", False),
        ("2 >= {0} * 0 + 2", True),
        ("1 < {0} * 0 + 3 < 2", False),
        ("1 < {0} * 0 + 2 < 3", True),
        ("3 > {0} * 0 + 2 > 1", True),
        ("abs({0} * 0 - 3) <= 3", True),
        ("min({0}, 100, 1) >= max({0} * 0, 1)", True),
        ("2 * 3 - 4 / 2 + {0} * 0 > 3.9", True),
        ("{0} / ({0} * 0) > 1", True),
        ("0 * {0} / ({0} * 0) > 1", False),  # not a number
    ],
)
def test_comparisons(comparison: str, expected: bool) -> None:
    read = freezing([10, 20, 30, 40], [5, 5, 5, 5])
    assert judge(comparison.format(ONE), read).passed is expected


def test_both_sides_are_told_with_intervals() -> None:
    read = freezing([10, 20, 30, 40], [5, 5, 5, 5])
    verdict = judge(f"{ONE} - {TWO} >= 12", read)
    assert [term.value for term in verdict.terms] == [20, 12]
    assert verdict.terms[1].low == verdict.terms[1].high == 12
    assert verdict.signs == (">=",)
    assert verdict.margin.value == 8
    assert verdict.margin.low == verdict.terms[0].low - 12
    assert 5 <= verdict.terms[0].low < 20 < verdict.terms[0].high <= 35


def test_the_margin_of_a_chain_is_its_tightest() -> None:
    read = freezing([10, 20, 30, 40], [5, 5, 5, 5])
    assert judge(f"10 < {ONE} < 28", read).margin.value == 3
    assert judge(f"24 < {ONE} < 100", read).margin.value == 1
    assert judge(f"26 < {ONE} < 100", read).margin.value == -1


def test_a_direction_needs_its_whole_interval() -> None:
    read = freezing([10, 20, 30, 40], [24, 24, 24, 24])
    assert judge(f"{ONE} > {TWO}", read).passed
    assert not judge(f"{ONE} > {TWO}", read, "direction").passed
    assert judge(f"{ONE} > 5", read, "direction").passed
    assert not judge(f"5 < {ONE} < 26", read, "direction").passed


def test_tests_of_one_animal_stay_paired() -> None:
    read = freezing([10, 20, 30, 40], [0, 0, 0, 0], other=[5, 15, 25, 35])
    margin = judge(f"{ONE} - {OTHER} >= 5", read).margin
    assert (margin.low, margin.value, margin.high) == (0, 0, 0)


def test_animals_without_a_value_are_left_out() -> None:
    read = freezing([10, np.nan, 30, np.nan], [np.nan] * 4)
    assert judge(f"{ONE} > 0", read).terms[0].value == 20
    verdict = judge(f"{TWO} > 0", read)
    assert not verdict.passed
    assert np.isnan(verdict.terms[0].value)
    assert not judge(f"{TWO} < {ONE}", read, "null").passed


def test_correlation_is_pearsons_over_animals() -> None:
    one, other = [10.0, 20, 35, 40, 50, 52], [3.0, 1, 5, 4, 9, 7]
    read = freezing(one, [0.0] * 6, other=other)
    verdict = judge(f"corr({ONE}, {OTHER}) > 0", read, "direction")
    assert verdict.terms[0].value == pytest.approx(pearsonr(one, other).statistic)
    assert -1 <= verdict.terms[0].low < verdict.terms[0].value < verdict.terms[0].high <= 1
    halved = judge(f"corr({ONE} / 2 - 7, {OTHER}) > 0", read)
    assert halved.terms[0].value == pytest.approx(verdict.terms[0].value)
    turned = judge(f"corr({ONE}, -{OTHER}) > 0", read)
    assert turned.terms[0].value == pytest.approx(-verdict.terms[0].value)
    constant = judge(f"corr({ONE}, {ONE} * 0) > 0", read)
    assert np.isnan(constant.terms[0].value)
    assert not constant.passed


scores = st.lists(st.floats(0, 100), min_size=4, max_size=4)


@given(scores, scores)
def test_swapping_groups_turns_the_sign(one: list[float], two: list[float]) -> None:
    read = freezing(one, two)
    forth, back = (judge(f"{a} > {b}", read).margin for a, b in ((ONE, TWO), (TWO, ONE)))
    np.testing.assert_allclose(
        (forth.value, forth.low, forth.high), (-back.value, -back.high, -back.low), atol=1e-9
    )


@given(scores, scores, st.floats(0.01, 100))
def test_scaling_scales_the_margin(one: list[float], two: list[float], factor: float) -> None:
    plain = judge(f"{ONE} - {TWO} > 3", freezing(one, two))
    scaled = judge(f"{factor!r} * ({ONE} - {TWO}) > {factor * 3!r}", freezing(one, two))
    np.testing.assert_allclose(
        np.array([plain.margin.value, plain.margin.low, plain.margin.high]) * factor,
        [scaled.margin.value, scaled.margin.low, scaled.margin.high],
        rtol=1e-6,
        atol=1e-6 * factor,
    )


@given(scores, scores)
def test_an_interval_spans_no_more_than_the_animals(one: list[float], two: list[float]) -> None:
    verdict = judge(f"{ONE} > {TWO}", freezing(one, two))
    for term, values in zip(verdict.terms, (one, two), strict=True):
        assert min(values) - 1e-9 <= term.low <= term.high <= max(values) + 1e-9
    again = judge(f"{ONE} > {TWO}", freezing(one, two))
    assert again == verdict


def test_what_cannot_be_evaluated_is_an_error() -> None:
    plan = protocol()
    with pytest.raises(ProtocolError, match="no session 'nowhere'"):
        judge('freezing["one", "nowhere"] > 1', Reading(record(plan), plan))
