"""Where compiled kernels are kept, and that they are compiled once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engramlab.brain.synapses import in_order
from engramlab.kernel import kernel
from engramlab.randomness import normal

SCRIPT = "from engramlab.kernel import cache_folder; print(cache_folder())"


def folder(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_chosen_folder_is_used(tmp_path: Path) -> None:
    assert folder(NUMBA_CACHE_DIR=str(tmp_path)).stdout.startswith(str(tmp_path))


def test_a_folder_that_cannot_be_written_gives_way_to_a_spare_one(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made below a file")
    found = folder(NUMBA_CACHE_DIR=str(blocked), TMPDIR=str(tmp_path))
    assert found.stdout.startswith(str(tmp_path / "engramlab-"))


def test_no_folder_at_all_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made below a file")
    code = (
        "import tempfile; tempfile.tempdir = r'" + str(blocked) + "'\n"
        "from engramlab.errors import OutputError\n"
        "try:\n import engramlab.kernel as k; k.cache_folder()\n"
        "except OutputError as error: print(error)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(blocked)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "NUMBA_CACHE_DIR" in result.stdout


def test_kernels_are_compiled_once(tmp_path: Path) -> None:
    code = (
        "from engramlab.engine import compiling as c\n"
        "print(len(c.tasks_left()))\n"
        "[c._mark(task).touch() for task in c.tasks_left()]\n"
        "print(len(c.tasks_left()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["2", "0"]


def test_a_kernel_on_disk_is_loaded_without_what_compiling_needs(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np\n"
        "from engramlab.brain.synapses import in_order\n"
        "from engramlab.randomness import normal\n"
        "print(in_order(np.array([3, 1, 2])), 'scipy.linalg' in sys.modules)\n"
        "if len(sys.argv) > 1: print(normal(np.uint64(1), 2))"  # compiled after a kernel was loaded
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code, *more],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for more in ([], ["more"], ["more"])
    ]
    assert [lines[0] for lines in printed] == ["[1 2 0] True", "[1 2 0] False", "[1 2 0] False"]
    assert printed[1][1] == printed[2][1] == str(normal(np.uint64(1), 2))


@kernel
def _half(x):
    return x / 2


@kernel
def _halves(x):
    return _half(x) + _half(3) + _half(5)


def test_a_kernel_is_called_from_python_and_from_kernels() -> None:
    assert _halves(1.0) == 4.5
    assert _half(7.0) == 3.5  # though it has been a part of another one before


def test_a_part_is_compiled_once_for_all_constants_of_a_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engramlab.kernel.cache_folder", lambda: tmp_path)  # nothing is kept there
    whole: Any = _halves
    kernel(whole.py_func)(1.0)
    compiled: Any = _half
    assert len(compiled.part.overloads) == 2  # float and int, not 3 and 5


def test_a_failing_part_raises_what_python_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        _quotient_of_parts(1, 0)


@kernel
def _quotient(x, y):
    return x / y


@kernel
def _quotient_of_parts(x, y):
    return _quotient(x, y)


def test_places_in_rising_order() -> None:
    values = np.random.default_rng(1).permutation(1000)
    assert (in_order(values) == np.argsort(values)).all()
    assert in_order(np.array([], np.int64)).size == 0
