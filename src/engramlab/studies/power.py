"""How many animals an experiment needs: the model's effect, with its own or real spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.analysis import analyze
from engramlab.brain import Brain
from engramlab.cohort import Workers, run_cohort
from engramlab.errors import DataError, ParameterError, Problem
from engramlab.importers import Scores
from engramlab.measures import difference, hedges_g
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.statistics import animals_for_power, power_curve
from engramlab.statistics.power import MOST_ANIMALS

WHERE = ["session", "hours", "context", "region", "tag", "cells"]
RESAMPLES = 200
DISCRIMINATION = "discrimination"
STRATA = ["experiment", "group", "condition", "hours"]
LEAST_SHOWN, MOST_SHOWN = 12, 200  # animals on the curve's axis
NAME = 34  # characters of a row's name on the terminal


@dataclass(frozen=True)
class Spread:
    """How much real animals of one group differ.

    Parameters
    ----------
    sd : float
        Standard deviation within groups, pooled: ``sqrt(sum (n - 1) s^2 / sum (n - 1))``.
    samples : float64 array, shape (resample,)
        The same of bootstrap samples of the animals of each group.
    animals, groups : int
        Scores it rests on, and the groups, conditions and hours they come in.
    measure, source : str
        What was measured, in which file.
    """

    sd: float
    samples: NDArray[np.float64]
    animals: int
    groups: int
    measure: str
    source: str


@dataclass(frozen=True)
class PowerAnalysis:
    """Numbers of animals for one comparison of two groups in every session.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row a session (region, tag, set of cells): ``mean_first``, ``mean_second``,
        ``difference`` with its 95 % bootstrap interval ``low``, ``high``, ``sd_first``,
        ``sd_second``, ``hedges_g``, and ``animals`` a group for the wanted power with
        ``animals_low`` and ``animals_high`` (95 % of bootstrap samples of the virtual animals);
        with real spread also ``animals_data`` and its bounds. NaN: more than 1000.
    protocol : Protocol
    measure, unit : str
    groups : tuple of two str
        First minus second.
    power, alpha : float
        Wanted power, allowed false alarms (two-sided).
    virtual_animals, seed : int
    spread : Spread or None
        Of real animals.
    brain : Brain
    """

    rows: pd.DataFrame
    protocol: Protocol
    measure: str
    unit: str
    groups: tuple[str, str]
    power: float
    alpha: float
    virtual_animals: int
    seed: int
    spread: Spread | None
    brain: Brain

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Power by number of animals: one row a session, kind of spread and number."""
        needed = self.rows[[name for name in ("animals", "animals_data") if name in self.rows]]
        largest = needed.max().max()
        most = MOST_SHOWN if not isfinite(largest) else int(1.6 * largest)
        numbers = range(2, min(max(most, LEAST_SHOWN), MOST_SHOWN) + 1)
        parts = []
        for row in self.rows.to_dict(orient="records"):
            kinds = {"model": (row["sd_first"], row["sd_second"])}
            if self.spread is not None:
                kinds["data"] = (self.spread.sd, self.spread.sd)
            for kind, sds in kinds.items():
                if not sum(sds) > 0:
                    continue
                power = power_curve(row["difference"], sds, numbers, alpha=self.alpha)
                part = pd.DataFrame({"spread": kind, "animals": numbers, "power": power})
                parts.append(part.assign(row=row_name(row)))
        columns = ["row", "spread", "animals", "power"]
        return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content; a number of animals that is None is more than 1000."""
        spread = self.spread
        return {
            "protocol": self.protocol.name,
            "measure": self.measure,
            "unit": self.unit,
            "groups": list(self.groups),
            "power": self.power,
            "alpha": self.alpha,
            "virtual_animals": self.virtual_animals,
            "seed": self.seed,
            "brain": self.brain.digest(),
            "spread": None
            if spread is None
            else {
                "sd": spread.sd,
                "animals": spread.animals,
                "groups": spread.groups,
                "measure": spread.measure,
                "source": spread.source,
            },
            "rows": [
                {name: _plain(value) for name, value in row.items()}
                for row in self.rows.to_dict(orient="records")
            ],
        }

    def summary(self) -> str:
        """Text for a terminal: a line a session."""
        first, second = self.groups
        head = [
            f"{self.protocol.name}: animals a group to see {first} − {second} in {self.measure}",
            f"power {self.power:.0%}, two-sided alpha {self.alpha:g}; effect of "
            f"{self.virtual_animals} virtual animals a group, seed {self.seed}",
        ]
        title = f"{'':<{NAME}} {'difference [95 %]':>22} {'g':>6}  {'model spread':>14}"
        if self.spread is not None:
            head.append(
                f"real spread: SD {self.spread.sd:.3g} within {self.spread.groups} groups, "
                f"{self.spread.animals} scores of {self.spread.source}"
            )
            title += f"  {'real spread':>14}"
        lines = [*head, "", title]
        for row in self.rows.to_dict(orient="records"):
            apart = f"{row['difference']:+.3g} [{row['low']:+.3g}, {row['high']:+.3g}]"
            line = f"{row_name(row)[:NAME]:<{NAME}} {apart:>22} {row['hedges_g']:>+6.1f}"
            line += f"  {in_words(row, 'animals'):>14}"
            if self.spread is not None:
                line += f"  {in_words(row, 'animals_data'):>14}"
            lines.append(line)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.rows.to_html(index=False, float_format="{:.3g}".format)


def row_name(row: dict[Any, Any]) -> str:
    """Session, region, tag and cells of a row in one text."""
    return ", ".join(str(row[key]) for key in ("session", "region", "tag", "cells") if row[key])


def in_words(row: dict[Any, Any], name: str) -> str:
    """A number of animals with its bounds: ``9 (6–14)``, ``> 1000``."""
    value, low, high = (row[key] for key in (name, f"{name}_low", f"{name}_high"))
    if not isfinite(value):
        return f"> {MOST_ANIMALS}" if isfinite(row["hedges_g"]) else "–"
    return f"{value:.0f} ({low:.0f}–{high:.0f})" if isfinite(high) else f"{value:.0f} ({low:.0f}–…)"


def real_spread(scores: Scores, measure: str, *, seed: int = 0) -> Spread:
    """Standard deviation of real animals within experiment, group, condition and hour.

    Parameters
    ----------
    scores : Scores
    measure : str
        A measure of the scores; ``discrimination`` is computed where they are freezing.
    seed : int

    Raises
    ------
    DataError
        When there is no such measure, or no two animals in a group.
    """
    columns = scores.columns
    if measure == DISCRIMINATION:
        table = analyze(scores).discrimination_by_animal.assign(condition="", value=np.nan)
        table["value"] = table["discrimination"]
    else:
        rows = scores.table["condition"] != columns.discrimination
        table = scores.table[(scores.table["measure"] == measure) & rows]
    samples = [
        part["value"].dropna().to_numpy(np.float64)
        for _, part in table.groupby(STRATA, sort=False, dropna=False)
    ]
    samples = [sample for sample in samples if sample.size > 1]
    if not samples or not any(np.ptp(sample) > 0 for sample in samples):
        known = ", ".join([*dict.fromkeys(scores.table["measure"]), DISCRIMINATION])
        raise DataError(
            Problem(
                scores.source,
                f"holds no spread of '{measure}' within groups of two or more animals",
                f"--spread-measure with one of {known}",
            )
        )
    random = np.random.Generator(np.random.Philox(seed))
    drawn = [
        np.sqrt(_pooled([random.choice(sample, sample.size) for sample in samples]))
        for _ in range(RESAMPLES)
    ]
    return Spread(
        float(np.sqrt(_pooled(samples))),
        np.array(drawn, np.float64),
        sum(sample.size for sample in samples),
        len(samples),
        measure,
        scores.source,
    )


def _pooled(samples: Sequence[NDArray[np.float64]]) -> float:
    freedom = sum(sample.size - 1 for sample in samples)
    return float(sum((s.size - 1) * s.var(ddof=1) for s in samples) / freedom)


def analyze_power(
    protocol: Protocol,
    *,
    measure: str = "freezing",
    groups: Sequence[str] | None = None,
    sessions: Sequence[str] = (),
    region: str | None = None,
    tag: str | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    animals: int = 24,
    seed: int = 1,
    workers: Workers = None,
    brain: Brain | None = None,
    spread: Spread | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> PowerAnalysis:
    """Run two groups of a protocol and tell how many animals would show their difference.

    The difference of means is the model's. The test is Welch's t (`power_of_difference`), with the
    spread of the virtual animals, and where given that of real ones: the model's spread is only
    roughly that of mice, so where there are data trust theirs. The bounds of a number of animals
    are those of bootstrap samples of the virtual animals (and of the real ones): they hold the
    uncertainty of the simulation, not that of the model being wrong.

    Parameters
    ----------
    protocol : Protocol
    measure : str
        One of the run's tidy table: freezing, discrimination, engram_size, tag_size,
        reactivation_over_chance, ...
    groups : two str, optional
        First minus second; needed where the protocol has more than two.
    sessions : sequence of str
        Only these; default every session that both groups had.
    region, tag : str, optional
        Only this region or tag.
    power, alpha : float
        Wanted power, allowed false alarms.
    animals : int
        Virtual animals a group, at least 3.
    seed, workers, brain
        As for `engramlab.run`.
    spread : Spread, optional
        Of real animals, from `real_spread`.
    on_progress : callable, optional

    Returns
    -------
    PowerAnalysis

    Raises
    ------
    ParameterError
        For unknown groups, sessions or measures, and numbers out of range.
    """
    brain = brain or Brain()
    pair = _check(protocol, groups, sessions, power, alpha, animals)
    # Only these two are run; an animal's seed is that of its group's name and its number.
    chosen = protocol.model_copy(update={"groups": {g: protocol.groups[g] for g in pair}})
    records = run_cohort(
        chosen, animals=animals, seed=seed, workers=workers, brain=brain, on_progress=on_progress
    )
    table = Experiment.from_records(records, chosen, brain, seed).table
    table = _chosen_rows(table, measure, sessions, region, tag)
    rows = [
        found
        for key, part in table.groupby(WHERE, sort=False, dropna=False)
        if (found := _row(key, part, pair, power, alpha, spread)) is not None
    ]
    if not rows:
        raise ParameterError(
            Problem(
                f"measure '{measure}'",
                f"is not there in both groups, {pair[0]} and {pair[1]}, in any one session",
                "another measure or groups",
            )
        )
    unit = str(table["unit"].iloc[0])
    return PowerAnalysis(
        pd.DataFrame(rows),
        protocol,
        measure,
        unit,
        pair,
        power,
        alpha,
        animals,
        seed,
        spread,
        brain,
    )


def _check(
    protocol: Protocol,
    groups: Sequence[str] | None,
    sessions: Sequence[str],
    power: float,
    alpha: float,
    animals: int,
) -> tuple[str, str]:
    known = list(protocol.groups)
    pair = tuple(known if groups is None and len(known) == 2 else groups or ())
    problems = [
        Problem(f"group '{name}'", f"is not in '{protocol.name}'", "one of " + ", ".join(known))
        for name in pair
        if name not in known
    ]
    if len(set(pair)) != 2 or len(pair) != 2:
        problems.append(
            Problem(
                f"'{protocol.name}'",
                f"has the groups {', '.join(known)}; {len(pair)} were chosen",
                "two different groups: --groups FIRST,SECOND",
            )
        )
    all_sessions = [step.name for step in protocol.timeline if step.do == "session"]
    problems += [
        Problem(
            f"session '{name}'", "is unknown", "one of " + ", ".join(dict.fromkeys(all_sessions))
        )
        for name in sessions
        if name not in all_sessions
    ]
    if not 0 < alpha < power < 1:
        problems.append(
            Problem(f"power {power}, alpha {alpha}", "make no sense", "0 < alpha < power < 1")
        )
    if animals < 3:
        problems.append(
            Problem(f"{animals} animals", "show no spread", "3 or more virtual animals")
        )
    if problems:
        raise ParameterError(problems)
    return pair[0], pair[1]


def _chosen_rows(
    table: pd.DataFrame,
    measure: str,
    sessions: Sequence[str],
    region: str | None,
    tag: str | None,
) -> pd.DataFrame:
    wanted: dict[str, Sequence[str]] = {"measure": [measure], "session": sessions}
    wanted |= {"region": [region] if region else [], "tag": [tag] if tag else []}
    for column, values in wanted.items():
        if values:
            left = table[table[column].isin(values)]
            if left.empty:
                known = [name for name in dict.fromkeys(table[column]) if name]
                raise ParameterError(
                    Problem(
                        f"{column} '{values[0]}'",
                        "is not among the results",
                        "one of " + (", ".join(known) or "(none)"),
                    )
                )
            table = left
    return table


def _row(
    key: Any,
    part: pd.DataFrame,
    pair: tuple[str, str],
    power: float,
    alpha: float,
    spread: Spread | None,
) -> dict[str, Any] | None:
    first, second = (part.loc[part["group"] == name, "value"].to_numpy(np.float64) for name in pair)
    if min(first.size, second.size) < 2:
        return None
    apart = difference(first, second)
    row = dict(zip(WHERE, key, strict=True)) | {
        "mean_first": first.mean(),
        "mean_second": second.mean(),
        "difference": apart.value,
        "low": apart.low,
        "high": apart.high,
        "sd_first": first.std(ddof=1),
        "sd_second": second.std(ddof=1),
        "hedges_g": hedges_g(first, second),
    }
    random = np.random.Generator(np.random.Philox(0))
    draws = [
        (random.choice(first, first.size), random.choice(second, second.size))
        for _ in range(RESAMPLES)
    ]

    def needed(name: str, own: list[tuple[float, tuple[float, float]]]) -> None:
        numbers = [_animals(apart, sds, power, alpha) for apart, sds in own]
        # More than can be counted is above every bound.
        low, high = np.quantile(numbers[1:], [0.025, 0.975], method="inverted_cdf")
        row[name] = numbers[0] if isfinite(numbers[0]) else np.nan
        row[f"{name}_low"] = low if isfinite(low) else np.nan
        row[f"{name}_high"] = high if isfinite(high) else np.nan

    def own_spread(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
        return float(a.std(ddof=1)), float(b.std(ddof=1))

    apart_of = [(float(a.mean() - b.mean())) for a, b in draws]
    needed(
        "animals",
        [
            (apart.value, own_spread(first, second)),
            *((one, own_spread(a, b)) for one, (a, b) in zip(apart_of, draws, strict=True)),
        ],
    )
    if spread is not None:
        needed(
            "animals_data",
            [
                (apart.value, (spread.sd, spread.sd)),
                *(
                    (one, (float(sd), float(sd)))
                    for one, sd in zip(apart_of, spread.samples, strict=True)
                ),
            ],
        )
    return row


def _animals(apart: float, sds: tuple[float, float], power: float, alpha: float) -> float:
    """Animals that are needed; infinite where more than can be counted."""
    if not sum(sds) > 0:
        return 2.0 if apart else float("inf")
    found = animals_for_power(apart, sds, power=power, alpha=alpha)
    return float("inf") if found is None else float(found)


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
