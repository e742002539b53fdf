"""Tables as text, row by row: CSV, TSV and Excel, whatever their size.

Rows keep the number they have in the file, so that a message can name it.
"""

from __future__ import annotations

import csv
import difflib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import DECIMAL, SHEET, Options, library
from engramlab.importers.text import MARKS, empty, explained, open_bytes, open_text

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")
SUFFIXES = (*TEXT_SUFFIXES, *EXCEL_SUFFIXES)
CHUNK_ROWS = 50_000
SNIFF_BYTES = 64 * 1024

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Header:
    """The line that names the columns: its number in the file, and the names."""

    row: int
    columns: tuple[str, ...]


def separator_of(line: str) -> str:
    """The sign between the fields of a line: tab, else semicolon or comma."""
    return "\t" if "\t" in line else ";" if ";" in line and "," not in line else ","


def rows(path: Path, options: Options, most_bytes: int | None = None) -> Iterator[Row]:
    """Rows of a text table or workbook that hold something, each with its number in the file.

    Parameters
    ----------
    path : Path
    options : Options
    most_bytes : int, optional
        Refuse a larger file.

    Raises
    ------
    DataError
    """
    if path.name.lower().endswith(EXCEL_SUFFIXES) and path.is_file():
        yield from _excel_rows(path, options)
        return
    stream = open_text(path, options, most_bytes)
    with explained(path), stream:
        first = next((line for line in stream if line.strip()), "")
    stream = open_text(path, options, most_bytes)
    with explained(path), stream:
        reader = csv.reader(stream, delimiter=separator_of(first))
        end = 0
        for fields in reader:
            row, end = end + 1, reader.line_num  # a quoted field may hold line ends
            if any(field and not field.isspace() for field in fields):
                yield row, fields


