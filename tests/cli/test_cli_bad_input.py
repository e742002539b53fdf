"""One row an item of what can be wrong with an input: a clear message, exit code 2, nothing left.

Every row runs the command line in an empty folder and asserts the exit code, that the message
names the place and what to do, that no traceback shows, and that the folder holds nothing new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from engramlab.cli import main

PROTOCOL = """\
engramlab: 1
name: small
title: A small protocol
contexts: {A: {}, B: {}}
tags: {engram: {}, later: {}}
cells:
  tagged: {tagged: engram, region: DG}
  late: {tagged: later, region: DG}
groups: {fear: {}}
timeline:
  - {do: tag, name: engram, at_hours: 0, hours: 2}
  - {do: session, name: training, at_hours: 1, context: A, minutes: 2}
  - {do: session, name: recall, at_days: 1, context: B, minutes: 2, probe: true}
"""
LIGHT = """\
  - {do: session, name: light-on, at_days: 2, context: B, minutes: 2,
     light: [{cells: CELLS, effect: drive}]}
"""
SCORES = """\
animal,group,condition,hours,measure,value
1,fear,training,24,freezing,60.5
2,fear,training,24,freezing,51
1,fear,novel,24,freezing,20
2,fear,novel,24,freezing,12.5
"""
UNREADABLE = "/proc/self/mem"
GIGABYTES_2 = 2 * 1024**3


@dataclass(frozen=True)
class Row:
    """One wrong input: the file that holds it, the command, what the message has to say."""

    name: str
    command: tuple[str, ...]
    says: tuple[str, ...]  # regular text, each somewhere in the message
    file: str = ""
    content: str = ""
    make: Callable[[Path], None] | None = None
    remedy: str = "allowed: "


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(GIGABYTES_2)


def folder(path: Path) -> None:
    path.mkdir()


def protocol_row(name: str, change: tuple[str, str], *says: str, remedy: str = "allowed: ") -> Row:
    assert change[0] in PROTOCOL
    return Row(
        name,
        ("run", "p.yaml", "--animals", "1"),
        ("p.yaml", *says),
        "p.yaml",
        PROTOCOL.replace(*change),
        remedy=remedy,
    )


def data_row(name: str, content: str, *says: str) -> Row:
    return Row(name, ("analyze", "d.csv"), ("d.csv", *says), "d.csv", content)


def run_with(name: str, *options: str, says: tuple[str, ...]) -> Row:
    return Row(name, ("run", "p.yaml", "--animals", "1", *options), says, "p.yaml", PROTOCOL)


ROWS = [
    protocol_row("unknown field", ("minutes: 2, probe", "minuets: 2, probe"), "minuets", "minutes"),
    protocol_row("unknown field at the top", ("title:", "titel:"), "titel", "line 3"),
    protocol_row("wrong unit", ("at_hours: 1", "at_seconds: 3600"), "at_seconds", "at_hours"),
    protocol_row("value with a unit", ("hours: 2}", "hours: 2 h}"), "2 h", "line 11"),
    protocol_row("negative time", ("at_hours: 1,", "at_hours: -1,"), "-1", "line 12"),
    protocol_row("overlapping sessions", ("at_days: 1", "at_hours: 1.01"), "training", "recall"),
    protocol_row("empty protocol", (PROTOCOL, "")),
    protocol_row(
        "not YAML", ("groups: {fear: {}}", "groups: {fear: {}"), "line 10", remedy="expected ','"
    ),
    protocol_row("no such format version", ("engramlab: 1", "engramlab: 99"), "99", "1"),
    Row(
        "a tag never opened",
        ("run", "p.yaml", "--animals", "1"),
        ("p.yaml", "later"),
        "p.yaml",
        PROTOCOL + LIGHT.replace("CELLS", "late"),
    ),
    Row(
        "light on an empty tag",
        ("run", "p.yaml", "--animals", "1"),
        ("light-on", "tagged"),
        "p.yaml",
        # Labelled only where cells are active: the window closes before the first session.
        PROTOCOL.replace("at_hours: 0, hours: 2", "at_hours: 0, hours: 0.5")
        + LIGHT.replace("CELLS", "tagged"),
    ),
    Row("no such protocol", ("run", "contextual-faer"), ("contextual-faer", "contextual-fear")),
    Row(
        "2 GB protocol", ("run", "p.yaml"), ("p.yaml", "2,147,483,648 bytes"), "p.yaml", make=sparse
    ),
    # A file that the kernel refuses to give, also to root, who may read what is forbidden.
    Row("unreadable protocol", ("run", UNREADABLE), (UNREADABLE,)),
    Row("folder as protocol", ("run", "p.yaml"), ("p.yaml", "folder"), "p.yaml", make=folder),
    data_row("missing column", SCORES.replace("value", "wert"), "value", "--column"),
    data_row("non-numeric score", SCORES.replace("60.5", "high"), "row", "value", "high"),
    data_row("empty data file", ""),
    data_row("header only", SCORES.splitlines()[0] + "\n"),
    Row("no such data", ("analyze", "d.csv"), ("d.csv",)),
    Row("2 GB data", ("analyze", "d.csv"), ("d.csv", "256 MiB"), "d.csv", make=sparse),
    Row("unreadable data", ("analyze", UNREADABLE), (UNREADABLE,)),
    Row("folder as data", ("analyze", "d.csv"), ("d.csv",), "d.csv", make=folder),
    run_with("unknown mechanism", "--without", "repaly", says=("repaly", "replay")),
    run_with("unknown parameter", "--set", "boost_gian=1", says=("boost_gian", "boost_gain")),
    run_with("value out of range", "--set", "boost_gain=-3", says=("boost_gain", "-3", "0 to 5")),
    run_with("not a setting", "--set", "boost_gain", says=("boost_gain", "PARAMETER=NUMBER")),
    run_with("not a number", "--set", "boost_gain=nan", says=("boost_gain", "0 to 5")),
    run_with("too many animals", "--animals", "1000000000", says=("animals", "up to")),
    run_with("no animals", "--animals", "0", says=("animals", "1 or more")),
    run_with("no workers", "--workers", "0", says=("workers", "1 or more")),
    run_with("a file as output folder", "--out", "p.yaml", says=("p.yaml", "--out")),
    run_with(
        "output below a file", "--out", "p.yaml/results", says=("p.yaml/results", "new folder")
    ),
    Row("resume of nothing", ("resume", "x"), ("x", "engramlab run")),
    Row("resume of another folder", ("resume", "x"), ("x", "engramlab run"), "x", make=folder),
]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bad_input(row: Row, empty: Path) -> None:
    if UNREADABLE in row.command and not Path(UNREADABLE).exists():
        pytest.skip(f"there is no {UNREADABLE} here")
    if row.make:
        row.make(empty / row.file)
    elif row.file:
        (empty / row.file).write_text(row.content)
    result = CliRunner().invoke(main, list(row.command))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    for text in row.says:
        assert text in result.stderr
    assert row.remedy in result.stderr
    assert "Traceback" not in result.output
    assert [path.name for path in empty.iterdir()] == ([row.file] if row.file else [])


def test_an_existing_output_folder_is_never_touched(empty: Path) -> None:
    (empty / "p.yaml").write_text(PROTOCOL)
    (empty / "out").mkdir()
    (empty / "out" / "thesis.txt").write_text("mine")
    result = CliRunner().invoke(main, ["run", "p.yaml", "--animals", "1", "--out", "out"])
    assert result.exit_code == 2
    assert "out" in result.stderr
    assert "--out" in result.stderr
    assert [path.name for path in (empty / "out").iterdir()] == ["thesis.txt"]
