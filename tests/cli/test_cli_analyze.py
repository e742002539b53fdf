"""`engramlab analyze` and `example-data`: from a file to tables, figures and a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from engramlab.analysis import contexts_of
from engramlab.cli import main
from engramlab.errors import ParameterError
from engramlab.protocol import load_protocol

SCORES = """\
mouse;cage;test;hours;what;score
1;a;same;24;freezing;60
2;a;same;24;freezing;50
3;a;same;24;freezing;40
1;a;other;24;freezing;20
2;a;other;24;freezing;10
3;a;other;24;freezing;0
1;b;same;24;freezing;99
"""
MAPPING = {"animal": "mouse", "group": "cage", "condition": "test", "measure": "what"}
FLAGS = [
    *(word for ours, theirs in MAPPING.items() for word in ("--column", f"{ours}={theirs}")),
    *("--training-condition", "same", "--novel-condition", "other"),
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scores.csv").write_text(SCORES)
    return "scores.csv"


def test_flags_and_a_mapping_file_say_the_same(scores: str, tmp_path: Path) -> None:
    by_flags = answer("analyze", scores, *FLAGS, "--column", "value=score", "--where", "group=a")
    (tmp_path / "map.yaml").write_text(
        json.dumps(
            {
                "columns": {**MAPPING, "value": "wrong"},
                "where": {"group": "a"},
                "training": "same",
                "novel": "other",
            }
        )
    )
    by_file = answer(
        *("analyze", scores, "--columns", "map.yaml", "--column", "value=score", "--out", "second")
    )
    assert by_file["freezing"] == by_flags["freezing"]
    means = {row["condition"]: row["mean"] for row in by_flags["freezing"]}
    assert means == {"same": 50.0, "other": 10.0}
    # (60-20)/80, (50-10)/60, (40-0)/40
    assert by_flags["discrimination"][0]["mean"] == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)


def test_an_analysis_leaves_tables_figures_and_a_report(scores: str, tmp_path: Path) -> None:
    printed = answer("analyze", scores, *FLAGS, "--column", "value=score")
    out = tmp_path / "results" / "analysis-scores"
    assert Path(printed["report"]).resolve() == out / "report.html"
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png"}
    assert pd.read_csv(out / "freezing.csv")["mean"].tolist() == [50.0, 10.0, 99.0]
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["mapping"]["columns"]["value"] == "score"
    assert len(provenance["sha256"]) == 64


def test_an_analysis_never_touches_an_existing_folder(scores: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    result = run("analyze", scores, *FLAGS, "--column", "value=score", "--out", "out")
    assert result.exit_code == 2
    assert "--out" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_failed_comparison_leaves_nothing(scores: str, tmp_path: Path) -> None:
    (tmp_path / scores).write_text(SCORES.replace(";24;", ";7;"))
    arguments = ["--against", "engram-selectivity", "--animals", "1", "--workers", "1"]
    result = run("analyze", scores, *FLAGS, "--column", "value=score", *arguments)
    assert result.exit_code == 2
    assert "same hours" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [scores]


def test_example_data_are_said_to_be_simulated_and_can_be_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("example-data", "--animals", "3").exit_code == 0
    table = pd.read_csv("engramlab-example.csv")
    assert table.columns[0] == "source"
    assert table["source"].str.startswith("simulated by engramlab").all()
    assert "SIMULATED" in Path("engramlab-example-README.txt").read_text()

    refused = run("example-data")
    assert refused.exit_code == 2
    assert "engramlab-example.csv" in refused.stderr

    found = answer(
        *("analyze", "engramlab-example.csv", "--against", "engram-selectivity"),
        *("--animals", "3", "--workers", "1"),
    )
    # The same cohort on both sides (freezing is written with two decimals).
    assert found["against"]
    assert all(abs(row["difference"]) < 0.011 for row in found["against"])
    assert all(row["within"] for row in found["against"])
    assert {row["hours"] for row in found["discrimination"]} == {1, 5, 12, 18, 24}


def test_contexts_are_never_guessed_when_there_is_a_choice() -> None:
    assert contexts_of(load_protocol("engram-selectivity"), None, None) == {
        "training": ("A",),
        "novel": ("novel",),
    }
    fear = load_protocol("contextual-fear")
    assert contexts_of(fear, None, "C") == {"training": ("A",), "novel": ("C",)}
    with pytest.raises(ParameterError, match=r"(?s)--novel.*B, C, unrelated"):
        contexts_of(fear, None, None)
    with pytest.raises(ParameterError, match=r"--training X"):
        contexts_of(fear, "X", "C")
    with pytest.raises(ParameterError, match=r"--novel A"):
        contexts_of(fear, "A", "A")
