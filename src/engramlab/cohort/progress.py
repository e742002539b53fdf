"""The progress bar: animals done and time left, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def animals_bar(*, quiet: bool, unit: str = "animals") -> Iterator[Callable[[int, int], None]]:
    """Give a callback for `run_cohort`; one line at the end where there is no terminal.

    The bar appears when it is first called.

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
    progress = Progress(*columns, console=Console(stderr=True), disable=quiet)
    task = progress.add_task(waiting, total=None)
    with ExitStack() as shown:

        def show(done: int, total: int) -> None:
            if not progress.live.is_started:  # its thread would keep workers from being forks
                shown.enter_context(progress)
            description = unit if done else waiting
            progress.update(task, completed=done, total=total, description=description)

        yield show
