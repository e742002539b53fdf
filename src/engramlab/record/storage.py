"""``record.nc``: the dataset as one compressed NetCDF-4 file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import xarray as xr

from engramlab.errors import OutputError, Problem
from engramlab.record.dataset import digest
from engramlab.record.provenance import check_format

FORMAT = 2
FILE = "record.nc"


def record_file(data: xr.Dataset) -> memoryview:
    """Content of ``record.nc``, with its format version and the digest of its values.

    In memory, since HDF5 on a full disk fails late and unclearly, Python's own files fail at once.
    """
    stored = data.assign_attrs(format=FORMAT, digest=digest(data))
    return memoryview(stored.to_netcdf(engine="h5netcdf", encoding=_encoding(stored)))


def read_record(folder: Path) -> xr.Dataset:
    """Read ``record.nc`` and check it against its digest.

    Raises
    ------
    OutputError
        When there is none, it is damaged, or its format is unknown.
    """
    path = folder / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(
            Problem(
                str(path),
                f"cannot be read ({error.strerror or error})",
                "a finished run; 'engramlab resume' finishes a stopped one",
            )
        ) from error
    try:
        data = xr.load_dataset(BytesIO(content), engine="h5netcdf")
        form, written = data.attrs.pop("format", None), data.attrs.pop("digest", None)
    except Exception as error:  # bytes that are not what was written can fail in any way
        raise OutputError(_damaged(path, str(error))) from error
    check_format(path, None if form is None else int(form), FORMAT)
    if digest(data) != written:
        raise OutputError(_damaged(path, "its values are not those that were written"))
    return data


def _damaged(path: Path, reason: str) -> Problem:
    return Problem(str(path), f"is damaged ({reason})", "a copy that is whole, or run again")


def _encoding(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Compress numbers, in one chunk an animal, so that one animal can be read alone."""
    encoding = {}
    for name, variable in data.data_vars.items():
        if variable.size and variable.dtype.kind in "bfiu":
            encoding[str(name)] = {
                "zlib": True,
                "complevel": 4,
                "shuffle": True,
                "chunksizes": (1, *variable.shape[1:]),
            }
    return encoding
