"""The command line: every module of this folder without a leading underscore is a command."""

from __future__ import annotations

from engramlab.cli._main import main

__all__ = ["main"]
