"""Freezing by ezTrack and Video Freeze: files as the programs write them, and damaged ones."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engramlab.errors import DataError
from engramlab.importers import ColumnMap, Scores, importers, read_data

RATE = 10


def frames(path: Path, freezing: list[int], video: str | None = None) -> Path:
    """One video's output as ezTrack's `SaveData` writes it with pandas."""
    count = len(freezing)
    pd.DataFrame(
        {
            "File": [video or path.name.replace("_FreezingOutput.csv", ".avi")] * count,
            "FPS": np.ones(count) * RATE,
            "MotionCutoff": np.ones(count) * 11.0,
            "FreezeThresh": np.ones(count) * 200,
            "MinFreezeDuration": np.ones(count) * 15,
            "Frame": np.arange(count),
            "Motion": np.where(np.array(freezing) == 100, 10.0, 410.0),
            "Freezing": freezing,
        }
    ).to_csv(path)
    return path


def batch(path: Path, bins: tuple[str, ...] = ("all",)) -> Path:
    """A BatchSummary.csv as ezTrack's `Summarize` and `Batch` write it: the index starts anew."""
    parts = []
    for video, freezing in (("m1_training.avi", 60.0), ("m1_novel.avi", 20.0)):
        count = len(bins)
        parts.append(
            pd.DataFrame(
                {
                    "File": [video] * count,
                    "FileLength": np.ones(count) * 1800,
                    "FPS": np.ones(count) * RATE,
                    "MotionCutoff": np.ones(count) * 11.0,
                    "FreezeThresh": np.ones(count) * 200,
                    "MinFreezeDuration": np.ones(count) * 15,
                    "bin": bins,
                    "range(f)": [(0, 1800)] * count,
                    "Motion": 120.5,
                    "Freezing": [freezing + 5 * number for number in range(count)],
                }
            )
        )
    pd.concat(parts).to_csv(path)
    return path


VIDEOFREEZE = """\
Video Freeze
Protocol,C:\\Protocols\\Context Test.pro
Component File,C:\\components.cmp
,
Experiment,Date,Box,Animal,Group,Component Name,Component Number,Freezing Threshold,\
Min Freeze Duration,Pct Component Time Freezing,Avg Motion Index,Max Motion,Notes
FC1,1/2/2024,1,1.0,fear,Baseline,1,18,30,5.5,210.25,900,
FC1,1/2/2024,1,1.0,fear,Tone-1,2,18,30,60.25,80,700,
FC1,1/2/2024,2,2.0,control,Baseline,1,18,30,4,230,900,
FC1,1/2/2024,2,2.0,control,Tone-1,2,18,30,12.5,190,800,
nan,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan
"""


def report(tmp_path: Path, content: str = VIDEOFREEZE) -> Path:
    path = tmp_path / "report.csv"
    path.write_text(content)
    return path


def table(path: Path, format_name: str | None = None, **told: object) -> pd.DataFrame:
    data = read_data(path, format_name, told=told)
    assert isinstance(data, Scores)
    return data.table


def error(path: Path, format_name: str | None = None, **told: object) -> str:
    with pytest.raises(DataError) as caught:
        read_data(path, format_name, told=told)
    return str(caught.value)


def test_a_video_of_eztrack_is_its_mean(tmp_path: Path) -> None:
    path = frames(tmp_path / "m1_training_FreezingOutput.csv", [0, 100, 100, 0])
    assert importers()["eztrack"].recognise(path)
    found = table(path, names="{animal}_{condition}")
    by = found.set_index("measure")
    assert by.at["freezing", "value"] == 50
    assert by.at["motion", "value"] == 210
    assert by.at["freezing", "animal"] == "m1"
    assert by.at["freezing", "condition"] == "training"


def test_part_of_a_video_of_eztrack(tmp_path: Path) -> None:
    path = frames(tmp_path / "m1_FreezingOutput.csv", [0] * 10 + [100] * 20)
    part = table(path, animal="m1", seconds="1-3")
    assert part.set_index("measure").at["freezing", "value"] == 100
    assert "0-3" in error(path, animal="m1", seconds="0-180")
    assert "START-STOP" in error(path, animal="m1", seconds="first")


def test_a_folder_of_eztrack(tmp_path: Path) -> None:
    frames(tmp_path / "m1_training_FreezingOutput.csv", [100, 100])
    frames(tmp_path / "m2_training_FreezingOutput.csv", [0, 100])
    found = table(tmp_path, names="{animal}_{condition}")
    freezing = found[found["measure"] == "freezing"].set_index("animal")["value"]
    assert freezing.to_dict() == {"m1": 100.0, "m2": 50.0}


def test_a_batch_of_eztrack(tmp_path: Path) -> None:
    path = batch(tmp_path / "BatchSummary.csv")
    found = table(path, names="{animal}_{condition}")
    freezing = found[found["measure"] == "freezing"].set_index("condition")["value"]
    assert freezing.to_dict() == {"training": 60.0, "novel": 20.0}


def test_bins_of_a_batch_are_asked_for(tmp_path: Path) -> None:
    path = batch(tmp_path / "BatchSummary.csv", ("1", "2"))
    assert "--tell bin=NAME with one of 1, 2" in error(path, names="{animal}_{condition}")
    found = table(path, names="{animal}_{condition}", bin="2")
    assert found[found["measure"] == "freezing"]["value"].tolist() == [65.0, 25.0]


