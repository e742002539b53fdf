"""Suite2p's arrays: ``plane0/F.npy``, ``spks.npy``, ``iscell.npy``.

Layout found in github.com/MouseLand/suite2p, docs/outputs.rst: F (fluorescence), Fneu (neuropil)
and spks (deconvolved) are arrays of regions of interest by time points; the first column of iscell
is 1 where a region is a cell. The frame rate is in ``ops.npy`` (``settings.npy`` since 1.0), which
is pickled: loading it could run foreign code, so it is never loaded and the rate is asked for.
Arrays are mapped into memory: only what is looked at is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.imaging import IMAGING_ASKS, Imaging, imaging
from engramlab.importers.importer import ANIMAL, FRAME_RATE, Ask, Importer, Options, require_told
from engramlab.importers.sessions import MAP_ASKS, Session, in_order, one_of, registered

SIGNAL = Ask("signal", "spks", "which array: F (fluorescence) or spks (deconvolved)", "always")
PLANE = Ask("plane", "plane0", "which imaging plane to take", "a session has several")
KINDS = {"F": "traces", "spks": "events"}
DEPTH = 3  # SESSION/suite2p/plane0


def recognise(path: Path) -> bool:
    """Whether it is a folder with suite2p's arrays, or holds such folders."""
    return path.is_dir() and bool(_planes(path))


def _planes(path: Path) -> list[Path]:
    found: list[Path] = []
    for depth in range(DEPTH + 1):
        found += path.glob("/".join(["*"] * depth + ["F.npy"]))
    return sorted(file.parent for file in found)


def read(path: Path, options: Options) -> Imaging:
    """Read the planes of one session, or of several with a cell map.

    Raises
    ------
    DataError
    """
    require_told(path, options, SIGNAL, FRAME_RATE, ANIMAL)
    signal = options.choice(SIGNAL, tuple(KINDS)) or ""
    sessions = [
        _session(path, name, planes, signal, options) for name, planes in _by_session(path).items()
    ]
    sessions = registered(in_order(sessions, options, path), options, path)
    return imaging(
        sessions,
        options,
        path,
        animal=None,
        frame_rate_hz=None,
        kind=KINDS[signal],
        signal=signal,
        format_name="suite2p",
    )


def _by_session(path: Path) -> dict[str, list[Path]]:
    """Folders with arrays, by the folder below `path` that they are in."""
    planes = _planes(path) if path.is_dir() else []
    if not planes:
        raise DataError(
            Problem(str(path), "holds no F.npy", "suite2p's output: a folder with plane0/F.npy")
        )
    found: dict[str, list[Path]] = {}
    for plane in planes:
        above = [part for part in plane.relative_to(path).parts[:-1] if part != "suite2p"]
        name = above[0] if above else (path.parent if path.name == "suite2p" else path).name
        found.setdefault(name, []).append(plane)
    return found


def _session(path: Path, name: str, planes: list[Path], signal: str, options: Options) -> Session:
    names = [plane.name for plane in planes]
    chosen = one_of(path, PLANE, options, names, f"planes of session '{name}'")
    folder = planes[names.index(chosen)]
    file = folder / f"{signal}.npy"
    activity = _array(file, 2)
    accepted = _array(folder / "iscell.npy", 2)
    if len(accepted) != len(activity):
        raise DataError(
            Problem(
                str(folder / "iscell.npy"),
                f"judges {len(accepted)} regions, {file.name} has {len(activity)}",
                "files of one run of suite2p",
            )
        )
    flags = accepted[:, 0]
    if not np.isin(flags, (0, 1)).all():
        wrong = int(np.flatnonzero(~np.isin(flags, (0, 1)))[0])
        raise DataError(
            Problem(f"{folder / 'iscell.npy'}, region {wrong}", f"is {flags[wrong]:g}", "0 or 1")
        )
    cells = np.flatnonzero(flags == 1)

    def read_part(start: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        return np.asarray(_array(file, 2)[cells[columns], start:stop]).T

    return Session(
        name,
        str(file),
        activity.shape[1],
        tuple(str(cell) for cell in cells),
        read_part,
        dtype=activity.dtype.name,
        found=len(activity),
    )


def _array(file: Path, dimensions: int) -> NDArray[Any]:
    """Map an array of numbers into memory; what is pickled is refused."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        pickled = any(word in str(error).lower() for word in ("pickle", "python objects"))
        why = (
            "holds Python objects, which are not loaded" if pickled else f"cannot be read: {error}"
        )
        raise DataError(Problem(str(file), why, "an array of numbers, as suite2p writes")) from None
    if array.ndim != dimensions or not np.issubdtype(array.dtype, np.number):
        raise DataError(
            Problem(
                str(file),
                f"holds {array.dtype} in {array.ndim} dimensions",
                f"numbers in {dimensions} dimensions",
            )
        )
    loaded: NDArray[Any] = array
    return loaded


IMPORTER = Importer(
    name="suite2p",
    title="suite2p: a folder plane0 with F.npy, spks.npy, iscell.npy, or a folder of sessions",
    reads="imaging",
    extensions=("folder/",),
    recognise=recognise,
    read=read,
    asks=(*IMAGING_ASKS, SIGNAL, PLANE, *MAP_ASKS),
)
