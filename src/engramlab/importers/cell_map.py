"""Which cells are the same in several sessions: maps of CellReg, and tables.

Layout of CellReg's result found in github.com/zivlab/CellReg, CellReg/demo.m: a file
``cellRegistered_DATE.mat`` saved with ``-v7.3`` (HDF5) with the struct `cell_registered_struct`,
whose field `cell_to_index_map` (cells x sessions) holds the number of each cell in each session,
counted from 1, and 0 where it was not found. MATLAB stores arrays transposed in HDF5. A table holds
the same numbers: a column a session, a row a cell, the sessions' names in the first row.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import Options
from engramlab.importers.tables import SUFFIXES, numbers, read_header, read_table

STRUCT = "cell_registered_struct"
FIELDS = ("cell_to_index_map", "optimal_cell_to_index_map")
HDF5_START = b"\x89HDF\r\n\x1a\n"
MAT_START = b"MATLAB 7.3 MAT-file"


@dataclass(frozen=True)
class CellMap:
    """Which cells are the same in several sessions.

    Parameters
    ----------
    indices : array of int
        Number of each cell (rows) in each session (columns), counted from 0; -1 where it was not
        found.
    source : str
        Where it comes from.
    """

    indices: NDArray[np.intp]
    source: str

    def table(self) -> pd.DataFrame:
        """Cells found in each two sessions: a row and column a session, counted from 1."""
        found = (self.indices >= 0).astype(int)
        names = [f"session {number + 1}" for number in range(found.shape[1])]
        return pd.DataFrame(found.T @ found, index=names, columns=names)

    def summary(self) -> str:
        """Text for a terminal."""
        found = self.indices >= 0
        everywhere = int(found.all(axis=1).sum())
        return (
            f"{self.source}: {found.shape[0]} cells over {found.shape[1]} sessions, {everywhere} "
            f"found in all\ncells found in each two sessions:\n{self.table().to_string()}"
        )


def read_cell_map(path: str | Path) -> CellMap:
    """Read a map of cells, from CellReg's file or a table.

    Raises
    ------
    DataError
        When it cannot be read, holds other than whole numbers, or names a cell twice in a session.
    """
    path = Path(path)
    if path.name.lower().endswith(SUFFIXES):
        return _checked(path, _of_table(path))
    return _checked(path, _of_cellreg(path))


def is_mat_hdf5(path: Path) -> bool:
    """Whether a file begins as MATLAB's v7.3 files, or as HDF5."""
    try:
        with path.open("rb") as stream:
            start = stream.read(len(MAT_START))
    except OSError:
        return False
    return start == MAT_START or start.startswith(HDF5_START)


def _of_cellreg(path: Path) -> NDArray[np.float64]:
    import h5py

    if path.is_file() and not is_mat_hdf5(path):
        raise DataError(
            Problem(
                str(path),
                "is no MATLAB file of version 7.3",
                "CellReg's cellRegistered_*.mat; in MATLAB: save(..., '-v7.3')",
            )
        )
    try:
        with h5py.File(path, "r") as file:
            struct = file.get(STRUCT)
            found = [name for name in FIELDS if struct is not None and name in struct]
            if not found:
                raise DataError(
                    Problem(
                        str(path),
                        f"holds no {STRUCT}.{FIELDS[0]} but " + ", ".join(sorted(file)[:20]),
                        "CellReg's cellRegistered_*.mat",
                    )
                )
            return np.asarray(struct[found[0]][()], float).T
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            Problem(str(path), f"cannot be read: {error}", "a whole cellRegistered_*.mat")
        ) from None


def _of_table(path: Path) -> NDArray[np.float64]:
    options = Options()
    header = read_header(path, options)
    names = list(header.columns)
    if all(name.lstrip("-").isdigit() for name in names):
        raise DataError(
            Problem(
                f"{path}, row {header.row}", "names no sessions", "a first row with their names"
            )
        )
    raw = read_table(path, options, names, header=header)
    return np.column_stack([numbers(raw[name], options).to_numpy() for name in names])


def _checked(path: Path, numbers: NDArray[np.float64]) -> CellMap:
    if numbers.ndim != 2 or not numbers.size:
        raise DataError(Problem(str(path), "holds no map", "cells x sessions"))
    bad = np.argwhere(~(np.isfinite(numbers) & (numbers >= 0) & (numbers == np.round(numbers))))
    problems = [
        Problem(
            f"{path}, cell {cell + 1}, session {session + 1}",
            f"is {numbers[cell, session]:g}",
            "the cell's number in that session, counted from 1, or 0 where it was not found",
        )
        for cell, session in bad[:20]
    ]
    for session, column in enumerate(numbers.T):
        values, counts = np.unique(column[column > 0], return_counts=True)
        problems += [
            Problem(
                f"{path}, session {session + 1}",
                f"gives number {value:g} to {count} cells",
                "each number once in a session",
            )
            for value, count in zip(values[counts > 1][:5], counts[counts > 1][:5], strict=True)
        ]
    if problems:
        raise DataError(problems)
    return CellMap(numbers.astype(np.intp) - 1, str(path))
