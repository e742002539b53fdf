"""Reactivation against chance: by hand, by enumeration, against SciPy, and where nothing is."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from engramlab.measures import (
    general_activity,
    overlap_over_chance,
    overlap_probability,
    overlaps_keeping_activity,
    ratio_interval,
    reactivation,
    reactivation_from_counts,
    shuffled_keeping_activity,
)

masks = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.bool_, n), arrays(np.bool_, n), arrays(np.int64, n, elements=st.integers(0, 3))
    )
)
counts = st.integers(2, 60).flatmap(
    lambda cells: st.tuples(st.integers(1, cells - 1), st.integers(1, cells - 1), st.just(cells))
)


def test_by_hand() -> None:
    # 4 and 5 of 10 cells; of the 210 ways to choose 4 cells, C(5,3) C(5,1) + C(5,4) have 3 or more
    found = reactivation_from_counts(3, 4, 5, 10)
    assert found.common == 3
    assert found.ratio == pytest.approx(1.5)
    assert found.expected == pytest.approx(2.0)
    assert found.p_more == pytest.approx((comb(5, 3) * 5 + 5) / 210)
    assert found.p_fewer == pytest.approx((210 - 5) / 210)
    assert (found.chance_low, found.chance_high) == (1, 3)  # none 5 / 210, all four 5 / 210


@given(masks)
def test_masks_counts_and_the_plain_measures_agree(
    drawn: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]],
) -> None:
    a, b, _ = drawn
    assume(a.any() and b.any())
    by_mask = reactivation(a, b)
    by_count = reactivation_from_counts(int((a & b).sum()), int(a.sum()), int(b.sum()), a.size)
    assert by_mask.p_more == pytest.approx(by_count.p_more)
    assert by_mask.ratio == pytest.approx(by_count.ratio)
    assert by_mask.ratio == pytest.approx(overlap_over_chance(a, b))
    assert by_mask.p_more == pytest.approx(overlap_probability(a, b), abs=1e-9)
    law = stats.hypergeom(a.size, a.sum(), b.sum())  # by its tails: quantiles differ at ties
    assert law.cdf(by_mask.chance_low - 1) <= 0.025 + 1e-6
    assert law.cdf(by_mask.chance_low) >= 0.025 - 1e-6
    assert law.cdf(by_mask.chance_high - 1) <= 0.975 + 1e-6
    assert law.cdf(by_mask.chance_high) >= 0.975 - 1e-6


@given(masks)
def test_strata_bound_the_expectation_and_do_not_depend_on_names(
    drawn: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]],
) -> None:
    a, b, strata = drawn
    found = reactivation(a, b, strata=strata)
    renamed = reactivation(a, b, strata=np.array(list("wxyz"))[strata])
    np.testing.assert_equal(asdict(found), asdict(renamed))
    swapped = reactivation(b, a, strata=strata)
    assert found.expected == pytest.approx(swapped.expected)
    assert found.p_more == pytest.approx(swapped.p_more)
    assert found.p_more + found.p_fewer >= 1 - 1e-9
    # A stratum for each cell leaves nothing to chance.
    alone = reactivation(a, b, strata=np.arange(a.size))
    assert alone.expected == pytest.approx(alone.common)


def test_strata_agree_with_enumeration() -> None:
    strata = np.array([0, 0, 0, 0, 1, 1, 1])
    a, b = np.array([1, 1, 0, 0, 1, 0, 0], bool), np.array([1, 0, 1, 0, 1, 1, 0], bool)
    overlaps = []
    for low, high in product(combinations(range(4), 2), combinations(range(4, 7), 2)):
        drawn = np.isin(np.arange(7), [*low, *high])
        overlaps.append(int((a & drawn).sum()))
    found = reactivation(a, b, strata=strata)
    assert found.expected == pytest.approx(np.mean(overlaps))
    assert found.p_more == pytest.approx(np.mean(np.array(overlaps) >= found.common))


@given(counts, st.data())
def test_interval_of_the_ratio_agrees_with_scipy(
    sizes: tuple[int, int, int], data: st.DataObject
) -> None:
    first, second, cells = sizes
    least, most = max(0, first + second - cells), min(first, second)
    common = data.draw(st.integers(least, most))
    table = np.array([[common, first - common], [second - common, cells - first - second + common]])
    odds = stats.contingency.odds_ratio(table).confidence_interval(0.95)
    expected = first * second / cells

    def ratio(odds_ratio: float, bound: int) -> float:
        if not 1e-12 < odds_ratio < 1e12:
            return bound / expected
        law = stats.nchypergeom_fisher(cells, first, second, odds_ratio)
        return float(law.mean()) / expected

    low, high = ratio_interval(common, first, second, cells)
    if least == most:  # only one table has these margins
        assert low == high == pytest.approx(common / expected)
        return
    if common > least:
        assert low == pytest.approx(ratio(odds.low, least), rel=1e-4)
    else:
        assert low == pytest.approx(least / expected)
    if common < most:
        assert high == pytest.approx(ratio(odds.high, most), rel=1e-4)
    else:
        assert high == pytest.approx(most / expected)
    assert low - 1e-9 <= common / expected <= high + 1e-9


@pytest.mark.parametrize(
    "impossible", [(3, 2, 5, 10), (-1, 2, 5, 10), (0, 8, 8, 10), (1, 11, 1, 10)]
)
def test_counts_that_no_cells_give_are_refused(impossible: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="impossible"):
        reactivation_from_counts(*impossible)
    with pytest.raises(ValueError, match="impossible"):
        ratio_interval(*impossible)


def test_empty_ensembles_have_no_ratio() -> None:
    found = reactivation([0, 0, 0], [1, 0, 0])
    assert np.isnan(found.ratio)
    assert found.p_more == 1.0
    assert np.isnan(ratio_interval(0, 0, 1, 3)).all()


def test_what_is_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="not recorded"):
        reactivation([1.0, np.nan], [1, 0])
    with pytest.raises(ValueError, match="over the same cells"):
        reactivation([1, 0], [1, 0, 1])
    with pytest.raises(ValueError, match="a stratum for each"):
        reactivation([1, 0], [1, 0], strata=[1.0, np.nan])
    with pytest.raises(ValueError, match="a stratum for each"):
        reactivation([1, 0], [1, 0], strata=[1])
    with pytest.raises(ValueError, match="at least 3 sessions"):
        overlaps_keeping_activity([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="numbered 0 to 1"):
        general_activity([[1, 0], [0, 1]], without=[2])
    with pytest.raises(ValueError, match="at least one sample"):
        shuffled_keeping_activity(np.eye(3), 0)


def test_general_activity_by_hand() -> None:
    active = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 0]], bool)
    assert general_activity(active).tolist() == [3, 1, 1]
    assert general_activity(active, without=[0, 1]).tolist() == [1, 0, 0]


@given(st.tuples(st.integers(3, 6), st.integers(1, 12)).flatmap(lambda s: arrays(np.bool_, s)))
def test_draws_keep_both_margins_and_repeat(active: NDArray[np.bool_]) -> None:
    drawn = shuffled_keeping_activity(active, 20, sweeps=5, seed=3)
    assert (drawn.sum(axis=1) == active.sum(axis=0)).all()
    assert (drawn.sum(axis=2) == active.sum(axis=1)).all()
    np.testing.assert_array_equal(drawn, shuffled_keeping_activity(active, 20, sweeps=5, seed=3))
    overlaps = overlaps_keeping_activity(active, 20, sweeps=5, seed=3)
    pairs = np.triu_indices(len(active), 1)
    # The margins fix the sum of overlaps over all pairs, whatever was drawn.
    assert overlaps.expected[pairs].sum() == pytest.approx(overlaps.common[pairs].sum())
    np.testing.assert_array_equal(np.diag(overlaps.expected), active.sum(axis=1))


def all_with_margins_of(active: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Every matrix with the same margins, by trying all."""
    choices = [
        [np.isin(np.arange(active.shape[1]), c) for c in combinations(range(active.shape[1]), n)]
        for n in active.sum(axis=1)
    ]
    matrices = (np.array(rows) for rows in product(*choices))
    return [m for m in matrices if (m.sum(axis=0) == active.sum(axis=0)).all()]


