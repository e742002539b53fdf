"""Work that waits for the machine, one piece at a time, each in a process of its own.

A piece of work is told to ``python -m engramlab.web.work`` on its standard input, and answers in
lines of JSON. It stops, keeping what is finished, when its input is closed: when it is cancelled,
and when the server ends for whatever reason. What was waiting or running is written down, so that
the next server goes on with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any, Literal

from engramlab.web.limits import MAX_QUEUE

if TYPE_CHECKING:
    from engramlab.cohort import Workers

Kind = Literal["run", "evaluate", "ablate"]
State = Literal["waiting", "running", "failed"]
PATIENCE_SECONDS = 10.0  # that a cancelled process gets to keep what it has
FILE = ".engramlab-queue.json"


@dataclass
class Job:
    """A piece of work.

    Parameters
    ----------
    id : str
        Name of the folder that it fills.
    kind : {"run", "evaluate", "ablate"}
    told : dict
        What the process needs to know.
    state : {"waiting", "running", "failed"}
        One that is done or cancelled is in the queue no more.
    done, total : int
        Of its animals; unknown (0) before it began.
    problems : list of dict
        Why it failed, as `engramlab.web.answers.ProblemAnswer`.
    """

    id: str
    kind: Kind
    told: dict[str, Any]
    state: State = "waiting"
    done: int = 0
    total: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False


class QueueFullError(Exception):
    """More work waits than is sensible."""


class Queue:
    """Jobs in order; a thread works on the first one.

    Parameters
    ----------
    folder : Path
        Results folder; what waits is written down in it.
    on_end : callable
        Called with each job that has ended, in the queue's thread.
    workers : int or str, optional
        Where animals are run, as in `engramlab.cohort.run_cohort`.
    """

    def __init__(
        self, folder: Path, on_end: Callable[[Job], None], workers: Workers = None
    ) -> None:
        self.folder, self._on_end, self._workers = folder, on_end, workers
        self._jobs: list[Job] = []
        self._changed = Condition()
        self._process: subprocess.Popen[str] | None = None
        self._thread: Thread | None = None
        self._stopping = Event()

    def start(self) -> None:
        """Take up what an earlier server left, and work."""
        with self._changed:
            self._jobs = self._read()
        self._stopping.clear()
        self._thread = Thread(target=self._work, name="engramlab-queue", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the running job so that it can go on later."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
            self._end_process()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def jobs(self) -> dict[str, Job]:
        """All jobs in order."""
        with self._changed:
            return {job.id: job for job in self._jobs}

    def full(self) -> bool:
        """Whether nothing more may be queued."""
        with self._changed:
            return sum(job.state != "failed" for job in self._jobs) >= MAX_QUEUE

    def add(self, job: Job) -> None:
        """Queue a job; one that failed under this id is forgotten.

        Raises
        ------
        QueueFullError
        """
        with self._changed:
            self._jobs = [j for j in self._jobs if not (j.id == job.id and j.state == "failed")]
            if sum(j.state != "failed" for j in self._jobs) >= MAX_QUEUE:
                raise QueueFullError
            if job.id not in {j.id for j in self._jobs}:
                self._jobs.append(job)
            self._write()
            self._changed.notify_all()

    def cancel(self, id: str) -> bool:
        """Take a job out of the queue, ending its process; False when there is none."""
        with self._changed:
            job = next((job for job in self._jobs if job.id == id), None)
            if job is None:
                return False
            job.cancelled = True
            if job.state == "running":
                self._end_process()
                return True
            self._jobs.remove(job)
            self._write()
        self._on_end(job)
        return True

    def _end_process(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(OSError):
            process.stdin.close()
        Thread(target=_end, args=(process,), daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                job = self._next()
                while job is None and not self._stopping.is_set():
                    self._changed.wait()
                    job = self._next()
                if job is None or self._stopping.is_set():
                    return
                job.state = "running"
                self._write()
                process = self._process = _started(job, self._workers)
            problems = self._follow(job, process)
            code = process.wait()
            with self._changed:
                self._process = None
                if self._stopping.is_set() and code != 0:
                    job.state = "waiting"
                    self._write()
                    return
                if code != 0 and not job.cancelled:
                    job.state = "failed"
                    job.problems = problems or [
                        {"what": f"the process ended unexpectedly (code {code})"}
                    ]
                else:
                    self._jobs.remove(job)
                self._write()
            self._on_end(job)

    def _next(self) -> Job | None:
        return next((job for job in self._jobs if job.state == "waiting"), None)

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> list[dict[str, Any]]:
        """Read what the process says until it ends; give the problems it had."""
        problems: list[dict[str, Any]] = []
        for line in process.stdout or ():
            try:
                said = json.loads(line)
            except ValueError:  # a library that prints
                continue
            if "problems" in said:
                problems = said["problems"]
            if "total" in said:
                job.done, job.total = said["done"], said["total"]
        return problems

    def _write(self) -> None:
        path = self.folder / FILE
        if not self._jobs and not path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps([asdict(job) for job in self._jobs]), encoding="utf-8")
        part.replace(path)

    def _read(self) -> list[Job]:
        try:
            found = json.loads((self.folder / FILE).read_text(encoding="utf-8"))
            jobs = [Job(**{**job, "cancelled": False}) for job in found]
        except (OSError, ValueError, TypeError):
            return []
        for job in jobs:
            if job.state == "running":
                job.state = "waiting"
        return jobs


def _started(job: Job, workers: Workers) -> subprocess.Popen[str]:
    """Start a process and tell it what to do; its input stays open while it is to work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engramlab.web.work"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C in the terminal is the server's matter
    )
    with suppress(OSError):
        assert process.stdin is not None
        process.stdin.write(json.dumps({"kind": job.kind, **job.told, "workers": workers}) + "\n")
        process.stdin.flush()
    return process


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
