"""Work done in forks of this process: same results in the same order, errors come back."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading

import pytest

from engramlab.report.side_by_side import side_by_side

WORK = [(number, object()) for number in range(5)]  # what cannot be pickled is no hindrance


def _square(number: int, _: object) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_results_come_in_the_order_of_the_work(processes: int) -> None:
    done = side_by_side(_square, WORK, processes)
    assert [square for square, _ in done] == [0, 1, 4, 9, 16]


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux only")
def test_forks_do_it_unless_another_thread_runs() -> None:
    here = threading.Event()
    thread = threading.Thread(target=here.wait)
    before = threading.active_count()
    forked = {process for _, process in side_by_side(_square, WORK, 2)}
    assert (os.getpid() in forked) == (before > 1)
    thread.start()
    try:
        assert {process for _, process in side_by_side(_square, WORK, 2)} == {os.getpid()}
    finally:
        here.set()
        thread.join()
    assert not multiprocessing.active_children()


def _fails(number: int, _: object) -> None:
    raise ValueError(f"no {number}")


@pytest.mark.parametrize("processes", [1, 2])
def test_what_goes_wrong_is_raised(processes: int) -> None:
    with pytest.raises(ValueError, match="no 0"):
        side_by_side(_fails, WORK, processes)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_done_meanwhile_is_done_once_and_here(processes: int) -> None:
    done: list[int] = []
    side_by_side(_square, WORK, processes, lambda: done.append(os.getpid()))
    assert done == [os.getpid()]
