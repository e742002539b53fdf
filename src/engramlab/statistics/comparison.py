"""Groups against each other: everything a paper reports of a difference, one row a pair."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.special import stdtr

from engramlab.errors import DataError, Problem
from engramlab.measures import difference
from engramlab.statistics.corrections import Correction, corrected_p
from engramlab.statistics.effect_size import hedges_g_estimate
from engramlab.statistics.resampling import permutation_test
from engramlab.statistics.units import animal_means, listed

GROUPS = ("first", "second", "animals_first", "animals_second", "mean_first", "mean_second")
EFFECT = ("difference", "low", "high", "hedges_g", "g_low", "g_high", "t", "df", "p")
COLUMNS = (*GROUPS, *EFFECT, "p_permutation", "p_corrected")


def compare_groups(
    table: pd.DataFrame,
    value: str = "value",
    *,
    group: str = "group",
    animal: str = "animal",
    paired: bool = False,
    against: str | None = None,
    correction: Correction = "holm",
    tests: Literal["all", "t"] = "all",
    seed: int = 0,
) -> pd.DataFrame:
    """Compare groups of animals, or with `paired` sessions of the same animals, in pairs.

    Difference, Hedges' g (Hedges 1981) and Welch's t (1947, Biometrika 34:28) of every pair.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy. Several rows of an animal are averaged first (`animal_means`): the animal is the unit.
    value, group, animal : str
        Columns; `group` may be a session or a context with `paired`.
    paired : bool
        The same animals are in every group: animals are matched by name, those that lack one of a
        pair are left out of that pair.
    against : str, optional
        Compare all with this group only; default all pairs, later minus earlier.
    correction : str
        Of ``p`` for the number of pairs, see `corrected_p`.
    tests : "all" or "t"
        "t" leaves the permutation test out, which takes most of the time.
    seed : int
        Of bootstrap and permutations.

    Returns
    -------
    pandas.DataFrame
        One row a pair, `first` minus `second`: numbers of animals, means, the difference with its
        95 % bootstrap interval, Hedges' g with its interval (`hedges_g_estimate`), Welch's or the
        paired t with its degrees of freedom and p, p of `permutation_test`, and p corrected for the
        number of pairs. Chance level: difference and g 0, p uniform. NaN where a group has fewer
        than two animals.

    Raises
    ------
    DataError
        When a column is missing, there are fewer than two groups, or `against` is none of them.

    Examples
    --------
    >>> scores = pd.DataFrame({"animal": range(6), "group": list("aaabbb"),
    ...                        "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    >>> found = compare_groups(scores).iloc[0]
    >>> found["first"], float(found["difference"]), round(float(found["p"]), 3)
    ('b', 3.0, 0.021)
    """
    means = animal_means(table, value, animal=animal, by=[group]).dropna(subset=value)
    samples = {
        name: part.set_index(animal)[value] for name, part in means.groupby(group, sort=False)
    }
    if len(samples) < 2:
        raise DataError(
            Problem(
                f"column '{group}'",
                f"has {len(samples)} group{'s' * (len(samples) != 1)} with scores",
                "at least two",
            )
        )
    pairs = [(second, first) for first, second in combinations(samples, 2)]
    if against is not None:
        if against not in samples:
            raise DataError(
                Problem(f"against '{against}'", "is no group", "one of " + listed(list(samples)))
            )
        pairs = [(name, against) for name in samples if name != against]
    rows = [
        {
            "first": first,
            "second": second,
            **compare_two(samples[first], samples[second], paired=paired, tests=tests, seed=seed),
        }
        for first, second in pairs
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    return found.assign(p_corrected=corrected_p(found["p"], correction))


def compare_two(
    first: pd.Series,
    second: pd.Series,
    *,
    paired: bool = False,
    tests: Literal["all", "t"] = "all",
    seed: int = 0,
) -> dict[str, float]:
    """Compare two groups: what a row of `compare_groups` holds.

    ``mean_1 - mean_2``, Hedges' g (1981) and Welch's t (1947, Biometrika 34:28).

    Parameters
    ----------
    first, second : pandas.Series
        One score an animal; the index names the animals. NaN is left out.
    paired, tests, seed
        As for `compare_groups`.

    Returns
    -------
    dict of str to float
        Without names of groups and corrected p. Chance level: difference and g 0, p uniform.

    Examples
    --------
    >>> found = compare_two(pd.Series([4.0, 5.0, 6.0]), pd.Series([1.0, 2.0, 3.0]))
    >>> found["difference"], round(found["t"], 3)
    (3.0, 3.674)
    """
    first, second = first.dropna(), second.dropna()
    if paired:
        both = first.index.intersection(second.index, sort=False)
        first, second = first.loc[both], second.loc[both]
    a, b = first.to_numpy(np.float64), second.to_numpy(np.float64)
    apart = difference(a, b, paired=paired, seed=seed)
    g = hedges_g_estimate(a, b, paired=paired)
    t, freedom, p, p_permutation = (float("nan"),) * 4
    if min(a.size, b.size) > 1:
        # Without any spread there is nothing to judge a difference by.
        if paired and np.ptp(a - b) > 0:
            test = scipy.stats.ttest_rel(a, b)
            t, freedom, p = float(test.statistic), float(test.df), float(test.pvalue)
        elif not paired and (np.ptp(a) > 0 or np.ptp(b) > 0):
            t, freedom, p = _welch(a, b)
        if tests == "all":
            p_permutation = permutation_test(a, b, paired=paired, seed=seed).p
    return {
        "animals_first": a.size,
        "animals_second": b.size,
        "mean_first": float(a.mean()) if a.size else float("nan"),
        "mean_second": float(b.mean()) if b.size else float("nan"),
        "difference": apart.value,
        "low": apart.low,
        "high": apart.high,
        "hedges_g": g.value,
        "g_low": g.low,
        "g_high": g.high,
        "t": t,
        "df": freedom,
        "p": p,
        "p_permutation": p_permutation,
    }


def _welch(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float, float]:
    """Welch's t, its degrees of freedom and p.

    The same bits as `scipy.stats.ttest_ind`; every report needs this alone of scipy.stats, which
    takes half a second to load.
    """
    of_a, of_b = (np.mean((x - x.mean()) ** 2) * (x.size / (x.size - 1)) / x.size for x in (a, b))
    freedom = (of_a + of_b) ** 2 / (of_a**2 / (a.size - 1) + of_b**2 / (b.size - 1))
    t = (a.mean() - b.mean()) / np.sqrt(of_a + of_b)
    return float(t), float(freedom), float(2.0 * stdtr(freedom, -abs(t)))
