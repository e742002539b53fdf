"""CellReg's result on its own: how many cells were found again. See `importers.cell_map`.

To read activity with it, give the activity's file or folder and ``--tell cell_map=THIS_FILE``.
"""

from __future__ import annotations

from pathlib import Path

from engramlab.importers.cell_map import STRUCT, CellMap, is_mat_hdf5, read_cell_map
from engramlab.importers.importer import Importer, Options


def recognise(path: Path) -> bool:
    """Whether it is a MATLAB file that holds CellReg's struct."""
    if path.suffix != ".mat" or not is_mat_hdf5(path):
        return False
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return STRUCT in file
    except (OSError, RuntimeError):
        return False


def read(path: Path, options: Options) -> CellMap:
    """Read the map; see `engramlab.importers.cell_map.read_cell_map`."""
    return read_cell_map(path)


IMPORTER = Importer(
    name="cellreg",
    title="CellReg: cellRegistered_*.mat, which cells are the same; goes with files of activity",
    reads="cell map",
    extensions=(".mat",),
    recognise=recognise,
    read=read,
)
