"""Recordings as formats find them: their order, and which of their cells are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.cell_map import CellMap, read_cell_map
from engramlab.importers.importer import CELL_MAP, MAP_COUNTS, SESSIONS, Ask, Options, missing

if TYPE_CHECKING:
    import xarray as xr

EPOCH_COLUMNS = ("session", "source", "name", "start_seconds", "stop_seconds")
SPARSE = 8  # cells within a range, for each that is wanted, from which on they are picked singly
MAP_ASKS = (CELL_MAP, MAP_COUNTS)


@dataclass(frozen=True, eq=False)
class Session:
    """One recording, as a format found it.

    Parameters
    ----------
    name : str
    where : str
        The file (and the place in it), for messages.
    frames : int
    cells : tuple of str
        Names of the cells, in the order of `read`'s columns; the same name in another session is
        the same cell only if the format says so, or after `register`.
    read : callable
        ``read(start, stop, columns)``: activity of some cells in these frames, frames x cells.
    dtype : str
    found : int
        Regions of interest in the file, with those that were rejected (names of `cells` are then
        their numbers from 0).
    hours : float
        When it was, in hours after the first; NaN where unknown.
    start_seconds : float
        Time of the first frame on the clock of `epochs` and `series`.
    epochs : pandas.DataFrame
        `EPOCH_COLUMNS` without ``session``.
    series : mapping of str to xarray.DataArray
        Other signals of the session, over ``seconds``.
    """

    name: str
    where: str
    frames: int
    cells: tuple[str, ...]
    read: Callable[[int, int, NDArray[np.intp]], NDArray[Any]]
    dtype: str = "float64"
    found: int = 0
    hours: float = float("nan")
    start_seconds: float = 0.0
    epochs: pd.DataFrame | None = None
    series: Mapping[str, xr.DataArray] = field(default_factory=dict)


def in_order(
    sessions: Sequence[Session], options: Options, path: Path, *, known: bool = False
) -> list[Session]:
    """The sessions that were asked for, in the order that was told.

    Parameters
    ----------
    sessions : sequence of Session
    options : Options
    path : Path
    known : bool
        The files tell the order, and `sessions` are in it.

    Raises
    ------
    DataError
        When there are several and the order was not told, or a told one is not there.
    """
    wanted = options.listed(SESSIONS)
    by_name = {session.name: session for session in sessions}
    if not wanted:
        if len(sessions) > 1 and not known:
            raise order_unknown(path, list(by_name))
        return list(sessions)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise DataError(
            Problem(str(path), f"has no session '{unknown[0]}'", "of " + ", ".join(by_name))
        )
    return [by_name[name] for name in wanted]


def order_unknown(path: Path, names: Sequence[str]) -> DataError:
    """The error for several sessions whose order nobody told."""
    return DataError(
        Problem(
            str(path),
            f"holds {len(names)} sessions and does not say in which order they were recorded",
            f"--tell {SESSIONS.name}=... with some of {','.join(names)}, in that order",
        )
    )


def registered(sessions: Sequence[Session], options: Options, path: Path) -> list[Session]:
    """Name the cells of sessions that number their regions of interest each on its own.

    One session keeps its numbers. Several need a cell map, whose columns are the sessions in order.

    Raises
    ------
    DataError
        When there is no cell map, or it does not fit the sessions.
    """
    file = options.text(CELL_MAP)
    if file is None:
        if len(sessions) > 1:
            raise missing(path, CELL_MAP, "numbers the cells of each session on its own")
        return list(sessions)
    cell_map = read_cell_map(Path(file))
    if cell_map.indices.shape[1] != len(sessions):
        raise DataError(
            Problem(
                f"{file}",
                f"maps {cell_map.indices.shape[1]} sessions, {path} gives {len(sessions)}",
                f"the sessions that were registered, in that order: {SESSIONS.flag}",
            )
        )
    counts = _map_counts(sessions, options, path)
    return [
        _register(session, cell_map, column, all_found=counts == "all")
        for column, session in enumerate(sessions)
    ]


def _map_counts(sessions: Sequence[Session], options: Options, path: Path) -> str:
    told = options.choice(MAP_COUNTS, ("accepted", "all"))
    if told is None and any(session.found > len(session.cells) for session in sessions):
        raise missing(path, MAP_COUNTS)
    return told or "accepted"


def _register(session: Session, cell_map: CellMap, column: int, *, all_found: bool) -> Session:
    numbers = cell_map.indices[:, column]
    size = session.found if all_found else len(session.cells)
    if numbers.max(initial=-1) >= size:
        raise DataError(
            Problem(
                f"{cell_map.source}, session {column + 1}",
                f"names cell {numbers.max() + 1}, but {session.where} has {size}",
                "a map made from these sessions, in this order",
            )
        )
    place = {int(name): k for k, name in enumerate(session.cells)} if all_found else None
    columns, names = [], []
    for row, number in enumerate(numbers):
        where = number if place is None else place.get(int(number), -1)
        if where >= 0:
            columns.append(int(where))
            names.append(f"cell {row + 1}")
    chosen = np.array(columns, np.intp)
    read = session.read
    return replace(
        session,
        cells=tuple(names),
        read=lambda start, stop, some: read(start, stop, chosen[some]),
    )


def cells_of(
    array: Any, start: int, stop: int, cells: NDArray[np.intp], *, cells_first: bool
) -> NDArray[Any]:
    """Some frames and cells of an HDF5 dataset, frames x cells.

    HDF5 picks single rows or columns slowly, so that all between the outermost are read, unless
    few of them are wanted.
    """
    if not len(cells):
        return np.empty((stop - start, 0), array.dtype)
    low, high = int(cells.min()), int(cells.max()) + 1
    if high - low > SPARSE * len(cells):
        wanted, back = np.unique(cells, return_inverse=True)
        part = array[wanted, start:stop] if cells_first else array[start:stop, wanted].T
        return np.asarray(part[back]).T
    part = array[low:high, start:stop].T if cells_first else array[start:stop, low:high]
    return np.asarray(part)[:, cells - low]


def one_of(path: Path, ask: Ask, options: Options, names: Sequence[str], what: str) -> str:
    """One of several things that a file holds: the only one, or the one that was told.

    Raises
    ------
    DataError
        When there are several and none was told, or the told one is not there.
    """
    told = options.choice(ask, names)
    if told is None and len(names) != 1:
        raise DataError(
            Problem(
                str(path),
                f"holds {len(names) or 'no'} {what}",
                f"--tell {ask.name}=NAME with one of " + ", ".join(names) if names else what,
            )
        )
    return told or names[0]
