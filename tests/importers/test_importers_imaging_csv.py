"""Activity as text: shapes, order, registration, laziness, damage; and the data of Tomé et al."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engramlab.errors import DataError
from engramlab.importers import importers, read_data
from engramlab.importers.imaging import Imaging

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("ENGRAMLAB_DATA", REPOSITORY.parent / "shared" / "data"))
TOME = DATA / "tome2024" / "imaging"
NAMES = "{animal}_{session}"
CELLS, FRAMES = 9, 40


def activity(seed: int, frames: int = FRAMES, cells: int = CELLS) -> NDArray[np.float64]:
    return np.round(np.random.default_rng(seed).normal(size=(frames, cells)), 6)


def write(
    path: Path, values: NDArray[np.float64], header: list[str] | None = None, separator: str = ","
) -> Path:
    lines = [] if header is None else [separator.join(header)]
    lines += [separator.join(f"{value:.6f}" for value in row) for row in values]
    content = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def imaged(path: Path, **told: object) -> Imaging:
    told = {"kind": "traces", "frame_rate_Hz": 20, **told}
    data = read_data(path, told=told)
    assert isinstance(data, Imaging)
    return data


def error(path: Path, **told: object) -> str:
    told = {"kind": "traces", "frame_rate_Hz": 20, **told}
    with pytest.raises(DataError) as caught:
        read_data(path, "imaging-csv", told=told)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("hc0", "cfc", "recall")):
        write(tmp_path / f"m1_{name}.csv.gz", activity(number, FRAMES + number))
    write(tmp_path / "m2_hc0.csv.gz", activity(9))
    return tmp_path


def told(**more: object) -> dict[str, object]:
    return {"names": NAMES, "animal": "m1", "sessions": "hc0,cfc,recall", **more}


def test_a_folder_of_sessions_comes_back_as_written(folder: Path) -> None:
    assert importers()["imaging-csv"].recognise(folder)
    found = imaged(folder, **told())
    assert found.animal == "m1"
    assert found.frame_rate_Hz == 20
    assert found.sessions == ("hc0", "cfc", "recall")
    assert found.data["activity"].dims == ("session", "time", "cell")
    assert found.data["frames"].to_numpy().tolist() == [40, 41, 42]
    for number, name in enumerate(found.sessions):
        part = found.session(name)
        np.testing.assert_array_equal(part.to_numpy(), activity(number, FRAMES + number))
        assert part["seconds"].to_numpy()[1] == pytest.approx(0.05)


def test_only_what_is_looked_at_is_read(folder: Path) -> None:
    found = imaged(folder, **told())
    (folder / "m1_cfc.csv.gz").unlink()
    np.testing.assert_array_equal(
        found.session("hc0").isel(time=slice(3, 7), cell=[4, 1]).to_numpy(),
        activity(0)[3:7][:, [4, 1]],
    )
    with pytest.raises(DataError, match="m1_cfc"):
        found.session("cfc").to_numpy()


def test_parts_of_the_whole_array_are_what_they_should_be(folder: Path) -> None:
    found = imaged(folder, **told())
    whole = np.full((3, 42, CELLS), np.nan)
    for number in range(3):
        whole[number, : FRAMES + number] = activity(number, FRAMES + number)
    lazy = found.data["activity"]
    np.testing.assert_array_equal(lazy[1, 5].to_numpy(), whole[1, 5])
    np.testing.assert_array_equal(lazy[:, -1, 2].to_numpy(), whole[:, -1, 2])
    np.testing.assert_array_equal(lazy[[2, 0], ::5, -3:].to_numpy(), whole[[2, 0], ::5, -3:])
    np.testing.assert_array_equal(lazy.to_numpy(), whole)


def test_blocks_and_tables_hold_every_frame_once(folder: Path) -> None:
    found = imaged(folder, **told())
    np.testing.assert_array_equal(np.concatenate(list(found.blocks("cfc", 7))), activity(1, 41))
    table = found.cell_table().query("session == 'recall'")
    np.testing.assert_allclose(table["mean"], activity(2, 42).mean(axis=0))
    np.testing.assert_allclose(table["sd"], activity(2, 42).std(axis=0))
    np.testing.assert_allclose(table["max"], activity(2, 42).max(axis=0))
    assert found.session_table()["seconds"].tolist() == [2.0, 2.05, 2.1]
    assert "3 sessions" in found.summary()


def test_all_that_no_such_file_says_is_asked_for_at_once(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_data(folder)
    message = str(caught.value)
    for name in ("kind", "frame_rate_Hz", "names"):
        assert f"--tell {name}=" in message


def test_animals_and_the_order_of_sessions_are_asked_for(folder: Path) -> None:
    assert "--tell animal=NAME, or several between commas, of m1,m2" in error(folder, names=NAMES)
    message = error(folder, names=NAMES, animal="m1")
    assert "--tell sessions=... with some of cfc,hc0,recall" in message
    assert "has no session 'hc9'" in error(folder, **told(sessions="hc0,hc9"))
    assert "one of m1, m2" in error(folder, **told(animal="m3"))


@pytest.mark.parametrize("rate", ["0", "-20", "nan", "20 Hz", "inf"])
def test_a_frame_rate_is_a_number_above_0(folder: Path, rate: str) -> None:
    assert f"'{rate}' is no number above 0" in error(folder, **told(frame_rate_Hz=rate))


def test_a_file_with_names_of_cells(tmp_path: Path) -> None:
    header = [f"C{number:02}" for number in range(CELLS)]
    path = write(tmp_path / "s.tsv", activity(0), header, "\t")
    assert importers()["imaging-csv"].recognise(path)
    found = imaged(path, animal="m1")
    assert found.data["cell"].to_numpy().tolist() == header
    np.testing.assert_array_equal(found.session("s").to_numpy(), activity(0))


def test_a_column_of_time_is_asked_about(tmp_path: Path) -> None:
    values = np.column_stack([np.arange(FRAMES) / 20, activity(0)])
    header = ["Time (s)", *(f"C{number}" for number in range(CELLS))]
    path = write(tmp_path / "s.csv", values, header)
    assert "--tell time_column=Time (s)" in error(path, animal="m1")
    found = imaged(path, animal="m1", time_column="Time (s)")
    np.testing.assert_array_equal(found.session("s").to_numpy(), activity(0))
    bare = write(tmp_path / "t.csv", values)
    assert "always rises" in error(bare, animal="m1")
    first = imaged(bare, animal="m1", time_column="first")
    np.testing.assert_array_equal(first.session("t").to_numpy(), activity(0))
    assert imaged(bare, animal="m1", time_column="none").data.sizes["cell"] == CELLS + 1


def test_a_row_that_counts_is_asked_about(tmp_path: Path) -> None:
    header = [str(number) for number in range(CELLS)]
    path = write(tmp_path / "s.csv", activity(0), header)
    assert "--tell header=" in error(path, animal="m1")
    found = imaged(path, animal="m1", header="yes")
    np.testing.assert_array_equal(found.session("s").to_numpy(), activity(0))
    assert imaged(path, animal="m1", header="no").data["frames"].to_numpy().tolist() == [FRAMES + 1]


def test_one_session_of_an_animal_in_two_files_is_refused(folder: Path) -> None:
    write(folder / "m1_hc0.csv", activity(5))
    assert "is session 'hc0' of animal 'm1', and so is m1_hc0.csv" in error(folder, **told())


def test_another_number_of_cells_is_refused(folder: Path) -> None:
    write(folder / "m1_cfc.csv.gz", activity(1, cells=CELLS - 1))
    message = error(folder, **told())
    assert "m1_cfc.csv.gz: has 8 cells" in message
    assert "lacks cell 9" in message
    assert "unmatched" not in message


def test_other_names_of_cells_are_refused_unless_told(tmp_path: Path) -> None:
    header = [f"C{number}" for number in range(CELLS)]
    write(tmp_path / "m1_a.csv", activity(0), header)
    write(tmp_path / "m1_b.csv", activity(1), [*header[:-1], "C77"])
    asked = {"names": NAMES, "sessions": "a,b"}
    message = error(tmp_path, **asked)
    assert "lacks C8 and has C77 besides" in message
    assert "--tell unmatched=keep" in message
    found = imaged(tmp_path, unmatched="keep", **asked)
    assert found.data.sizes["cell"] == CELLS + 1
    assert found.data["seen"].to_numpy().sum(axis=1).tolist() == [CELLS, CELLS]
    assert np.isnan(found.data["activity"].sel(session="b", cell="C8")).all()
    write(tmp_path / "m1_b.csv", activity(1), [f"D{number}" for number in range(CELLS)])
    assert "lacks C0" in error(tmp_path, unmatched="keep", **asked)
    write(tmp_path / "m1_b.csv", activity(1))
    assert "some files name their cells" in error(tmp_path, **asked)


def test_a_cell_named_twice_is_refused(tmp_path: Path) -> None:
    header = ["C1", *(f"C{number}" for number in range(1, CELLS))]
    path = write(tmp_path / "s.csv", activity(0), header)
    assert "names cell 'C1' twice" in error(path, animal="m1")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{5,3}", "nan", "row 6, column 4: is empty or NaN"),
        ("{5,3}", "", "row 6, column 4: is empty or NaN"),
        ("{5,3}", "inf", "row 6, column 4: is 'inf', no finite number"),
        ("{5,3}", "high", "row 6, column 4: is 'high', no finite number"),
        ("{5,3}", "1,2", "row 6: has 10 columns"),
    ],
)
def test_damage_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    rows = [[f"{value:.6f}" for value in row] for row in activity(0)]
    row, column = (int(number) for number in old.strip("{}").split(","))
    rows[row][column] = new
    path = tmp_path / "s.csv"
    path.write_text("\n".join(",".join(fields) for fields in rows) + "\n")
    assert says in error(path, animal="m1")


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", activity(0))
    path.write_text(path.read_text()[:-40])
    assert "row 40, column" in error(path, animal="m1")
    packed = write(tmp_path / "s.csv.gz", activity(0))
    packed.write_bytes(packed.read_bytes()[:-200])
    assert "cannot be read" in error(packed, animal="m1")
    path.write_text("")
    assert "is empty" in error(path, animal="m1")
    path.write_bytes(b"1,2\n3,\xff\n")
    assert "row 2: byte 6" in error(path, animal="m1")


def test_lines_without_content_at_the_end_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", activity(0))
    path.write_text(path.read_text() + "\n\n")
    found = imaged(path, animal="m1")
    np.testing.assert_array_equal(found.session("s").to_numpy(), activity(0))
    path.write_text("\n" + path.read_text())
    assert "row 1: is empty" in error(path, animal="m1")


def test_values_that_are_no_numbers_can_be_kept(tmp_path: Path) -> None:
    values = activity(0)
    values[3, 2] = np.nan
    path = write(tmp_path / "s.csv", values)
    assert "--tell nan=keep" in error(path, animal="m1")
    found = imaged(path, animal="m1", nan="keep")
    np.testing.assert_array_equal(found.session("s").to_numpy(), values)
    assert found.cell_table()["mean"].iloc[2] == pytest.approx(np.nanmean(values[:, 2]))


def test_large_files_are_scanned_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = activity(0, frames=100)
    values[77, 2] = np.nan
    path = write(tmp_path / "s.csv", values)
    monkeypatch.setattr("engramlab.importers.formats.imaging_csv.CHUNK_NUMBERS", 90)
    assert "row 78, column 3" in error(path, animal="m1")
    assert imaged(path, animal="m1", nan="keep").data["frames"].to_numpy().tolist() == [100]


def test_a_folder_without_tables(tmp_path: Path) -> None:
    assert not importers()["imaging-csv"].recognise(tmp_path)
    assert "holds no CSV" in error(tmp_path, animal="m1")


@pytest.mark.skipif(
    not TOME.exists(), reason=f"real data not found at {TOME} (set ENGRAMLAB_DATA to its folder)"
)
def test_the_recordings_of_tome_2024() -> None:
    order = "hc0,cfc,hc1,neutral1,training1,hc2,neutral2,training2"
    found = imaged(TOME, names=NAMES, animal="mouse1", sessions=order)
    assert found.data.sizes["cell"] == 85
    assert found.sessions == tuple(order.split(","))
    with gzip.open(TOME / "mouse1_cfc.csv.gz", "rt") as stream:
        lines = stream.read().splitlines()
    assert int(found.data["frames"].sel(session="cfc")) == len(lines) == 3121
    np.testing.assert_array_equal(
        found.session("cfc").isel(time=1000).to_numpy(),
        np.array(lines[1000].split(","), dtype=float),
    )
    other = imaged(TOME, names=NAMES, animal="mouse3", sessions="cfc,training1")
    assert other.data["frames"].to_numpy().tolist() == [3076, 3092]
    assert other.data.sizes["cell"] == 43
