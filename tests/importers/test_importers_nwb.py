"""NWB files written with pynwb: activity, registration, behaviour, light, damage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from engramlab.errors import DataError
from engramlab.importers import importers, read_data
from engramlab.importers.imaging import Imaging

pynwb = pytest.importorskip("pynwb")

CELLS, FRAMES, RATE = 4, 50, 20.0
START = datetime(2024, 5, 1, 9, tzinfo=UTC)


def activity(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).random((FRAMES, CELLS))


def recording(subject: str | None = "m1", hours: float = 0) -> Any:
    nwb = pynwb.NWBFile(
        session_description="a session",
        identifier=f"id-{hours}",
        session_start_time=START + timedelta(hours=hours),
    )
    if subject is not None:
        nwb.subject = pynwb.file.Subject(subject_id=subject, species="Mus musculus", age="P90D")
    return nwb


def plane(nwb: Any, cell_ids: Sequence[str] | None, accepted: Sequence[bool] | None) -> Any:
    device = nwb.create_device("miniscope")
    channel = pynwb.ophys.OpticalChannel(name="channel", description="green", emission_lambda=520.0)
    imaged = nwb.create_imaging_plane(
        name="plane",
        optical_channel=channel,
        description="CA1",
        device=device,
        excitation_lambda=470.0,
        indicator="GCaMP6f",
        location="CA1",
    )
    table = pynwb.ophys.PlaneSegmentation(
        description="cells", imaging_plane=imaged, name="PlaneSegmentation"
    )
    for _ in range(CELLS):
        table.add_roi(image_mask=np.eye(3))
    if cell_ids is not None:
        table.add_column("cell_id", "the same for a cell in all sessions", data=list(cell_ids))
    if accepted is not None:
        table.add_column("Accepted", "is a cell", data=list(accepted))
    return table


def write(
    path: Path,
    *,
    seed: int = 0,
    subject: str | None = "m1",
    hours: float = 0,
    container: str = "DfOverF",
    rate: float | None = RATE,
    timestamps: NDArray[np.float64] | None = None,
    cell_ids: Sequence[str] | None = None,
    accepted: Sequence[bool] | None = None,
    more: Any = None,
) -> Path:
    """One session, as the core schema has it."""
    nwb = recording(subject, hours)
    table = plane(nwb, cell_ids, accepted)
    module = nwb.create_processing_module("ophys", "imaging")
    segmentation = pynwb.ophys.ImageSegmentation()
    segmentation.add_plane_segmentation(table)
    module.add(segmentation)
    holder = getattr(pynwb.ophys, container)()
    module.add(holder)
    time = {"rate": rate} if timestamps is None else {"timestamps": timestamps}
    holder.create_roi_response_series(
        name="RoiResponseSeries",
        data=activity(seed),
        rois=table.create_roi_table_region("all", region=list(range(CELLS))),
        unit="n.a.",
        **time,
    )
    if more is not None:
        more(nwb)
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(nwb)
    return path


def imaged(path: Path, **told: object) -> Imaging:
    data = read_data(path, told=told)
    assert isinstance(data, Imaging)
    return data


def error(path: Path, format_name: str | None = None, **told: object) -> str:
    with pytest.raises(DataError) as caught:
        read_data(path, format_name, told=told)
    return str(caught.value)


def test_one_session_says_all_by_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "day1.nwb")
    assert [one.name for one in importers().values() if one.recognise(path)] == ["nwb"]
    found = imaged(path)
    assert (found.animal, found.kind, found.frame_rate_Hz) == ("m1", "traces", RATE)
    assert found.sessions == ("day1",)
    assert found.data.attrs["signal"] == "DfOverF"
    np.testing.assert_array_equal(found.session("day1").to_numpy(), activity(0))
    np.testing.assert_array_equal(
        found.session("day1")[5:9, [3, 0]].to_numpy(), activity(0)[5:9][:, [3, 0]]
    )


def test_activity_stays_on_disk_until_it_is_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path / "day1.nwb")
    found = imaged(path)
    with h5py.File(path, "a") as file:
        series = file["processing/ophys/DfOverF/RoiResponseSeries/data"]
        series[7, 2] = np.nan
    with pytest.raises(DataError, match="frame 8, cell '2'"):
        found.session("day1").to_numpy()


def test_time_stamps_give_the_rate_and_the_start(tmp_path: Path) -> None:
    times = 3.0 + np.arange(FRAMES) / 25
    found = imaged(write(tmp_path / "a.nwb", timestamps=times))
    assert found.frame_rate_Hz == pytest.approx(25)
    assert found.session("a")["seconds"].to_numpy()[0] == pytest.approx(3.0)


def test_irregular_time_stamps_are_asked_about(tmp_path: Path) -> None:
    times = np.cumsum(np.where(np.arange(FRAMES) == 20, 2.0, 0.05))
    path = write(tmp_path / "a.nwb", timestamps=times)
    assert "--tell frame_rate_Hz=" in error(path)
    assert imaged(path, frame_rate_Hz=20).frame_rate_Hz == 20
    times[30] = times[29]
    path = write(tmp_path / "b.nwb", timestamps=times)
    assert "timestamps, 31" in error(path)


def test_what_the_numbers_are_is_asked_for_where_tools_put_both(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nwb", container="Fluorescence")
    assert "--tell kind=" in error(path)
    assert imaged(path, kind="events").kind == "events"


def test_one_of_several_series_is_asked_for(tmp_path: Path) -> None:
    def also(nwb: Any) -> None:
        table = next(o for o in nwb.objects.values() if type(o).__name__ == "PlaneSegmentation")
        nwb.processing["ophys"].add(
            pynwb.ophys.Fluorescence(
                roi_response_series=[
                    pynwb.ophys.RoiResponseSeries(
                        name="Deconvolved",
                        data=activity(9),
                        rois=table.create_roi_table_region("all", region=list(range(CELLS))),
                        unit="n.a.",
                        rate=RATE,
                    )
                ]
            )
        )

    path = write(tmp_path / "a.nwb", more=also)
    assert "--tell signal=NAME with one of Deconvolved, DfOverF" in error(path)
    found = imaged(path, signal="Deconvolved", kind="events")
    np.testing.assert_array_equal(found.session("a").to_numpy(), activity(9))


def test_rejected_regions_are_left_out_when_that_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nwb", accepted=[True, False, True, True])
    assert "--tell accepted_column=Accepted" in error(path)
    found = imaged(path, accepted_column="Accepted")
    assert found.data["cell"].to_numpy().tolist() == ["0", "2", "3"]
    np.testing.assert_array_equal(found.session("a").to_numpy(), activity(0)[:, [0, 2, 3]])
    assert imaged(path, accepted_column="none").data.sizes["cell"] == CELLS


def test_an_animal_that_is_not_named_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nwb", subject=None)
    assert "--tell animal=" in error(path)
    assert imaged(path, animal="m9").animal == "m9"


def test_sessions_are_in_the_order_of_their_start_and_joined_by_cell_names(tmp_path: Path) -> None:
    write(tmp_path / "a_recall.nwb", seed=1, hours=24, cell_ids=["c1", "c2", "c3", "c9"])
    write(tmp_path / "b_training.nwb", seed=0, cell_ids=["c3", "c1", "c2", "c4"])
    assert "--tell cell_column=" in error(tmp_path)
    found = imaged(tmp_path, cell_column="cell_id")
    assert found.sessions == ("b_training", "a_recall")
    assert found.data["hours"].to_numpy().tolist() == [0, 24]
    np.testing.assert_array_equal(
        found.data["activity"].sel(cell="c1").to_numpy(), [activity(0)[:, 1], activity(1)[:, 0]]
    )
    assert int(found.data["seen"].to_numpy().all(axis=0).sum()) == 3
    assert "'cell_id'" not in error(tmp_path, cell_column="cell")
    assert "with one of image_mask, cell_id" in error(tmp_path, cell_column="cell")


def test_cells_named_twice_in_a_session_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nwb", cell_ids=["c1", "c1", "c2", "c3"])
    assert "names cell 'c1' twice" in error(path, cell_column="cell_id")


def test_two_animals_or_frame_rates_are_refused(tmp_path: Path) -> None:
    ids = ["c1", "c2", "c3", "c4"]
    write(tmp_path / "a.nwb", cell_ids=ids)
    write(tmp_path / "b.nwb", cell_ids=ids, subject="m2", hours=1)
    assert "several animals: m1, m2" in error(tmp_path, cell_column="cell_id")
    write(tmp_path / "b.nwb", cell_ids=ids, rate=30.0, hours=1)
    message = error(tmp_path, cell_column="cell_id")
    assert "frame rates differ: a 20.0, b 30.0" in message


def behaviour_and_light(nwb: Any) -> None:
    module = nwb.create_processing_module("behavior", "scored")
    freezing = pynwb.TimeSeries(
        name="freezing", data=np.tile([0.0, 1.0], 25), unit="1", rate=10.0, description="of video"
    )
    module.add(pynwb.behavior.BehavioralTimeSeries(time_series=freezing))
    bouts = pynwb.misc.IntervalSeries(
        name="freezing_bouts", data=[1, -1, 1, -1], timestamps=[0.5, 1.0, 2.0, 2.25]
    )
    module.add(pynwb.behavior.BehavioralEpochs(interval_series=bouts))
    laser = nwb.create_device("laser")
    site = nwb.create_ogen_site(
        name="site", device=laser, description="DG", excitation_lambda=473.0, location="DG"
    )
    nwb.add_stimulus(
        pynwb.ogen.OptogeneticSeries(
            name="laser_power", data=np.repeat([0.0, 0.01], 5), site=site, rate=4.0
        )
    )
    nwb.add_epoch(0.0, 1.5, ["habituation"])
    nwb.add_epoch(1.5, 2.5, ["light", "on"])


def test_behaviour_light_and_epochs_come_with_the_activity(tmp_path: Path) -> None:
    found = imaged(write(tmp_path / "a.nwb", more=behaviour_and_light))
    freezing = found.series[("a", "freezing")]
    assert freezing.attrs == {"unit": "1", "what": "behaviour"}
    assert float(freezing.sel(seconds=0.1)) == 1.0
    power = found.series[("a", "laser_power")]
    assert power.attrs == {"unit": "watts", "what": "optogenetics"}
    assert power["seconds"].to_numpy()[-1] == pytest.approx(2.25)
    epochs = found.epochs[["name", "start_seconds", "stop_seconds"]].to_numpy().tolist()
    assert sorted(epochs) == [
        ["freezing_bouts", 0.5, 1.0],
        ["freezing_bouts", 2.0, 2.25],
        ["habituation", 0.0, 1.5],
        ["light, on", 1.5, 2.5],
    ]
    assert set(found.epochs["session"]) == {"a"}
    assert "4 epochs" in found.summary()


def test_intervals_that_do_not_stop_are_refused(tmp_path: Path) -> None:
    def open_end(nwb: Any) -> None:
        bouts = pynwb.misc.IntervalSeries(name="bouts", data=[1, -1, 1], timestamps=[0.5, 1.0, 2.0])
        nwb.add_acquisition(bouts)

    assert "starts 2 intervals and stops 1" in error(write(tmp_path / "a.nwb", more=open_end))


def test_damage_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nwb")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "a.nwb: cannot be read" in error(path, "nwb")
    path.write_text("no HDF5")
    assert "a.nwb: cannot be read" in error(path, "nwb")
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        rois = file["processing/ophys/DfOverF/RoiResponseSeries/rois"]
        rois[...] = [0, 1, 2, 9]
    assert "names region 9, but 'PlaneSegmentation' has 4" in error(path)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        group = file["processing/ophys/DfOverF/RoiResponseSeries"]
        attributes = dict(group["data"].attrs)
        del group["data"]
        group["data"] = activity(0)[:, :3]
        group["data"].attrs.update(attributes)
    assert "has 3 columns, but its rois are 4" in error(path)


def test_a_file_without_activity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.nwb"
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(recording())
    assert "holds no RoiResponseSeries" in error(path)


def test_pynwb_is_asked_for_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.nwb")
    monkeypatch.setitem(__import__("sys").modules, "pynwb", None)
    assert "pip install 'engramlab[nwb]'" in error(path)
