"""Measures against values computed by hand, by SciPy, and invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import distance

from engramlab.measures import (
    cosine_similarity,
    dice,
    difference,
    discrimination_index,
    engram_size,
    hedges_g,
    jaccard,
    mean_estimate,
    overlap_over_chance,
    overlap_probability,
)

masks = st.integers(5, 60).flatmap(
    lambda n: st.tuples(arrays(np.bool_, n), arrays(np.bool_, n), st.permutations(range(n)))
)
# Scores have a resolution; numbers next to the smallest float lose digits when they are scaled.
scores = arrays(
    np.float64, st.integers(2, 30), elements=st.integers(0, 100_000).map(lambda n: n / 1000)
)


def test_discrimination_index_by_hand() -> None:
    index = discrimination_index([60, 30, 0, np.nan, 0], [20, 30, 0, 5, 10])
    np.testing.assert_allclose(index, [0.5, 0.0, np.nan, np.nan, -1.0])


@given(scores, st.floats(0.1, 10))
def test_discrimination_is_bounded_antisymmetric_and_free_of_scale(
    values: NDArray[np.float64], factor: float
) -> None:
    other = values[::-1]
    index = discrimination_index(values, other)
    assert np.all(np.isnan(index) | (np.abs(index) <= 1))
    np.testing.assert_allclose(index, -discrimination_index(other, values))
    np.testing.assert_allclose(
        index, discrimination_index(values * factor, other * factor), atol=1e-9
    )


def test_engram_size_by_hand() -> None:
    assert engram_size([True] * 3 + [False] * 9) == 25.0
    assert np.isnan(engram_size([]))


def test_overlap_over_chance_by_hand() -> None:
    # 10 cells, 4 and 5 active, 3 in common: 3 * 10 / (4 * 5)
    a = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    b = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert overlap_over_chance(a, b) == 1.5
    assert jaccard(a, b) == 0.5
    assert dice(a, b) == pytest.approx(6 / 9)
    assert np.isnan(overlap_over_chance(a, [0] * 10))


def test_overlap_of_independent_ensembles_is_at_chance() -> None:
    random = np.random.default_rng(0)
    ratios = [
        overlap_over_chance(random.random(2000) < 0.1, random.random(2000) < 0.2)
        for _ in range(300)
    ]
    assert np.mean(ratios) == pytest.approx(1.0, abs=4 * np.std(ratios) / np.sqrt(300))


@given(masks)
def test_overlaps_agree_with_scipy_and_do_not_depend_on_names(
    drawn: tuple[NDArray[np.bool_], NDArray[np.bool_], list[int]],
) -> None:
    a, b, order = drawn
    assume(a.any() and b.any())
    assert jaccard(a, b) == pytest.approx(1 - distance.jaccard(a, b))
    assert dice(a, b) == pytest.approx(1 - distance.dice(a, b))
    table = np.array([[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]])
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert overlap_probability(a, b) == pytest.approx(expected, abs=1e-9)
    for measure in (jaccard, dice, overlap_over_chance, overlap_probability):
        assert measure(a, b) == pytest.approx(measure(b, a))
        assert measure(a, b) == pytest.approx(measure(a[order], b[order]))


@pytest.mark.parametrize("measure", [jaccard, dice, overlap_over_chance, cosine_similarity])
def test_ensembles_over_other_cells_are_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="over the same cells"):
        measure([1, 0], [1, 0, 1])


@given(
    arrays(np.float64, 8, elements=st.floats(0, 1e6)),
    arrays(np.float64, 8, elements=st.floats(0, 1e6)),
)
def test_cosine_agrees_with_scipy(a: NDArray[np.float64], b: NDArray[np.float64]) -> None:
    assume(a.max() > 1e-3 and b.max() > 1e-3)
    assert cosine_similarity(a, b) == pytest.approx(1 - distance.cosine(a, b), abs=1e-9)


def test_hedges_g_by_hand() -> None:
    # means 5 and 3, both variances 4, df 4: J = 1 - 3/15 = 0.8; g = 0.8 * 2 / 2
    assert hedges_g([3, 5, 7], [1, 3, 5]) == pytest.approx(0.8)
    # paired: df 2, J = 1 - 3/7
    assert hedges_g([3, 5, 7], [1, 3, 5], paired=True) == pytest.approx(4 / 7)
    assert np.isnan(hedges_g([1], [1, 2]))
    assert np.isnan(hedges_g([1, 1, 1], [2, 2, 2]))


@given(scores, st.floats(-50, 50))
def test_shifting_both_groups_changes_no_effect(values: NDArray[np.float64], shift: float) -> None:
    other = values[::-1] * 0.5
    before, after = difference(values, other), difference(values + shift, other + shift)
    assert after.value == pytest.approx(before.value, abs=1e-9)
    assert after.low == pytest.approx(before.low, abs=1e-9)


@given(scores, st.integers(0, 1000))
def test_intervals_hold_the_mean_and_repeat(values: NDArray[np.float64], seed: int) -> None:
    estimate = mean_estimate(values, seed=seed)
    assert estimate == mean_estimate(values, seed=seed)
    assert values.min() - 1e-9 <= estimate.low <= estimate.high <= values.max() + 1e-9
    assert estimate.animals == len(values)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        estimate = mean_estimate(random.normal(50, 15, 30))
        hits += estimate.low <= 50 <= estimate.high
    # A percentile interval of 30 animals covers somewhat less, 93 %; minus 4 standard errors.
    assert hits / 300 > 0.93 - 4 * np.sqrt(0.93 * 0.07 / 300)


def test_interval_agrees_with_scipy_bootstrap() -> None:
    values = np.random.default_rng(2).normal(50, 15, 12)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", rng=3).confidence_interval
    ours = mean_estimate(values)
    assert ours.low == pytest.approx(theirs.low, abs=1.0)
    assert ours.high == pytest.approx(theirs.high, abs=1.0)


def test_paired_differences_resample_animals() -> None:
    a, b = np.array([10.0, 50.0, 90.0]), np.array([5.0, 45.0, 85.0])
    paired, free = difference(a, b, paired=True), difference(a, b)
    assert (paired.value, paired.low, paired.high) == (5.0, 5.0, 5.0)
    assert free.high - free.low > 20
    with pytest.raises(ValueError, match="same animals"):
        difference(a, b[:2], paired=True)
