"""The main results as text for a terminal of 80 x 24 characters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from textwrap import wrap
from typing import Any

import pandas as pd
import xarray as xr

from engramlab.protocol import Protocol
from engramlab.record.table import INPUT_REGION, first_sessions

WIDTH = 80
LINES = 22  # of 24: the prompt and what the command line adds need room
LEAST_LABEL, MOST_LABEL = 16, 30
LEAST_CELL = 10


def mean_freezing(data: xr.Dataset) -> pd.DataFrame:
    """Mean ± sd of freezing in per cent, one row a session, one column a group."""
    frame = pd.DataFrame(data["freezing"].values, columns=data["session"].values.astype(str))
    grouped = frame.groupby(data["group"].values.astype(str), sort=False)
    return _with_sd(grouped.mean().T, grouped.std().T)


def summary(
    protocol: Protocol, provenance: Mapping[str, Any], data: xr.Dataset, table: pd.DataFrame
) -> str:
    """Return title, origin, freezing, engram sizes and over-representation of cell sets.

    At most `WIDTH` characters by `LINES` lines; what does not fit is counted, not hidden.
    """
    run = provenance
    head = [
        *wrap(f"{protocol.name}: {protocol.title}".removesuffix(": "), WIDTH)[:2],
        f"{_count(len(run['groups']), 'group')} x {_count(run['animals'], 'animal')}, "
        f"seed {run['seed']}, engramlab {run['version']}, brain {run['brain']['digest']}",
    ]
    if run["brain"]["switched_off"]:
        head.append(f"switched off: {', '.join(run['brain']['switched_off'])}")
    blocks = [
        _block("Engram size in the first session, % of cells", mean_engram_size(table)),
        _block("Cell sets among tagged cells, times chance", mean_cell_sets(table)),
    ]
    blocks = [block for block in blocks if block]
    room = LINES - len(head) - 1 - sum(len(block) + 1 for block in blocks)
    freezing = mean_freezing(data)
    blocks.insert(0, _block("Freezing, % (mean ± sd over animals)", freezing, max(room, 4)))
    lines = head + [line for block in blocks for line in ["", *block]]
    return "\n".join(_cut(line, WIDTH) for line in lines[:LINES])


def mean_engram_size(table: pd.DataFrame) -> pd.DataFrame:
    """Mean ± sd of engram size in the first session: one row a group, one column a region."""
    rows = first_sessions(table)
    rows = rows[(rows["measure"] == "engram_size") & (rows["region"] != INPUT_REGION)]
    return mean_by_group(rows, "region").T


def mean_cell_sets(table: pd.DataFrame) -> pd.DataFrame:
    """Mean ± sd of the over-representation of cell sets: one row a set, one column a group."""
    rows = table[table["measure"] == "over_representation"]
    name = rows["cells"] + " in " + rows["tag"] + ", " + rows["region"]
    return mean_by_group(rows.assign(cell_set=name), "cell_set")


def mean_by_group(rows: pd.DataFrame, label: str, decimals: int = 1) -> pd.DataFrame:
    """Mean ± sd over animals as texts: one row a value of column `label`, one column a group."""
    grouped = rows.groupby([label, "group"], sort=False)["value"]
    return _with_sd(grouped.mean().unstack(sort=False), grouped.std().unstack(sort=False), decimals)


def _with_sd(mean: pd.DataFrame, sd: pd.DataFrame, decimals: int = 1) -> pd.DataFrame:
    """Texts "mean ± sd"; without sd for one animal, "-" where there is no value."""
    return pd.DataFrame(
        [
            [_mean_sd(m, s, decimals) for m, s in zip(means, sds, strict=True)]
            for means, sds in zip(mean.to_numpy(float), sd.to_numpy(float), strict=True)
        ],
        index=mean.index,
        columns=mean.columns,
    )


def _mean_sd(mean: float, sd: float, decimals: int) -> str:
    if math.isnan(mean):
        return "-"
    text = f"{round(mean, decimals) + 0.0:.{decimals}f}"  # adding zero takes the sign off -0.0
    return text if math.isnan(sd) else f"{text} ± {sd:.{decimals}f}"


def _block(title: str, texts: pd.DataFrame, most_lines: int = 8) -> list[str]:
    """A titled table of at most `most_lines` lines; empty when there is nothing to show."""
    if texts.empty:
        return []
    cell = [max(int(texts[column].str.len().max()), LEAST_CELL) for column in texts.columns]
    room = WIDTH - sum(width + 2 for width in cell)
    rows = [_cut(f"  {row}", min(max(room, LEAST_LABEL), MOST_LABEL)) for row in texts.index]
    label = max(map(len, rows))
    columns = sum(label + total <= WIDTH for total in accumulate(width + 2 for width in cell))
    names = [wrap(str(name), width)[:2] for name, width in zip(texts.columns, cell, strict=True)]
    header = [["", *name] if len(name) == 1 else name for name in names[:columns]]
    if all(first == "" for first, _ in header):
        header = [[last] for _, last in header]
    shown = len(rows) if len(rows) + 2 <= most_lines else max(most_lines - 3, 1)
    lines = [title]
    table = [("", tuple(line)) for line in zip(*header, strict=True)]
    table += [
        (row, tuple(cells)) for row, cells in zip(rows[:shown], texts.to_numpy(), strict=False)
    ]
    for row, cells in table:
        line = zip(cells, cell[:columns], strict=False)
        lines.append(
            row.ljust(label) + "".join("  " + _cut(c, width).rjust(width) for c, width in line)
        )
    more = [
        _count(number, what) + " more"
        for number, what in ((len(rows) - shown, "row"), (len(cell) - columns, "column"))
        if number
    ]
    if more:
        lines.append(f"  ... {', '.join(more)}: see table.csv")
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
