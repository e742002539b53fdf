"""Score files: mapping of columns, and every kind of damage with its place and remedy."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engramlab.errors import DataError
from engramlab.importers import ColumnMap, read_columns, read_scores

GOOD = "animal,condition,hours,value\n1,training,1,50\n2,training,1,40\n1,novel,1,20\n"


def written(tmp_path: Path, content: str | bytes, name: str = "scores.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def error(tmp_path: Path, content: str | bytes, **columns: object) -> str:
    with pytest.raises(DataError) as caught:
        read_scores(written(tmp_path, content), ColumnMap.model_validate(columns))
    return str(caught.value)


def test_columns_of_our_names_need_no_mapping(tmp_path: Path) -> None:
    table = read_scores(written(tmp_path, GOOD)).table
    assert table["value"].tolist() == [50.0, 40.0, 20.0]
    assert table["measure"].unique().tolist() == ["freezing"]
    assert table["group"].unique().tolist() == ["all"]


@pytest.mark.parametrize(
    ("separator", "name"), [("\t", "a.tsv"), (";", "a.csv"), (",", "a.csv.gz")]
)
def test_separators_and_compression(tmp_path: Path, separator: str, name: str) -> None:
    content = GOOD.replace(",", separator).encode()
    path = written(tmp_path, gzip.compress(content) if name.endswith("gz") else content, name)
    pd.testing.assert_frame_equal(
        read_scores(path).table, read_scores(written(tmp_path, GOOD, "b.csv")).table
    )


def test_mapping_and_filter(tmp_path: Path) -> None:
    text = "mouse,score,cage\nm1,10,x\nm2,20,y\n"
    columns = ColumnMap(columns={"animal": "mouse", "value": "score", "group": "cage"})
    path = written(tmp_path, text)
    assert read_scores(path, columns).table["animal"].tolist() == ["m1", "m2"]
    kept = read_scores(path, columns.updated(where={"group": "y"})).table
    assert kept["value"].tolist() == [20.0]
    with pytest.raises(DataError, match="no row has the value 'z'"):
        read_scores(path, columns.updated(where={"group": "z"}))


@pytest.mark.parametrize(
    ("content", "place", "remedy"),
    [
        (GOOD.replace("value", "score"), "header", "--column value=NAME"),
        (GOOD.replace("animal", "anmal"), "header", "did you mean 'anmal'"),
        (GOOD.replace(",40", ",forty"), "row 3, column 'value'", "a number"),
        (GOOD.replace(",40", ","), "row 3, column 'value'", "missing"),
        (GOOD.replace(",40", ",nan"), "row 3", "a number"),
        (GOOD.replace(",40", ",140"), "row 3", "0 to 100"),
        (GOOD.replace("1,40", "-1,40"), "row 3, column 'hours'", "0 or more"),
        (GOOD.replace("1,40", "soon,40"), "row 3, column 'hours'", "number of hours"),
        (GOOD + "1,novel,1,21\n", "row 5", "a second score for the same animal"),
        (GOOD + "1,novel,1,21,9,9\n", "row 5", "as the header"),
        ("", "scores.csv", "is empty"),
        ("animal,value\n", "scores.csv", "a header and no rows"),
        ("\n\n\n", "scores.csv", "is empty"),
        (b"animal,value\n1,\xff\n", "row 2", "UTF-8"),
        (b"animal,value\n1,\x00\n", "scores.csv", "binary"),
        (b"PK\x03\x04\xff\xfe\x00", "scores.csv", "binary"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: str | bytes, place: str, remedy: str) -> None:
    message = error(tmp_path, content)
    assert "scores.csv" in message
    assert place in message
    assert remedy in message


def test_many_problems_are_counted(tmp_path: Path) -> None:
    message = error(tmp_path, "animal,value\n" + "".join(f"{i},x\n" for i in range(50)))
    assert "row 2," in message
    assert "and 30 more problems" in message


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_scores(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_scores(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_scores(written(tmp_path, b"no gzip", "a.csv.gz"))
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        os.truncate(stream.fileno(), 2 * 1024**3)  # sparse: takes no room on disk
    with pytest.raises(DataError, match="larger than 256 MiB"):
        read_scores(huge)


def test_mapping_files(tmp_path: Path) -> None:
    path = written(tmp_path, "columns: {value: score}\nnovel: B\n", "map.yaml")
    assert read_columns(path) == ColumnMap(columns={"value": "score"}, novel="B")
    for content, expected in (
        ("columns: {valeu: score}", "unknown column 'valeu'"),
        ("colums: {}", "colums"),
        ("columns: [", "not valid YAML"),
        ("- a", "valid"),
    ):
        with pytest.raises(DataError, match=expected):
            read_columns(written(tmp_path, content, "bad.yaml"))
    with pytest.raises(DataError, match="cannot be read"):
        read_columns(tmp_path / "none.yaml")


@given(st.binary(max_size=300))
def test_no_bytes_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_scores(path)
