"""CaImAn's results in HDF5 (``cnm.save``): ``/estimates`` and ``/params``.

Layout found in github.com/flatironinstitute/CaImAn, caiman/utils (`save_dict_to_hdf5`): traces
``estimates/C`` (denoised), ``estimates/S`` (deconvolved) and ``estimates/F_dff`` are components by
frames; ``estimates/idx_components`` lists the accepted components from 0, and None is written as
the text ``NoneType``; ``params/data/fr`` is the frame rate. It is 30, CaImAn's default, where the
user set none: so a file that says 30 gets a warning unless the rate is told.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.imaging import IMAGING_ASKS, Imaging, imaging
from engramlab.importers.importer import ANIMAL, FRAME_RATE, Ask, Importer, Options, require_told
from engramlab.importers.names import stem
from engramlab.importers.sessions import MAP_ASKS, Session, cells_of, in_order, registered

SIGNAL = Ask("signal", "C", "which array: C (denoised), F_dff (dF/F) or S (deconvolved)", "always")
KINDS = {"C": "traces", "F_dff": "traces", "S": "events"}
SUFFIXES = (".hdf5", ".h5")
DEFAULT_RATE = 30.0
ACCEPTED, RATE = "estimates/idx_components", "params/data/fr"


def recognise(path: Path) -> bool:
    """Whether it is a file with CaImAn's estimates, or a folder of such files."""
    files = _files(path)
    return bool(files) and all(_has_estimates(file) for file in files)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    return [path] if path.suffix in SUFFIXES else []


def _has_estimates(file: Path) -> bool:
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            return "estimates" in opened and "C" in opened["estimates"]
    except (OSError, RuntimeError):
        return False


def read(path: Path, options: Options) -> Imaging:
    """Read one result, or several (a folder, a file a session) with a cell map.

    Raises
    ------
    DataError
    """
    require_told(path, options, SIGNAL, ANIMAL)
    signal = options.choice(SIGNAL, tuple(KINDS)) or ""
    files = _files(path) if path.is_dir() else [path]
    if not files:
        raise DataError(
            Problem(str(path), "holds no .hdf5 files", "results of CaImAn, one a session")
        )
    found = [_session(file, signal) for file in files]
    rates = {session.name: rate for session, rate in found}
    sessions = in_order([session for session, _ in found], options, path)
    different = {rates[session.name] for session in sessions}
    if len(different) > 1 and options.number(FRAME_RATE) is None:
        told = ", ".join(f"{session.name} {rates[session.name]} Hz" for session in sessions)
        raise DataError(
            Problem(str(path), f"the sessions' frame rates differ: {told}", FRAME_RATE.flag)
        )
    if DEFAULT_RATE in different and options.number(FRAME_RATE) is None:
        warnings.warn(
            f"{path}: the frame rate is {DEFAULT_RATE:g} Hz, which CaImAn writes where none was "
            f"set; if the recording had another: --tell {FRAME_RATE.name}=...",
            stacklevel=2,
        )
    return imaging(
        registered(sessions, options, path),
        options,
        path,
        animal=None,
        frame_rate_hz=different.pop(),
        kind=KINDS[signal],
        signal=signal,
        format_name="caiman",
    )


def _session(file: Path, signal: str) -> tuple[Session, float | None]:
    import h5py

    key = f"estimates/{signal}"
    try:
        with h5py.File(file, "r") as opened:
            array = opened.get(key)
            if array is None or array.ndim != 2:
                there = [
                    name for name in KINDS if getattr(opened.get(f"estimates/{name}"), "ndim", 0)
                ]
                raise DataError(
                    Problem(
                        str(file),
                        f"holds no {key} (components x frames)",
                        f"--tell {SIGNAL.name}=NAME with one of {', '.join(there)}"
                        if there
                        else "a result that CaImAn saved",
                    )
                )
            components, frames = array.shape
            cells = _accepted(file, opened.get(ACCEPTED), components)
            rate = opened.get(RATE)
            number = float(np.squeeze(rate[()])) if rate is not None else None
            dtype = array.dtype.name
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise DataError(
            Problem(str(file), f"cannot be read: {error}", "a whole .hdf5 file saved by CaImAn")
        ) from None
    if number is not None and not (np.isfinite(number) and number > 0):
        raise DataError(Problem(f"{file}, {RATE}", f"is {number:g}", FRAME_RATE.flag))

    def read_part(start: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        with h5py.File(file, "r") as opened:
            return cells_of(opened[key], start, stop, cells[columns], cells_first=True)

    names = tuple(str(cell) for cell in cells)
    where = f"{file}, {key}"
    return Session(stem(file.name), where, frames, names, read_part, dtype, components), number


def _accepted(file: Path, indices: Any, components: int) -> NDArray[np.intp]:
    """Numbers of the accepted components; all where none were judged."""
    if indices is None or indices.ndim == 0:  # absent, or the text NoneType
        return np.arange(components)
    numbers = np.asarray(indices[()])
    wrong = numbers[(numbers < 0) | (numbers >= components)]
    if len(wrong):
        raise DataError(
            Problem(
                f"{file}, {ACCEPTED}",
                f"names component {wrong[0]}, but there are {components}",
                f"numbers from 0 to {components - 1}",
            )
        )
    return numbers.astype(np.intp)


IMPORTER = Importer(
    name="caiman",
    title="CaImAn: results saved as .hdf5, or a folder of them, a file a session",
    reads="imaging",
    extensions=(*SUFFIXES, "folder/"),
    recognise=recognise,
    read=read,
    asks=(*IMAGING_ASKS, SIGNAL, *MAP_ASKS),
)
