"""NWB 2.x files on this computer: activity of regions of interest, behaviour, optogenetics.

Types of the NWB core schema as pynwb reads them (pynwb 4): `RoiResponseSeries` (time x regions) in
`Fluorescence` or `DfOverF`, its `rois` a part of a `PlaneSegmentation` table; `OptogeneticSeries`;
other `TimeSeries`; `TimeIntervals`, `IntervalSeries` (1 and -1 where an interval starts and stops)
and `EventsTable` as epochs. Regions that are cells are marked in the column ``Accepted`` ("1 if ROI
was accepted or 0 if rejected", in public converters) or ``iscell`` (two columns in one; suite2p's
own NWB output, docs/outputs.rst). A file is one session; the order of several is that of their
start times. Activity stays on disk until it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.imaging import IMAGING_ASKS, Imaging, imaging
from engramlab.importers.importer import (
    ACTIVITY,
    ACTIVITY_KINDS,
    FRAME_RATE,
    Ask,
    Importer,
    Options,
    library,
    missing,
)
from engramlab.importers.names import stem
from engramlab.importers.nwb_signals import epochs_of, rate_of, signals_of
from engramlab.importers.sessions import MAP_ASKS, Session, cells_of, in_order, one_of, registered

SIGNAL = Ask("signal", "DfOverF", "which RoiResponseSeries to take", "the file has several")
CELL_COLUMN = Ask(
    "cell_column",
    "cell_id",
    "the column of the PlaneSegmentation whose value is the same for a cell in all sessions",
    "there are several sessions and no cell map",
)
ACCEPTED = Ask(
    "accepted_column",
    "Accepted",
    "the column of the PlaneSegmentation that says which regions are cells, or 'none'",
    "the table has a column that seems to say it",
)
JUDGING = ("accepted", "iscell", "is_cell")
NWB_ATTRIBUTE = "nwb_version"


@dataclass(frozen=True)
class _Found:
    """What one file holds."""

    session: Session
    animal: str | None
    start: datetime
    rate: float | None
    kind: str | None
    signal: str


def recognise(path: Path) -> bool:
    """Whether it is an NWB file, or a folder with some."""
    files = _files(path)
    return bool(files) and all(_is_nwb(file) for file in files)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.nwb"))
    return [path] if path.suffix in (".nwb", ".h5", ".hdf5") else []


def _is_nwb(file: Path) -> bool:
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            return NWB_ATTRIBUTE in opened.attrs
    except (OSError, RuntimeError):
        return False


def read(path: Path, options: Options) -> Imaging:
    """Read one session, or the sessions of one animal in a folder.

    Raises
    ------
    DataError
    """
    files = _files(path) if path.is_dir() else [path]
    if not files:
        raise DataError(Problem(str(path), "holds no .nwb files", "one a session"))
    found = sorted((_open(file, options) for file in files), key=lambda one: one.start)
    found = [
        replace(one, session=replace(one.session, hours=_hours(one.start, found[0].start)))
        for one in found
    ]
    sessions = in_order([one.session for one in found], options, path, known=True)
    taken = [one for one in found if one.session in sessions]
    animals = sorted({one.animal for one in taken if one.animal})
    if len(animals) > 1:
        raise DataError(Problem(str(path), "is of several animals: " + ", ".join(animals), "one"))
    told = options.choice(ACTIVITY, ACTIVITY_KINDS)
    kinds = {one.kind for one in taken}
    kind = told or (kinds.pop() if len(kinds) == 1 else None)
    if kind is None:
        raise missing(path, ACTIVITY)
    if options.text(CELL_COLUMN) is None:
        if len(sessions) > 1 and not options.text(MAP_ASKS[0]):
            raise missing(path, CELL_COLUMN, "numbers the cells of each session on its own")
        sessions = registered(sessions, options, path)
    return imaging(
        sessions,
        options,
        path,
        animal=animals[0] if animals else None,
        frame_rate_hz=_common_rate(path, taken, options),
        kind=kind,
        signal=taken[0].signal,
        format_name="nwb",
    )


def _hours(start: datetime, first: datetime) -> float:
    return (start - first).total_seconds() / 3600


def _common_rate(path: Path, found: list[_Found], options: Options) -> float | None:
    rates = [one.rate for one in found]
    known = [rate for rate in rates if rate is not None]
    if options.number(FRAME_RATE) is not None or not known:
        return None
    if len(known) < len(rates) or max(known) > 1.001 * min(known):
        each = ", ".join(f"{one.session.name} {one.rate or 'unknown'}" for one in found)
        raise DataError(
            Problem(str(path), f"the sessions' frame rates differ: {each}", FRAME_RATE.flag)
        )
    return known[0]


def _open(file: Path, options: Options) -> _Found:
    pynwb = library("pynwb", "nwb", file)
    try:
        with pynwb.NWBHDF5IO(str(file), "r", load_namespaces=True) as io:
            return _found(file, io.read(), options)
    except DataError:
        raise
    except Exception as error:  # pynwb, hdmf and h5py raise many kinds for damaged files
        first = str(error).split("\n", maxsplit=1)[0][:200]
        raise DataError(
            Problem(str(file), f"cannot be read: {first}", "a whole NWB 2 file")
        ) from None


def _found(file: Path, nwb: Any, options: Options) -> _Found:
    from pynwb.ophys import RoiResponseSeries

    responses = {
        _name(one): one for one in nwb.objects.values() if isinstance(one, RoiResponseSeries)
    }
    if not responses:
        raise DataError(Problem(str(file), "holds no RoiResponseSeries", "activity of cells"))
    name = one_of(file, SIGNAL, options, sorted(responses), "RoiResponseSeries")
    series = responses[name]
    chosen, cells = _cells(file, series, name, options)
    rate, start = rate_of(file, series)
    in_dfof = type(series.parent).__name__ == "DfOverF"
    session = Session(
        name=stem(file.name),
        where=f"{file}, {name}",
        frames=series.data.shape[0],
        cells=cells,
        read=_reader(file, series, chosen),
        dtype=np.dtype(series.data.dtype).name,
        found=series.data.shape[1],
        start_seconds=start,
        epochs=epochs_of(file, nwb),
        series=signals_of(file, nwb),
    )
    animal = nwb.subject.subject_id if nwb.subject is not None else None
    kind = "traces" if in_dfof else None  # tools put deconvolved events into Fluorescence too
    return _Found(session, animal, nwb.session_start_time, rate, kind, name)


def _name(series: Any) -> str:
    """A series' name; with that of its container where its own says nothing."""
    own = str(series.name)
    generic = own in ("RoiResponseSeries", "roi_response_series")
    return str(series.parent.name) if generic and series.parent is not None else own


