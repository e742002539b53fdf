"""Whatever happens to a file, an importer gives data or a `DataError`, never another exception."""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engramlab.errors import DataError
from engramlab.importers import importers, read_data
from engramlab.importers.imaging import Imaging

TEXTS = {
    "scores": "animal,condition,hours,value\n1,training,1,50\n2,novel,1,40.5\n",
    "eztrack": (
        ",File,FPS,MotionCutoff,FreezeThresh,MinFreezeDuration,Frame,Motion,Freezing\n"
        "0,m1.avi,30.0,11.0,200.0,15.0,0,0.0,0\n1,m1.avi,30.0,11.0,200.0,15.0,1,9.0,100\n"
    ),
    "videofreeze": (
        "Report\n,\nExperiment,Animal,Group,Component Name,Pct Component Time Freezing,"
        'Avg Motion Index\nE,1.0,a,"Tone, 1",5.5,100\nE,2.0,b,Shock,60,9\n'
    ),
    "qupath": (
        "Image\tObject ID\tName\tClassification\tParent\tNum Detections\tNum Positive\tArea µm^2\n"
        "m1.tif\tid-1\tDG\t\tRoot\t9\t3\t1000.5\nm1.tif\tid-2\tCA1\t\tRoot\t8\t2\t900\n"
    ),
    "imagej": " ,Label,Area,Mean\n1,m1_DG.tif,5.5,100\n2,m1_DG.tif,6.1,90\n",
    "cellprofiler": (
        "ImageNumber,ObjectNumber,Metadata_Animal,AreaShape_Area\n1,1,m1,50\n1,2,m1,60\n2,1,m2,5\n"
    ),
    "counts": "animal,region,marker,count,area_mm2\nm1,DG,cFos,12,0.5\nm2,DG,cFos,9,0.4\n",
    "imaging-csv": "0.25,1e-5,3\n0.5,-2,3\n0.125,2,4\n",
}
TOLD: dict[str, dict[str, object]] = {
    "eztrack": {"animal": "m1"},
    "qupath": {"animal": "m1"},
    "imagej": {"animal": "m1", "region": "DG", "marker": "cFos"},
    "cellprofiler": {"region": "DG", "marker": "Nuclei"},
    "imaging-csv": {"animal": "m1", "kind": "traces", "frame_rate_Hz": 20},
}
SOME = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(path: Path, name: str) -> bool:
    """Whether a file is read; a `DataError` is as good, all else is a failure."""
    try:
        data = read_data(path, name, told=TOLD.get(name))
        if isinstance(data, Imaging):
            data.data["activity"].load()
    except DataError:
        return False
    return True


@pytest.mark.parametrize("name", TEXTS)
def test_the_whole_files_are_read_and_recognised(tmp_path: Path, name: str) -> None:
    path = tmp_path / "d.csv"
    path.write_text(TEXTS[name], encoding="utf-8")
    assert survives(path, name)
    assert importers()[name].recognise(path)


@pytest.mark.parametrize("name", TEXTS)
@SOME
@given(data=st.data())
def test_text_with_pieces_changed(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = TEXTS[name].encode()
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 12))
    piece = data.draw(
        st.binary(max_size=6) | st.sampled_from([b'"', b"\n", b",", b"nan", b"1e999"])
    )
    path = tmp_path / "d.csv"
    path.write_bytes(content[:start] + piece + content[start + length :])
    survives(path, name)
    for importer in importers().values():
        importer.recognise(path)


@pytest.mark.parametrize("name", TEXTS)
@SOME
@given(content=st.binary(max_size=200), packed=st.booleans())
def test_files_of_any_bytes(tmp_path: Path, name: str, content: bytes, packed: bool) -> None:
    path = tmp_path / ("d.csv.gz" if packed else "d.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    survives(path, name)


@SOME
@given(share=st.floats(0, 0.99))
def test_hdf5_cut_anywhere(tmp_path: Path, share: float) -> None:
    path = tmp_path / "rec.hdf5"
    with h5py.File(path, "w") as file:
        file["estimates/C"] = np.ones((3, 4000))
        file["estimates/idx_components"] = np.array([0, 2])
        file["params/data/fr"] = 20.0
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    for name, told in (("caiman", {"signal": "C", "animal": "m1"}), ("nwb", {}), ("cellreg", {})):
        with pytest.raises(DataError):
            read_data(path, name, told=told)


@SOME
@given(share=st.floats(0, 0.99))
def test_arrays_cut_anywhere(tmp_path: Path, share: float) -> None:
    folder = tmp_path / "plane0"
    folder.mkdir(exist_ok=True)
    np.save(folder / "F.npy", np.ones((3, 400), np.float32))
    np.save(folder / "iscell.npy", np.ones((3, 2)))
    whole = (folder / "F.npy").read_bytes()
    (folder / "F.npy").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError):
        read_data(tmp_path, told={"signal": "F", "frame_rate_Hz": 20, "animal": "m1"})
