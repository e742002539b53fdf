"""`engramlab study` as a user meets it: page, tables, JSON, going on, refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from engramlab.cli import main
from engramlab.studies import tradeoff, tradeoff_tables
from engramlab.studies.molecular_link_words import TITLE
from engramlab.studies.result import append_lines

SMALL = ("tradeoff", "--animals", "2", "--points", "4", "--workers", "1", "--quiet")


def study(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["study", *arguments])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small study of molecular links, and its JSON."""
    out = tmp_path_factory.mktemp("study") / "links"
    result = study(
        "molecular-link", "--animals", "2", "--workers", "1", "--out", str(out), "--json",
        "--without", "lability",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return out, json.loads(result.stdout)


def test_page_is_whole_and_loads_nothing(done: tuple[Path, dict[str, Any]]) -> None:
    page = (done[0] / "report.html").read_text(encoding="utf-8")
    for title in ("In short", "Limits", "Method", "Reproduce and cite", TITLE):
        assert title in page
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", page)
    assert "prefers-color-scheme: dark" in page
    assert page.count("<figure") == 5
    assert page.count('role="img"') + page.count("<img") == 5


def test_results_can_be_judged_and_made_again(done: tuple[Path, dict[str, Any]]) -> None:
    folder, content = done
    assert content["status"] == "complete"
    assert content["brain"]["switched_off"] == ["lability"]
    assert content["command"] == (
        "engramlab study molecular-link --animals 2 --seed 1 --without lability"
    )
    assert content["conclusion"]
    assert content["limits"]
    for name in content["tables"]:
        assert len(pd.read_csv(folder / name)) > 0
    arms = pd.read_csv(folder / "tables" / "arms.csv")
    assert "no-lability" not in set(arms["arm"])  # it is off already
    kept = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    assert kept == {key: value for key, value in content.items() if key in kept}
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".svg", ".png"}


def test_a_complete_study_is_not_written_over(done: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = done
    before = (folder / "study.json").read_bytes()
    again = study("molecular-link", "--animals", "2", "--out", str(folder), "--without", "lability")
    assert again.exit_code == 2
    assert "complete" in again.output
    other = study("molecular-link", "--animals", "3", "--out", str(folder))
    assert other.exit_code == 2
    assert "different animals, brain" in other.output
    assert (folder / "study.json").read_bytes() == before


def test_a_stopped_study_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "t"
    monkeypatch.setattr(tradeoff_tables, "RESAMPLES", 60)
    real, lines = append_lines, 0

    def stop(path: Path, contents: Any) -> None:
        nonlocal lines
        if lines == 3:
            raise KeyboardInterrupt
        lines += 1
        real(path, contents)

    monkeypatch.setattr(tradeoff, "append_lines", stop)
    result = study(*SMALL, "--out", str(out))
    assert result.exit_code == 130
    assert "the same command goes on" in result.output
    kept = (out / tradeoff.FILE).read_text().splitlines()
    assert len(kept) == 3
    monkeypatch.setattr(tradeoff, "append_lines", real)
    result = study(*SMALL, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert (out / tradeoff.FILE).read_text().splitlines()[:3] == kept
    assert len(pd.read_csv(out / "tables" / "points.csv")) == 5
    assert (out / "report.html").exists()


def test_a_study_that_fails_at_once_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "m"
    result = study("membership", "--animals", "3", "--out", str(out))
    assert result.exit_code == 2
    assert "6 or more" in result.output
    assert not out.parent.exists()


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = study(*SMALL, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "nothing in it was touched" in result.output
    (tmp_path / "study.json").write_text("{")
    result = study(*SMALL, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "cannot be read" in result.output
    assert "Traceback" not in result.output


def test_help_names_the_studies() -> None:
    text = study("--help").output
    assert all(name in text for name in ("molecular-link", "membership", "tradeoff"))
    assert study("nothing").exit_code == 2
