"""Tables and names: encodings, workbooks, row numbers, templates."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engramlab.errors import DataError
from engramlab.importers import Options, Scores, read_data
from engramlab.importers.names import NameTemplate, stem
from engramlab.importers.tables import chunks, first_rows, read_header, read_table, rows

TABLE = "animal,group,value\nm1,fear,50\nm2,fear,40.5\n"


def written(tmp_path: Path, content: str | bytes, name: str = "d.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def scores(path: Path, **told: object) -> Scores:
    data = read_data(path, "scores", told=told)
    assert isinstance(data, Scores)
    return data


def test_rows_keep_their_numbers_over_blank_lines_and_line_ends_in_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n\n1,"two\nlines"\n,\n3,4\n')
    assert [number for number, _ in rows(path, Options())] == [1, 3, 6]


def test_the_row_of_a_wrong_score_is_the_row_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "animal,value\n\n\n1,50\n\n2,high\n")
    with pytest.raises(DataError, match=r"row 6, column 'value': the score is 'high'"):
        scores(path)


def test_a_row_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 3: has 2 fields\n    allowed: 3, as the header"):
        scores(written(tmp_path, TABLE.removesuffix(",40.5\n")))


def test_empty_columns_that_a_spreadsheet_adds_do_not_matter(tmp_path: Path) -> None:
    padded = "".join(f"{line},,\n" for line in TABLE.splitlines())
    assert scores(written(tmp_path, padded)).table["value"].tolist() == [50.0, 40.5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    table = scores(written(tmp_path, TABLE.replace("fear", "f\xe4r").encode(encoding))).table
    assert table["group"].unique().tolist() == ["f\xe4r"]


def test_other_encodings_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.replace("m2,fear", "m2,f\xe4r").encode("cp1252"))
    with pytest.raises(DataError, match=r"row 3: byte 34 .*\n.*--tell encoding=cp1252"):
        scores(path)
    assert scores(path, encoding="cp1252").table["group"].tolist() == ["fear", "f\xe4r"]
    with pytest.raises(DataError, match="is no encoding"):
        scores(path, encoding="latin-99")


def test_a_row_in_a_wrong_encoding_is_found_in_gzip_too(tmp_path: Path) -> None:
    content = gzip.compress(TABLE.replace("m2", "m\xfc").encode("cp1252"))
    with pytest.raises(DataError, match="row 3"):
        scores(written(tmp_path, content, "d.csv.gz"))


def test_gzip_cut_short_is_said(tmp_path: Path) -> None:
    content = gzip.compress((TABLE * 2000).encode())
    with pytest.raises(DataError, match="cannot be read"):
        scores(written(tmp_path, content[: len(content) // 2], "d.csv.gz"))


def test_decimal_commas_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "animal;value\nm1;50,5\n")
    with pytest.raises(DataError, match="'50,5', not a number"):
        scores(path)
    assert scores(path, decimal="comma").table["value"].tolist() == [50.5]
    with pytest.raises(DataError, match="one of comma, point"):
        scores(path, decimal=",")


def test_workbooks_are_read_like_text(tmp_path: Path) -> None:
    content: list[list[object]] = [["animal", "value"], ["m1", 50], ["m2", 40.5], [3, 1.0]]
    table = scores(workbook(tmp_path / "d.xlsx", {"Tabelle1": content})).table
    assert table["animal"].tolist() == ["m1", "m2", "3"]
    assert table["value"].tolist() == [50.0, 40.5, 1.0]


def test_one_of_several_sheets_is_asked_for(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "day 1": [["animal", "value"], ["m1", 50]],
        "day 2": [["animal", "value"], ["m1", 20]],
    }
    path = workbook(tmp_path / "d.xlsx", sheets)
    with pytest.raises(DataError, match=r"has 2 sheets\n.*--tell sheet=NAME.* day 1, day 2"):
        scores(path)
    with pytest.raises(DataError, match="has no sheet 'day 3'"):
        scores(path, sheet="day 3")
    assert scores(path, sheet="day 2").table["value"].tolist() == [20.0]


def test_a_damaged_workbook_is_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "d.xlsx", {"a": [["animal", "value"], ["m1", 1]]})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="is no whole Excel workbook"):
        scores(path)
    path.write_bytes(b"PK\x03\x04nonsense")
    with pytest.raises(DataError, match="is no whole Excel workbook"):
        scores(path)


def test_an_error_in_a_cell_of_a_workbook_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "d.xlsx", {"a": [["animal", "value"], ["m1", "#DIV/0!"]]})
    with pytest.raises(DataError, match=r"row 2, column 'value': the score is '#DIV/0!'"):
        scores(path)


def test_large_tables_are_read_in_parts(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "x,1\n" * 120_000)
    parts = list(chunks(path, Options(), ["b"]))
    assert [len(part) for part in parts] == [50_000, 50_000, 20_000]
    assert parts[2].index[-1] == 120_001


def test_a_doubled_column_is_refused_only_where_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,b\n1,2,3\n")
    assert read_table(path, Options(), ["a"])["a"].tolist() == ["1"]
    with pytest.raises(DataError, match="names 'b' twice"):
        read_table(path, Options(), ["b"])
    with pytest.raises(DataError, match="no column 'c'"):
        read_table(path, Options(), ["c"], header=read_header(path, Options()))


def test_nothing_that_cannot_be_read_is_recognised(tmp_path: Path) -> None:
    assert first_rows(tmp_path) == []
    assert first_rows(tmp_path / "none.csv") == []
    assert first_rows(written(tmp_path, b"no gzip", "a.csv.gz")) == []
    assert first_rows(written(tmp_path, b"no workbook", "a.xlsx")) == []
    assert first_rows(written(tmp_path, b"", "b.csv")) == []


ALLOWED = ("animal", "region", "condition", "hours")


@pytest.mark.parametrize(
    ("template", "name", "parts"),
    [
        ("{animal}_{region}", "m1_CA1.tif", {"animal": "m1", "region": "CA1"}),
        ("{animal}_{region}", "C:\\data\\m1_CA1.tif", {"animal": "m1", "region": "CA1"}),
        ("{animal}_{region}", "m1_CA1.csv.gz", {"animal": "m1", "region": "CA1"}),
        ("mouse_{animal}_{}_{region}", "mouse_7_x_DG", {"animal": "7", "region": "DG"}),
        ("{animal}-{hours}h.tif{}", "a1-24h.tif (series 2)", {"animal": "a1", "hours": "24"}),
        ("{animal}", "mouse 1.2", {"animal": "mouse 1.2"}),
    ],
)
def test_names_are_taken_apart(template: str, name: str, parts: dict[str, str]) -> None:
    assert NameTemplate(template, ALLOWED).parts(name, "here") == parts


@pytest.mark.parametrize("name", ["m_1_CA1", "m1", "m1_", "_CA1"])
def test_a_name_that_fits_in_no_or_two_ways_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"here: the name .* does not have the form"):
        NameTemplate("{animal}_{region}", ALLOWED).parts(name, "here")


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{mouse}_{region}", "unknown part 'mouse'"),
        ("{animal}{region}", "nothing between"),
        ("{animal}_{animal}", "twice"),
        ("animal", "names no part"),
        ("{}", "names no part"),
    ],
)
def test_templates_that_cannot_be_used(template: str, what: str) -> None:
    with pytest.raises(DataError, match=what):
        NameTemplate(template, ALLOWED)


def test_endings() -> None:
    assert [stem(name) for name in ("a.csv.gz", "a.tif", "a 1.2", "a.b.nwb")] == [
        *("a", "a", "a 1.2", "a.b")
    ]
