"""Minian's results: a folder with ``C.zarr`` and ``S.zarr``, or ``minian.nc`` of early versions.

Layout found in github.com/denisecailab/minian, minian/utilities.py (`save_minian`, `open_minian`):
each variable is saved as a dataset of its own, ``NAME.zarr``, with the dimensions ``unit_id`` and
``frame``; labels such as ``animal`` and ``session`` may be coordinates of one value. C are calcium
traces, S the deconvolved activity. Frames are numbered, the frame rate is not kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.imaging import IMAGING_ASKS, Imaging, imaging
from engramlab.importers.importer import FRAME_RATE, Ask, Importer, Options, library, require_told
from engramlab.importers.sessions import MAP_ASKS, Session, in_order, registered

if TYPE_CHECKING:
    import xarray as xr

SIGNAL = Ask("signal", "C", "which variable: C (calcium traces) or S (deconvolved)", "always")
KINDS = {"C": "traces", "S": "events"}
DIMENSIONS = {"unit_id", "frame"}
OLD = "minian.nc"
DEPTH = 2  # SESSION/minian


def recognise(path: Path) -> bool:
    """Whether it is a folder with C.zarr or minian.nc, holds such folders, or is minian.nc."""
    return bool(_folders(path)) if path.is_dir() else path.name == OLD and path.is_file()


def _folders(path: Path) -> list[Path]:
    found: list[Path] = []
    for name in ("C.zarr", "S.zarr", OLD):
        for depth in range(DEPTH + 1):
            found += path.glob("/".join(["*"] * depth + [name]))
    return sorted({file.parent for file in found})


def read(path: Path, options: Options) -> Imaging:
    """Read one session, or several (a folder of folders) with a cell map.

    Raises
    ------
    DataError
    """
    require_told(path, options, SIGNAL, FRAME_RATE)
    signal = options.choice(SIGNAL, tuple(KINDS)) or ""
    folders = _folders(path) if path.is_dir() else [path.parent]
    if not folders:
        raise DataError(
            Problem(str(path), f"holds no {signal}.zarr and no {OLD}", "the folder minian saved")
        )
    found = [_session(path, folder, signal) for folder in folders]
    sessions = in_order([session for session, _ in found], options, path)
    animals = {animal for session, animal in found if session in sessions and animal}
    if len(animals) > 1:
        raise DataError(
            Problem(str(path), "is of several animals: " + ", ".join(sorted(animals)), "one animal")
        )
    return imaging(
        registered(sessions, options, path),
        options,
        path,
        animal=animals.pop() if animals else None,
        frame_rate_hz=None,
        kind=KINDS[signal],
        signal=signal,
        format_name="minian",
    )


def _session(path: Path, folder: Path, signal: str) -> tuple[Session, str | None]:
    file = folder / f"{signal}.zarr"
    file = file if file.exists() else folder / OLD
    data = _open(file, signal)
    if set(data.dims) != DIMENSIONS:
        raise DataError(
            Problem(
                f"{file}, {signal}",
                f"has the dimensions {', '.join(map(str, data.dims))}",
                "unit_id and frame",
            )
        )
    data = data.transpose("frame", "unit_id")
    units = data["unit_id"].to_numpy()
    labels = {
        name: str(data[name].item())
        for name in ("animal", "session")
        if name in data.coords and data[name].size == 1
    }
    above = (
        [part for part in folder.relative_to(path).parts if part != "minian"]
        if path.is_dir()
        else []
    )
    name = above[0] if above else labels.get("session", folder.name)

    def read_part(start: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        part = _open(file, signal).transpose("frame", "unit_id")
        values: NDArray[Any] = part.isel(frame=slice(start, stop), unit_id=columns).to_numpy()
        return values

    frames, dtype = data.sizes["frame"], data.dtype.name
    cells = tuple(str(unit) for unit in units)
    return Session(name, f"{file}, {signal}", frames, cells, read_part, dtype), labels.get("animal")


def _open(file: Path, signal: str) -> xr.DataArray:
    """Open a variable without loading it; dimensions of one value are taken away."""
    import xarray as xr

    zarr = file.suffix == ".zarr"
    if zarr:
        library("zarr", "minian", file)
    try:
        engine = "zarr" if zarr else "h5netcdf"
        options: dict[str, Any] = {"consolidated": None} if zarr else {}
        data = xr.open_dataset(file, engine=engine, chunks=None, **options)
    except Exception as error:  # the storage libraries raise many kinds for damaged files
        first = str(error).split("\n", maxsplit=1)[0][:200]
        raise DataError(
            Problem(str(file), f"cannot be read: {first}", "a whole result of minian")
        ) from None
    if signal not in data:
        raise DataError(
            Problem(str(file), f"holds no '{signal}'", "of " + ", ".join(map(str, data.data_vars)))
        )
    return data[signal].squeeze(drop=False)


IMPORTER = Importer(
    name="minian",
    title="minian: the folder with C.zarr and S.zarr (or minian.nc), or a folder of sessions",
    reads="imaging",
    extensions=("folder/", ".nc"),
    recognise=recognise,
    read=read,
    asks=(*IMAGING_ASKS, SIGNAL, *MAP_ASKS),
)
