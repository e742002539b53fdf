"""Tidy score files (CSV or TSV, plain or gzip): one row a measurement of one animal."""

from __future__ import annotations

import difflib
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import CANONICAL, REQUIRED, ColumnMap

MAX_BYTES = 256 * 1024 * 1024
MAX_SHOWN = 20
SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")


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


def read_scores(path: str | Path, columns: ColumnMap | None = None) -> Scores:
    """Read a tidy file of scores.

    Parameters
    ----------
    path : str or Path
        CSV or TSV file in UTF-8, plain or gzip, with a header line; at most 256 MiB.
    columns : ColumnMap, optional
        Which column means what. Columns that the file lacks, other than animal and value, are
        filled with one name for all rows.

    Returns
    -------
    Scores

    Raises
    ------
    DataError
        With every problem found: file, row (counted as in the file, header is row 1), column.
    """
    path = Path(path)
    columns = columns or ColumnMap()
    text = _text(path)
    raw = _parse(path, text)
    missing = [
        Problem(
            f"{path}, header",
            f"there is no column '{columns.theirs(name)}' for '{name}'",
            _hint(columns.theirs(name), raw.columns)
            + f"say which column it is with --column {name}=NAME; the file has "
            + ", ".join(map(str, raw.columns)),
        )
        for name in CANONICAL
        if columns.theirs(name) not in raw.columns
        and (name in REQUIRED or name in columns.columns or name in columns.where)
    ]
    if missing:
        raise DataError(missing)
    table = pd.DataFrame(
        {
            name: raw[columns.theirs(name)].str.strip()
            if columns.theirs(name) in raw.columns
            else {"measure": columns.freezing, "hours": ""}.get(name, "all")
            for name in CANONICAL
        },
        index=raw.index,
    ).set_axis(raw.index + 2)  # row numbers as in the file
    for name, wanted in columns.where.items():
        table = table[table[name] == wanted]
        if table.empty:
            raise DataError(
                Problem(
                    f"{path}, column '{columns.theirs(name)}'",
                    f"no row has the value '{wanted}'",
                    "one of " + ", ".join(sorted(set(raw[columns.theirs(name)]))[:20]),
                )
            )
    has_hours = columns.theirs("hours") in raw.columns
    problems = list(_problems(path, table, columns, has_hours=has_hours))
    if problems:
        shown = problems[:MAX_SHOWN]
        if len(problems) > MAX_SHOWN:
            shown.append(Problem(str(path), f"and {len(problems) - MAX_SHOWN} more problems"))
        raise DataError(shown)
    table = table.assign(
        value=table["value"].astype(float),
        hours=table["hours"].astype(float) if has_hours else np.nan,
    )
    return Scores(table.reset_index(drop=True), columns, str(path))


def _hint(name: str, known: pd.Index) -> str:
    near = difflib.get_close_matches(name, [str(column) for column in known], n=1)
    return f"did you mean '{near[0]}'? " if near else ""


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise DataError(Problem(str(path), "is a folder", "a CSV or TSV file in it"))
        size = path.stat().st_size
        too_large = DataError(
            Problem(
                str(path),
                f"is larger than {MAX_BYTES // 2**20} MiB, the most that is read",
                "a file with only the rows to analyse",
            )
        )
        if size > MAX_BYTES:
            raise too_large
        if size == 0:
            raise DataError(Problem(str(path), "is empty", "a header line and rows of scores"))
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                data = stream.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise too_large
        else:
            data = path.read_bytes()
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DataError(
            Problem(str(path), f"cannot be read: {why}", "a CSV or TSV file you may read")
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise DataError(
            Problem(
                f"{path}, row {row}",
                f"byte {error.start} is not UTF-8 text",
                "a text file saved as CSV in UTF-8 (a spreadsheet can export one)",
            )
        ) from None
    if "\x00" in text:
        raise DataError(Problem(str(path), "holds binary data", "a text file saved as CSV"))
    return text


def _parse(path: Path, text: str) -> pd.DataFrame:
    header = text.split("\n", 1)[0]
    separator = "\t" if "\t" in header else ";" if ";" in header and "," not in header else ","
    try:
        raw = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=str,
            keep_default_na=False,
            index_col=False,
            on_bad_lines="error",
        )
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if found:
            expected, line, saw = found.groups()
            raise DataError(
                Problem(f"{path}, row {line}", f"has {saw} fields", f"{expected}, as the header")
            ) from None
        raise DataError(Problem(str(path), f"is not a table: {error}")) from None
    except pd.errors.EmptyDataError:
        raise DataError(
            Problem(str(path), "is empty", "a header line and rows of scores")
        ) from None
    if raw.empty:
        raise DataError(Problem(str(path), "has a header and no rows", "rows of scores"))
    return raw


def _problems(
    path: Path, table: pd.DataFrame, columns: ColumnMap, *, has_hours: bool
) -> Iterator[Problem]:
    value = pd.to_numeric(table["value"], errors="coerce")
    name = columns.theirs("value")
    for row in table.index[~np.isfinite(value)]:
        found = table.at[row, "value"]
        what = f"the score is {found!r}, not a number" if found else "the score is missing"
        yield Problem(f"{path}, row {row}, column '{name}'", what, "a number")
    percent = (table["measure"] == columns.freezing) & (
        table["condition"] != columns.discrimination
    )
    for row in table.index[percent & ((value < 0) | (value > 100))]:
        yield Problem(
            f"{path}, row {row}, column '{name}'",
            f"freezing is {value[row]:g} percent",
            "0 to 100; say with --freezing NAME which measure is freezing, with "
            "--discrimination NAME which condition holds indices",
        )
    if has_hours:
        hours = pd.to_numeric(table["hours"], errors="coerce")
        for row in table.index[~(np.isfinite(hours) & (hours >= 0))]:
            yield Problem(
                f"{path}, row {row}, column '{columns.theirs('hours')}'",
                f"hours are {table.at[row, 'hours']!r}",
                "a number of hours, 0 or more",
            )
    keys = [column for column in CANONICAL if column != "value"]
    for row in table.index[table.duplicated(keys)]:
        record = table.loc[row, keys].astype(str)
        known = ", ".join(f"{key} {text}" for key, text in record.items() if text)
        yield Problem(
            f"{path}, row {row}",
            f"a second score for the same animal: {known}",
            "one row for each animal, condition, hour and measure",
        )
