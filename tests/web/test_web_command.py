"""`engramlab lab` as a command, and the names of uploads."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from laboratories import Laboratory

from engramlab.cli import main
from engramlab.web.uploads import SUFFIXES, safe_name


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ["lab", "--no-open", "--port", port, "--results", str(tmp_path / "results")]
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert f"--port {port}: cannot be listened on" in result.stderr
    assert "0 takes a free one" in result.stderr


def test_a_file_is_no_results_folder(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    command = ["lab", "--no-open", "--port", "0", "--results", str(tmp_path / "results")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "is a file" in result.stderr


def test_two_laboratories_do_not_share_a_queue(laboratory: Laboratory) -> None:
    command = ["lab", "--no-open", "--port", "0", "--results", str(laboratory.results)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "another laboratory works in this folder" in result.stderr


def test_without_its_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("engramlab.web")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    result = CliRunner().invoke(main, ["lab", "--no-open"])
    assert result.exit_code == 2
    assert "needs fastapi, which is not installed" in result.stderr
    assert "pip install 'engramlab[web]'" in result.stderr


@given(st.text(max_size=200), st.sampled_from(SUFFIXES))
def test_the_name_of_an_upload_cannot_name_a_place(text: str, suffix: str) -> None:
    name = safe_name(text + suffix)
    assert name is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}(\.[a-z0-9]+){1,2}", name)
    assert name.endswith(suffix)
    assert (Path("/folder") / name).resolve().parent == Path("/folder").resolve()


@given(st.text(max_size=50))
def test_a_name_without_a_known_ending_is_refused(text: str) -> None:
    assert (safe_name(text) is None) != text.lower().endswith(SUFFIXES)
