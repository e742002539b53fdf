"""Settings of all tests."""

import signal

import pytest
from hypothesis import settings

from engramlab.cohort.pool import open_pool
from engramlab.engine.compiling import tasks_left

# No time limits: a first example may compile a kernel, and the machine may be busy.
settings.register_profile("engramlab", deadline=None)
settings.load_profile("engramlab")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile once, before xdist's workers start, each of which would compile for itself."""
    if session.config.getoption("numprocesses", None) and tasks_left():
        with open_pool(2, before_all=tasks_left):
            pass


def pytest_runtest_setup() -> None:
    """Have Ctrl-C raise, as at first: once imported, dask_jobqueue ends the process at it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
