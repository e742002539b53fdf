from __future__ import annotations

from pathlib import Path

import cohort_stubs
import pytest

from engramlab.protocol import Protocol, load_protocol

PROTOCOL = """\
engramlab: 1
name: small
title: Two groups, one session
contexts: {A: {}}
groups: {fear: {}, no-shock: {}}
timeline:
  - {do: session, name: training, at_hours: 0, context: A, minutes: 2}
"""


@pytest.fixture
def protocol(tmp_path: Path) -> Protocol:
    path = tmp_path / "small.yaml"
    path.write_text(PROTOCOL)
    return load_protocol(path)


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder in which stubs leave one file a call, also from workers."""
    folder = tmp_path / "traces"
    folder.mkdir()
    monkeypatch.setenv(cohort_stubs.TRACES, str(folder))
    return folder
