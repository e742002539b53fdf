"""What the studies of open questions have in common: how they run and what an answer is."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.cohort import Cohort, Workers, run_cohorts
from engramlab.errors import DataError, InputError, Problem
from engramlab.measures import Estimate
from engramlab.protocol import Protocol
from engramlab.record import Experiment

REGIONS = ("DG", "CA3", "CA1", "PFC", "BLA")
WIDTH = 79
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Setting:
    """How a study is to be run.

    Parameters
    ----------
    animals : int
        Animals in each group.
    seed : int
    brain : Brain
    workers : int or str, optional
        As `engramlab.run` takes them.
    folder : Path, optional
        Where a long study keeps finished parts, so that it goes on from there.
    on_progress : callable, optional
        Called with (done, in all).
    """

    animals: int
    seed: int = 1
    brain: Brain = field(default_factory=Brain)
    workers: Workers = None
    folder: Path | None = None
    on_progress: Progress | None = None


@dataclass(frozen=True)
class Answer:
    """What a study found.

    Parameters
    ----------
    title, question : str
    conclusion : tuple of str
        Sentences made from this run's numbers, the most important first.
    limits : tuple of str
        What the conclusion does not say, the most important first.
    method : tuple of str
        Paragraphs.
    tables : dict of str to DataFrame
        All numbers, by the name of their file.
    """

    title: str
    question: str
    conclusion: tuple[str, ...]
    limits: tuple[str, ...]
    method: tuple[str, ...]
    tables: dict[str, pd.DataFrame]

    def summary(self, lines: int = 22) -> str:
        """Title, first limits and as much of the conclusion as fits into so many lines."""
        limits = [line for text in self.limits[:2] for line in _wrapped(text)]
        said: list[str] = []
        left = list(self.conclusion)
        while left and len(said) + len(_wrapped(left[0])) + len(limits) + 5 <= lines:
            said += _wrapped(left.pop(0))
        more = [f"  ({len(left)} more in the report)"] if left else []
        return "\n".join([self.title, "", *said, *more, "", "Limits:", *limits])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
    )


@dataclass(frozen=True)
class Arm:
    """One of several ways to treat the same animals.

    Parameters
    ----------
    title : str
    protocol : Protocol
        With one group; of the same name in all arms, so that animal n is the same in all.
    brain : Brain
    """

    title: str
    protocol: Protocol
    brain: Brain


def run_arms(arms: Mapping[str, Arm], setting: Setting) -> dict[str, Experiment]:
    """Run the same animals through every arm.

    Raises
    ------
    InputError
        When an arm cannot be run.
    """
    names = list(arms)
    cohorts = [
        Cohort(arm.protocol, setting.animals, setting.seed, arm.brain) for arm in arms.values()
    ]
    found = {}
    finished = run_cohorts(cohorts, workers=setting.workers, on_progress=setting.on_progress)
    for number, records in finished:
        if isinstance(records, InputError):
            raise records
        arm = arms[names[number]]
        found[names[number]] = Experiment.from_records(
            records, arm.protocol, arm.brain, setting.seed
        )
    return {name: found[name] for name in names}


def present(brain: Brain, mechanisms: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Entries whose mechanisms the brain has, switched on; the rest cannot be ablated."""
    on = {mechanism.name for mechanism in brain.mechanisms} - set(brain.switched_off)
    return {name: parts for name, parts in mechanisms.items() if on.issuperset(parts)}


def neuron_state(data: xr.Dataset, name: str) -> NDArray[np.float64]:
    """One state of every neuron at the start of every session, shape (animal, session, neuron).

    Parameters
    ----------
    data : xarray.Dataset
        Of an experiment.
    name : str
        ``excitability``, ``protein``, ``chromatin``, ``input_strength`` or ``feedforward``.

    Raises
    ------
    DataError
        When the record was made by a version that kept no such state.
    """
    if "neuron_state" not in data or name not in data["state"].values:
        raise DataError(
            Problem("record", f"holds no state '{name}' of neurons", "a run by this version")
        )
    return np.asarray(data["neuron_state"].sel(state=name).values, np.float64)


def sessions(data: xr.Dataset) -> list[str]:
    """Names of the sessions in order."""
    return [str(name) for name in data["session"].values]


def in_region(data: xr.Dataset, region: str) -> NDArray[np.bool_]:
    """Which neurons belong to a region."""
    return np.asarray(data["region"].values.astype(str) == region)


def cells_of_regions(data: xr.Dataset) -> dict[str, NDArray[np.bool_]]:
    """The cells of each region that are looked at; of BLA the negative half, which codes threat."""
    other_half = data["population"].values.astype(str) == "positive"
    return {region: in_region(data, region) & ~other_half for region in REGIONS}


def mean_of_known(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Mean without NaN; NaN where there is nothing else."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(known.any(axis=axis), total / np.maximum(known.sum(axis=axis), 1), np.nan)


def columns(estimate: Estimate, prefix: str = "") -> dict[str, float]:
    """An estimate as the columns value, low, high and animals of a table."""
    return {
        f"{prefix}value": estimate.value,
        f"{prefix}low": estimate.low,
        f"{prefix}high": estimate.high,
        f"{prefix}animals": estimate.animals,
    }


def renamed(row: pd.Series, prefix: str) -> pd.Series:
    """The row with its columns ``<prefix> value``, ``low`` and ``high`` as value, low and high."""
    return pd.Series({name: row[f"{prefix} {name}"] for name in ("value", "low", "high")})


def sure(estimate: Mapping[str, float] | pd.Series, null: float = 0.0) -> bool:
    """Whether the 95 % interval of a row with columns low and high leaves out `null`."""
    return bool(estimate["low"] > null or estimate["high"] < null)


def ci(row: Mapping[str, Any] | pd.Series, form: str = ".2f", unit: str = "") -> str:
    """Value and interval of a row in words: ``0.52 [0.40, 0.61]``."""
    if not np.isfinite(row["value"]):
        return "not defined"
    text = f"{row['value']:{form}}{unit}"
    if np.isfinite(row["low"]):
        text += f" [{row['low']:{form}}, {row['high']:{form}}]"
    return text


def extremes(rows: pd.DataFrame, form: str = ".2f", unit: str = "") -> str:
    """Smallest and largest value of a table with a row for each region, named."""
    order = rows.dropna(subset="value").sort_values("value", kind="stable")
    if order.empty:
        return "not defined"
    low, high = order.iloc[0], order.iloc[-1]
    if len(order) == 1:
        return f"{low['value']:{form}}{unit} ({low['region']})"
    if f"{low['value']:{form}}" == f"{high['value']:{form}}":
        return f"{low['value']:{form}}{unit}"
    return (
        f"{low['value']:{form}}{unit} ({low['region']}) to {high['value']:{form}}{unit} "
        f"({high['region']})"
    )


def rows_where(table: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    """Rows in which all these columns have these values."""
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def listed(names: list[str]) -> str:
    """Names as in a sentence: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
