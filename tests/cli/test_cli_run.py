"""The command line as a user meets it: run, stop, resume, full disk, JSON."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engramlab.brain import Brain
from engramlab.cli import main
from engramlab.cohort import run_cohort
from engramlab.protocol import load_protocol
from engramlab.record import Experiment

PROTOCOL = """\
engramlab: 1
name: small
title: A small protocol
contexts: {A: {}, B: {}}
tags: {engram: {}}
groups: {fear: {}, none: {}}
timeline:
  - {do: tag, name: engram, at_hours: 0, hours: 2}
  - {do: session, name: training, at_hours: 1, context: A, minutes: 2,
     shocks: {at_minutes: [1], shock_mA: 0.75}, groups: [fear]}
  - {do: session, name: training-none, at_hours: 1, context: A, minutes: 2, groups: [none]}
  - {do: session, name: recall, at_days: 2, context: A, minutes: 2, probe: true}
"""
RESULTS = {
    "record.nc",
    "table.csv",
    "table.parquet",
    "report.html",
    "provenance.json",
    "protocol.yaml",
}
UNDISTURBED = ("--animals", "3", "--workers", "1")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from engramlab.cli import main; main()", *arguments]


def engramlab(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=300, check=False, **options
    )
    return done


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("protocol") / "small.yaml"
    path.write_text(PROTOCOL)
    return path


@pytest.fixture(scope="module")
def undisturbed(protocol: Path) -> tuple[Path, dict[str, Any]]:
    """A whole run in one process, and its JSON."""
    out = protocol.parent / "undisturbed"
    return out, summary(engramlab("run", str(protocol), *UNDISTURBED, "--out", str(out), "--json"))


def test_a_run_leaves_a_complete_folder(undisturbed: tuple[Path, dict[str, Any]]) -> None:
    out, printed = undisturbed
    names = {path.name for path in out.iterdir()}
    assert names >= RESULTS
    assert "animals" not in names
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["status"] == "complete"
    assert provenance["seed"] == 1
    assert Path(printed["report"]) == out / "report.html"
    assert printed["digest"]


def test_the_summary_fits_a_screen_and_names_the_report(protocol: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["run", str(protocol), *UNDISTURBED, "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    assert str(out / "report.html") in lines[-1]
    assert max(len(line) for line in lines[:-1]) <= 80
    # Not a terminal: no bar redrawn a hundred times, one line.
    assert len(done.stderr.splitlines()) == 1
    assert "6/6" in done.stderr


def test_quiet_is_silent(protocol: Path, tmp_path: Path) -> None:
    arguments = ["run", str(protocol), *UNDISTURBED, "--out", str(tmp_path / "out"), "--quiet"]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, done.output) == (0, "")


def finished(out: Path) -> list[Path]:
    return list(out.glob("animals/*.npz"))


def start_and_wait(
    protocol: Path, out: Path, *options: str, for_: str = "animals/*.npz", files: int = 2
) -> subprocess.Popen[str]:
    """Begin a long run and return when two animals are done, or other files are there."""
    run = subprocess.Popen(
        command("run", str(protocol), "--out", str(out), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group of its own, as a terminal gives
    )
    end = time.monotonic() + 200
    while len(list(out.glob(for_))) < files and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    return run


def test_ctrl_c_and_resume_give_the_bits_of_an_undisturbed_run(
    protocol: Path, tmp_path: Path
) -> None:
    size = ("--animals", "30", "--seed", "4")
    loaded, brain = load_protocol(protocol), Brain.default()
    records = run_cohort(loaded, animals=30, seed=4, workers=1, brain=brain)
    whole = Experiment.from_records(records, loaded, brain, 4).provenance
    out = tmp_path / "stopped"
    run = start_and_wait(protocol, out, *size, "--workers", "2")
    os.killpg(run.pid, signal.SIGINT)  # Ctrl-C reaches every process of the terminal
    printed, errors = run.communicate(timeout=100)
    assert run.returncode == 130, errors
    assert printed == ""
    assert "Traceback" not in errors
    assert f"engramlab resume {out}" in errors
    kept = len(finished(out))
    assert 2 <= kept < 60
    assert json.loads((out / "provenance.json").read_text())["status"] == "running"

    resumed = CliRunner().invoke(main, ["resume", str(out), "--workers", "1", "--json"])
    assert json.loads(resumed.stdout)["digest"] == whole["digest"]
    assert not (out / "animals").exists()

    again = CliRunner().invoke(main, ["resume", str(out), "--json"])
    assert again.exit_code == 0
    assert "complete already" in again.stderr
    assert json.loads(again.stdout) == json.loads(resumed.stdout)


def test_ctrl_c_while_all_is_still_being_loaded_prints_no_traceback(
    protocol: Path, tmp_path: Path
) -> None:
    out = tmp_path / "stopped"
    run = start_and_wait(protocol, out, "--workers", "2", for_="provenance.json", files=1)
    time.sleep(0.3)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=100)
    assert run.returncode == 130, errors
    assert "Traceback" not in errors


def test_resume_refuses_another_version(
    undisturbed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "old"
    out.mkdir()
    source = undisturbed[0]
    (out / "protocol.yaml").write_text((source / "protocol.yaml").read_text())
    provenance = json.loads((source / "provenance.json").read_text())
    provenance |= {"status": "running", "version": "0.0.1"}
    (out / "provenance.json").write_text(json.dumps(provenance))
    done = CliRunner().invoke(main, ["resume", str(out)])
    assert done.exit_code == 2
    assert "0.0.1" in done.stderr
    assert "allowed: " in done.stderr


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk with room for some animals and not for all, where one may."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=144k", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may mount a tiny disk; the limit on file sizes is tested instead")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_the_run_and_more_room_lets_it_go_on(
    protocol: Path, full_disk: Path, undisturbed: tuple[Path, dict[str, Any]]
) -> None:
    out = full_disk / "out"
    done = engramlab("run", str(protocol), *UNDISTURBED, "--out", str(out))
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert str(out) in done.stderr
    assert "allowed: " in done.stderr
    assert "Traceback" not in done.stderr
    assert f"engramlab resume {out}" in done.stderr
    assert {path.suffix for path in out.rglob("*") if path.is_file()} == {".npz", ".json", ".yaml"}

    subprocess.run(["mount", "-o", "remount,size=64m", str(full_disk)], check=True)
    resumed = summary(engramlab("resume", str(out), "--workers", "1", "--json"))
    assert resumed["digest"] == undisturbed[1]["digest"]


@pytest.mark.parametrize("kilobytes", [1, 40])
def test_a_write_cut_short_leaves_no_half_file(
    protocol: Path, tmp_path: Path, undisturbed: object, kilobytes: int
) -> None:
    """Files beyond a size cannot be written: fails at another file of the folder each time."""
    out = tmp_path / "out"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    done = engramlab(
        "run",
        str(protocol),
        "--animals",
        "3",
        "--workers",
        "1",
        "--out",
        str(out),
        preexec_fn=limit,
    )
    assert done.returncode == 2, done.stderr
    assert str(out) in done.stderr
    assert "allowed: " in done.stderr
    assert "Traceback" not in done.stderr
    left = {path.name for path in out.rglob("*") if path.is_file()} if out.exists() else set()
    assert not {name for name in left if name.endswith((".part", ".nc", ".csv", ".parquet"))}
    assert bool(left) == (f"engramlab resume {out}" in done.stderr)
