"""Activity by suite2p, CaImAn and minian, and CellReg's maps: files in their layout, and damage."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from engramlab.errors import DataError
from engramlab.importers import importers, read_data
from engramlab.importers.cell_map import CellMap, read_cell_map
from engramlab.importers.imaging import Imaging
from engramlab.importers.sessions import cells_of

ROIS, FRAMES = 5, 30
ACCEPTED = [0, 2, 3]  # of ROIS


def activity(seed: int, frames: int = FRAMES) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((ROIS, frames)).astype(np.float32)


def suite2p(folder: Path, seed: int = 0) -> Path:
    """Arrays as docs/outputs.rst of suite2p describes them; ops.npy is pickled there, too."""
    folder.mkdir(parents=True)
    np.save(folder / "F.npy", activity(seed))
    np.save(folder / "Fneu.npy", activity(seed + 100))
    np.save(folder / "spks.npy", activity(seed + 200))
    flags = np.isin(np.arange(ROIS), ACCEPTED).astype(np.float32)
    np.save(folder / "iscell.npy", np.column_stack([flags, np.linspace(0, 1, ROIS)]))
    np.save(folder / "ops.npy", np.array({"fs": 30.0}, dtype=object), allow_pickle=True)
    return folder


def caiman(path: Path, seed: int = 0, rate: float | None = 25.0) -> Path:
    """A file as CaImAn's `save_dict_to_hdf5` writes it, with what does not matter here left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["estimates/C"] = activity(seed).astype(float)
        file["estimates/S"] = activity(seed + 200).astype(float)
        file["estimates/F_dff"] = "NoneType"
        file["estimates/idx_components"] = np.array(ACCEPTED)
        file["estimates/A/data"] = np.ones(ROIS)
        file["estimates/dims"] = np.array([10, 10])
        if rate is not None:
            file["params/data/fr"] = rate
    return path


def minian(folder: Path, seed: int = 0, animal: str | None = "m1") -> Path:
    """A folder as `save_minian` writes it: one zarr store (format 2) a variable."""
    pytest.importorskip("zarr")
    for name, values in (("C", activity(seed)), ("S", activity(seed + 200))):
        array = xr.DataArray(
            values,
            dims=("unit_id", "frame"),
            coords={"unit_id": np.arange(ROIS) * 10, "frame": np.arange(FRAMES)},
            name=name,
        )
        labels = {} if animal is None else {"animal": animal, "session": folder.parent.name}
        array.to_dataset().assign_coords(labels).to_zarr(
            folder / f"{name}.zarr", mode="w", zarr_format=2
        )
    return folder


