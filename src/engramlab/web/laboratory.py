"""The laboratory that the server works for: its results and its queue."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from engramlab.web.animals import Animals
from engramlab.web.queue import Job, Queue
from engramlab.web.results import Results
from engramlab.web.uploads import Uploads

if TYPE_CHECKING:
    from engramlab.cohort import Workers


class Laboratory:
    """What all routes share.

    Parameters
    ----------
    folder : Path
        Results folder, the same that the command line writes to by default.
    workers : int or str, optional
        Where animals are run, as in `engramlab.cohort.run_cohort`.
    """

    def __init__(self, folder: Path, workers: Workers = None) -> None:
        self.results = Results(folder)
        self.uploads = Uploads()
        self.queue = Queue(folder, self._ended, workers)
        self.animals = Animals()

    def start(self) -> None:
        """Begin to work on what is queued."""
        self.queue.start()

    def stop(self) -> None:
        """Stop so that the next start can go on."""
        self.queue.stop()
        self.uploads.clear()

    def _ended(self, job: Job) -> None:
        """Take away the folder of a cancelled run of which nothing is worth keeping.

        That of a failed one stays, so that the page can say what was wrong with it.
        """
        if job.kind != "run" or not job.cancelled:
            return
        folder = self.results.folder / job.id
        if folder.is_dir() and not any(folder.glob("animals/*.npz")):
            shutil.rmtree(folder, ignore_errors=True)


def _laboratory(connection: HTTPConnection) -> Laboratory:
    laboratory: Laboratory = connection.app.state.laboratory
    return laboratory


Lab = Annotated[Laboratory, Depends(_laboratory)]
"""What a route takes to get at the laboratory: ``def route(lab: Lab)``."""
