"""The progress bar: animals done and time left, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def animals_bar(*, quiet: bool, unit: str = "animals") -> Iterator[Callable[[int, int], None]]:
    """Give a callback for `run_cohort`; one line at the end where there is no terminal.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    unit : str
        What is counted.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from engramlab.engine.compiling import tasks_left

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    waiting = f"compiling (only this once), then {unit}" if tasks_left() else unit
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task(waiting, total=None)

        def show(done: int, total: int) -> None:
            description = unit if done else waiting
            progress.update(task, completed=done, total=total, description=description)

        yield show
