"""Statistics against a second library (pingouin), hand values, limits and simulated experiments."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import re
import warnings
from functools import cache
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestIndPower

import engramlab.statistics
from engramlab.errors import DataError
from engramlab.measures import hedges_g
from engramlab.statistics import (
    animal_means,
    animals_for_power,
    anova,
    bootstrap_interval,
    cliffs_delta,
    compare_groups,
    compare_two,
    corrected_p,
    hedges_g_estimate,
    mixed_model,
    partial_eta_squared_interval,
    permutation_test,
    power_curve,
    power_of_difference,
    welch_anova,
)
from engramlab.statistics.noncentral_t import integrated_cdf, noncentral_t_cdf

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pingouin

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pingouin
MODULES = [module.name for module in pkgutil.iter_modules(engramlab.statistics.__path__)]
FUNCTIONS = [
    name
    for name in engramlab.statistics.__all__
    if inspect.isfunction(getattr(engramlab.statistics, name))
]
scores = st.lists(st.integers(0, 100).map(float), min_size=3, max_size=9)


def cohort(seed: int = 1, sizes: tuple[int, ...] = (6, 6), sessions: int = 3) -> pd.DataFrame:
    """Animals of some groups in some sessions, with an interaction."""
    random = np.random.default_rng(seed)
    rows = []
    for group, size in enumerate(sizes):
        for animal in range(size):
            level = random.normal(50, 10)
            for session in range(sessions):
                effect = 6.0 * group * session + 3.0 * session
                value = level + effect + random.normal(0, 5)
                rows.append((f"g{group}", f"{group}-{animal}", f"s{session}", value))
    return pd.DataFrame(rows, columns=["group", "animal", "session", "value"])


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    module = import_module(f"engramlab.statistics.{name}")
    names = {"np": np, "pd": pd, **vars(engramlab.statistics), **vars(module)}
    assert doctest.testmod(module, globs=names).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_what_chance_gives_and_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(engramlab.statistics, name)) or ""
    for section in ("Parameters", "Returns", "Examples"):
        assert f"{section}\n---" in text
    assert ">>>" in text
    assert "hance" in text
    assert "``" in text
    assert re.search(r"\b(19|20)\d\d\b", text), "no source"


# --- effect sizes -----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(first=scores, second=scores)
def test_the_bounds_of_g_are_the_effects_that_leave_two_and_a_half_percent(
    first: list[float], second: list[float]
) -> None:
    found = hedges_g_estimate(first, second)
    if not np.isfinite(found.value):
        assert max(np.ptp(first), np.ptp(second)) == 0
        return
    assert found.low < found.value < found.high
    freedom, scale = len(first) + len(second) - 2, np.sqrt(1 / len(first) + 1 / len(second))
    correction = 1 - 3 / (4 * freedom - 1)
    t = found.value / correction / scale
    tails = [
        stats.nct.cdf(t, freedom, bound / correction / scale) for bound in (found.low, found.high)
    ]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)
    turned = hedges_g_estimate(second, first)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize(("paired", "effect"), [(False, 0.0), (False, 1.0), (True, 0.0)])
def test_the_interval_of_g_holds_the_true_effect_in_95_percent(paired: bool, effect: float) -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(600):
        common = random.normal(0, 1, 8) if paired else 0.0
        a, b = random.normal(0, 1, (2, 8)) + common
        spread = np.sqrt(2.0) if paired else 1.0
        found = hedges_g_estimate(a + effect * spread, b, paired=paired)
        held += found.low <= effect <= found.high
    assert 0.925 < held / 600 < 0.975


def test_g_and_its_relatives_agree_with_pingouin() -> None:
    random = np.random.default_rng(2)
    a, b = random.normal(60, 15, 9), random.normal(45, 20, 12)
    ours = hedges_g_estimate(a, b)
    # pingouin uses the exact gamma form of the correction, we the usual approximation.
    assert ours.value == pytest.approx(pingouin.compute_effsize(a, b, eftype="hedges"), rel=2e-3)
    low, high = pingouin.compute_esci(stat=ours.value, nx=9, ny=12, eftype="hedges")
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.15)  # theirs is approximate
    biserial = pingouin.mwu(a, b)["RBC"].iloc[0]
    assert cliffs_delta(a, b).value == pytest.approx(abs(biserial) * np.sign(a.mean() - b.mean()))
    assert hedges_g(a, b) == ours.value


def test_cliffs_delta_by_hand() -> None:
    # Of nine pairs six are above, two below, one equal.
    assert cliffs_delta([1.0, 5.0, 9.0], [2.0, 5.0, 0.0]).value == pytest.approx((6 - 2) / 9)
    apart = cliffs_delta([5.0, 6.0, 7.0], [1.0, 2.0, 3.0])
    assert (apart.value, apart.low, apart.high) == (1.0, 1.0, 1.0)


def test_partial_eta_squared_bounds_leave_two_and_a_half_percent() -> None:
    value, low, high = partial_eta_squared_interval(7.5, 2, 27)
    assert value == pytest.approx(15 / 42)
    for bound, tail in ((low, 0.975), (high, 0.025)):
        noncentrality = bound * 30 / (1 - bound)
        assert stats.ncf.cdf(7.5, 2, 27, noncentrality) == pytest.approx(tail, abs=1e-6)
    assert partial_eta_squared_interval(0.2, 2, 27)[1] == 0.0


# --- resampling -------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(first=scores, second=scores)
def test_permutations_agree_with_all_labellings_counted_naively(
    first: list[float], second: list[float]
) -> None:
    from itertools import combinations

    first, second = first[:4], second[:4]
    every = np.array(first + second)

    def t(chosen: tuple[int, ...]) -> float:
        a, b = every[list(chosen)], np.delete(every, list(chosen))
        spread = a.var(ddof=1) / a.size + b.var(ddof=1) / b.size
        return float(abs(a.mean() - b.mean()) / max(np.sqrt(spread), 1e-12))

    values = np.array([t(chosen) for chosen in combinations(range(every.size), len(first))])
    found = permutation_test(first, second)
    assert found.exact
    assert found.p == pytest.approx(np.mean(values >= t(tuple(range(len(first)))) * (1 - 1e-9)))
    assert found.p >= found.smallest_p * (1 - 1e-9)


def test_paired_permutations_by_hand() -> None:
    # Differences 1, 2, 3, 4: of 16 signs two give a sum of at least 10 in size.
    found = permutation_test([2.0, 4.0, 6.0, 8.0], [1.0, 2.0, 3.0, 4.0], paired=True)
    assert (found.p, found.smallest_p, found.difference) == (2 / 16, 2 / 16, 2.5)


def test_many_animals_are_relabelled_at_random_and_always_the_same() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(1, 1, 20), random.normal(0, 1, 20)
    found = permutation_test(a, b, seed=3)
    assert not found.exact
    assert found == permutation_test(a, b, seed=3)
    assert found.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, abs=0.01)


def test_permutation_p_is_uniform_without_an_effect_even_with_unequal_spread() -> None:
    random = np.random.default_rng(4)
    p = [
        permutation_test(random.normal(0, 1, 6), random.normal(0, 4, 12), resamples=199).p
        for _ in range(400)
    ]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09


def test_the_bootstrap_is_scipys_and_holds_animals_together() -> None:
    random = np.random.default_rng(3)
    a = random.normal(50, 10, 30)
    b = a - 5 + random.normal(0, 1, 30)
    mean = bootstrap_interval(np.mean, a)
    reach = stats.t.ppf(0.975, 29) * a.std(ddof=1) / np.sqrt(30)
    assert (mean.low, mean.high) == pytest.approx((a.mean() - reach, a.mean() + reach), abs=0.6)

    def apart(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(x.mean(axis=axis) - y.mean(axis=axis))

    paired = bootstrap_interval(apart, a, b, paired=True)
    unpaired = bootstrap_interval(apart, a, b)
    assert paired.high - paired.low < 0.2 * (unpaired.high - unpaired.low)
    with pytest.raises(ValueError, match="same animals"):
        bootstrap_interval(apart, a, b[:5], paired=True)


# --- t ----------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), first=st.integers(2, 30), second=st.integers(2, 30))
def test_welchs_t_is_scipys_bit_for_bit(seed: int, first: int, second: int) -> None:
    random = np.random.default_rng(seed)
    a, b = 100 * random.random(first), 50 * random.random(second)
    found = compare_two(pd.Series(a), pd.Series(b), tests="t")
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert (found["t"], found["df"], found["p"]) == (
        expected.statistic,
        expected.df,
        expected.pvalue,
    )


# --- corrections ------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
@pytest.mark.parametrize("method", ["holm", "bonferroni", "fdr_bh", "fdr_by"])
def test_corrections_are_pingouins_and_never_lower_p(method: str, p: list[float]) -> None:
    ours = corrected_p(p, method)  # type: ignore[arg-type]
    assert ours == pytest.approx(pingouin.multicomp(p, method=method)[1])
    assert (ours >= np.array(p) - 1e-12).all()


def test_a_test_that_could_not_be_made_does_not_count() -> None:
    assert corrected_p([0.01, np.nan, 0.04]) == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)
    with pytest.raises(ValueError, match="0 to 1"):
        corrected_p([1.2])


# --- analysis of variance ---------------------------------------------------------------------


def by_term(table: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(row["term"]): row for _, row in table.iterrows()}


def test_one_factor_between_animals_is_pingouins() -> None:
    table = cohort(sizes=(5, 7, 9), sessions=1)
    ours = anova(table, between=["group"]).iloc[0]
    theirs = pingouin.anova(table, dv="value", between="group", ss_type=3, detailed=True).iloc[0]
    assert ours["F"] == pytest.approx(theirs["F"])
    assert ours["partial_eta_squared"] == pytest.approx(theirs["np2"])
    welch = pingouin.welch_anova(table, dv="value", between="group").iloc[0]
    found = welch_anova(table).iloc[0]
    assert (found["F"], found["df_error"]) == pytest.approx((welch["F"], welch["ddof2"]))


def test_two_factors_between_unequal_groups_are_pingouins_of_type_three() -> None:
    random = np.random.default_rng(8)
    rows = [
        (group, sex, f"{group}{sex}{n}", random.normal(40 + 9 * (group == "b"), 8))
        for group, sex, size in (("a", "f", 4), ("a", "m", 7), ("b", "f", 6), ("b", "m", 3))
        for n in range(size)
    ]
    table = pd.DataFrame(rows, columns=["group", "sex", "animal", "value"])
    ours = by_term(anova(table, between=["group", "sex"]))
    theirs = pingouin.anova(
        table, dv="value", between=["group", "sex"], ss_type=3, detailed=True
    ).set_index("Source")
    for our_name, name in (("group", "group"), ("sex", "sex"), ("group x sex", "group * sex")):
        assert ours[our_name]["sum_squares"] == pytest.approx(theirs.loc[name, "SS"])
        assert ours[our_name]["F"] == pytest.approx(theirs.loc[name, "F"])


def test_repeated_measures_are_pingouins_with_the_greenhouse_geisser_epsilon() -> None:
    table = cohort(sizes=(9,), sessions=4)
    ours = anova(table, within=["session"]).iloc[0]
    theirs = pingouin.rm_anova(
        table, dv="value", within="session", subject="animal", correction=True, detailed=True
    ).iloc[0]
    assert ours["F"] == pytest.approx(theirs["F"])
    assert ours["epsilon"] == pytest.approx(theirs["eps"])
    columns = [
        name for name in theirs.index if "GG" in str(name).upper() and "P" in str(name).upper()
    ]
    assert ours["p_corrected"] == pytest.approx(theirs[columns[0]])


def test_two_factors_within_animals_are_pingouins() -> None:
    random = np.random.default_rng(6)
    rows = [
        (animal, context, day, 40 + 10 * (context == "A") + 3 * day + random.normal(0, 6))
        for animal in range(7)
        for context in "AB"
        for day in range(3)
    ]
    table = pd.DataFrame(rows, columns=["animal", "context", "day", "value"])
    ours = by_term(anova(table, within=["context", "day"]))
    theirs = pingouin.rm_anova(
        table, dv="value", within=["context", "day"], subject="animal"
    ).set_index("Source")
    for our_name, name in (
        ("context", "context"),
        ("day", "day"),
        ("context x day", "context * day"),
    ):
        assert ours[our_name]["F"] == pytest.approx(theirs.loc[name, "F"])


def test_a_mixed_design_is_pingouins() -> None:
    table = cohort(sizes=(8, 8), sessions=3)
    ours = by_term(anova(table, between=["group"], within=["session"]))
    theirs = pingouin.mixed_anova(
        table, dv="value", within="session", between="group", subject="animal"
    ).set_index("Source")
    for our_name, name in (
        ("group", "group"),
        ("session", "session"),
        ("group x session", "Interaction"),
    ):
        assert ours[our_name]["F"] == pytest.approx(theirs.loc[name, "F"])
        assert ours[our_name]["df_error"] == theirs.loc[name, "DF2"]


def test_with_two_sessions_the_interaction_is_the_t_test_of_differences() -> None:
    table = cohort(sizes=(4, 9), sessions=2)  # unequal groups
    wide = table.pivot(index=["group", "animal"], columns="session", values="value")
    change = wide["s1"] - wide["s0"]
    t = stats.ttest_ind(change.loc["g0"], change.loc["g1"]).statistic
    found = by_term(anova(table, between=["group"], within=["session"]))
    assert found["group x session"]["F"] == pytest.approx(t**2)
    means = wide.mean(axis=1)
    t = stats.ttest_ind(means.loc["g0"], means.loc["g1"]).statistic
    assert found["group"]["F"] == pytest.approx(t**2)


def test_cells_are_averaged_so_they_are_no_replicates() -> None:
    table = cohort(sizes=(4, 4), sessions=1)
    cells = pd.concat([table.assign(value=table["value"] + shift) for shift in (-2, -1, 1, 2)])
    assert animal_means(cells, "value", by=["group"])["rows"].eq(4).all()
    one, many = (anova(data, between=["group"]).iloc[0] for data in (table, cells))
    assert many["F"] == pytest.approx(one["F"])
    assert many["df_error"] == 6


def test_anova_refuses_what_would_mislead() -> None:
    table = cohort()
    with pytest.raises(DataError, match=r"1 of 12 animals lack a combination of session: 0-0"):
        anova(table.drop(index=0), between=["group"], within=["session"])
    dropped = anova(table.drop(index=0), within=["session"], incomplete="drop")
    assert dropped["animals"].iloc[0] == 11
    with pytest.raises(DataError, match=r"column 'sex': is not in the table"):
        anova(table, between=["sex"])
    with pytest.raises(DataError, match="no factor"):
        anova(table)
    with pytest.raises(DataError, match="one value only"):
        anova(table.assign(sex="f"), between=["sex"])
    alone = table.groupby("group").head(1)
    with pytest.raises(DataError, match="two animals a group"):
        anova(alone, between=["group"])
    with pytest.raises(DataError, match="at least two groups"):
        welch_anova(alone)


def test_no_spread_gives_no_f_and_no_error() -> None:
    table = cohort(sizes=(3, 3), sessions=2).assign(
        value=lambda t: 0.1 + 0.2 * (t["group"] == "g1")
    )
    found = anova(table, between=["group"], within=["session"])
    assert found["F"].isna().all()
    assert found["low"].isna().all()
    for f in (1e3, 1e9, 1e30):  # effects far beyond any table
        value, low, high = partial_eta_squared_interval(f, 1, 8)
        assert value > 0.99
        assert not low > value
        assert not high < value - 0.01


# --- mixed models -----------------------------------------------------------------------------


def cells_of_animals(seed: int = 1, cells: tuple[int, ...] = (8,) * 10) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for animal, number in enumerate(cells):
        group = "ab"[animal % 2]
        level = random.normal(3.0 if group == "b" else 2.0, 0.8)
        rows += [(group, f"m{animal}", level + random.normal(0, 0.4)) for _ in range(number)]
    return pd.DataFrame(rows, columns=["group", "animal", "dF"])


def test_with_equally_many_cells_a_mixed_model_is_the_t_test_of_animals() -> None:
    table = cells_of_animals()
    means = animal_means(table, "dF", by=["group"])
    a, b = (means.loc[means["group"] == name, "dF"] for name in "ab")
    expected = stats.ttest_ind(b, a)
    found = mixed_model(table, "dF ~ group")
    row = found.coefficients.set_index("term").loc["group[T.b]"]
    assert row["t"] == pytest.approx(expected.statistic, rel=1e-3)
    assert row["p"] == pytest.approx(expected.pvalue, rel=1e-2)
    assert (row["df"], found.animals, found.rows) == (8, 10, 80)
    assert stats.ttest_ind(*(table.loc[table["group"] == n, "dF"] for n in "ba")).pvalue < row["p"]


def test_sessions_within_animals_are_the_paired_t_test() -> None:
    table = cohort(sizes=(9,), sessions=2)
    wide = table.pivot(index="animal", columns="session", values="value")
    expected = stats.ttest_rel(wide["s1"], wide["s0"])
    row = mixed_model(table, "value ~ session").tests.iloc[0]
    assert row["F"] == pytest.approx(expected.statistic**2, rel=1e-3)
    assert (row["df_error"], row["p"]) == pytest.approx((8, expected.pvalue), rel=1e-2)


def test_a_mixed_model_of_a_mixed_design_is_the_anova() -> None:
    table = cohort(sizes=(6, 6), sessions=3)
    ours = by_term(anova(table, between=["group"], within=["session"]))
    found = mixed_model(table, "value ~ C(group, Sum) * C(session, Sum)").tests
    for term, row in zip(("group", "session", "group x session"), found.itertuples(), strict=True):
        assert ours[term]["F"] == pytest.approx(row.F, rel=1e-3)
        assert (ours[term]["df"], ours[term]["df_error"]) == (row.df, row.df_error)


def test_unequal_numbers_of_cells_fit_the_likelihood_written_out() -> None:
    """Restricted likelihood in full matrices, maximised on its own."""
    from scipy.optimize import minimize

    table = cells_of_animals(3, (3, 20, 8, 5, 2, 9, 12, 4))
    y = table["dF"].to_numpy()
    x = np.column_stack([np.ones(len(table)), table["group"] == "b"]).astype(float)
    same = (table["animal"].to_numpy()[:, None] == table["animal"].to_numpy()).astype(float)

    def minus_log_likelihood(log_sd: np.ndarray) -> float:
        v = np.exp(2 * log_sd[0]) * same + np.exp(2 * log_sd[1]) * np.eye(y.size)
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
        logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
        return float(logs + rest @ inverse @ rest) / 2

    best = minimize(minus_log_likelihood, [0.0, 0.0], method="Nelder-Mead", tol=1e-10).x
    found = mixed_model(table, "dF ~ group")
    assert (found.animal_sd, found.residual_sd) == pytest.approx(np.exp(best), rel=1e-3)


def test_taking_cells_for_animals_raises_false_alarms_and_the_mixed_model_does_not() -> None:
    naive, mixed = [], []
    for seed in range(60):
        table = cells_of_animals(seed, (6,) * 8)
        # Animals are dealt into groups anew, so there is no effect of the group.
        order = np.random.default_rng(seed).permutation(8)
        group = {f"m{animal}": "ab"[place % 2] for place, animal in enumerate(order)}
        table["group"] = table["animal"].map(group)
        a, b = (table.loc[table["group"] == name, "dF"] for name in "ab")
        naive.append(stats.ttest_ind(a, b).pvalue < 0.05)
        mixed.append(mixed_model(table, "dF ~ group").tests["p"].iloc[0] < 0.05)
    assert np.mean(naive) > 0.3
    assert np.mean(mixed) < 0.13


def test_mixed_models_say_what_is_wrong() -> None:
    table = cells_of_animals()
    with pytest.raises(DataError, match=r"formula 'dF ~ grup': cannot be fitted"):
        mixed_model(table, "dF ~ grup")
    with pytest.raises(DataError, match="column 'mouse'"):
        mixed_model(table, "dF ~ group", animal="mouse")
    with pytest.raises(DataError, match="another animal in each row"):
        mixed_model(animal_means(table, "dF", by=["group"]), "dF ~ group")
    with pytest.raises(DataError, match="cannot be told apart"):
        mixed_model(table.assign(copy=table["group"]), "dF ~ group + copy")


# --- comparisons ------------------------------------------------------------------------------


def test_a_comparison_is_what_single_functions_give() -> None:
    table = cohort(sizes=(6, 7, 8), sessions=1)
    found = compare_groups(table)
    assert list(zip(found["first"], found["second"], strict=True)) == [
        ("g1", "g0"),
        ("g2", "g0"),
        ("g2", "g1"),
    ]
    a, b = (table.loc[table["group"] == name, "value"] for name in ("g2", "g0"))
    row = found.iloc[1]
    welch = pingouin.ttest(a, b, correction=True).iloc[0]
    columns = {str(name).replace("-", "_").lower(): name for name in welch.index}
    assert row["t"] == pytest.approx(welch["T"])
    assert row["df"] == pytest.approx(welch["dof"])
    assert row["p"] == pytest.approx(welch[columns["p_val"]])
    assert row["p_permutation"] == permutation_test(a, b).p
    assert found["p_corrected"].to_numpy() == pytest.approx(corrected_p(found["p"]))
    assert compare_groups(table, against="g0")["second"].eq("g0").all()


def test_paired_comparisons_match_animals_by_name() -> None:
    table = cohort(sizes=(6,), sessions=2).sample(frac=1, random_state=1)
    wide = table.pivot(index="animal", columns="session", values="value")
    found = compare_groups(table, group="session", paired=True).iloc[0]
    expected = stats.ttest_rel(wide[found["first"]], wide[found["second"]])
    assert found["p"] == pytest.approx(expected.pvalue)
    lost = compare_groups(table.iloc[1:], group="session", paired=True).iloc[0]
    assert lost["animals_first"] == lost["animals_second"] == 5


def test_groups_too_small_or_without_spread_give_no_p_and_no_error() -> None:
    table = pd.DataFrame({"group": list("aabbc"), "animal": range(5), "value": [5.0] * 4 + [7]})
    found = compare_groups(table)
    assert found["p"].isna().all()
    assert found["difference"].tolist() == [0.0, 2.0, 2.0]
    with pytest.raises(DataError, match="is no group"):
        compare_groups(table, against="d")
    with pytest.raises(DataError, match="at least two"):
        compare_groups(table[table["group"] == "a"])


# --- power ------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(effect=st.floats(0.0, 3.0), animals=st.integers(2, 60), alpha=st.floats(0.001, 0.2))
def test_power_is_that_of_statsmodels_for_equal_spread(
    effect: float, animals: int, alpha: float
) -> None:
    theirs = float(TTestIndPower().power(effect, animals, alpha)) if effect else alpha
    ours = power_of_difference(10 * effect, (10.0, 10.0), animals, alpha=alpha)
    if np.isfinite(theirs):
        assert ours == pytest.approx(theirs, abs=1e-6)
    else:  # scipy's distribution, which statsmodels takes, gives up here and there
        freedom, shift = 2 * animals - 2, effect / np.sqrt(2 / animals)
        bound = stats.t.ppf(1 - alpha / 2, freedom)
        naive = (random_normal + shift) / np.sqrt(chi_squared(freedom) / freedom)
        assert ours == pytest.approx(np.mean(np.abs(naive) > bound), abs=0.005)


random_normal = np.random.default_rng(11).normal(size=100_000)


@cache
def chi_squared(freedom: int) -> np.ndarray:
    return np.random.default_rng(12).chisquare(freedom, 100_000)


@settings(max_examples=100, deadline=None)
@given(t=st.floats(-15, 15), freedom=st.integers(2, 80), shift=st.floats(-15, 15))
def test_the_noncentral_t_is_scipys_where_scipy_has_one(
    t: float, freedom: int, shift: float
) -> None:
    ours, theirs = integrated_cdf(t, freedom, shift), stats.nct.cdf(t, freedom, shift)
    if np.isfinite(theirs):
        assert ours == pytest.approx(theirs, abs=2e-5)
    assert noncentral_t_cdf(t, freedom, shift) == pytest.approx(ours, abs=2e-5)


def test_power_is_pingouins_and_that_of_simulated_experiments() -> None:
    theirs = pingouin.power_ttest(d=0.9, n=14, alpha=0.05)
    assert power_of_difference(0.9, (1.0, 1.0), 14) == pytest.approx(theirs)
    random = np.random.default_rng(7)
    a, b = random.normal(20, 5, (4000, 9)), random.normal(0, 25, (4000, 9))
    p = stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue
    assert power_of_difference(20, (5.0, 25.0), 9) == pytest.approx(np.mean(p < 0.05), abs=0.025)


@settings(max_examples=60, deadline=None)
@given(
    effect=st.floats(0.2, 4.0), other=st.floats(0.3, 3.0), power=st.sampled_from([0.5, 0.8, 0.95])
)
def test_the_number_of_animals_is_the_smallest_that_does(
    effect: float, other: float, power: float
) -> None:
    found = animals_for_power(effect, (1.0, other), power=power, most=5000)
    assert found is not None
    assert power_of_difference(effect, (1.0, other), found) >= power
    assert found == 2 or power_of_difference(effect, (1.0, other), found - 1) < power


def test_limits_of_power() -> None:
    assert animals_for_power(0.0, (1.0, 1.0)) is None
    assert animals_for_power(500.0, (1.0, 1.0)) == 2
    assert power_of_difference(0.0, (1.0, 3.0), 12, alpha=0.01) == pytest.approx(0.01)
    assert (np.diff(power_curve(1.0, (1.0, 2.0), range(2, 80))) > 0).all()
    assert np.isnan(power_of_difference(float("nan"), (1.0, 1.0), 5))
    for wrong in ((1.0, (0.0, 0.0), 5), (1.0, (1.0, 1.0), 1)):
        with pytest.raises(ValueError, match=r"above 0|at least 2"):
            power_of_difference(*wrong)
