"""What all commands share: help, exit codes of faults, lists of what there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engramlab.brain import Brain
from engramlab.cli import main
from engramlab.protocol import paradigm_names, parse_protocol

COMMANDS = {"run", "resume", "analyze", "paradigms", "mechanisms", "example-data"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_every_command_is_found_and_has_help() -> None:
    help_text = run("--help").stdout
    for name in COMMANDS:
        assert f"  {name} " in help_text
        assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        ("--help", {"numba", "numpy", "scipy", "pandas", "xarray", "matplotlib", "pydantic"}),
        ("run contextual-fear --animals 2 --quiet", {"scipy.stats", "statsmodels", "fastapi"}),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    command: str, unneeded: set[str], tmp_path: Path
) -> None:
    code = (
        "import sys\nfrom engramlab.cli import main\n"
        f"try: main({command.split()})\nexcept SystemExit: pass\n"
        f"print(sorted({unneeded} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_asks_for_a_report(monkeypatch: pytest.MonkeyPatch, debug: bool) -> None:
    def broken(name: str) -> str:
        raise ZeroDivisionError("no synapses")

    monkeypatch.setattr("engramlab.protocol.paradigm_text", broken)
    result = run(*(["--debug"] if debug else []), "paradigms", "show", "contextual-fear")
    assert result.exit_code == 70
    assert "internal error: ZeroDivisionError: no synapses" in result.stderr
    assert ("Traceback" in result.stderr) == debug
    assert ("report it" in result.stderr) == (not debug)


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(name: str) -> str:
        raise MemoryError

    monkeypatch.setattr("engramlab.protocol.paradigm_text", hungry)
    result = run("paradigms", "show", "contextual-fear")
    assert result.exit_code == 2
    assert "--animals" in result.stderr


def test_paradigms_are_listed_and_shown_as_they_are_read() -> None:
    listed = run("paradigms").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(paradigm_names())
    shown = run("paradigms", "show", "contextual-fear").stdout
    assert parse_protocol(shown).name == "contextual-fear"
    unknown = run("paradigms", "show", "contextual-faer")
    assert unknown.exit_code == 2
    assert "did you mean 'contextual-fear'" in unknown.stderr


def test_every_mechanism_and_parameter_is_listed_with_its_range() -> None:
    text = run("mechanisms", "--parameters").stdout
    brain = Brain.default()
    for mechanism in brain.mechanisms:
        assert f"{mechanism.name}: " in text
    for name in brain.parameters:
        assert f"\n{name} = " in text
    one = run("mechanisms", "learning_excitability").stdout
    assert "Cai et al. 2016" in one
    assert "1 to 200" in one
    unknown = run("mechanisms", "magic")
    assert unknown.exit_code == 2
    assert "learning_excitability" in unknown.stderr
