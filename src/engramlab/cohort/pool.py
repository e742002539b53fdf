"""Groups x animals over worker processes: the same bits whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from engramlab.cohort.size import check_size
from engramlab.cohort.worker import start_worker
from engramlab.errors import EngramlabError, InputError, ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.engine.animal_record import AnimalRecord
    from engramlab.protocol import Protocol

Name = tuple[str, int]  # of an animal: its group, and its number there
RunAnimal = Callable[["Protocol", str, int, int, "Brain"], "AnimalRecord"]
AHEAD = 4  # animals handed out for each worker: none waits, and few records wait to be read


@dataclass(frozen=True, slots=True)
class Cohort:
    """Animals to be run: `animals` in each group of `protocol`."""

    protocol: Protocol
    animals: int
    seed: int
    brain: Brain

    def names(self) -> list[Name]:
        """Group and number of every animal, in order."""
        return [(group, n) for group in self.protocol.groups for n in range(self.animals)]


class Job(NamedTuple):
    """One animal to be run; `number` says of which of several cohorts."""

    cohort: Cohort
    name: Name
    number: int = 0

    def arguments(self) -> tuple[Protocol, str, int, int, Brain]:
        """What a `RunAnimal` takes."""
        return (self.cohort.protocol, *self.name, self.cohort.seed, self.cohort.brain)


class AnimalError(RuntimeError):
    """The simulation of one animal failed: a fault of engramlab, not of the user."""


class WorkersLostError(EngramlabError):
    """A worker process ended unexpectedly: killed, or the machine ran out of memory."""


class DamagedAnimalWarning(UserWarning):
    """A finished animal's file was damaged and the animal is run again."""


