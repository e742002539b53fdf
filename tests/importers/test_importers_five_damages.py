"""The usual damages in every format: cut short, wrong encoding, NaN, an animal twice, other cells.

Each is refused where it is read, with a message that names the place; nothing is left out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from test_importers_damage import TEXTS, TOLD
from test_importers_imaging_programs import FRAMES, ROIS, caiman, cellreg, minian, suite2p
from test_importers_nwb import write as nwb

from engramlab.errors import DataError
from engramlab.importers import read_data
from engramlab.importers.imaging import Imaging

TABLES = [name for name in TEXTS if name != "imaging-csv"]
RECORDING: dict[str, dict[str, object]] = {
    "suite2p": {"signal": "F", "frame_rate_Hz": 30, "animal": "m1"},
    "caiman": {"signal": "C", "animal": "m1"},
    "minian": {"signal": "C", "frame_rate_Hz": 20},
    "nwb": {},
    "imaging-csv": {"animal": "m1", "kind": "traces", "frame_rate_Hz": 20},
}


def recording(name: str, place: Path) -> Path:
    """A whole session of a program."""
    if name == "suite2p":
        return suite2p(place / "plane0").parent
    if name == "caiman":
        return caiman(place / "rec.hdf5")
    if name == "minian":
        return minian(place / "minian")
    if name == "nwb":
        return nwb(place / "rec.nwb")
    path = place / "rec.csv"
    path.write_text(TEXTS["imaging-csv"])
    return path


def read(path: Path, name: str, **told: object) -> Imaging:
    found = read_data(path, name, told={**RECORDING[name], **told})
    assert isinstance(found, Imaging)
    found.data["activity"].load()
    return found


def refuses(read_it: Callable[[], object], part: str) -> None:
    with pytest.raises(DataError) as caught:
        read_it()
    assert part in str(caught.value)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_cut_in_the_middle_of_a_row(tmp_path: Path, name: str) -> None:
    path = tmp_path / "d.csv"
    text = TEXTS[name].rstrip("\n")
    cut = max(text.rfind(","), text.rfind("\t"))
    path.write_text(text[:cut], encoding="utf-8")
    rows = text.count("\n") + 1
    refuses(lambda: read_data(path, name, told=TOLD.get(name)), f"row {rows}")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_another_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "d.csv"
    text = TEXTS[name].replace("m1", "mü1").replace("Shock", "Shöck").replace("novel", "nôvel")
    path.write_bytes(text.encode("cp1252"))
    refuses(lambda: read_data(path, name, told=TOLD.get(name)), "encoding")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("scores", "40.5"),
        ("counts", ",9,"),
        ("videofreeze", ",60,"),
        ("qupath", "\t3\t"),
        ("imagej", "6.1"),
        ("eztrack", ",9.0,100"),
    ],
)
def test_a_number_in_a_table_that_is_none(tmp_path: Path, name: str, number: str) -> None:
    path = tmp_path / "d.csv"
    digits = number.strip(",\t")
    broken = number.replace(digits, "nan" if name != "eztrack" else "9.0,nan")
    path.write_text(TEXTS[name].replace(number, broken), encoding="utf-8")
    refuses(lambda: read_data(path, name, told=TOLD.get(name)), "row ")


def test_an_animal_twice(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(TEXTS["scores"] + "1,training,1,51\n")
    refuses(lambda: read_data(path, "scores"), "row 4")
    path.write_text(TEXTS["counts"] + "m2,DG,cFos,9,0.4\n")
    refuses(lambda: read_data(path, "counts"), "row 4")
    path.write_text(TEXTS["videofreeze"] + "E,2.0,b,Shock,60,9\n")
    refuses(lambda: read_data(path, "videofreeze"), "row 6")
    path.write_text("Slice,Count,Total Area,Average Size,%Area\nm1.tif,3,1,1,1\nm1.tif,4,1,1,1\n")
    refuses(lambda: read_data(path, "imagej", told=TOLD["imagej"]), "m1.tif")


@pytest.mark.parametrize("name", RECORDING)
def test_a_recording_cut_short(tmp_path: Path, name: str) -> None:
    path = recording(name, tmp_path)
    assert read(path, name).data.sizes["cell"] > 0
    if name == "minian":
        chunks = [p for p in (path / "C.zarr" / "C").rglob("*") if p.is_file() and p.name[0] != "."]
        biggest = max(chunks, key=lambda p: p.stat().st_size)
        biggest.write_bytes(biggest.read_bytes()[: biggest.stat().st_size // 2])
    else:
        file = path if path.is_file() else path / "plane0" / "F.npy"
        whole = file.read_bytes()
        # A matrix of text is cut within a number's row, a binary file in the middle.
        file.write_bytes(whole[:-3] if name == "imaging-csv" else whole[: len(whole) // 2])
    refuses(lambda: read(path, name), tmp_path.name)


@pytest.mark.parametrize("name", RECORDING)
def test_a_recording_with_nan(tmp_path: Path, name: str) -> None:
    path = recording(name, tmp_path)
    if name == "suite2p":
        file = path / "plane0" / "F.npy"
        values = np.load(file)
        values[2, 7] = np.nan
        np.save(file, values)
    elif name == "minian":
        shutil.rmtree(path / "C.zarr")
        values = np.ones((ROIS, FRAMES), np.float32)
        values[2, 7] = np.nan
        data = xr.DataArray(
            values,
            dims=("unit_id", "frame"),
            coords={"unit_id": np.arange(ROIS), "frame": np.arange(FRAMES)},
            name="C",
        )
        data.to_dataset().assign_coords(animal="m1", session="s").to_zarr(
            path / "C.zarr", zarr_format=2
        )
    elif name == "imaging-csv":
        path.write_text(TEXTS["imaging-csv"].replace("0.5", "nan"))
    else:
        with h5py.File(path, "r+") as file:
            names: list[str] = []
            file.visit(names.append)
            key = next(n for n in names if n.endswith(("estimates/C", "/data"))
                       and getattr(file[n], "ndim", 0) == 2)  # fmt: skip
            file[key][2, 2] = np.nan
    refuses(lambda: read(path, name), "nan=keep")
    kept = read(path, name, nan="keep").data["activity"].to_numpy()
    assert np.isnan(kept).sum() == 1


def test_cell_maps_that_are_not_of_these_sessions(tmp_path: Path) -> None:
    folder = tmp_path / "mice"
    for session in ("a", "b"):
        suite2p(folder / session / "plane0")
    told = {"sessions": "a,b", "map_counts": "all"}

    def with_map(table: list[list[float]]) -> Imaging:
        path = cellreg(tmp_path / "cellRegistered_1.mat", table)
        return read(folder, "suite2p", cell_map=str(path), **told)

    assert with_map([[1, 1], [3, 4], [0, 3]]).data.sizes["cell"] == 3
    refuses(lambda: with_map([[1, 1, 1], [2, 2, 2]]), "sessions")  # a session too many
    refuses(lambda: with_map([[1, 1], [99, 2]]), "99")  # a cell that is not there
    refuses(lambda: with_map([[1, 1], [1, 2]]), "number 1")  # one cell as two
    refuses(lambda: with_map([[1, 1], [1.5, 2]]), "1.5")


def test_sessions_whose_cells_do_not_match(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "m1_a.csv").write_text("0.25,1e-5,3\n0.5,-2,3\n0.1,2,1\n")
    (folder / "m1_b.csv").write_text("0.25,3\n0.5,3\n0.1,1\n")
    told = {"names": "{animal}_{session}", "sessions": "a,b", "kind": "traces"}
    refuses(lambda: read_data(folder, told={**told, "frame_rate_Hz": 20}), "m1_b.csv")
