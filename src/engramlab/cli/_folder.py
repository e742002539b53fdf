"""The life of a results folder: begun, filled animal by animal, finished or gone on with.

Order on disk: ``protocol.yaml`` and ``provenance.json`` (``status: running``), then
``animals/*.npz``, then record, tables, figures and report, then ``status: complete``; ``animals/``
goes last. So a folder tells at any moment how far it is, and `engramlab resume` can go on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engramlab.errors import OutputError, Problem, ProtocolError

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.protocol import Protocol
    from engramlab.record import Experiment


@dataclass(frozen=True)
class Plan:
    """All that decides the bits of a run."""

    protocol: Protocol
    animals: int
    seed: int
    brain: Brain


def check(plan: Plan) -> None:
    """Find all that can be found wrong before anything is run or written."""
    from engramlab.cohort import check_size

    check_size(plan.protocol, plan.animals)
    for group in plan.protocol.groups.values():
        plan.brain.with_parameters(group.parameters).without(*group.without)


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """Make a results folder; if the body fails, take away what was made.

    Raises
    ------
    OutputError
        When it exists with something in it, or cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError("is a file")
        if folder.is_dir() and any(folder.iterdir()):
            raise OutputError(
                Problem(
                    str(folder),
                    "exists already and is not empty; nothing in it was touched",
                    f"a new folder (--out DIR), 'engramlab resume {folder}' if a run was stopped "
                    "there, or delete it first",
                )
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            Problem(
                str(folder),
                f"cannot be made ({error.strerror or error})",
                "another folder (--out DIR), in a place where you may write",
            )
        ) from error
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in made:
            path.rmdir()
        raise