def cellreg(path: Path, table: list[list[float]]) -> Path:
    """A v7.3 file as CellReg's demo.m saves it: MATLAB's header, arrays transposed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        file["cell_registered_struct/cell_to_index_map"] = np.array(table, float).T
        file["cell_registered_struct/cell_scores"] = np.ones((1, len(table)))
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(128))
    return path


def imaged(path: Path, **told: object) -> Imaging:
    data = read_data(path, told=told)
    assert isinstance(data, Imaging)
    return data


def error(path: Path, format_name: str | None = None, /, **told: object) -> str:
    with pytest.raises(DataError) as caught:
        read_data(path, format_name, told=told)
    return str(caught.value)


S2P: dict[str, object] = {"signal": "F", "frame_rate_Hz": 30, "animal": "m1"}


def test_suite2p_gives_accepted_cells(tmp_path: Path) -> None:
    found = imaged(suite2p(tmp_path / "rec" / "suite2p" / "plane0").parent, **S2P)
    assert found.kind == "traces"
    assert found.sessions == ("rec",)
    assert found.data["cell"].to_numpy().tolist() == ["0", "2", "3"]
    assert found.data["activity"].dtype == np.float32
    np.testing.assert_array_equal(found.session("rec").to_numpy(), activity(0)[ACCEPTED].T)
    events = imaged(tmp_path, **{**S2P, "signal": "spks"})
    assert events.kind == "events"
    np.testing.assert_array_equal(events.session("rec").to_numpy(), activity(200)[ACCEPTED].T)


def test_suite2p_asks_for_what_is_pickled(tmp_path: Path) -> None:
    message = error(suite2p(tmp_path / "plane0").parent)
    for name in ("signal", "frame_rate_Hz", "animal"):
        assert f"--tell {name}=" in message


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return (open, (str(self.path), "w"))


def test_nothing_pickled_is_ever_loaded(tmp_path: Path) -> None:
    folder = suite2p(tmp_path / "plane0")
    sprung = tmp_path / "sprung"
    for name in ("ops", "stat", "F"):
        trap = np.array([Trap(sprung)], dtype=object)
        np.save(folder / f"{name}.npy", trap, allow_pickle=True)
    assert "holds Python objects, which are not loaded" in error(tmp_path, **S2P)
    assert not sprung.exists()


def test_damage_of_suite2p_is_named(tmp_path: Path) -> None:
    folder = suite2p(tmp_path / "plane0")
    whole = (folder / "F.npy").read_bytes()
    (folder / "F.npy").write_bytes(whole[:-100])
    assert "F.npy: cannot be read" in error(tmp_path, **S2P)
    (folder / "F.npy").write_bytes(b"text")
    assert "F.npy: " in error(tmp_path, **S2P)
    (folder / "F.npy").write_bytes(whole)
    np.save(folder / "iscell.npy", np.ones((ROIS - 1, 2)))
    assert "judges 4 regions, F.npy has 5" in error(tmp_path, **S2P)
    np.save(folder / "iscell.npy", np.full((ROIS, 2), 0.5))
    assert "region 0: is 0.5" in error(tmp_path, **S2P)
    np.save(folder / "iscell.npy", np.zeros((ROIS, 2)))
    assert "holds no activity" in error(tmp_path, **S2P)
    (folder / "iscell.npy").unlink()
    assert "iscell.npy: cannot be read" in error(tmp_path, **S2P)


def test_values_that_are_no_numbers_are_refused_when_they_are_read(tmp_path: Path) -> None:
    folder = suite2p(tmp_path / "plane0")
    values = activity(0)
    values[2, 7] = np.nan
    np.save(folder / "F.npy", values)
    found = imaged(tmp_path, **S2P)
    assert np.isfinite(found.session(tmp_path.name)[:7].to_numpy()).all()
    with pytest.raises(DataError, match=r"frame 8, cell '2'\S* is nan[\s\S]*--tell nan=keep"):
        found.session(tmp_path.name)[5:].to_numpy()
    kept = imaged(tmp_path, **S2P, nan="keep").session(tmp_path.name)
    assert int(np.isnan(kept.to_numpy()).sum()) == 1


def test_one_of_several_planes_is_asked_for(tmp_path: Path) -> None:
    suite2p(tmp_path / "suite2p" / "plane0")
    suite2p(tmp_path / "suite2p" / "plane1", seed=5)
    assert "--tell plane=NAME with one of plane0, plane1" in error(tmp_path, **S2P)
    found = imaged(tmp_path, **S2P, plane="plane1")
    np.testing.assert_array_equal(
        found.session(found.sessions[0]).to_numpy(), activity(5)[ACCEPTED].T
    )


def test_sessions_of_suite2p_are_put_together_by_a_cell_map(tmp_path: Path) -> None:
    suite2p(tmp_path / "data" / "day2" / "suite2p" / "plane0", seed=1)
    suite2p(tmp_path / "data" / "day1" / "suite2p" / "plane0", seed=0)
    told = {**S2P, "sessions": "day1,day2"}
    assert "--tell cell_map=" in error(tmp_path / "data", **told)
    file = cellreg(tmp_path / "map.mat", [[1, 2], [2, 0], [3, 1]])
    assert "--tell map_counts=" in error(tmp_path / "data", **told, cell_map=file)
    found = imaged(tmp_path / "data", **told, cell_map=file, map_counts="accepted")
    assert found.data["cell"].to_numpy().tolist() == ["cell 1", "cell 2", "cell 3"]
    assert found.data["seen"].to_numpy().tolist() == [[True] * 3, [True, False, True]]
    first, second = activity(0)[ACCEPTED], activity(1)[ACCEPTED]
    np.testing.assert_array_equal(
        found.data["activity"].sel(cell="cell 1").to_numpy(), [first[0], second[1]]
    )
    np.testing.assert_array_equal(
        found.data["activity"].sel(cell="cell 3").to_numpy(), [first[2], second[0]]
    )
    assert np.isnan(found.data["activity"].sel(cell="cell 2", session="day2")).all()


def test_a_map_that_counts_all_regions_leaves_rejected_ones_out(tmp_path: Path) -> None:
    for number in (0, 1):
        suite2p(tmp_path / "data" / f"day{number}" / "plane0", seed=number)
    file = cellreg(tmp_path / "map.mat", [[1, 1], [2, 3], [4, 4]])  # region 2 is rejected
    told = {**S2P, "sessions": "day0,day1", "cell_map": file, "map_counts": "all"}
    found = imaged(tmp_path / "data", **told)
    assert found.data["seen"].to_numpy().tolist() == [[True, True, False], [True, True, True]]
    assert found.data["cell"].to_numpy().tolist() == ["cell 1", "cell 3", "cell 2"]
    np.testing.assert_array_equal(found.session("day1").sel(cell="cell 2"), activity(1)[2])


def test_a_map_of_other_sessions_is_refused(tmp_path: Path) -> None:
    for number in (0, 1):
        suite2p(tmp_path / "data" / f"day{number}" / "plane0", seed=number)
    told = {**S2P, "sessions": "day0,day1", "map_counts": "accepted"}
    three = cellreg(tmp_path / "three.mat", [[1, 1, 1]])
    assert "maps 3 sessions" in error(tmp_path / "data", **told, cell_map=three)
    many = cellreg(tmp_path / "many.mat", [[1, 1], [2, 4]])
    message = error(tmp_path / "data", **told, cell_map=many)
    assert "many.mat, session 2: names cell 4, but" in message
    assert "has 3" in message


def test_caiman_gives_accepted_components(tmp_path: Path) -> None:
    path = caiman(tmp_path / "rec.hdf5")
    assert importers()["caiman"].recognise(path)
    found = imaged(path, signal="C", animal="m1")
    assert found.frame_rate_Hz == 25
    assert found.kind == "traces"
    np.testing.assert_array_equal(found.session("rec").to_numpy(), activity(0)[ACCEPTED].T)
    np.testing.assert_array_equal(
        found.session("rec")[2:4, [2, 0]].to_numpy(), activity(0)[[3, 0], 2:4].T
    )
    assert imaged(path, signal="S", animal="m1").kind == "events"
    assert imaged(path, signal="S", animal="m1", frame_rate_Hz=15).frame_rate_Hz == 15


def test_the_frame_rate_that_caiman_writes_by_default_is_questioned(tmp_path: Path) -> None:
    path = caiman(tmp_path / "rec.hdf5", rate=30.0)
    with pytest.warns(UserWarning, match="30 Hz, which CaImAn writes where none was set"):
        found = imaged(path, signal="C", animal="m1")
    assert "at 30 Hz (file)" in found.summary()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "(told)" in imaged(path, signal="C", animal="m1", frame_rate_Hz=30).summary()
        imaged(caiman(tmp_path / "b.hdf5", rate=15.0), signal="C", animal="m1")


def test_a_result_of_caiman_that_was_not_judged_keeps_all_components(tmp_path: Path) -> None:
    path = caiman(tmp_path / "rec.hdf5")
    with h5py.File(path, "a") as file:
        del file["estimates/idx_components"]
        file["estimates/idx_components"] = "NoneType"
    assert imaged(path, signal="C", animal="m1").data.sizes["cell"] == ROIS


def test_damage_of_caiman_is_named(tmp_path: Path) -> None:
    path = caiman(tmp_path / "rec.hdf5", rate=None)
    assert "--tell frame_rate_Hz=" in error(path, signal="C", animal="m1")
    message = error(path, signal="F_dff", animal="m1")
    assert "--tell signal=NAME with one of C, S" in message
    assert "--tell signal=" in error(path, animal="m1")
    with h5py.File(path, "a") as file:
        file["params/data/fr"] = np.nan
    assert "params/data/fr: is nan" in error(path, signal="C", animal="m1")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    assert "cannot be read" in error(path, "caiman", signal="C", animal="m1")
    path.write_text("no HDF5")
    assert "cannot be read" in error(path, "caiman", signal="C", animal="m1")


def test_components_that_are_not_there_are_refused(tmp_path: Path) -> None:
    path = caiman(tmp_path / "rec.hdf5")
    with h5py.File(path, "a") as file:
        file["estimates/idx_components"][0] = 9
    assert "names component 9, but there are 5" in error(path, signal="C", animal="m1")


def test_sessions_of_caiman(tmp_path: Path) -> None:
    for number in (0, 1):
        caiman(tmp_path / "data" / f"day{number}.hdf5", seed=number)
    file = tmp_path / "map.csv"
    file.write_text("day0,day1\n1,2\n3,1\n")
    told = {"signal": "C", "animal": "m1", "cell_map": file, "map_counts": "accepted"}
    assert "--tell sessions=" in error(tmp_path / "data", **told)
    found = imaged(tmp_path / "data", **told, sessions="day0,day1")
    np.testing.assert_array_equal(found.session("day1").sel(cell="cell 1"), activity(1)[2])
    caiman(tmp_path / "data" / "day1.hdf5", seed=1, rate=20)
    message = error(tmp_path / "data", **told, sessions="day0,day1")
    assert "frame rates differ: day0 25.0 Hz, day1 20.0 Hz" in message


MINIAN: dict[str, object] = {"signal": "C", "frame_rate_Hz": 20}


def test_minian_zarr(tmp_path: Path) -> None:
    folder = minian(tmp_path / "s1" / "minian")
    assert importers()["minian"].recognise(folder)
    found = imaged(folder, **MINIAN)
    assert found.animal == "m1"
    assert found.sessions == ("s1",)
    assert found.data["cell"].to_numpy().tolist() == ["0", "10", "20", "30", "40"]
    np.testing.assert_array_equal(found.session("s1").to_numpy(), activity(0).T)
    np.testing.assert_array_equal(
        found.session("s1")[3:5, [4, 1]].to_numpy(), activity(0)[[4, 1], 3:5].T
    )


def test_minian_netcdf(tmp_path: Path) -> None:
    arrays = {
        name: (("animal", "frame", "unit_id"), activity(seed).T[None])
        for name, seed in (("C", 0), ("S", 200))
    }
    coords = {"animal": ["m7"], "unit_id": np.arange(ROIS), "frame": np.arange(FRAMES)}
    path = tmp_path / "minian.nc"
    xr.Dataset(arrays, coords).to_netcdf(path, engine="h5netcdf")
    found = imaged(path, **MINIAN)
    assert found.animal == "m7"
    np.testing.assert_array_equal(found.session(found.sessions[0]).to_numpy(), activity(0).T)


def test_minian_asks_and_refuses(tmp_path: Path) -> None:
    folder = minian(tmp_path / "s1" / "minian", animal=None)
    message = error(folder)
    assert "--tell signal=" in message
    assert "--tell frame_rate_Hz=" in message
    assert "--tell animal=" in error(folder, **MINIAN)
    for file in (folder / "C.zarr").rglob("*"):
        if file.is_file() and file.name in (".zarray", ".zmetadata", ".zattrs", ".zgroup"):
            file.write_text("{")
    assert "C.zarr: " in error(folder, **MINIAN, animal="m1")


def test_sessions_of_minian_of_two_animals_are_refused(tmp_path: Path) -> None:
    minian(tmp_path / "s1" / "minian", animal="m1")
    minian(tmp_path / "s2" / "minian", animal="m2")
    assert "several animals: m1, m2" in error(tmp_path, **MINIAN, sessions="s1,s2")


def test_a_map_of_cellreg(tmp_path: Path) -> None:
    path = cellreg(tmp_path / "cellRegistered_20240101.mat", [[1, 2, 3], [2, 0, 1], [0, 1, 0]])
    data = read_data(path)
    assert isinstance(data, CellMap)
    assert data.indices.tolist() == [[0, 1, 2], [1, -1, 0], [-1, 0, -1]]
    assert data.table().to_numpy().tolist() == [[2, 1, 2], [1, 2, 1], [2, 1, 2]]
    assert "3 cells over 3 sessions, 1 found in all" in data.summary()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([[1, 2], [1, 0]], "session 1: gives number 1 to 2 cells"),
        ([[1, 2], [float("nan"), 0]], "cell 2, session 1: is nan"),
        ([[1, -2]], "cell 1, session 2: is -2"),
        ([[1, 1.5]], "cell 1, session 2: is 1.5"),
    ],
)
def test_damage_of_a_map_is_named(tmp_path: Path, table: list[list[float]], says: str) -> None:
    assert says in error(cellreg(tmp_path / "map.mat", table))
    text = tmp_path / "map.csv"
    rows = [",".join(f"{number:g}" for number in row) for row in table]
    text.write_text("\n".join(["a,b", *rows]) + "\n")
    with pytest.raises(DataError, match=says):
        read_cell_map(text)


def test_files_that_are_no_map(tmp_path: Path) -> None:
    path = cellreg(tmp_path / "map.mat", [[1, 2]])
    whole = path.read_bytes()
    path.write_bytes(whole[:900])
    assert "cannot be read" in error(path, "cellreg")
    path.write_bytes(b"MATLAB 5.0 MAT-file")
    assert "-v7.3" in error(path, "cellreg")
    with h5py.File(path, "w") as file:
        file["other"] = 1
    assert "holds no cell_registered_struct" in error(path, "cellreg")
    text = tmp_path / "map.csv"
    text.write_text("1,2\n3,4\n")
    with pytest.raises(DataError, match="names no sessions"):
        read_cell_map(text)
    with pytest.raises(DataError, match="cannot be read"):
        read_cell_map(tmp_path / "none.mat")


@pytest.mark.parametrize("cells_first", [True, False])
@pytest.mark.parametrize("cells", [[5, 2, 2], [0, 39], [], [39]])
def test_cells_are_picked_from_hdf5_in_both_ways(
    tmp_path: Path, cells: list[int], cells_first: bool
) -> None:
    values = np.random.default_rng(0).random((20, 40))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        array = file.create_dataset("a", data=values.T if cells_first else values)
        wanted = np.array(cells, np.intp)
        found = cells_of(array, 3, 9, wanted, cells_first=cells_first)
    np.testing.assert_array_equal(found, values[3:9, cells])