def test_draws_are_uniform_over_all_matrices_with_these_margins() -> None:
    active = np.array([[1, 1, 0, 0, 1], [1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 1, 0, 0]], bool)
    every = all_with_margins_of(active)
    drawn = shuffled_keeping_activity(active, 200 * len(every), sweeps=20, seed=1)
    place = {matrix.tobytes(): i for i, matrix in enumerate(every)}
    found = np.bincount([place[matrix.tobytes()] for matrix in drawn], minlength=len(every))
    assert len(every) > 50
    assert stats.chisquare(found).pvalue > 1e-4


def test_overlaps_agree_with_enumeration() -> None:
    active = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 1, 1], [0, 1, 0, 0, 1]], bool)
    every = np.array(all_with_margins_of(active)).astype(int)
    common = every @ every.swapaxes(1, 2)
    overlaps = overlaps_keeping_activity(active, 20_000, seed=2)
    np.testing.assert_allclose(overlaps.expected, common.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(overlaps.p_more, (common >= overlaps.common).mean(axis=0), atol=0.02)
    np.testing.assert_allclose(
        overlaps.p_fewer, (common <= overlaps.common).mean(axis=0), atol=0.02
    )


def test_sessions_of_equal_size_have_the_expectation_in_closed_form() -> None:
    # Alike sessions: of the sessions of a cell active in t of S, two given ones are both among
    # them with probability t (t - 1) / (S (S - 1)).
    random = np.random.default_rng(4)
    readiness = random.beta(0.5, 2.0, 120)
    active = np.array([readiness + 0.3 * random.standard_normal(120) for _ in range(7)])
    active = active.argsort(axis=1).argsort(axis=1) >= 96
    total = active.sum(axis=0)
    expected = (total * (total - 1)).sum() / (7 * 6)
    overlaps = overlaps_keeping_activity(active, 4000)
    pairs = np.triu_indices(7, 1)
    np.testing.assert_allclose(overlaps.expected[pairs], expected, rtol=0.01)


def rasch_activity(
    random: np.random.Generator, sessions: int = 8, cells: int = 300
) -> NDArray[np.bool_]:
    """Sessions with nothing in common but how ready each cell is."""
    readiness = random.normal(-2.0, 1.8, cells)
    level = random.normal(0.0, 0.3, (sessions, 1))
    return np.asarray(random.random((sessions, cells)) < 1 / (1 + np.exp(-(readiness + level))))


def test_unrelated_sessions_are_at_chance_and_the_plain_ratio_is_not() -> None:
    random = np.random.default_rng(5)
    plain, kept, given_others, p = [], [], [], []
    for seed in range(60):
        active = rasch_activity(random)
        overlaps = overlaps_keeping_activity(active, 200, sweeps=20, seed=seed)
        plain.append(overlap_over_chance(active[0], active[1]))
        kept.append(overlaps.ratio[0, 1])
        p.append(overlaps.p_more[0, 1])
        others = general_activity(active, without=[0, 1])
        given_others.append(reactivation(active[0], active[1], strata=others).ratio)
    assert np.mean(plain) > 2.0
    assert np.mean(kept) == pytest.approx(1.0, abs=4 * np.std(kept) / np.sqrt(60))
    # Strata by six other sessions leave a little: cells of one stratum still differ.
    assert 1.0 < np.mean(given_others) < 1.2
    # A p below 0.1 comes in one of ten cases; 4 standard errors above that is 0.255.
    assert np.mean(np.array(p) <= 0.1) < 0.1 + 4 * np.sqrt(0.09 / 60)


def test_a_reactivated_engram_is_found_above_general_activity() -> None:
    active = rasch_activity(np.random.default_rng(6))
    engram = np.random.default_rng(7).random(300) < 0.15
    active[2] |= engram
    active[5] |= engram
    overlaps = overlaps_keeping_activity(active)
    pairs = np.triu_indices(8, 1)
    assert overlaps.p_more[2, 5] < 0.001
    assert overlaps.ratio[2, 5] == overlaps.ratio[pairs].max()
    # The sum over pairs is fixed, so the others of these two sessions fall below 1.
    assert np.delete(overlaps.ratio[2], [2, 5]).mean() < 1
    # The pair is part of the margins, which takes some of the effect; strata by others do not.
    others = general_activity(active, without=[2, 5])
    assert reactivation(active[2], active[5], strata=others).ratio > overlaps.ratio[2, 5] > 1.1
