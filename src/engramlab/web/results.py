"""The results folder: what runs lie in it, by whom they were made, how far each is.

Everything is found by listing the folder; a request names one of the entries found and can reach
no other place.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from engramlab.errors import OutputError, Problem
from engramlab.record import Experiment, read_provenance
from engramlab.web.answers import missing

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")
KEPT = 4  # experiments in memory
AT_WORK_SECONDS = 30.0  # a folder that changed within this time is being worked on
Status = Literal["waiting", "running", "complete", "stopped", "elsewhere", "failed"]


@dataclass(frozen=True)
class RunFolder:
    """A run in the results folder, made here or by the command line.

    Parameters
    ----------
    id : str
        Name of its folder.
    path : Path
    provenance : dict
        As `engramlab.record.describe_run` returns it.
    """

    id: str
    path: Path
    provenance: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether all of its results are there."""
        return self.provenance.get("status") == "complete"

    def animals_done(self) -> dict[str, int]:
        """Finished animals of each group."""
        groups = [str(group) for group in self.provenance["groups"]]
        if self.complete:
            return dict.fromkeys(groups, int(self.provenance["animals"]))
        names = [entry.stem.rpartition("-")[0] for entry in self.path.glob("animals/*.npz")]
        return {group: names.count(group) for group in groups}

    def changed_seconds_ago(self) -> float:
        """Seconds since the last animal or file was written."""
        places = [self.path, self.path / "animals"]
        latest = max(place.stat().st_mtime for place in places if place.exists())
        return time.time() - latest


class Results:
    """The results folder of a laboratory.

    Parameters
    ----------
    folder : Path
        Made when it is first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._experiments: OrderedDict[tuple[str, int], Experiment] = OrderedDict()
        self._lock = Lock()

    def _entries(self) -> dict[str, Path]:
        if not self.folder.is_dir():
            return {}
        return {
            entry.name: entry
            for entry in self.folder.iterdir()
            if ID.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
        }

    def runs(self) -> dict[str, RunFolder]:
        """All runs, newest first."""
        found = {}
        for name, path in self._entries().items():
            run = _run(name, path)
            if run is not None:
                found[name] = run
        return dict(sorted(found.items(), key=lambda item: -_mtime(item[1].path)))

    def run(self, id: str) -> RunFolder:
        """One run.

        Raises
        ------
        HTTPException
            404 when there is none of this name.
        """
        path = self._entries().get(id)
        run = None if path is None else _run(id, path)
        if run is None:
            raise missing("run", id)
        return run

    def delete(self, id: str) -> None:
        """Delete the folder of a run.

        Raises
        ------
        HTTPException
            404 when there is none of this name.
        OutputError
            When it cannot be deleted.
        """
        path = self.run(id).path
        try:
            shutil.rmtree(path)
        except OSError as error:
            problem = Problem(path.name, f"cannot be deleted ({error.strerror})")
            raise OutputError(problem) from error

    def experiment(self, id: str) -> Experiment:
        """The results of a finished run; the last ones used stay in memory.

        Raises
        ------
        HTTPException
            404 when there is none of this name.
        OutputError
            When it is unfinished or damaged.
        """
        run = self.run(id)
        key = (id, (run.path / "provenance.json").stat().st_mtime_ns)
        with self._lock:
            if key not in self._experiments:
                self._experiments[key] = Experiment.load(run.path)
                while len(self._experiments) > KEPT:
                    self._experiments.popitem(last=False)
            self._experiments.move_to_end(key)
            return self._experiments[key]

    def with_file(self, name: str) -> dict[str, Path]:
        """Folders that hold a file of this name (of ours, never of a request), newest first."""
        found = {id: path for id, path in self._entries().items() if (path / name).is_file()}
        return dict(sorted(found.items(), key=lambda item: -_mtime(item[1] / name)))

    def new_id(self, name: str) -> str:
        """A name for a new folder that is not taken: `name`, or with a number behind it."""
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:100] or "run"
        taken = self._entries()
        ids = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 3))
        return next(id for id in ids if not (self.folder / id).exists())


def read_json(path: Path) -> Any:
    """Content of a JSON file of ours.

    Raises
    ------
    HTTPException
        404 when it is gone or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise missing("readable result", path.parent.name) from error


def _run(id: str, path: Path) -> RunFolder | None:
    if not (path / "protocol.yaml").is_file():
        return None
    try:
        provenance = read_provenance(path)
    except OutputError:
        return None
    if not {"groups", "animals", "seed", "brain", "protocol"} <= provenance.keys():
        return None
    return RunFolder(id, path, provenance)


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # deleted meanwhile
        return 0.0
