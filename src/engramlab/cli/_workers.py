"""The options that say where animals are run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engramlab.cohort import Workers


def worker_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--workers W`` and ``--scheduler ADDRESS``; the command takes both as `workers`."""

    @click.option("--workers", type=int, metavar="W", help="Worker processes. [default: all cores]")
    @click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run on the Dask cluster with this scheduler (tcp://host:8786, or its file) instead.",
    )
    @functools.wraps(function)
    def command(
        *arguments: Any, workers: int | None, scheduler: str | None, **options: Any
    ) -> None:
        if workers is not None and scheduler is not None:
            raise click.UsageError(
                "--workers is for this machine, --scheduler for a cluster, whose workers are "
                "started there; give one of them."
            )
        where: Workers = scheduler or workers
        function(*arguments, workers=where, **options)

    return command