def usable_cores() -> int:
    """Cores this process may use (fewer than the machine's inside a container or a cluster job)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_cohort(
    protocol: Protocol,
    *,
    animals: int = 12,
    seed: int = 1,
    workers: int | None = None,
    brain: Brain,
    folder: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    run_one: RunAnimal | None = None,
) -> list[AnimalRecord]:
    """Run every animal of every group.

    Parameters
    ----------
    protocol : Protocol
    animals : int
        Animals in each group.
    seed : int
        Seed of the cohort; an animal depends on it, its group's name and its number alone.
    workers : int, optional
        Worker processes, each with one thread; default all usable cores. With 1 everything
        runs in this process. The results do not depend on it.
    brain : Brain
    folder : Path, optional
        Results folder: each finished animal is kept in ``animals/`` there, and those found there
        are not run again.
    on_progress : callable, optional
        Called with (animals done, animals in all) at the start and after each animal.
    run_one : callable, optional
        What runs one animal; default `engramlab.engine.run_animal`.

    Returns
    -------
    list of AnimalRecord
        Groups in the order of the protocol, animals by number.

    Raises
    ------
    ParameterError
        For numbers of animals or workers that make no sense.
    ProtocolError
        When an animal shows the protocol to be impossible (light on an empty tag).
    OutputError
        When a finished animal cannot be kept, or `folder` holds animals of another run.
    AnimalError
        When the simulation of an animal fails; names its group, number and key.
    WorkersLostError
        When a worker process is killed.
    """
    check_size(protocol, animals)
    cohort = Cohort(protocol, animals, seed, brain)
    done = _finished(folder, cohort)
    jobs = [Job(cohort, name) for name in cohort.names() if name not in done]
    total = len(done) + len(jobs)
    if on_progress:
        on_progress(len(done), total)
    with closing(run_jobs(jobs, len(jobs), workers, run_one)) as results:
        for job, result in results:
            record = record_of(job, result)
            if folder is not None:
                from engramlab.cohort.storage import animal_path, run_digest, save_animal

                path = animal_path(folder, *job.name)
                save_animal(record, path, run_digest(protocol, seed, brain))
            done[job.name] = record
            if on_progress:
                on_progress(len(done), total)
    return [done[name] for name in cohort.names()]


Results = Generator[tuple[Job, "AnimalRecord | Exception"], None, None]


def run_jobs(
    jobs: Iterable[Job], total: int, workers: int | None = None, run_one: RunAnimal | None = None
) -> Results:
    """Run animals, each where a worker is free; close the generator to end the workers at once.

    Parameters
    ----------
    jobs : iterable of Job
        Read as workers become free.
    total : int
        How many jobs there are at most.
    workers, run_one
        As in `run_cohort`.

    Yields
    ------
    job : Job
    result : AnimalRecord or Exception
        Hand both to `record_of`.

    Raises
    ------
    ParameterError
        For a number of workers that makes no sense.
    WorkersLostError
        When a worker process is killed before the first animal.
    """
    if workers is not None and workers < 1:
        raise ParameterError(Problem("workers", f"{workers} workers", "1 or more"))
    before_all: Sequence[Callable[[], None]] = ()
    if run_one is None or run_one.__module__.startswith("engramlab."):
        from engramlab.engine.animal import run_animal
        from engramlab.engine.compiling import tasks_left

        run_one, before_all = run_one or run_animal, tasks_left()
    processes = min(usable_cores() if workers is None else workers, total)
    if processes <= 1:
        return _here(run_one, jobs)
    return _in_processes(run_one, jobs, processes, before_all)


def _finished(folder: Path | None, cohort: Cohort) -> dict[Name, AnimalRecord]:
    """Animals of this cohort that an earlier, interrupted run left in `folder`."""
    if folder is None:
        return {}
    from engramlab.cohort.storage import (
        DamagedAnimalError,
        animal_path,
        load_animal,
        run_digest,
    )

    digest = run_digest(cohort.protocol, cohort.seed, cohort.brain)
    found = {}
    for name in cohort.names():
        path = animal_path(folder, *name)
        if not path.exists():
            continue
        try:
            found[name] = load_animal(path, digest)
        except DamagedAnimalError as error:
            warnings.warn(f"{error}; this animal is run again", DamagedAnimalWarning, stacklevel=3)
    return found


def _here(run_one: RunAnimal, jobs: Iterable[Job]) -> Results:
    for job in jobs:
        try:
            yield job, run_one(*job.arguments())
        except Exception as error:
            yield job, error


def _in_processes(
    run_one: RunAnimal,
    jobs: Iterable[Job],
    processes: int,
    before_all: Sequence[Callable[[], None]],
) -> Results:
    """Run animals in a pool, after the tasks in `before_all`."""
    with _workers(processes) as submit:
        for preparation in [submit(task) for task in before_all]:
            try:
                preparation.result()
            except BrokenProcessPool as error:
                raise WorkersLostError(
                    "a worker process ended unexpectedly while kernels were compiled.\nIt was "
                    "killed, or the machine ran out of memory; try fewer workers (--workers)."
                ) from error
        waiting = iter(jobs)
        running: dict[Future[AnimalRecord], Job] = {}
        while True:
            for job in islice(waiting, AHEAD * processes - len(running)):
                try:
                    running[submit(run_one, *job.arguments())] = job
                except BrokenProcessPool as broken:
                    yield job, broken
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), _result(future)


def _result(future: Future[AnimalRecord]) -> AnimalRecord | Exception:
    try:
        return future.result()
    except Exception as error:
        return error


@contextmanager
def _workers(processes: int) -> Iterator[Callable[..., Future[Any]]]:
    """Give a function that submits work to worker processes; they end with the block."""
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )
    own: set[BaseProcess] = set()

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with interrupts_held(), main_module_hidden():  # this may start a worker
            before = set(multiprocessing.active_children())
            try:
                return pool.submit(function, *arguments)
            finally:
                own.update(set(multiprocessing.active_children()) - before)

    finished = False
    try:
        yield submit
        finished = True
    finally:
        if not finished:  # Ctrl-C, a failure or a full disk: what still runs is of no use
            pool.shutdown(wait=False, cancel_futures=True)
            for process in own:
                process.terminate()
        pool.shutdown()


def record_of(job: Job, result: AnimalRecord | Exception) -> AnimalRecord:
    """The record that a job gave; what went wrong is raised again, naming the animal.

    Raises
    ------
    InputError, AnimalError, WorkersLostError
        As in `run_cohort`.
    """
    if isinstance(result, Exception):
        _fail(result, *job.name, job.cohort.seed)
    return result


def _fail(error: Exception, group: str, animal: int, seed: int) -> NoReturn:
    """Raise `error` again, naming the animal."""
    from engramlab.randomness import derive_key

    if isinstance(error, BrokenProcessPool):
        raise WorkersLostError(
            f"a worker process ended unexpectedly while animals were running (next: group "
            f"'{group}', animal {animal}).\nIt was killed, or the machine ran out of memory; "
            "try fewer workers (--workers)."
        ) from error
    who = f"group '{group}', animal {animal}"
    if isinstance(error, InputError):
        raise type(error)(
            [Problem(f"{who}: {p.where}", p.what, p.allowed) for p in error.problems]
        ) from error
    key = derive_key(seed, group, animal)
    raise AnimalError(f"{who} (key {key:#018x}, seed {seed}): {error!r}") from error


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while workers are started, so that they are born deaf to it.

    Workers inherit the mask; without it, Ctrl-C while they import would print a traceback each.
    The mask is this thread's alone: what another thread takes is kept until all are started, as a
    worker whose parent stops half-way through its start prints one too.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    ours = handler is not None and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if ours:
            signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Keep started workers from running the user's script again.

    A spawned process imports its parent's main module. A script or notebook that calls
    ``engramlab.run`` at top level would so start a cohort in each worker; no function of it is
    needed there.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