def _cells(
    file: Path, series: Any, name: str, options: Options
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Columns of the activity that are cells, and the cells' names."""
    if series.data.ndim != 2:
        raise DataError(
            Problem(f"{file}, {name}", f"has {series.data.ndim} dimensions", "time x regions")
        )
    table, rows = series.rois.table, np.asarray(series.rois.data[:], np.intp)
    if len(rows) != series.data.shape[1]:
        raise DataError(
            Problem(
                f"{file}, {name}",
                f"has {series.data.shape[1]} columns, but its rois are {len(rows)}",
                "a region for each column",
            )
        )
    if len(rows) and (rows.min() < 0 or rows.max() >= len(table)):
        raise DataError(
            Problem(
                f"{file}, {name}",
                f"names region {rows.max()}, but '{table.name}' has {len(table)}",
                f"rows 0 to {len(table) - 1}",
            )
        )
    accepted = _accepted(file, table, options)[rows]
    column = options.text(CELL_COLUMN)
    if column is None:
        chosen = np.flatnonzero(accepted)
        return chosen, tuple(str(place) for place in chosen)
    if column not in table.colnames:
        raise DataError(
            Problem(
                f"{file}, PlaneSegmentation '{table.name}'",
                f"has no column '{column}'",
                f"--tell {CELL_COLUMN.name}=NAME with one of " + ", ".join(table.colnames),
            )
        )
    names = np.asarray(table[column].data[:])[rows]
    chosen = np.flatnonzero(accepted)
    return chosen, tuple(
        one.decode() if isinstance(one, bytes) else str(one) for one in names[chosen]
    )


def _accepted(file: Path, table: Any, options: Options) -> NDArray[np.bool_]:
    told = options.choice(ACCEPTED, ("none", *table.colnames))
    judging = [name for name in table.colnames if name.lower() in JUDGING]
    if told is None and judging:
        raise DataError(
            Problem(
                f"{file}, PlaneSegmentation '{table.name}'",
                f"has a column '{judging[0]}'; does it say which regions are cells?",
                f"--tell {ACCEPTED.name}={judging[0]}, or --tell {ACCEPTED.name}=none",
            )
        )
    if told is None or told == "none":
        return np.ones(len(table), bool)
    flags = np.asarray(table[told].data[:])
    flags = flags[:, 0] if flags.ndim == 2 else flags
    if not np.isin(flags, (0, 1)).all():
        raise DataError(Problem(f"{file}, column '{told}'", "holds other than 0 and 1", "0 or 1"))
    return flags.astype(bool)


def _reader(file: Path, series: Any, chosen: NDArray[np.intp]) -> Any:
    """How to read some frames and cells of a series after its file was closed."""
    import h5py

    if not isinstance(series.data, h5py.Dataset):
        array = np.asarray(series.data)
        return lambda start, stop, columns: array[start:stop, chosen[columns]]
    source, key = series.data.file.filename, series.data.name

    def read_part(start: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        with h5py.File(source, "r") as opened:
            return cells_of(opened[key], start, stop, chosen[columns], cells_first=False)

    return read_part


IMPORTER = Importer(
    name="nwb",
    title="NWB 2: a file with RoiResponseSeries, or a folder with the sessions of one animal",
    reads="imaging",
    extensions=(".nwb", "folder/"),
    recognise=recognise,
    read=read,
    asks=(*IMAGING_ASKS, SIGNAL, ACTIVITY, CELL_COLUMN, ACCEPTED, *MAP_ASKS),
)
