"""A running ``engramlab lab``, as a user starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

PROTOCOL = """\
engramlab: 1
name: small
title: Fear of a place, tested a day later
contexts:
  A: {}
  B: {similar_to: A, similarity: 0.5}
tags: {engram: {}}
cells:
  engram-DG: {tagged: engram, region: DG}
groups:
  shock: {title: shocked in A}
  none: {title: not shocked}
timeline:
  # the window covers training only
  - {do: tag, name: engram, at_hours: 0, hours: 1}
  - {do: session, name: training, at_hours: 0, context: A, minutes: 3, groups: [shock],
     shocks: {at_minutes: [2], shock_mA: 0.75}}
  - {do: session, name: training, at_hours: 0, context: A, minutes: 3, groups: [none]}
  - {do: session, name: test-A, at_days: 1, context: A, minutes: 2, probe: true}
  - {do: session, name: test-B, at_days: 1, context: B, minutes: 2, probe: true}
"""


class Laboratory:
    """The command, its results folder and its address."""

    def __init__(self, results: Path, *arguments: str) -> None:
        self.results, self.arguments = results, arguments
        self.address, self.port = "", 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; on the same port as before when it was stopped."""
        command = [sys.executable, "-m", "engramlab", "lab", "--no-open", "--workers", "1"]
        command += ["--port", str(self.port), "--results", str(self.results), *self.arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"(http://\S+?:(\d+)/)(\S*)", said)
        assert found, said
        self.address, self.port, self.query = found[1], int(found[2]), found[3]
        with httpx.Client(trust_env=False) as client:
            for _ in range(600):
                try:
                    client.get(self.address, timeout=60)
                    return
                except httpx.ConnectError:
                    continue

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)

    def get(self, path: str) -> Any:
        """Ask its interface."""
        with httpx.Client(trust_env=False, timeout=60) as client:
            response = client.get(f"{self.address}api{path}")
            response.raise_for_status()
            return response.json()
