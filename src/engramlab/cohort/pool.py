"""Groups x animals over worker processes: the same bits whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from engramlab.cohort.size import check_size
from engramlab.cohort.worker import start_worker
from engramlab.errors import EngramlabError, InputError, ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.engine.animal_record import AnimalRecord
    from engramlab.protocol import Protocol

RunAnimal = Callable[["Protocol", str, int, int, "Brain"], "AnimalRecord"]


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
    if workers is not None and workers < 1:
        raise ParameterError(Problem("workers", f"{workers} workers", "1 or more"))
    before_all: Sequence[Callable[[], None]] = ()
    if run_one is None:
        from engramlab.engine.animal import run_animal
        from engramlab.engine.compiling import tasks_left

        run_one, before_all = run_animal, tasks_left()

    cohort = [(group, animal) for group in protocol.groups for animal in range(animals)]
    done = _finished(folder, cohort, protocol, seed, brain)
    waiting = [name for name in cohort if name not in done]
    if on_progress:
        on_progress(len(done), len(cohort))
    processes = min(usable_cores() if workers is None else workers, len(waiting))
    if processes <= 1:
        results = _here(run_one, waiting, protocol, seed, brain)
    else:
        results = _in_processes(run_one, waiting, protocol, seed, brain, processes, before_all)
    with closing(results):  # ends the workers at once when saving or the caller fails
        for name, record in results:
            if folder is not None:
                from engramlab.cohort.storage import animal_path, run_digest, save_animal

                save_animal(record, animal_path(folder, *name), run_digest(protocol, seed, brain))
            done[name] = record
            if on_progress:
                on_progress(len(done), len(cohort))
    return [done[name] for name in cohort]


Name = tuple[str, int]
Results = Generator[tuple[Name, "AnimalRecord"], None, None]


def _finished(
    folder: Path | None, cohort: list[Name], protocol: Protocol, seed: int, brain: Brain
) -> dict[Name, AnimalRecord]:
    """Animals of this cohort that an earlier, interrupted run left in `folder`."""
    if folder is None:
        return {}
    from engramlab.cohort.storage import (
        DamagedAnimalError,
        animal_path,
        load_animal,
        run_digest,
    )

    digest = run_digest(protocol, seed, brain)
    found = {}
    for name in cohort:
        path = animal_path(folder, *name)
        if not path.exists():
            continue
        try:
            found[name] = load_animal(path, digest)
        except DamagedAnimalError as error:
            warnings.warn(f"{error}; this animal is run again", DamagedAnimalWarning, stacklevel=3)
    return found


def _here(
    run_one: RunAnimal, waiting: list[Name], protocol: Protocol, seed: int, brain: Brain
) -> Results:
    for group, animal in waiting:
        try:
            yield (group, animal), run_one(protocol, group, animal, seed, brain)
        except Exception as error:
            _fail(error, group, animal, seed)


def _in_processes(
    run_one: RunAnimal,
    waiting: list[Name],
    protocol: Protocol,
    seed: int,
    brain: Brain,
    processes: int,
    before_all: Sequence[Callable[[], None]],
) -> Results:
    """Run animals in a pool, after the tasks in `before_all`."""
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )
    futures: dict[Future[AnimalRecord], Name] = {}
    own: set[BaseProcess] = set()
    finished = False
    try:
        with _interrupts_held(), _main_module_hidden():
            before = set(multiprocessing.active_children())
            first = [pool.submit(task) for task in before_all]
            own = set(multiprocessing.active_children()) - before
        for preparation in first:
            try:
                preparation.result()
            except BrokenProcessPool as error:
                raise WorkersLostError(
                    "a worker process ended unexpectedly while kernels were compiled.\nIt was "
                    "killed, or the machine ran out of memory; try fewer workers (--workers)."
                ) from error
        with _interrupts_held(), _main_module_hidden():
            before = set(multiprocessing.active_children()) - own
            for group, animal in waiting:
                future = pool.submit(run_one, protocol, group, animal, seed, brain)
                futures[future] = (group, animal)
            own |= set(multiprocessing.active_children()) - before
        for future in as_completed(futures):
            try:
                record = future.result()
            except Exception as error:
                _fail(error, *futures[future], seed)
            yield futures[future], record
        finished = True
    finally:
        if not finished:  # Ctrl-C, a failure or a full disk: what still runs is of no use
            pool.shutdown(wait=False, cancel_futures=True)
            for process in own:
                process.terminate()
        pool.shutdown()


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
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while workers are started, so that they are born deaf to it.

    Workers inherit the mask; without it, Ctrl-C while they import would print a traceback each.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_module_hidden() -> Iterator[None]:
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
