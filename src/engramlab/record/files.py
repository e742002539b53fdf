"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from engramlab.errors import OutputError, Problem


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a place to write files that appear in `folder` together, when all of them are whole.

    They are written into a hidden folder inside `folder`, so on the same disk, and moved at the
    end, in the order in which they were written. If anything fails, nothing of them is left;
    `folder` itself and its parents go too when they were made here.

    Parameters
    ----------
    folder : Path
        Where the files are to appear; made if it does not exist.

    Yields
    ------
    Path
        The folder to write into; subfolders keep their names.

    Raises
    ------
    OutputError
        When the disk is full, `folder` is a file or may not be written, ...
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    place: Path | None = None
    whole = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(mkdtemp(prefix=".writing-", dir=folder))
        yield place
        files = [path for path in place.rglob("*") if path.is_file()]
        files.sort(key=lambda path: path.stat().st_mtime_ns)
        for path in files:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        for path in files:
            target = folder / path.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        whole = True
    except OSError as error:
        raise OutputError(_problem(folder, error)) from error
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
        if not whole:
            for path in made:
                with suppress(OSError):  # not empty: someone else's by now
                    path.rmdir()


def _problem(folder: Path, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        remedy = "free some space, or choose a folder on another disk"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "a folder where you may write"
    else:
        remedy = "a new folder, in a place that exists and may be written"
    return Problem(str(folder), f"cannot be written ({reason})", remedy)
