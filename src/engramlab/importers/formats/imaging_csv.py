"""Activity as text: rows are frames, columns are cells, one file a session (CSV, TSV, gzip).

The layout of Tomé et al. 2024 (github.com/douglastome/dynamic-engrams, src/data): files
``mouse1_cfc.csv.gz`` without a header, whose columns are the same cells in all files of one animal.
Files with a header have the cells' names in it. A file is scanned once when it is opened (shape,
numbers, names; a few thousand rows at a time) and read again, only the frames and cells that are
looked at, when its activity is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.imaging import IMAGING_ASKS, Imaging, imaging
from engramlab.importers.importer import (
    ACTIVITY,
    ACTIVITY_KINDS,
    ANIMAL,
    ENCODING,
    FRAME_RATE,
    NAN,
    Ask,
    Importer,
    Options,
    missing,
    require_told,
)
from engramlab.importers.names import NameTemplate, stem
from engramlab.importers.sessions import Session, in_order
from engramlab.importers.tables import TEXT_SUFFIXES, first_rows, rows, separator_of
from engramlab.importers.text import empty, explained, open_text

NAMES = Ask(
    "names",
    "{animal}_{session}",
    "what the parts of the files' names mean; {} is a part to ignore",
    "a folder holds several",
)
TIME = Ask(
    "time_column",
    "time",
    "the column that is no cell but time or frame number: its name, 'first' or 'none'",
    "a column looks like one",
)
HEADER = Ask(
    "header", "yes", "whether the first row names the cells: yes or no", "it counts 0, 1, 2, ..."
)
UNMATCHED = Ask("unmatched", "keep", "take files whose headers do not name the same cells")
TIME_NAME = re.compile(r"(time|timestamp|frame|seconds?|sec|t)\b.*", re.IGNORECASE)
CELL_NAME = re.compile(r"\D{0,12}\d+")  # C01, cell 7, roi_12
FEW_COLUMNS = 8  # a table with a header and fewer columns of numbers is not taken for activity
CHUNK_NUMBERS = 2_000_000


@dataclass(frozen=True)
class _Matrix:
    """A scanned file."""

    path: Path
    header: tuple[str, ...]  # names of all columns; empty without a header line
    columns: tuple[int, ...]  # places of the cells
    frames: int
    separator: str

    @property
    def cells(self) -> tuple[str, ...]:
        if self.header:
            return tuple(self.header[column] for column in self.columns)
        return tuple(f"cell {number + 1}" for number in range(len(self.columns)))


def recognise(path: Path) -> bool:
    """Whether it is a matrix of numbers, or a folder in which all tables are."""
    if path.is_dir():
        files = _files(path)
        return bool(files) and all(_is_matrix(file, few=2) for file in files)
    return path.name.lower().endswith(TEXT_SUFFIXES) and _is_matrix(path, few=FEW_COLUMNS)


def _files(folder: Path) -> list[Path]:
    return sorted(
        file for file in folder.iterdir() if file.is_file() and file.name.endswith(TEXT_SUFFIXES)
    )


def _is_matrix(path: Path, few: int) -> bool:
    start = first_rows(path, 3)
    if len(start) < 2 or len({len(fields) for fields in start}) > 1 or len(start[0]) < 2:
        return False
    if all(_is_number(field) for field in start[0]):
        return all(_is_number(field) for field in start[1])
    others = [name for name in start[0] if not CELL_NAME.fullmatch(name)]
    return (
        len(start[0]) >= few
        and len(others) <= 1  # time
        and all(_is_number(field) for fields in start[1:] for field in fields)
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read(path: Path, options: Options) -> Imaging:
    """Read a file, or the files of one animal in a folder.

    Raises
    ------
    DataError
    """
    several = path.is_dir() and len(_files(path)) > 1
    name = NAMES if several or NAMES.name in options.told else ANIMAL
    require_told(path, options, ACTIVITY, FRAME_RATE, name)
    kind = options.choice(ACTIVITY, ACTIVITY_KINDS) or ""
    animal, files = _sessions(path, options)
    matrices = {name: _scan(file, options) for name, file in files.items()}
    sessions = in_order(
        [_session(name, matrix, options) for name, matrix in matrices.items()], options, path
    )
    _check_cells(path, sessions, matrices, options)
    return imaging(
        sessions,
        options,
        path,
        animal=animal,
        frame_rate_hz=None,
        kind=kind,
        signal=kind,
        format_name="imaging-csv",
    )


def _sessions(path: Path, options: Options) -> tuple[str | None, dict[str, Path]]:
    """Which animal, and its files by session."""
    template = options.text(NAMES)
    if path.is_dir():
        files = _files(path)
        if not files:
            raise DataError(Problem(str(path), "holds no CSV or TSV files", "one a session"))
    else:
        files = [path]
    if template is None:
        return None, {stem(files[0].name): files[0]}
    names = NameTemplate(template, ("animal", "session", "group"))
    parts = {file: names.parts(file.name, str(file)) for file in files}
    animals = list(dict.fromkeys(part["animal"] for part in parts.values() if "animal" in part))
    animal = options.choice(ANIMAL, animals) if animals else None
    if animals and animal is None:
        if len(animals) > 1:
            why = f"holds files of {len(animals)} animals"
            flag = f"--tell {ANIMAL.name}=NAME, or several between commas, of " + ",".join(animals)
            raise DataError(Problem(str(path), why, flag))
        animal = animals[0]
    found: dict[str, Path] = {}
    for file, part in parts.items():
        if animal is None or part["animal"] == animal:
            name = part.get("session", stem(file.name))
            if name in found:
                other = found[name].name
                why = f"is session '{name}' of animal '{animal or '?'}', and so is {other}"
                raise DataError(Problem(str(file), why, "one file a session and animal"))
            found[name] = file
    return animal, found


def _scan(path: Path, options: Options) -> _Matrix:
    start = list(islice(rows(path, options), 2))
    if not start:
        raise empty(path)
    if start[0][0] > 1:
        raise DataError(Problem(f"{path}, row 1", "is empty", "cells' names or numbers"))
    first = [field.strip() for field in start[0][1]]
    header = tuple(first) if _names_cells(path, options, first) else ()
    with explained(path), open_text(path, options) as stream:
        separator = separator_of(next(line for line in stream if line.strip()))
    frames, rising = 0, True
    before = -np.inf
    for values in _blocks(path, options, separator, bool(header), len(first)):
        if rising:
            column = np.concatenate([[before], values[:, 0]])
            rising = bool((np.diff(column) > 0).all())
            before = column[-1]
        frames += len(values)
    columns = _cell_columns(path, options, header, len(first), rising and frames > 2)
    return _Matrix(path, header, columns, frames, separator)


def _names_cells(path: Path, options: Options, first: list[str]) -> bool:
    """Whether the first row is a header."""
    told = options.choice(HEADER, ("yes", "no"))
    if told is not None:
        return told == "yes"
    if not all(_is_number(field) for field in first):
        return True
    counted = [field for field in first if field.isdigit()]
    if len(first) > 1 and counted in ([str(n + s) for n in range(len(first))] for s in (0, 1)):
        raise missing(path, HEADER, f"begins with the row {', '.join(first[:4])}, ...")
    return False


def _blocks(
    path: Path, options: Options, separator: str, has_header: bool, width: int
) -> Iterator[NDArray[np.float64]]:
    """All numbers of a file, some rows at a time; refuses what is none."""
    keep = options.choice(NAN, ("keep", "refuse")) == "keep"
    size = max(1, CHUNK_NUMBERS // width)
    row = 1 + has_header  # the block's first row in the file
    blank: int | None = None
    try:
        with explained(path), open_text(path, options) as stream:
            reader = pd.read_csv(
                stream,
                sep=separator,
                header=None,
                skiprows=int(has_header),
                chunksize=size,
                skip_blank_lines=False,
                dtype=np.float64,
            )
            for part in reader:
                values = part.to_numpy()
                if values.shape[1] != width:  # the first row after the header decides it
                    raise ValueError(f"{values.shape[1]} columns")
                lines = np.isnan(values).all(axis=1)
                end = len(values) - int(np.argmin(lines[::-1])) if not lines.all() else 0
                if blank is not None and end:
                    raise _no_number(path, blank, 1, "")
                if end < len(values) and blank is None:
                    blank = row + end
                if not keep:
                    _refuse_nan(path, options, values[:end], row)
                row += len(values)
                if end:
                    yield values[:end]
    except pd.errors.EmptyDataError:
        raise DataError(Problem(str(path), "has a header and no rows", "a row a frame")) from None
    except (ValueError, pd.errors.ParserError) as error:
        raise _bad_text(path, options, width, has_header, error) from None


def _refuse_nan(path: Path, options: Options, values: NDArray[np.float64], row: int) -> None:
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        place, column = bad[0]
        raise _no_number(path, row + place, column + 1, str(values[place, column]), NAN.flag)


def _no_number(path: Path, row: int, column: int, found: str, remedy: str = "") -> DataError:
    what = f"is '{found}', no finite number" if found not in ("", "nan") else "is empty or NaN"
    more = f"; {remedy} leaves such values as they are" if remedy else ""
    return DataError(Problem(f"{path}, row {row}, column {column}", what, f"a number{more}"))


def _bad_text(
    path: Path, options: Options, width: int, has_header: bool, error: Exception
) -> DataError:
    """Find what the fast reader stumbled over, with its place."""
    for number, fields in islice(rows(path, options), int(has_header), None):
        if len(fields) != width:
            return DataError(
                Problem(f"{path}, row {number}", f"has {len(fields)} columns", f"{width} as row 1")
            )
        for column, field in enumerate(fields, 1):
            if field.strip() and not _is_number(field):
                return _no_number(path, number, column, field.strip())
    return DataError(Problem(str(path), f"is no matrix of numbers: {error}", "a row a frame"))


def _cell_columns(
    path: Path, options: Options, header: tuple[str, ...], width: int, rising: bool
) -> tuple[int, ...]:
    told = options.text(TIME)
    everything = tuple(range(width))
    if told is None:
        named = [name for name in header if TIME_NAME.fullmatch(name)]
        if named or rising:
            what = f"column '{named[0]}'" if named else "the first column, which always rises,"
            answer = named[0] if named else "first"
            flag = f"--tell {TIME.name}={answer}, or --tell {TIME.name}=none"
            raise DataError(Problem(str(path), f"{what} looks like time, not like a cell", flag))
        return everything
    if told == "none":
        return everything
    if told not in (*header, "first"):
        allowed = ", ".join(["first", "none", *header[:20]])
        raise DataError(Problem(f"--tell {TIME.name}={told}", f"{path} has none", allowed))
    time = header.index(told) if told in header else 0
    return tuple(column for column in everything if column != time)


def _session(name: str, matrix: _Matrix, options: Options) -> Session:
    def read_part(start: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        places = np.array(matrix.columns, np.intp)[columns]
        order = np.unique(places)
        with explained(matrix.path), open_text(matrix.path, options) as stream:
            part = pd.read_csv(
                stream,
                sep=matrix.separator,
                header=None,
                skiprows=bool(matrix.header) + start,
                nrows=stop - start,
                usecols=order.tolist(),
                skip_blank_lines=False,
                dtype=np.float64,
            )
        values: NDArray[Any] = part[places.tolist()].to_numpy()
        return values

    return Session(name, str(matrix.path), matrix.frames, matrix.cells, read_part)


def _check_cells(
    path: Path, sessions: list[Session], matrices: dict[str, _Matrix], options: Options
) -> None:
    first = sessions[0]
    headers = {bool(matrices[session.name].header) for session in sessions}
    if len(headers) > 1:
        raise DataError(
            Problem(
                str(path), "some files name their cells in a header, others do not", "all or none"
            )
        )
    keep = options.choice(UNMATCHED, ("keep", "refuse")) == "keep" and headers == {True}
    problems = []
    for session in sessions[1:]:
        lacking = sorted(set(first.cells) - set(session.cells))
        more = sorted(set(session.cells) - set(first.cells))
        nothing_common = len(lacking) == len(first.cells)
        if (lacking or more) and (nothing_common or not keep):
            remedy = f"; {UNMATCHED.flag} if some were not found" if headers == {True} else ""
            lists = [f"lacks {', '.join(lacking[:5])}"] * bool(lacking)
            lists += [f"has {', '.join(more[:5])} besides"] * bool(more)
            problems.append(
                Problem(
                    session.where,
                    f"has {len(session.cells)} cells, {first.where} {len(first.cells)}: it "
                    + " and ".join(lists),
                    "the same cells in all sessions of an animal" + remedy,
                )
            )
    if problems:
        raise DataError(problems)


IMPORTER = Importer(
    name="imaging-csv",
    title="calcium imaging as text: a file a session, rows are frames, columns registered cells",
    reads="imaging",
    extensions=(*TEXT_SUFFIXES, "folder/"),
    recognise=recognise,
    read=read,
    asks=(*IMAGING_ASKS, ACTIVITY, NAMES, HEADER, TIME, UNMATCHED, ENCODING),
)
