"""Files that users drop on the page: bounded, kept for a while under ids of ours."""

from __future__ import annotations

import csv
import json
import re
import secrets
import shutil
import subprocess
import sys
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock, Semaphore
from typing import Any

from engramlab.web.answers import missing

TEXTS = (".csv", ".tsv", ".txt")
SUFFIXES = (
    *TEXTS,
    *(f"{suffix}.gz" for suffix in TEXTS),
    *(".xlsx", ".nwb", ".hdf5", ".h5", ".mat", ".nc"),
)
KEPT = 10
SECONDS = 300.0  # that reading a file may take
AT_ONCE = 2  # files that are read
PREVIEW_ROWS, PREVIEW_CHARACTERS = 2_000, 400_000
FEW = 20  # different values of a column that are listed


@dataclass(frozen=True)
class Upload:
    """A file that was dropped.

    Parameters
    ----------
    id : str
    path : Path
    name : str
        Its name, of harmless characters.
    """

    id: str
    path: Path
    name: str


def safe_name(name: str) -> str | None:
    """A harmless name with the same ending; None when no format has this ending."""
    suffix = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default=None)
    if suffix is None:
        return None
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name[: -len(suffix)]).strip("-")[-60:] or "data"
    return stem + suffix


class Uploads:
    """The last few uploads, in a temporary folder that goes with the server."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._lock = Lock()
        self._reading = Semaphore(AT_ONCE)

    def new(self, name: str) -> Upload:
        """Make a place for a file with this harmless name; the oldest one may go."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(mkdtemp(prefix="engramlab-lab-"))
            id = secrets.token_hex(8)
            place = self._folder / id
            place.mkdir()
            upload = self._uploads[id] = Upload(id, place / name, name)
            while len(self._uploads) > KEPT:
                _, old = self._uploads.popitem(last=False)
                shutil.rmtree(old.path.parent, ignore_errors=True)
        return upload

    def get(self, id: str) -> Upload:
        """One upload.

        Raises
        ------
        HTTPException
            404 when there is none of this id (any more).
        """
        with self._lock:
            if id not in self._uploads:
                raise missing("upload", id)
            return self._uploads[id]

    def forget(self, id: str) -> None:
        """Delete an upload, say one that did not come in whole."""
        with self._lock:
            upload = self._uploads.pop(id, None)
        if upload is not None:
            shutil.rmtree(upload.path.parent, ignore_errors=True)

    def clear(self) -> None:
        """Delete all uploads."""
        with self._lock:
            self._uploads.clear()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def read(self, upload: Upload, told: dict[str, Any]) -> dict[str, Any]:
        """Analyse an upload in a process of its own: see `engramlab.web.reading`."""
        problem = {"where": upload.name, "line": None, "allowed": "a smaller or a whole file"}
        with self._reading:
            process = subprocess.Popen(
                [sys.executable, "-m", "engramlab.web.reading"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=upload.path.parent,
                start_new_session=True,
            )
            try:
                said, _ = process.communicate(json.dumps({**told, "file": upload.name}), SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return {"problems": [{**problem, "what": "reading it takes too long"}]}
        with suppress(ValueError):
            answer = json.loads(said)
            if isinstance(answer, dict):
                return answer
        return {"problems": [{**problem, "what": "reading it ended unexpectedly"}]}


def preview(upload: Upload) -> dict[str, list[str]]:
    """Columns of a plain table, each with its values where they are few; else nothing."""
    if not upload.name.lower().endswith(TEXTS):
        return {}
    try:
        with upload.path.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read(PREVIEW_CHARACTERS)
        dialect = csv.Sniffer().sniff(text[:10_000], delimiters=",;\t")
        rows = list(csv.reader(text.splitlines(), dialect))[: PREVIEW_ROWS + 1]
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    if not rows or len(rows[0]) > 500:
        return {}
    found: dict[str, list[str]] = {}
    for number, name in enumerate(rows[0]):
        values = dict.fromkeys(row[number][:80] for row in rows[1:] if len(row) > number)
        found[name[:80]] = list(values) if len(values) <= FEW else []
    return found
