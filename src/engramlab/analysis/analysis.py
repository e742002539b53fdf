"""From a table of scores to what a paper would report: means, discrimination, effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from engramlab.errors import DataError
from engramlab.importers import Scores
from engramlab.measures import discrimination_index, mean_estimate
from engramlab.statistics import anova, compare_two, corrected_p
from engramlab.statistics.anova import COLUMNS as ANOVA_COLUMNS
from engramlab.statistics.comparison import EFFECT

ESTIMATE = ("mean", "low", "high", "sd", "animals")
MAX_SUMMARY_ROWS = 12


@dataclass(frozen=True)
class Analysis:
    """Results of `analyze`; every interval is a 95 % bootstrap interval over animals.

    Parameters
    ----------
    scores : Scores
        What was analysed.
    freezing : pandas.DataFrame
        One row for each experiment, group, condition and hour: mean, low, high, sd, animals.
    discrimination_by_animal : pandas.DataFrame
        Discrimination index of each animal tested in the training and the novel context at one
        hour.
    discrimination : pandas.DataFrame
        Its mean by experiment, group and hour.
    other : pandas.DataFrame
        As `freezing`, for every other measure (cell counts, currents, ...).
    effects : pandas.DataFrame
        Differences of means with interval, Hedges' g with its interval, Welch's or paired t and p,
        corrected by Holm within each experiment and measure: training against novel at each hour,
        and between groups in each condition and hour.
    variance : pandas.DataFrame
        Analysis of variance (`engramlab.statistics.anova`) by group, hours and condition for each
        experiment and measure whose design allows one; condition is within animals for freezing in
        the training and the novel context, all else between.
    """

    scores: Scores
    freezing: pd.DataFrame
    discrimination_by_animal: pd.DataFrame
    discrimination: pd.DataFrame
    other: pd.DataFrame
    effects: pd.DataFrame
    variance: pd.DataFrame

    @property
    def experiments(self) -> list[str]:
        """Names of the experiments in the file, in order."""
        return list(dict.fromkeys(self.scores.table["experiment"]))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All result tables by name."""
        return {
            "freezing": self.freezing,
            "discrimination": self.discrimination,
            "discrimination_by_animal": self.discrimination_by_animal,
            "other_measures": self.other,
            "effects": self.effects,
            "variance": self.variance,
        }

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content of all tables; NaN becomes None."""
        return {
            name: [
                {key: _plain(value) for key, value in row.items()}
                for row in table.to_dict(orient="records")
            ]
            for name, table in self.tables.items()
        }

    def summary(self) -> str:
        """Text for a terminal: freezing and discrimination by hours, then what else there is."""
        lines = [f"{self.scores.source}: {len(self.scores.table)} scores"]
        for experiment in self.experiments:
            lines += self._experiment_lines(experiment)
        return "\n".join(lines)

    def _experiment_lines(self, experiment: str) -> Iterator[str]:
        freezing = self.freezing[self.freezing["experiment"] == experiment]
        other = self.other[self.other["experiment"] == experiment]
        columns = self.scores.columns
        pairs = freezing[freezing["condition"].isin([columns.training, columns.novel])]
        if len(pairs):
            yield (
                f"experiment {experiment}: freezing, percent, mean [95 %]"
                "                   discrimination"
            )
        for count, (key, rows) in enumerate(
            pairs.groupby(["group", "hours"], sort=False, dropna=False)
        ):
            group, hours = str(key[0]), float(str(key[1]))
            if count == MAX_SUMMARY_ROWS:
                yield "  ... (all rows are in the tables)"
                break
            by = rows.set_index("condition")
            cells = [
                _interval_text(by.loc[[name]].iloc[0]) if name in by.index else "-"
                for name in (columns.training, columns.novel)
            ]
            index = self.discrimination[
                (self.discrimination["experiment"] == experiment)
                & (self.discrimination["group"] == group)
                & ((self.discrimination["hours"] == hours) | (np.isnan(hours)))
            ]
            text = f"{index['mean'].iloc[0]:+.2f}" if len(index) else "-"
            at = "" if np.isnan(hours) else f"{hours:g} h"
            yield (
                f"  {group:<15.15} {at:>6}  training {cells[0]:<15} novel {cells[1]:<15} {text:>6}"
            )
        for measure, rows in other.groupby("measure", sort=False):
            yield (
                f"experiment {experiment}: {measure}: {len(rows)} means, "
                f"{rows['mean'].min():.3g} to {rows['mean'].max():.3g}"
            )

    def _repr_html_(self) -> str:
        parts = [f"<b>{self.scores.source}</b>"]
        for name, table in self.tables.items():
            if len(table) and name != "discrimination_by_animal":
                html = table.to_html(index=False, float_format="{:.2f}".format, max_rows=30)
                parts.append(f"<h4>{name}</h4>{html}")
        return "".join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return None if not np.isfinite(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value


def _interval_text(row: pd.Series) -> str:
    if np.isnan(row["low"]):
        return f"{row['mean']:.0f}"
    return f"{row['mean']:.0f} [{row['low']:.0f}, {row['high']:.0f}]"


def analyze(scores: Scores, *, seed: int = 0) -> Analysis:
    """Measure a table of scores.

    For freezing, an animal's name stands for the same animal in the training and the novel test of
    one hour, so that these are compared in pairs. Everything else is taken as independent: other
    hours, other groups, and other measures (cells are counted once in an animal's life).

    Parameters
    ----------
    scores : Scores
        From an importer, or from a model run (`scores_of_run`).
    seed : int
        Seed of the bootstrap: the same seed gives the same intervals.

    Returns
    -------
    Analysis
    """
    table, columns = scores.table, scores.columns
    is_index = table["condition"] == columns.discrimination
    freezing = table[(table["measure"] == columns.freezing) & ~is_index]
    other = table[(table["measure"] != columns.freezing) & ~is_index]
    pairs = freezing[freezing["condition"].isin([columns.training, columns.novel])]
    wide = pairs.pivot(
        index=["experiment", "group", "hours", "animal"], columns="condition", values="value"
    ).reset_index()
    by_animal = pd.DataFrame(columns=["experiment", "group", "hours", "animal", "discrimination"])
    if {columns.training, columns.novel} <= set(wide.columns):
        both = wide.dropna(subset=[columns.training, columns.novel])
        index = discrimination_index(both[columns.training], both[columns.novel])
        by_animal = both[["experiment", "group", "hours", "animal"]].assign(discrimination=index)
    keys = ("experiment", "group")
    return Analysis(
        scores=scores,
        freezing=_means(freezing, [*keys, "condition", "hours"], "value", seed),
        discrimination_by_animal=by_animal.reset_index(drop=True),
        discrimination=_means(by_animal, [*keys, "hours"], "discrimination", seed),
        other=_means(other, [*keys, "measure", "condition", "hours"], "value", seed),
        effects=_effects(table[~is_index], scores, seed),
        variance=_variance(table[~is_index], scores),
    )


def _means(table: pd.DataFrame, keys: list[str], column: str, seed: int) -> pd.DataFrame:
    rows = []
    for key, part in table.groupby(keys, sort=False, dropna=False):
        values = part[column].dropna().to_numpy(float)
        if len(values):
            estimate = mean_estimate(values, seed=seed)
            spread = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
            row = (estimate.value, estimate.low, estimate.high, spread, estimate.animals)
            rows.append((*key, *row))
    return pd.DataFrame(rows, columns=[*keys, *ESTIMATE])


EFFECT_COLUMNS = [
    "experiment",
    "measure",
    "hours",
    "comparison",
    "where",
    *EFFECT,
    "p_corrected",
    "paired",
    "animals",
]


def _effects(table: pd.DataFrame, scores: Scores, seed: int) -> pd.DataFrame:
    columns = scores.columns
    rows: list[dict[str, Any]] = []
    keys = ["experiment", "measure", "hours"]
    for key, part in table.groupby(keys, sort=False, dropna=False):
        for first, second, comparison, where in _comparisons(part, scores):
            within = where.startswith("group") and key[1] == columns.freezing
            paired = within and set(first.index) == set(second.index)
            found = compare_two(first, second, paired=paired, tests="t", seed=seed)
            animals = found["animals_first"] + (0 if paired else found["animals_second"])
            of: dict[str, Any] = dict(zip(keys, key, strict=True))
            of |= {"comparison": comparison, "where": where, "paired": paired, "animals": animals}
            rows.append(of | found)
    effects = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    for _, places in effects.groupby(["experiment", "measure"], sort=False).groups.items():
        effects.loc[places, "p_corrected"] = corrected_p(effects.loc[places, "p"])
    return effects


VARIANCE_COLUMNS = ["experiment", "measure", *ANOVA_COLUMNS]


def _variance(table: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """Analysis of variance of each experiment and measure, where there is one."""
    columns, parts = scores.columns, []
    for key, part in table.groupby(["experiment", "measure"], sort=False):
        tested = part[part["condition"].isin([columns.training, columns.novel])]
        freezing = key[1] == columns.freezing and tested["condition"].nunique() == 2
        part = tested if freezing else part
        between = [name for name in ("group", "hours") if part[name].nunique() > 1]
        if not freezing and part["condition"].nunique() > 1:
            between.append("condition")
        within = ["condition"] if freezing else []
        if not (between or within):
            continue
        try:
            found = anova(part, between=between, within=within, incomplete="drop")
        except DataError:  # a combination without animals: the design allows none
            continue
        of: dict[str, Any] = {"experiment": key[0], "measure": key[1]}
        parts.append(found.assign(**of)[VARIANCE_COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=VARIANCE_COLUMNS)


def _comparisons(
    part: pd.DataFrame, scores: Scores
) -> Iterator[tuple[pd.Series, pd.Series, str, str]]:
    """Pairs of score series by animal that are worth comparing within one measure and hour."""
    training, novel = scores.columns.training, scores.columns.novel
    for group, rows in part.groupby("group", sort=False):
        by = {str(name): _by_animal(chosen) for name, chosen in rows.groupby("condition")}
        if training in by and novel in by:
            yield by[training], by[novel], f"{training} - {novel}", f"group {group}"
    for condition, rows in part.groupby("condition", sort=False):
        by = {str(name): _by_animal(chosen) for name, chosen in rows.groupby("group", sort=False)}
        for first, second in combinations(by, 2):
            yield by[second], by[first], f"{second} - {first}", f"condition {condition}"


def _by_animal(rows: pd.DataFrame) -> pd.Series:
    return rows.set_index("animal")["value"]
