"""The loss: one scale for all measures, bounded, never flat, and blind to soft predicates."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_stubs import catalogue

from engramlab.studies.loss import UNITS, finding_loss, unit_of, violation
from engramlab.studies.result import Line


@pytest.mark.parametrize(
    ("expr", "unit"),
    [
        ('freezing["a", "s"] >= 20', 10.0),
        ('freezing["a", "s"] - freezing["b", "s"] >= 20', 10.0),
        ('abs(freezing["a", "s"] - 45) <= 12', 10.0),
        ('freezing["a", "s"] / freezing["b", "s"] > 1.5', 0.25),
        ('2 * freezing["a", "s"] > freezing["b", "s"]', 20.0),
        ('freezing["a", "s"] < 0.5 * freezing["b", "s"]', 10.0),
        ('(freezing["a", "s"] + freezing["b", "s"]) / 2 > 10', 5.0),
        ('discrimination["a", "s"] > 0.3', 0.1),
        ('2 <= engram_size["a", "s", "DG"] <= 8', 1.0),
        ('corr(freezing["a", "s"], engram_size["a", "s", "DG"]) > 0.3', 0.2),
        ('max(discrimination["a", "s"], -0.2) < min(0.4, discrimination["b", "s"])', 0.1),
        ("1 < 2", 1.0),
    ],
)
def test_a_unit_follows_from_what_is_measured(expr: str, unit: float) -> None:
    assert unit_of(expr) == pytest.approx(unit)


def test_every_measure_of_the_catalogue_has_a_unit() -> None:
    for finding in catalogue().values():
        for predicate in finding.predicates:
            assert unit_of(predicate.expr) > 0
            names = {
                part.split("[")[0]
                for part in predicate.expr.replace("(", " ").split()
                if "[" in part
            }
            assert {name for name in names if name.isidentifier()} <= set(UNITS), predicate.expr


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 100))
def test_a_violation_is_bounded_and_falls_with_the_margin(margin: float, unit: float) -> None:
    here, better = violation(margin, unit), violation(margin + unit, unit)
    assert 0 <= better <= here <= 1
    if margin < unit and margin > -1e3 * unit:
        assert better < here  # never flat where something fails


def test_a_violation_at_its_bound_inside_and_outside() -> None:
    at, inside, outside = violation(0, 10), violation(10, 10), violation(-10, 10)
    assert inside < 0.02 < at < 0.25 < outside == pytest.approx(0.5, abs=0.01)
    assert violation(None, 10) == violation(math.nan, 10) == 1


def made(
    kind: str, margin: float, low: float, *, soft: bool = False, control: bool = False
) -> Line:
    return Line('freezing["a", "s"] > 1', kind, control, soft, margin > 0, margin, low, margin + 9)


def test_a_direction_is_judged_by_its_interval_and_a_size_by_its_mean() -> None:
    assert finding_loss([made("direction", 9, -5)]) == violation(-5, 10)
    assert finding_loss([made("size", 9, -5)]) == violation(9, 10)


def test_controls_weigh_like_the_rest_and_soft_predicates_nothing() -> None:
    good, bad = made("size", 30, 20), made("size", -30, -40, control=True)
    ignored = made("size", -99, -99, soft=True)
    expected = (violation(30, 10) + violation(-30, 10)) / 2
    assert finding_loss([good, bad, ignored]) == pytest.approx(expected)
