"""Activity of several sessions as one array that is read only where it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from xarray import Variable
from xarray.backends import BackendArray
from xarray.core import indexing

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import NAN

if TYPE_CHECKING:
    from engramlab.importers.sessions import Session


class Activity(BackendArray):
    """Array (session, time, cell) over files; NaN where a session has no such frame or cell.

    Parameters
    ----------
    sessions : sequence of Session
    cells : sequence of str
        Cells along the last dimension.
    keep_nan : bool
        Give values that are no finite numbers as they are, else refuse them.
    """

    def __init__(self, sessions: Sequence[Session], cells: Sequence[str], keep_nan: bool) -> None:
        self._sessions = tuple(sessions)
        self._cells = tuple(cells)
        self._keep_nan = keep_nan
        self._places = []
        for session in sessions:
            place = {name: column for column, name in enumerate(session.cells)}
            self._places.append(np.array([place.get(name, -1) for name in cells], np.intp))
        self.dtype = np.result_type(*(session.dtype for session in sessions))
        self.shape = (len(sessions), max(session.frames for session in sessions), len(cells))

    def variable(self) -> Variable:
        """The array as an xarray variable that loads nothing yet."""
        return Variable(("session", "time", "cell"), indexing.LazilyIndexedArray(self))

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        chosen = [
            np.arange(size)[part] if isinstance(part, slice) else np.atleast_1d(part) % size
            for part, size in zip(key, self.shape, strict=True)
        ]
        block = np.full([len(part) for part in chosen], np.nan, self.dtype)
        for place, session in enumerate(chosen[0]):
            self._fill(block[place], int(session), chosen[1], chosen[2])
        single = tuple(0 if np.isscalar(part) else slice(None) for part in key)
        return block[single]

    def _fill(
        self,
        block: NDArray[Any],
        number: int,
        frames: NDArray[np.intp],
        cells: NDArray[np.intp],
    ) -> None:
        session = self._sessions[number]
        there = np.flatnonzero(frames < session.frames)
        seen = np.flatnonzero(self._places[number][cells] >= 0)
        if not (len(there) and len(seen)):
            return
        wanted = frames[there]
        start, stop = int(wanted.min()), int(wanted.max()) + 1
        columns = self._places[number][cells[seen]]
        try:
            values = np.asarray(session.read(start, stop, columns))[wanted - start]
        except (OSError, RuntimeError, ValueError, IndexError, KeyError) as error:
            # A file that opens may still be cut: its libraries then raise many kinds.
            why = str(error).strip().split("\n", maxsplit=1)[0] or type(error).__name__
            raise DataError(
                Problem(session.where, f"cannot be read: {why}", "a whole file, as it was written")
            ) from None
        if not self._keep_nan:
            self._refuse_nan(session, values, wanted, [self._cells[cell] for cell in cells[seen]])
        block[np.ix_(there, seen)] = values

    @staticmethod
    def _refuse_nan(
        session: Session, values: NDArray[Any], frames: NDArray[np.intp], names: list[str]
    ) -> None:
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, column = bad[0]
            raise DataError(
                Problem(
                    f"{session.where}, frame {frames[row] + 1}, cell '{names[column]}'",
                    f"is {values[row, column]} (one of {len(bad)} such values here)",
                    f"a number; {NAN.flag} leaves such values as they are",
                )
            )
