"""The commands: what they print, what they refuse, what they leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner, Result

from engramlab.cli import main
from engramlab.evidence import all_findings, out_of_scope

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, words)


def test_findings_are_listed(run: Run) -> None:
    listing = run("findings").output
    for finding in all_findings().values():
        assert f"  {finding.id} " in listing
    for other in out_of_scope():
        assert f"  {other.id} " in listing
    assert run("findings", "--markdown").output.startswith("# The findings\n")


def test_a_finding_is_explained(run: Run, tmp_path: Path) -> None:
    shown = run("findings", "show", "wiltgen2007", "--figure", "line.svg")
    assert shown.exit_code == 0
    assert "found: abstract" in shown.output
    assert "day 36" in shown.output
    assert "freezing of trained in" in shown.output
    assert (tmp_path / "line.svg").read_text().startswith("<?xml")


def test_what_is_out_of_scope_is_explained_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from engramlab import evidence
    from engramlab.evidence.finding import Citation, OutOfScope

    citation = Citation(authors="Nobody N", year=2000, journal="None 1:1")
    other = OutOfScope(id="other2000", title="Other", citation=citation, reason="No such organ.")
    monkeypatch.setattr(evidence, "out_of_scope", lambda: (other,))
    assert "No such organ." in run("findings", "show", "other2000").output
    refused = run("findings", "show", "other2000", "--figure", "x.png")
    assert refused.exit_code == 2
    assert "has no time line" in refused.output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("findings", "show", "liu2021"), "did you mean 'liu2012'"),
        (("findings", "show", "liu2012", "--figure", "x.jpg"), ".svg or .png or .pdf"),
        (("findings", "show", "liu2012", "--figure", "no/x.svg"), "cannot be written"),
        (("evaluate", "--only", "engram_sise"), "did you mean 'engram_size'"),
        (("evaluate", "--only", "liu2012", "--without", "magic"), "magic"),
        (("evaluate", "--only", "liu2012", "--set", "magic=1"), "magic"),
        (("evaluate", "--only", "liu2012", "--out", "taken"), "nothing in it was touched"),
        (("evaluate", "--only", "liu2012", "--out", "file"), "is a file"),
        (("evaluate", "--only", "liu2012", "--out", "file/x"), "may not be written"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_run(
    words: tuple[str, ...], expected: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    refused = run(*words)
    assert refused.exit_code == 2
    assert expected in refused.output
    assert sorted(tmp_path.rglob("*")) == before


ONE = ("evaluate", "--only", "engram_size", "--animals", "3", "--workers", "1", "--quiet")


def test_evaluate_prints_predicates_and_the_score(run: Run, tmp_path: Path) -> None:
    scored = run(*ONE, "--seed", "3")
    assert scored.exit_code == 0
    count = len(all_findings()["engram_size"].predicates)
    lines = [line.strip() for line in scored.output.splitlines()]
    marks = [line for line in lines if line.startswith(("pass", "FAIL"))]
    assert len(marks) == 1 + count
    assert sum("[" in line and "]" in line for line in marks) == count
    assert "of 1 hold with all their controls" in scored.output
    assert max(map(len, scored.output.splitlines())) <= 100
    assert (tmp_path / "results" / "evaluate-3" / "scorecard.html").exists()
    assert run(*ONE, "--seed", "3").output == scored.output  # an old scorecard is replaced


def test_evaluate_as_json_is_complete_and_the_same_each_time(run: Run) -> None:
    first, second = (run(*ONE, "--seeds", "2", "--json", "--out", "card").output for _ in "ab")
    assert first == second
    content = json.loads(first)
    entry = content["findings"][0]
    assert [outcome["seed"] for outcome in entry["outcomes"]] == [1, 2]
    assert 0 <= entry["share_of_seeds"] <= 1
    assert content["seeds"] == [1, 2]
    assert content["scorecard"] == str(Path("card") / "scorecard.html")


def test_many_findings_fit_a_screen(run: Run) -> None:
    from engramlab.cli.evaluate import _lines
    from engramlab.evidence import Outcome, Tally

    outcomes = [Outcome(finding, 1, 4, ()) for finding in all_findings().values()]
    lines = [unstyle(line) for line in _lines(Tally.of(outcomes), details=False)]
    assert all(len(line) <= 100 for line in lines)
    assert len(lines) < len(outcomes)
    for finding in all_findings():
        assert any(finding in line for line in lines)


CHILDREN = "/proc/{0}/task/{0}/children"


@pytest.mark.skipif(
    not Path(CHILDREN.format(os.getpid())).exists(), reason="needs /proc to see workers"
)
def test_ctrl_c_ends_cleanly_and_leaves_nothing(tmp_path: Path) -> None:
    script = "from engramlab.cli import main; main(['evaluate', '--workers', '2', '--quiet'])"
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    children = Path(CHILDREN.format(process.pid))
    while not children.read_text().strip():  # until the first worker is there
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
