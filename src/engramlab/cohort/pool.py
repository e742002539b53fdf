"""Where work is done: in this process, in processes of this machine, or on a Dask cluster.

All three take work in the same way (`Pool.submit`) and so give the same bits; `done_by` hands work
out and gives results back, a bounded number at a time, whoever does it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, TypeVar

from engramlab.cohort.interrupts import interrupts_held
from engramlab.cohort.worker import start_worker
from engramlab.errors import EngramlabError, ParameterError, Problem

# How many processes of this machine (None: one a usable core; 1: this process itself), or the
# address (or scheduler file) of a Dask cluster.
Workers = int | str | None

LOOK_SECONDS = 10
AHEAD = 4  # pieces of work handed out for each worker: none waits, and few results wait to be read

Work = TypeVar("Work")
Result = TypeVar("Result")


class WorkersLostError(EngramlabError):
    """A worker ended unexpectedly (killed, out of memory), or the cluster is gone."""


@dataclass(frozen=True)
class Pool:
    """Workers that stand ready.

    Parameters
    ----------
    submit : callable
        Takes a function and its arguments, gives a `concurrent.futures.Future`.
    room : callable
        Says how many pieces of work may be under way just now.
    """

    submit: Callable[..., Future[Any]]
    room: Callable[[], int]


def usable_cores() -> int:
    """Cores this process may use (fewer than the machine's inside a container or a cluster job)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes_here(workers: Workers) -> int:
    """How many processes of this machine work, by `workers`: with a cluster, as many as cores."""
    return workers if isinstance(workers, int) else usable_cores()


def open_pool(
    workers: Workers,
    most: int | None = None,
    before_all: Callable[[], Sequence[Callable[[], None]]] = tuple,
    on_start: Callable[[], object] = lambda: None,
) -> AbstractContextManager[Pool]:
    """Start workers; they end with the block, at once if it is left early.

    Parameters
    ----------
    workers : int or str, optional
        As `engramlab.cohort.run_cohort` takes them.
    most : int, optional
        No more processes than this are of use.
    before_all : callable, optional
        Gives tasks that come before everything else, when there are several workers, each of whom
        would do them for itself.
    on_start : callable, optional
        Called once, when workers have been started and before they do anything. Threads that are
        started here, and not before, leave it to us to fork this process (`can_fork`).

    Raises
    ------
    ParameterError
        For a number of workers that makes no sense, or a scheduler that does not answer.
    WorkersLostError
        When a worker dies of the tasks in `before_all`.
    """
    if isinstance(workers, str):
        from engramlab.cohort.cluster import cluster

        return _prepared(cluster(workers), before_all, on_start)
    if workers is not None and workers < 1:
        raise ParameterError(Problem("workers", f"{workers} workers", "1 or more"))
    count = processes_here(workers)
    count = count if most is None else min(count, most)
    if count <= 1:
        return _prepared(_here(), tuple, on_start)
    return _prepared(_processes(count), before_all, on_start)


def can_fork() -> bool:
    """Whether forks of this process are safe: on Linux, where no other thread could hold a lock.

    A fork knows all that this process knows, so it loads nothing again, which takes a second.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def done_by(
    pool: Pool, function: Callable[..., Result], work: Iterable[Work], arguments: Callable[..., Any]
) -> Generator[tuple[Work, Result | Exception], None, None]:
    """Do pieces of work, each where a worker is free, in any order.

    Parameters
    ----------
    pool : Pool
    function : callable
        What does one piece.
    work : iterable
        Read only as workers become free.
    arguments : callable
        Gives the arguments of `function` for one piece.

    Yields
    ------
    piece
    result : what `function` returns, or Exception
        What it raised; `WorkersLostError` where workers died of it.
    """
    waiting = iter(work)
    running: dict[Future[Result], Work] = {}
    while True:
        for piece in islice(waiting, max(pool.room() - len(running), 0)):
            try:
                running[pool.submit(function, *arguments(piece))] = piece
            except BrokenProcessPool as broken:
                yield piece, lost(broken)
        if not running:
            return
        # Not for ever: workers may come or go meanwhile, which `room` notices.
        for future in wait(running, LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), _result(future)


def _result(future: Future[Any]) -> Any:
    """What a future gives: a result, or why there is none."""
    try:
        return future.result()
    except (BrokenProcessPool, CancelledError) as error:
        return lost(error)
    except Exception as error:
        # By name, as the library of clusters need not be there: it has lost several workers.
        return lost(error) if type(error).__name__ == "KilledWorker" else error


def lost(cause: Exception) -> WorkersLostError:
    """Say in words that work got lost with a worker."""
    if isinstance(cause, CancelledError):
        text = "the connection to the cluster was lost.\nIs its scheduler still running?"
    else:
        text = (
            "a worker process ended unexpectedly.\nIt was killed, or the machine ran out of "
            "memory; try fewer workers (--workers)"
        )
        text += "." if isinstance(cause, BrokenProcessPool) else ", or more memory for each."
    error = WorkersLostError(text)
    error.__cause__ = cause
    return error


@contextmanager
def _here() -> Iterator[Pool]:
    """Work is done at once, in this process."""

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    yield Pool(submit, room=lambda: 1)


@contextmanager
def _prepared(
    opened: AbstractContextManager[Pool],
    before_all: Callable[[], Sequence[Callable[[], None]]],
    on_start: Callable[[], object],
) -> Iterator[Pool]:
    with opened as pool:
        on_start()
        for preparation in [pool.submit(task) for task in before_all()]:
            result = _result(preparation)
            if isinstance(result, Exception):
                raise result
        yield pool


@contextmanager
def _processes(count: int) -> Iterator[Pool]:
    """Worker processes of this machine, each with one thread."""
    method = "fork" if can_fork() else "spawn"
    executor = ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context(method), initializer=start_worker
    )
    own: set[BaseProcess] = set()
    results: Any = executor._result_queue  # an executor that is shut down forgets it

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        # This may start a worker, born deaf to Ctrl-C: it would print a traceback while it imports.
        with interrupts_held(), main_module_hidden():
            before = set(multiprocessing.active_children())
            try:
                return executor.submit(function, *arguments)
            finally:
                own.update(set(multiprocessing.active_children()) - before)

    finished = False
    try:
        submit(int)  # the first piece of work makes all forks: now, before there are threads
        yield Pool(submit, room=lambda: AHEAD * count)
        finished = True
    finally:
        if not finished:  # Ctrl-C, a failure or a full disk: what still runs is of no use
            executor.shutdown(wait=False, cancel_futures=True)
            for process in own:
                process.terminate()
            # Of a result that one was just sending the rest never comes. The executor would wait
            # for it for ever, even at exit, as long as somebody could still send: we, too.
            results._writer.close()
        executor.shutdown()


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
