"""A Dask cluster as the place where work is done: one more `Pool`, nothing else.

A worker that dies takes only what it was working on with it; the scheduler has that done again
elsewhere. Results stream back as they come and are dropped on the cluster.
"""

from __future__ import annotations

import json
import logging
import math
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engramlab.cohort.pool import AHEAD, Pool
from engramlab.cohort.worker import WorkersDifferError, identity, run_as_expected
from engramlab.errors import ParameterError, Problem

ANSWER_SECONDS = 15
COUNT_SECONDS = 2  # how often the workers, who come and go, are counted


class NoWorkersWarning(UserWarning):
    """The cluster has no worker, not yet or not any more; work waits for one."""


@contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """Have work done by the workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``; or the path of its scheduler file.

    Raises
    ------
    ParameterError
        When nothing answers there, or Dask is not installed.
    """
    with _quiet(), _connect(address) as client:
        yield from _pool(client, address)


def _pool(client: Any, address: str) -> Iterator[Pool]:
    _check_installed(client)
    expected = identity()
    counted, threads = -math.inf, -1

    def room() -> int:
        nonlocal counted, threads
        if time.monotonic() - counted > COUNT_SECONDS:
            before, threads = threads, sum(client.nthreads().values())
            counted = time.monotonic()
            if threads == 0 != before:
                text = f"the scheduler at {address} has no workers; work waits until one joins"
                warnings.warn(text, NoWorkersWarning, stacklevel=1)
        return AHEAD * max(threads, 1)

    # Not pure: the same animal asked for twice is run twice, as everywhere else.
    executor = client.get_executor(pure=False)

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = executor.submit(run_as_expected, expected, function, *arguments)
        return future

    finished = False
    try:
        yield Pool(submit, room)
        finished = True
    finally:
        executor.shutdown(wait=finished)  # else what still waits there is of no use


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from printing tracebacks of its own: what matters to a user is said by us.

    One is of a result on its way here when the connection is closed, as at Ctrl-C.
    """
    with suppress(ImportError):  # which sets levels itself, so it comes first
        import_module("distributed")
    names = ("distributed", "distributed.client", "tornado", "tornado.application")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _check_installed(client: Any) -> None:
    """Find machines without this engramlab; workers would die of each piece of work.

    Raises
    ------
    WorkersDifferError
    """
    here = version("engramlab")
    found = {"scheduler": _asked(client.run_on_scheduler, version, "engramlab")}
    answers = client.run(version, "engramlab", on_error="return")
    found |= {f"worker {worker}": answer for worker, answer in answers.items()}
    for where, answer in found.items():
        if answer != here:
            has = "has no engramlab" if isinstance(answer, Exception) else f"has engramlab {answer}"
            problem = Problem(where, f"{has}; this is {here}", "the same environment there as here")
            raise WorkersDifferError(str(problem))


def _asked(ask: Callable[..., Any], *arguments: Any) -> Any:
    """What comes back: an answer, or why there is none."""
    try:
        return ask(*arguments)
    except Exception as error:
        return error


def _connect(address: str) -> Any:
    allowed = "the address that 'dask scheduler' prints, such as tcp://host:8786, or its file"
    where = f"scheduler '{address}'"
    try:
        import distributed
    except ImportError:
        raise ParameterError(
            Problem(where, "Dask is not installed", "pip install 'engramlab[cluster]'")
        ) from None
    try:
        if address.endswith(".json"):
            address = str(json.loads(Path(address).read_text(encoding="utf-8"))["address"])
        connect: Any = distributed.Client  # its stubs are partial
        return connect(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        first = (str(error) or type(error).__name__).split("\n", maxsplit=1)[0]
        raise ParameterError(Problem(where, f"does not answer: {first}", allowed)) from error