def test_eztrack_asks_which_animal_it_is(tmp_path: Path) -> None:
    path = frames(tmp_path / "m1_training_FreezingOutput.csv", [0, 100])
    message = error(path)
    assert "--tell animal=m1" in message
    assert "--tell names=" in message
    assert "row 2, column 'File'" in error(path, names="{animal}_{condition}_{hours}")


def test_damage_of_eztrack_is_named(tmp_path: Path) -> None:
    path = frames(tmp_path / "m1_FreezingOutput.csv", [0, 100, 0, 0])
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    path.write_text(whole.replace(",100\n", ",nan\n"))
    assert "row 3, column 'Freezing': is 'nan'" in error(path, animal="m1")
    path.write_text(whole.replace(",100\n", ",50\n"))
    assert "0 or 100" in error(path, animal="m1")
    path.write_text("".join(lines[:2] + lines[3:]))
    assert "row 3, column 'Frame'" in error(path, animal="m1")
    path.write_text(whole[:-8])
    assert "row 5: has " in error(path, animal="m1")
    path.write_bytes(whole.replace("m1.avi", "m\xfc.avi").encode("cp1252"))
    assert "row 2: byte" in error(path, animal="m1")
    path.write_text(lines[0])
    assert "no rows" in error(path, animal="m1")
    path.write_text(whole.replace(",10.0,11.0", ",0.0,11.0"))
    assert "column 'FPS'" in error(path, animal="m1")


def test_one_animal_twice_in_a_folder_of_eztrack_is_refused(tmp_path: Path) -> None:
    frames(tmp_path / "m1_training_FreezingOutput.csv", [100, 100])
    frames(tmp_path / "m1_novel_FreezingOutput.csv", [0, 100])
    assert "second score for the same animal" in error(tmp_path, names="{animal}_{}")
    assert "second score for the same animal" in error(tmp_path, animal="m1")


def test_a_report_of_video_freeze(tmp_path: Path) -> None:
    path = report(tmp_path)
    assert importers()["videofreeze"].recognise(path)
    found = table(path)
    assert len(found) == 8
    freezing = found[found["measure"] == "freezing"].set_index(["animal", "condition"])
    assert freezing.at[("1", "Tone-1"), "value"] == 60.25
    assert freezing.at[("2", "Baseline"), "group"] == "control"
    assert set(found["experiment"]) == {"FC1"}
    motion = found[found["measure"] == "motion"]
    assert motion["value"].tolist() == [210.25, 80, 230, 190]


def test_components_of_video_freeze_can_be_chosen(tmp_path: Path) -> None:
    assert set(table(report(tmp_path), components="Tone-1")["condition"]) == {"Tone-1"}
    assert "of Baseline, Tone-1" in error(report(tmp_path), components="Tone-9")


def test_columns_of_video_freeze_may_have_other_meanings(tmp_path: Path) -> None:
    columns = ColumnMap(columns={"animal": "Box"}, where={"group": "control"})
    data = read_data(report(tmp_path), columns=columns)
    assert isinstance(data, Scores)
    assert set(data.table["animal"]) == {"2"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("60.25", "160.25"), "row 7, column 'Pct Component Time Freezing': freezing is 160.25"),
        (("60.25", "sixty"), "row 7, column 'Pct Component Time Freezing': the score is 'sixty'"),
        (("60.25", "nan"), "row 7, column 'Pct Component Time Freezing': the score is missing"),
        (("60.25,80", "60.25,"), "row 7, column 'Avg Motion Index': the score is missing"),
        (("2,2.0,control,Tone-1", "2,2.0,control,Baseline"), "a second score for the same animal"),
        (("2,2.0,control,Tone-1", "2,,control,Tone-1"), "row 9: the animal is empty"),
        ((",18,30,12.5,190,800,\n", ",18,30,12\n"), "row 9: has 10 fields"),
        (("Animal", "Mouse"), "no row names the columns"),
        (("Pct Component Time Freezing", "Freezing"), "no row names the columns"),
    ],
)
def test_damage_of_video_freeze_is_named(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    assert change[0] in VIDEOFREEZE
    assert says in error(report(tmp_path, VIDEOFREEZE.replace(*change)), "videofreeze")


def test_video_freeze_without_rows(tmp_path: Path) -> None:
    head = "".join(VIDEOFREEZE.splitlines(keepends=True)[:5])
    assert "has no rows" in error(report(tmp_path, head))


def test_video_freeze_in_another_encoding(tmp_path: Path) -> None:
    path = report(tmp_path)
    text = VIDEOFREEZE.replace("Context Test", "Kontext f\xfcr")
    path.write_bytes(text.encode("cp1252"))
    assert "row 2: byte" in error(path)
    assert len(table(path, encoding="cp1252")) == 8


def test_what_is_read_is_written_and_read_again(tmp_path: Path) -> None:
    first = table(report(tmp_path))
    text = io.StringIO()
    first.to_csv(text, index=False, quoting=csv.QUOTE_MINIMAL)
    again = tmp_path / "tidy.csv"
    again.write_text(text.getvalue().replace("hours,", "ignored,", 1))
    pd.testing.assert_frame_equal(table(again)[["animal", "value"]], first[["animal", "value"]])
