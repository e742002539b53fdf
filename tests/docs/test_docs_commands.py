"""Every command in README and documentation works as it stands there."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sample_files import prepare
from shell_blocks import REPOSITORY, Command, commands, pages

from engramlab.cli import main

# Marked "# long: ..." where they stand; not run here, but their options are checked all the same.
LONG = {
    "python3 tasks.py demo",
    "python3 tasks.py docs",
    "python3 tasks.py test",
    "engramlab ablate",
    "engramlab ablate --only consolidation",
    "engramlab ablate --parameters results/fit-seed1/parameters.yaml --out results/ablation-fitted",
    "engramlab bench --sizes 1k,10k --seconds 0.2 --out results/bench",
    "engramlab bench --sizes 1k,10k,100k --seconds 2 --out results/bench-all",
    "engramlab evaluate",
    "engramlab evaluate --only liu2012,fanselow1990 --animals 4 --brain x10 --out results/x10",
    "engramlab evaluate --only kim1992,linking --seeds 5",
    "engramlab fit --budget 2",
    "engramlab fit --start docs/fits/2026-11-29/start.yaml --budget 0.55 --population 8 "
    "--step 0.03 --check-seeds 2 --animals 3 --seed 1 --parameters "
    "ripple_gain,cortical_valence_rate,relief_rate,sampling_per_moment,shock_scale_mA,"
    "CA1-BLA.learning_rate,EC-BLA.learning_rate,BLA.threshold,freezing_half,"
    "freezing_power,boost_drive,control_loss,PFC-PFC.learned_drive,restorage_gain,"
    "positive_on_negative,protein_scale,habituation_rate",
    "engramlab fit --budget 12 --out results/fit-all",
    "engramlab fit --budget 12 --out results/my-fit",
    "engramlab fit --findings consolidation,valence --hold-out kim1992 --parameters "
    "replay,CA1-PFC --generations 30 --out results/fit-some",
    "engramlab export results/mine --format figures --out figures",
    "engramlab fit --data experimental-data.csv --columns examples/tome2024-columns.yaml "
    "--match examples/tome2024-match.yaml --parameters "
    "freezing_half,freezing_top,freezing_power,boost_drive,boost_tau_hours,balance_tau_hours "
    "--generations 14 --population 10 --animals 8 --step 0.15",
    "engramlab posterior --data experimental-data.csv --columns examples/tome2024-columns.yaml "
    "--match examples/tome2024-match.yaml "
    "--parameters freezing_half,boost_drive,boost_tau_hours,balance_tau_hours "
    "--simulations 160 --animals 6",
    "engramlab lab",
    "engramlab lab --host 0.0.0.0",
    "engramlab lab --results my/runs",
    "engramlab run benchmarks/mouse.yaml --brain mouse --animals 1 --workers 1 --out results/mouse",
    "engramlab run contextual-fear --animals 100",
    "engramlab run contextual-fear --animals 100 --workers 4 --out results/with-four",
    "engramlab run contextual-fear --animals 1000 --scheduler scheduler.json "
    "--out results/thousand",
    "engramlab run contextual-fear --parameters results/fit-all/parameters.yaml",
    "engramlab study membership",
    "engramlab study molecular-link",
    "engramlab study tradeoff",
    "engramlab sweep contextual-fear --grid forget_tau_hippocampus_days=5..80:6 "
    "--measure freezing --measure engram_size --out results/forgetting",
    "engramlab sweep contextual-fear --sobol broadcast --samples 1024 "
    "--scheduler tcp://host:8786 --out results/many",
    "engramlab sweep contextual-fear --sobol replays_per_night=0..60 "
    "--sobol forget_tau_hippocampus_days=2..200:log --samples 64 --out results/sampled",
    "engramlab sweep contextual-fear --sobol replays_per_night=0..60 "
    "--sobol protein_scale=0.5..3 --samples 64 --indices --out results/sensitivity",
}
ALL = [command for page in pages() for command in commands(page)]
PAGES = sorted({command.page for command in ALL})


def parsed(command: Command) -> click.Context:
    """Check name, arguments and options of a command without running it."""
    words = shlex.split(command.text)
    name = words[1] if len(words) > 1 else ""
    found = main.get_command(click.Context(main), name)
    assert found is not None, f"{command.where}: there is no command '{name}'"
    with main.make_context("engramlab", [name]) as outer:
        return found.make_context(name, words[2:], parent=outer)


def test_there_are_commands_to_check() -> None:
    assert {"README.md", "docs/real-data.md", "docs/studies.md"} <= set(PAGES)
    assert len(ALL) > 30


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_run_in_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    prepare(page, folder)
    monkeypatch.chdir(folder)
    # The same bits, one process.
    monkeypatch.setattr("engramlab.cohort.pool.usable_cores", lambda: 1)
    for command in (one for one in ALL if one.page == page and not one.note):
        words = shlex.split(command.text)
        assert words[0] == "engramlab", f"{command.where}: only engramlab can be run: {words[0]}"
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, f"{command.where}: {command.text}\n{result.output}"


def test_commands_that_are_not_run_are_those_marked_long_and_listed_here() -> None:
    marked = {command.text: command.where for command in ALL if command.note}
    assert set(marked) - LONG == set(), "marked '# long:' but not in LONG of this test"
    assert LONG - set(marked) == set(), "in LONG of this test, but no page marks it '# long:'"


@pytest.mark.parametrize("text", sorted(LONG))
def test_long_commands_exist_with_their_options(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = next((one for one in ALL if one.text == text), None)
    assert command is not None, "no page holds it: drop it from LONG"
    words = shlex.split(text)
    if words[:2] == ["python3", "tasks.py"]:
        monkeypatch.syspath_prepend(REPOSITORY)
        import tasks

        assert words[2] in tasks.TASKS
    else:
        assert words[0] == "engramlab"
        parsed(command)


def test_a_long_command_says_how_long() -> None:
    vague = [one.where for one in ALL if one.note and not re.match(r"[\w ]+(\.|$)", one.note)]
    assert vague == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_commands_named_in_sentences_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`engramlab ([a-z][\w-]*)", text))
    known = set(main.list_commands(click.Context(main)))
    assert named - known == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_command_hides_in_a_block_that_is_not_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"```(\S*)[^\n]*\n(.*?)```", text, re.DOTALL)
    typed = r"^\s*(\$ )?engramlab [a-z]"
    hidden = [
        block for kind, block in fenced if kind in ("", "bash", "shell", "console", "text")
        and re.search(typed, block, re.MULTILINE)
    ]  # fmt: skip
    indented = re.findall(r"^\n {4}(?:\$ )?engramlab [a-z].*$", text, re.MULTILINE)
    assert hidden + indented == []


def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert blocks
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engramlab.cohort.pool.usable_cores", lambda: 1)
    CliRunner().invoke(main, ["example-data", "scores.csv"])
    for block in blocks:
        exec(compile(ast.parse(block), "README.md", "exec"), {"__name__": "__main__"})


def test_every_command_of_the_tool_is_in_the_reference() -> None:
    page = (REPOSITORY / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert "engramlab.cli:main" in page
    assert ":nested: full" in page  # so that new commands document themselves
