"""Scores: one row a measurement of one animal. Reads tidy files; other importers end here too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import CANONICAL, REQUIRED, ColumnMap
from engramlab.importers.importer import Options
from engramlab.importers.tables import hint, numbers, read_header, read_table

MAX_BYTES = 256 * 1024 * 1024
MAX_SHOWN = 20


@dataclass(frozen=True)
class Scores:
    """Scores in one form, whatever they came from.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `CANONICAL`: experiment, group, condition, measure, animal (text), hours, value
        (float64; hours may be NaN when unknown).
    columns : ColumnMap
        What the names in it mean.
    source : str
        Where they come from.
    """

    table: pd.DataFrame
    columns: ColumnMap
    source: str


def read_scores(
    path: str | Path, columns: ColumnMap | None = None, options: Options | None = None
) -> Scores:
    """Read a tidy file of scores.

    Parameters
    ----------
    path : str or Path
        CSV or TSV file in UTF-8, plain or gzip, or an Excel workbook, with a header line; at most
        256 MiB.
    columns : ColumnMap, optional
        Which column means what. Columns that the file lacks, other than animal and value, are
        filled with one name for all rows.
    options : Options, optional
        What else was told: encoding, sheet, decimal sign.

    Returns
    -------
    Scores

    Raises
    ------
    DataError
        With every problem found: file, row (counted as in the file, header is row 1), column.
    """
    path = Path(path)
    options = options or Options()
    columns = columns or options.columns
    header = read_header(path, options, most_bytes=MAX_BYTES)
    foreign = [name for name in (*columns.columns, *columns.where) if name not in CANONICAL]
    if foreign:
        raise DataError(
            Problem(f"column '{foreign[0]}'", "has no meaning in scores", ", ".join(CANONICAL))
        )
    missing = [
        Problem(
            f"{path}, header",
            f"there is no column '{columns.theirs(name)}' for '{name}'",
            hint(columns.theirs(name), header.columns)
            + f"say which column it is with --column {name}=NAME; the file has "
            + ", ".join(header.columns),
        )
        for name in CANONICAL
        if columns.theirs(name) not in header.columns
        and (name in REQUIRED or name in columns.columns or name in columns.where)
    ]
    if missing:
        raise DataError(missing)
    found = {name: columns.theirs(name) for name in CANONICAL}
    found = {ours: theirs for ours, theirs in found.items() if theirs in header.columns}
    wanted = list(dict.fromkeys(found.values()))
    raw = read_table(path, options, wanted, header=header, most_bytes=MAX_BYTES)
    filled = {"measure": columns.freezing, "hours": ""}
    table = pd.DataFrame(
        {
            name: raw[found[name]] if name in found else filled.get(name, "all")
            for name in CANONICAL
        },
        index=raw.index,
    )
    return checked_scores(path, table, options, columns, found)


def checked_scores(
    path: Path,
    table: pd.DataFrame,
    options: Options,
    columns: ColumnMap,
    names: Mapping[str, str],
) -> Scores:
    """Make scores of a table of text, or say all that is wrong with it.

    Parameters
    ----------
    path : Path
    table : pandas.DataFrame
        Text in the columns `CANONICAL`; the index is the row in the file. Hours may be empty in
        all rows.
    options : Options
    columns : ColumnMap
    names : mapping of str to str
        Our column -> the file's, for messages; a measure -> the column with its values.

    Raises
    ------
    DataError
    """
    table = kept(path, table, columns, names)
    has_hours = bool((table["hours"] != "").any())
    value = numbers(table["value"], options)
    hours = numbers(table["hours"], options)
    problems = list(_problems(path, table, columns, names, value, hours if has_hours else None))
    if problems:
        raise DataError(shown(path, problems))
    table = table.assign(value=value, hours=hours)
    return Scores(table.reset_index(drop=True), columns, str(path))


def kept(
    path: Path, table: pd.DataFrame, columns: ColumnMap, names: Mapping[str, str]
) -> pd.DataFrame:
    """The rows that ``--where`` keeps.

    Raises
    ------
    DataError
        When there are none.
    """
    for name, wanted in columns.where.items():
        if name not in table.columns:
            raise DataError(
                Problem(
                    f"--where {name}={wanted}", f"there is no '{name}'", ", ".join(map(str, table))
                )
            )
        before = table[name]
        table = table[before == wanted]
        if table.empty:
            raise DataError(
                Problem(
                    f"{path}, column '{names.get(name, name)}'",
                    f"no row has the value '{wanted}'",
                    "one of " + ", ".join(sorted(set(before))[:MAX_SHOWN]),
                )
            )
    return table


def shown(path: Path, problems: list[Problem]) -> list[Problem]:
    """The first problems, and how many more there are."""
    more = len(problems) - MAX_SHOWN
    return problems[:MAX_SHOWN] + ([Problem(str(path), f"and {more} more problems")] * (more > 0))


def _problems(
    path: Path,
    table: pd.DataFrame,
    columns: ColumnMap,
    names: Mapping[str, str],
    value: pd.Series[float],
    hours: pd.Series[float] | None,
) -> Iterator[Problem]:
    def place(row: object, measure: object) -> str:
        column = names.get(str(measure)) or names.get("value", "value")
        return f"{path}, row {row}, column '{column}'"

    bad = table[~np.isfinite(value)]
    for row, found, measure in zip(bad.index, bad["value"], bad["measure"], strict=True):
        what = f"the score is {found!r}, not a number" if found else "the score is missing"
        yield Problem(place(row, measure), what, "a number")
    percent = (table["measure"] == columns.freezing) & (
        table["condition"] != columns.discrimination
    )
    for row, number in value[percent & ((value < 0) | (value > 100))].items():
        yield Problem(
            place(row, columns.freezing),
            f"freezing is {number:g} percent",
            "0 to 100; say with --freezing NAME which measure is freezing, with "
            "--discrimination NAME which condition holds indices",
        )
    if hours is not None:
        for row, text in table.loc[~(np.isfinite(hours) & (hours >= 0)), "hours"].items():
            yield Problem(
                f"{path}, row {row}, column '{names.get('hours', 'hours')}'",
                f"hours are {text!r}",
                "a number of hours, 0 or more",
            )
    keys = [column for column in CANONICAL if column != "value"]
    for row, record in table.loc[table.duplicated(keys), keys].iterrows():
        known = ", ".join(f"{key} {text}" for key, text in record.items() if text)
        yield Problem(
            f"{path}, row {row}",
            f"a second score for the same animal: {known}",
            "one row for each animal, condition, hour and measure",
        )