def _excel_rows(path: Path, options: Options) -> Iterator[Row]:
    openpyxl = library("openpyxl", "excel", path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        names = list(book.sheetnames)
        wanted = options.text(SHEET)
        if wanted is None and len(names) > 1:
            raise DataError(
                Problem(
                    str(path),
                    f"has {len(names)} sheets",
                    f"--tell {SHEET.name}=NAME with one of " + ", ".join(names),
                )
            )
        if wanted is not None and wanted not in names:
            raise DataError(
                Problem(str(path), f"has no sheet '{wanted}'", "one of " + ", ".join(names))
            )
        for number, values in enumerate(book[wanted or names[0]].iter_rows(values_only=True), 1):
            fields = [_excel_text(value) for value in values]
            if any(fields):
                yield number, fields
    except DataError:
        raise
    except Exception as error:  # openpyxl lets whatever its XML and zip readers raise pass
        raise DataError(
            Problem(
                str(path),
                f"is no whole Excel workbook ({type(error).__name__})",
                "an .xlsx file that Excel opens, or the sheet saved as CSV",
            )
        ) from None


def _excel_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def first_rows(path: Path, count: int = 60) -> list[list[str]]:
    """The first rows of what may be a table, to recognise it by; none where it cannot be read."""
    name = path.name.lower()
    try:
        if not path.is_file() or not name.endswith(SUFFIXES):
            return []
        if name.endswith(EXCEL_SUFFIXES):
            told = Options(told={SHEET.name: _first_sheet(path)})
            return [fields for _, fields in islice(_excel_rows(path, told), count)]
        with open_bytes(path) as stream:
            start = stream.read(SNIFF_BYTES)
        encoding = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
        lines = start.decode(encoding, errors="replace").splitlines()
        if len(start) == SNIFF_BYTES:
            lines = lines[:-1] or lines  # the last one is likely cut
        lines = [line for line in lines if line.strip()][:count]
        separator = separator_of(lines[0]) if lines else ","
        return [
            [cell.strip() for cell in fields] for fields in csv.reader(lines, delimiter=separator)
        ]
    except (OSError, EOFError, ValueError, zlib.error, csv.Error, DataError):
        return []


def _first_sheet(path: Path) -> str:
    openpyxl = library("openpyxl", "excel", path)
    try:
        return str(openpyxl.load_workbook(path, read_only=True).sheetnames[0])
    except Exception as error:  # see `_excel_rows`
        raise DataError(Problem(str(path), "is no Excel workbook")) from error


def has_columns(path: Path, *needed: str) -> bool:
    """Whether the first row of a table names all of these columns."""
    start = first_rows(path, 1)
    return bool(start) and set(needed) <= set(start[0])


def read_header(
    path: Path,
    options: Options,
    is_header: Callable[[list[str]], bool] = lambda fields: True,
    most_bytes: int | None = None,
) -> Header:
    """Find the row that names the columns: the first for which `is_header` holds.

    Raises
    ------
    DataError
        When there is none.
    """
    for number, fields in rows(path, options, most_bytes):
        names = [name.strip() for name in fields]
        if is_header(names):
            while names and not names[-1]:
                names.pop()
            return Header(number, tuple(names))
    raise empty(path)


def chunks(
    path: Path,
    options: Options,
    columns: Sequence[str],
    *,
    header: Header | None = None,
    most_bytes: int | None = None,
) -> Iterator[pd.DataFrame]:
    """Some columns of a table as text, a few ten thousand rows at a time.

    Parameters
    ----------
    path : Path
    options : Options
    columns : sequence of str
        Columns to read; each has to be there once.
    header : Header, optional
        Default: the first row.
    most_bytes : int, optional
        Refuse a larger file.

    Yields
    ------
    pandas.DataFrame
        The index is the row's number in the file.

    Raises
    ------
    DataError
        When a column is missing or doubled, or a row has another number of fields.
    """
    header = header or read_header(path, options, most_bytes=most_bytes)
    require(path, header, columns)
    doubled = [name for name in columns if header.columns.count(name) > 1]
    if doubled:
        raise DataError(
            Problem(f"{path}, row {header.row}", f"names '{doubled[0]}' twice", "each column once")
        )
    places = [header.columns.index(name) for name in columns]
    width = len(header.columns)

    def picked() -> Iterator[Row]:  # only what is wanted is kept of each row
        for number, fields in rows(path, options, most_bytes):
            if number <= header.row:
                continue
            if len(fields) < width or any(fields[width:]):
                raise DataError(
                    Problem(
                        f"{path}, row {number}",
                        f"has {len(fields)} fields",
                        f"{width}, as the header",
                    )
                )
            yield number, [fields[place].strip() for place in places]

    body = picked()
    while part := list(islice(body, CHUNK_ROWS)):
        yield pd.DataFrame(
            [fields for _, fields in part],
            index=[number for number, _ in part],
            columns=list(columns),
            dtype=str,
        )


def read_table(
    path: Path,
    options: Options,
    columns: Sequence[str],
    *,
    header: Header | None = None,
    most_bytes: int | None = None,
) -> pd.DataFrame:
    """Some columns of a whole table as text; see `chunks`.

    Raises
    ------
    DataError
        Also when there are no rows.
    """
    parts = list(chunks(path, options, columns, header=header, most_bytes=most_bytes))
    if not parts:
        raise DataError(Problem(str(path), "has a header and no rows", "rows of data"))
    return pd.concat(parts)


def require(path: Path, header: Header, columns: Sequence[str]) -> None:
    """Refuse a header that lacks some of these columns.

    Raises
    ------
    DataError
    """
    lacking = [name for name in columns if name not in header.columns]
    if lacking:
        raise DataError(
            [
                Problem(
                    f"{path}, row {header.row}",
                    f"there is no column '{name}'",
                    hint(name, header.columns) + "the file has " + ", ".join(header.columns),
                )
                for name in lacking
            ]
        )


def hint(name: str, known: Sequence[str]) -> str:
    """A guess at what a wrong name was meant to be, as the start of a sentence."""
    near = difflib.get_close_matches(name, [str(column) for column in known], n=1)
    return f"did you mean '{near[0]}'? " if near else ""


def numbers(text: pd.Series[str], options: Options) -> pd.Series[float]:
    """Text as numbers; NaN where it is none."""
    if options.choice(DECIMAL, ("comma", "point")) == "comma":
        text = text.str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").astype(float)
