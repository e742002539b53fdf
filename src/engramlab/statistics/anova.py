"""Analysis of variance with the animal as the unit: between, within and mixed designs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.linalg import helmert

from engramlab.errors import DataError, Problem
from engramlab.statistics.effect_size import partial_eta_squared_interval
from engramlab.statistics.units import animal_means, listed

COLUMNS = (
    "term",
    "sum_squares",
    "df",
    "df_error",
    "F",
    "p",
    "epsilon",
    "p_corrected",
    "partial_eta_squared",
    "low",
    "high",
    "animals",
)
ROUNDING = 1e-20  # of a mean square
BETWEEN = ""  # the name of the error between animals


@dataclass(frozen=True)
class _Design:
    """One row an animal: its factors between animals, and its scores in every cell within."""

    factors: pd.DataFrame
    scores: NDArray[np.float64]
    levels: tuple[int, ...]


def anova(
    table: pd.DataFrame,
    value: str = "value",
    *,
    between: Sequence[str] = (),
    within: Sequence[str] = (),
    animal: str = "animal",
    incomplete: Literal["refuse", "drop"] = "refuse",
) -> pd.DataFrame:
    """Analysis of variance of one score an animal and combination of `within`.

    Effects between animals are tested against the variance of animal means, effects within
    animals against that of the animals' own contrasts (Winer 1971, Statistical Principles in
    Experimental Design, ch. 7). Sums of squares are of type III: every effect beside all others, as
    SPSS, SAS and Prism give it. Effects within animals assume sphericity; ``p_corrected`` does not
    (Greenhouse & Geisser 1959, Psychometrika 24:95: both degrees of freedom times ``epsilon``).

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy. Several rows of an animal in one combination (cells, images) are averaged first.
    value : str
        The column with the score; NaN is left out.
    between : sequence of str
        Factors that differ between animals: group, sex.
    within : sequence of str
        Factors that every animal went through: session, context.
    animal : str
        Column that names the animal. The same name in two groups is two animals.
    incomplete : "refuse" or "drop"
        What to do with animals that lack a combination of `within`; `mixed_model` can keep them.

    Returns
    -------
    pandas.DataFrame
        One row an effect: term, sum_squares, df, df_error, F, p, epsilon (1 where nothing needs
        correction), p_corrected, partial_eta_squared with its 95 % interval low to high
        (`partial_eta_squared_interval`), animals. Chance level: F about 1, p uniform.

    Raises
    ------
    DataError
        When a column is missing, there is no factor, an animal lacks a combination, a combination
        of `between` has fewer than two animals or none, or a factor has one level.

    Examples
    --------
    >>> scores = pd.DataFrame({"animal": [1, 2, 3, 4, 5, 6], "group": list("aaabbb"),
    ...                        "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    >>> found = anova(scores, between=["group"]).iloc[0]
    >>> round(float(found["F"]), 3), int(found["df_error"]), round(float(found["p"]), 4)
    (13.5, 4, 0.0213)
    """
    if not (between or within):
        raise DataError(
            Problem("analysis of variance", "has no factor", "columns of between or within")
        )
    design = _design(table, value, list(between), list(within), animal, incomplete)
    rows = [
        row
        for chosen in _subsets(within)
        for row in _stratum(design, list(between), list(within), chosen)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def welch_anova(
    table: pd.DataFrame, value: str = "value", *, group: str = "group", animal: str = "animal"
) -> pd.DataFrame:
    """Whether any of several groups differs, without taking their spreads as equal.

    Welch's test (1951, Biometrika 38:330), of statsmodels.

    ``F = sum w_i (m_i - m)^2 / (k - 1) / (1 + 2 (k - 2) L)`` with weights ``w_i = n_i /
    s_i^2``.

    Parameters
    ----------
    table : pandas.DataFrame
    value, group, animal : str
        Columns. Several rows of an animal are averaged first.

    Returns
    -------
    pandas.DataFrame
        One row: term, F, df, df_error, p, animals. Chance level: p uniform.

    Raises
    ------
    DataError
        When a column is missing, or there are fewer than two groups of two animals.

    Examples
    --------
    >>> scores = pd.DataFrame({"animal": range(6), "group": list("aaabbb"),
    ...                        "value": [1.0, 2.0, 3.0, 4.0, 6.0, 8.0]})
    >>> welch_anova(scores)["F"].round(3).item()
    9.6
    """
    from statsmodels.stats.oneway import anova_oneway

    means = animal_means(table, value, animal=animal, by=[group]).dropna(subset=value)
    samples = {str(name): part[value].to_numpy() for name, part in means.groupby(group, sort=False)}
    small = [name for name, sample in samples.items() if sample.size < 2]
    if len(samples) < 2 or small:
        raise DataError(
            Problem(
                f"column '{group}'",
                f"has {len(samples)} groups"
                + (f", of which {listed(small)} has fewer than two animals" if small else ""),
                "at least two groups of at least two animals",
            )
        )
    found = anova_oneway(list(samples.values()), use_var="unequal", welch_correction=True)
    return pd.DataFrame(
        [
            {
                "term": group,
                "F": float(found.statistic),
                "df": float(found.df_num),
                "df_error": float(found.df_denom),
                "p": float(found.pvalue),
                "animals": len(means),
            }
        ]
    )


def _subsets(factors: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(factors) + 1):
        yield from combinations(factors, size)


def _design(
    table: pd.DataFrame,
    value: str,
    between: list[str],
    within: list[str],
    animal: str,
    incomplete: str,
) -> _Design:
    means = animal_means(table, value, animal=animal, by=[*between, *within])
    means = means.dropna(subset=[value])
    _refuse_constant(means, [*between, *within])
    keys = [*between, animal]
    if within:
        wide = means.pivot(index=keys, columns=within, values=value)
        levels = [list(dict.fromkeys(means[name])) for name in within]
        cells = pd.MultiIndex.from_tuples(product(*levels)) if len(within) > 1 else levels[0]
        wide = wide.reindex(columns=cells)
    else:
        levels, wide = [], means.set_index(keys)[[value]]
    lacking = wide.isna().any(axis=1)
    if lacking.any() and incomplete == "refuse":
        names = wide.index[lacking].get_level_values(animal)
        raise DataError(
            Problem(
                f"column '{value}'",
                f"{int(lacking.sum())} of {len(wide)} animals lack a combination of "
                f"{', '.join(within)}: {listed(list(names))}",
                "every animal in all of them; incomplete='drop' leaves such animals out, "
                "mixed_model keeps them",
            )
        )
    wide = wide[~lacking]
    factors = wide.index.to_frame(index=False)[between].astype(str)
    _refuse_constant(factors, between)
    _refuse_small(factors, between)
    if not between and len(wide) < 2:
        raise DataError(
            Problem(f"column '{animal}'", f"has {len(wide)} complete animals", "two or more")
        )
    return _Design(factors, wide.to_numpy(np.float64), tuple(len(level) for level in levels))


def _refuse_constant(table: pd.DataFrame, names: list[str]) -> None:
    problems = [
        Problem(f"column '{name}'", "has one value only", "a factor with two or more")
        for name in names
        if table[name].nunique() < 2
    ]
    if problems:
        raise DataError(problems)


def _refuse_small(factors: pd.DataFrame, between: list[str]) -> None:
    if not between:
        return
    counts = factors.value_counts()
    every = list(product(*(dict.fromkeys(factors[name]) for name in between)))
    problems = [
        Problem(
            ", ".join(
                f"{name} '{level}'" for name, level in zip(between, combination, strict=True)
            ),
            f"has {int(counts.get(combination, 0))} animals",
            "at least one in every combination, so that no effect is mixed up with another",
        )
        for combination in every
        if counts.get(combination, 0) < 1
    ]
    if not problems and len(factors) <= len(every):
        problems = [
            Problem(
                ", ".join(between),
                f"{len(factors)} animals in {len(every)} groups leave no spread within groups",
                "two animals a group",
            )
        ]
    if problems:
        raise DataError(problems)


def _stratum(
    design: _Design, between: list[str], within: list[str], chosen: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    """Effects that are contrasts over the `chosen` factors within animals."""
    parts = [
        helmert(size).T if name in chosen else np.full((size, 1), size**-0.5)
        for name, size in zip(within, design.levels, strict=True)
    ]
    matrix: NDArray[np.float64] = np.ones((1, 1))
    for part in parts:
        matrix = np.kron(matrix, part)
    contrasts = design.scores @ matrix
    sums, freedoms, residuals = _by_columns(design.factors, between, contrasts)
    columns = contrasts.shape[1]
    error_freedom = freedoms.pop(BETWEEN)
    error = sums.pop(BETWEEN) / (error_freedom * columns)
    if error <= ROUNDING * float((design.scores**2).mean()):
        error = 0.0  # no spread but that of rounding: there is nothing to judge effects by
    covariance = residuals.T @ residuals
    epsilon = 1.0
    if columns > 1 and error > 0:
        epsilon = float(np.trace(covariance) ** 2 / (columns * (covariance**2).sum()))
    for term, total in sums.items():
        if term == () and not chosen:
            continue  # that the mean of all scores is not 0 is no effect
        freedom, error_df = freedoms[term] * columns, error_freedom * columns
        f = total / freedom / error if error > 0 else float("nan")
        eta = partial_eta_squared_interval(f, freedom, error_df)
        yield (
            " x ".join([*(term if isinstance(term, tuple) else ()), *chosen]),
            total,
            freedom,
            error_df,
            f,
            float(scipy.stats.f.sf(f, freedom, error_df)),
            epsilon,
            float(scipy.stats.f.sf(f, epsilon * freedom, epsilon * error_df)),
            *eta,
            len(contrasts),
        )


def _by_columns(
    factors: pd.DataFrame, between: list[str], contrasts: NDArray[np.float64]
) -> tuple[dict[object, float], dict[object, float], NDArray[np.float64]]:
    """Type III sums of squares by term, added over contrasts; degrees of freedom; residuals."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    # Columns may be named in any way; in a formula they are not.
    plain = {f"C(f{number}, Sum)": name for number, name in enumerate(between)}
    data = factors.set_axis([f"f{number}" for number in range(len(between))], axis=1)
    formula = "y ~ " + (" * ".join(plain) or "1")
    sums: dict[object, float] = {}
    freedoms: dict[object, float] = {}
    residuals = np.empty_like(contrasts)
    for number, column in enumerate(contrasts.T):
        model = ols(formula, data.assign(y=column)).fit()
        residuals[:, number] = model.resid
        for term, row in anova_lm(model, typ=3).iterrows():
            text = str(term)
            if text == "Residual":
                key: object = BETWEEN
            elif text == "Intercept":
                key = ()
            else:
                key = tuple(plain[part] for part in text.split(":"))
            sums[key] = sums.get(key, 0.0) + float(row["sum_sq"])
            freedoms[key] = float(row["df"])
    return sums, freedoms, residuals
