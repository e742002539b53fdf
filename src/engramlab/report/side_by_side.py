"""Figures are drawn on several cores: Matplotlib takes longer for them than all animals do."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from engramlab.cohort.interrupts import interrupts_held
from engramlab.cohort.pool import can_fork
from engramlab.cohort.worker import start_worker

Result = TypeVar("Result")
_work: tuple[Callable[..., Any], Sequence[tuple[Any, ...]]]


def side_by_side(
    function: Callable[..., Result],
    work: Sequence[tuple[Any, ...]],
    processes: int,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Result]:
    """Call a function with each of several tuples of arguments, in forks of this process.

    Forks know all that this process knows, so nothing is loaded again and no argument is copied.
    Where they are not safe (`can_fork`): one after the other, here. Results come in the order of
    the work; it is begun from its end, where a report has its largest figures, so that none of
    these is waited for alone. `meanwhile` is called once: what this process has to do itself.

    Raises
    ------
    Exception
        Whatever `function` raises.
    """
    global _work
    processes = min(processes, len(work))
    if processes <= 1 or not can_fork():
        meanwhile()
        return [function(*arguments) for arguments in work]
    _work = function, work
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=start_worker,
    ) as pool:
        with interrupts_held():  # Python loses Ctrl-C that comes while it forks
            results = [pool.submit(_one, place) for place in reversed(range(len(work)))]
        meanwhile()
        return [result.result() for result in reversed(results)]


def _one(place: int) -> Any:
    function, work = _work
    return function(*work[place])
