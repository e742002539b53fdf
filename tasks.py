#!/usr/bin/env python3
"""One task runner for users, developers and CI. Needs Python 3.11+ and nothing else.

    python3 tasks.py demo     set up, run the main experiment, write its report
    python3 tasks.py test     set up, check format, lint and types, run all tests
    python3 tasks.py docs     set up, build the documentation site
    python3 tasks.py setup    set up only

Set-up makes ``.venv`` beside this file and installs the locked dependencies (``uv.lock``) into
it. Nothing outside this folder is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
UV_VERSION = "0.13.9"
DEMO_ARGUMENTS = ["run", "contextual-fear", "--animals", "12", "--seed", "1"]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(*command: str | Path) -> None:
    """Run a command in the project's folder; end with its exit code if it fails."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
    environment["UV_COMPILE_BYTECODE"] = "1"  # else every worker of a first run compiles imports
    environment.pop("VIRTUAL_ENV", None)
    code = subprocess.call([str(part) for part in command], cwd=HERE, env=environment)
    if code:
        say(f"tasks.py: '{' '.join(str(part) for part in command)}' ended with exit code {code}")
        raise SystemExit(code)


def setup(*, developer: bool) -> None:
    """Make .venv and install the locked dependencies; a no-op when it is up to date."""
    uv = shutil.which("uv", path=str(BIN))
    if uv is None:
        say("tasks.py: making .venv (once) ...")
        try:
            venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
        except (subprocess.CalledProcessError, OSError) as error:
            say(
                f"tasks.py: could not make a virtual environment in {VENV} ({error}).\n"
                "On Debian or Ubuntu install it with: apt-get install python3-venv"
            )
            raise SystemExit(2) from error
        run(BIN / "python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}")
        uv = str(BIN / "uv")
    say("tasks.py: installing the locked dependencies ...")
    dev = ["--group", "dev", "--group", "docs"]
    groups = dev if developer else ["--no-default-groups", "--extra", "web"]
    # --inexact keeps uv itself and, after 'test', the developer tools.
    run(uv, "sync", "--locked", "--inexact", "--quiet", "--python", BIN / "python", *groups)


def demo() -> None:
    setup(developer=False)
    run(BIN / "engramlab", *DEMO_ARGUMENTS, *sys.argv[2:])


def browser() -> None:
    """Install Debian's Chromium for the tests in a browser, or say what to install."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        say("tasks.py: installing Chromium for the tests in a browser (once) ...")
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update"], install):
            if subprocess.call(command, stdout=subprocess.DEVNULL):
                break
        else:
            return
    say(
        "tasks.py: no Chromium, so the tests in a browser are skipped.\n"
        "On Debian or Ubuntu install it with: sudo apt-get install chromium"
    )


def test() -> None:
    setup(developer=True)
    browser()
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "ruff", "check", ".")
    run(BIN / "mypy")
    run(BIN / "python", "-m", "pytest", "-n", "auto", "--dist", "loadgroup", *sys.argv[2:])


def docs() -> None:
    setup(developer=True)
    site = HERE / "docs" / "_build" / "html"
    options = ["--quiet", "--fail-on-warning", "--keep-going", *sys.argv[2:]]
    run(BIN / "python", "-m", "sphinx", *options, HERE / "docs", site)
    say(f"tasks.py: the site is at {site / 'index.html'}")


TASKS: dict[str, Callable[[], None]] = {
    "demo": demo,
    "test": test,
    "docs": docs,
    "setup": lambda: setup(developer=True),
}


def main() -> None:
    if sys.version_info < (3, 11):
        say("tasks.py: engramlab needs Python 3.11 or newer; this is " + sys.version.split()[0])
        raise SystemExit(2)
    if len(sys.argv) < 2 or sys.argv[1] not in TASKS:
        say(__doc__ or "")
        raise SystemExit(2)
    TASKS[sys.argv[1]]()


if __name__ == "__main__":
    main()
