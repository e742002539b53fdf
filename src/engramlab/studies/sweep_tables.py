"""What a sweep's table says: how far means go, with which parameter, and sensitivity indices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import sobol_indices, spearmanr

from engramlab.studies.sweep_design import Dimension

KEYS = ("measure", "session", "region", "tag", "cells")  # with the group: what one mean is of
RESAMPLES = 500


def effects(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Each mean over the points of a sweep, the one that moves most for its measure first.

    Returns
    -------
    DataFrame
        ``group, measure, session, region, tag, cells, unit``, ``lowest``, ``highest`` and
        ``spread`` (standard deviation) of the means over points, and Spearman's rank correlation
        of the mean with each parameter under its name (NaN where either does not vary).
    """
    rows = []
    for key, part in table.groupby(["group", *KEYS], sort=False):
        means = part["mean"].to_numpy(np.float64)
        row: dict[str, object] = dict(zip(["group", *KEYS], key, strict=True))
        row |= {"unit": part["unit"].iloc[0], "lowest": means.min(), "highest": means.max()}
        row["spread"] = float(means.std()) if np.ptp(means) > 0 else 0.0  # no rounding
        for name in names:
            values = part[name].to_numpy(np.float64)
            varies = len(part) > 2 and np.ptp(means) > 0 and np.ptp(values) > 0
            row[name] = float(spearmanr(values, means).statistic) if varies else math.nan
        rows.append(row)
    columns = ["group", *KEYS, "unit", "lowest", "highest", "spread", *names]
    found = pd.DataFrame(rows, columns=columns)
    order = {measure: place for place, measure in enumerate(dict.fromkeys(table["measure"]))}
    found = found.assign(_first=found["measure"].map(order))
    found = found.sort_values(["_first", "spread"], ascending=[True, False], kind="stable")
    return found.drop(columns="_first").reset_index(drop=True)


def sensitivity(
    table: pd.DataFrame, dimensions: Sequence[Dimension], samples: int, seed: int
) -> pd.DataFrame:
    """Sobol indices of every mean, by `scipy.stats.sobol_indices` on Saltelli's design.

    The first-order index is the share of the variance between brains that goes when a parameter is
    fixed; the total index is the share that is left when all others are fixed. Intervals are
    percentiles of `RESAMPLES` resamplings of the samples (95 %). Estimates of small indices may be
    below 0. A mean that is undefined or the same at all points has no row.

    Returns
    -------
    DataFrame
        Parameters of the grid, ``group``, `KEYS`, ``target`` (these in words), ``parameter``,
        ``first, first_low, first_high, total, total_low, total_high``. The mean with the largest
        variance for its measure first.
    """
    drawn = [one.name for one in dimensions if one.drawn]
    fixed = [one.name for one in dimensions if not one.drawn]
    size = samples * (len(drawn) + 2)
    rows: list[dict[str, object]] = []
    spreads: list[float] = []
    for key, part in table.groupby([*fixed, "group", *KEYS], sort=False):
        means = part.sort_values("point", kind="stable")["mean"].to_numpy(np.float64)
        if len(means) != size or not np.isfinite(means).all() or np.ptp(means) == 0:
            continue
        head = dict(zip([*fixed, "group", *KEYS], key, strict=True))
        target = " ".join(str(value) for value in head.values() if str(value))
        blocks = means.reshape(len(drawn) + 2, samples)
        low_high = _resampled(blocks, seed)
        first, total = _indices(blocks)
        for place, name in enumerate(drawn):
            rows.append(
                {
                    **head,
                    "target": target,
                    "parameter": name,
                    "first": first[place],
                    "first_low": low_high[0, 0, place],
                    "first_high": low_high[1, 0, place],
                    "total": total[place],
                    "total_low": low_high[0, 1, place],
                    "total_high": low_high[1, 1, place],
                }
            )
            spreads.append(float(means.std()))
    columns = [*fixed, "group", *KEYS, "target", "parameter"]
    columns += [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
    found = pd.DataFrame(rows, columns=columns).assign(_spread=spreads)
    order = {measure: place for place, measure in enumerate(dict.fromkeys(table["measure"]))}
    found = found.assign(_first=found["measure"].map(order))
    found = found.sort_values(["_first", "_spread"], ascending=[True, False], kind="stable")
    return found.drop(columns=["_first", "_spread"]).reset_index(drop=True)


def _indices(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """First-order and total indices, shape (2, parameter); blocks are A, B and the mixed ones."""
    values: Any = {"f_A": blocks[:1], "f_B": blocks[1:2], "f_AB": blocks[2:, np.newaxis]}
    found = sobol_indices(func=values, n=blocks.shape[1])
    return np.array([np.ravel(found.first_order), np.ravel(found.total_order)])


def _resampled(blocks: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Lower and upper ends of 95 % intervals, shape (2, 2, parameter)."""
    random = np.random.default_rng(seed)
    count = blocks.shape[1]
    found = []
    for _ in range(RESAMPLES):
        part = blocks[:, random.integers(0, count, count)]
        if np.ptp(part[:2]) > 0:
            found.append(_indices(part))
    return np.asarray(np.percentile(found, [2.5, 97.5], axis=0))
