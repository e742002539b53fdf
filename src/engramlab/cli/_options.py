"""Options that commands share: where animals are run, which brain they have, what is printed."""

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


def brain_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--without`` and ``--set``; `engramlab.cli.run.brain_of` makes a brain of them."""
    change = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="PARAMETER=VALUE",
        help="Change a parameter of the brain (repeatable).",
    )
    switch = click.option(
        "--without", multiple=True, metavar="MECHANISM", help="Switch a mechanism off (repeatable)."
    )
    return switch(change(function))


size_option = click.option(
    "--brain",
    "size",
    default="standard",
    show_default=True,
    metavar="SIZE",
    help="Cells and synapses: standard, x10, x100 or mouse (docs/performance.md).",
)


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` and ``--quiet``."""
    quiet = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
    machine = click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
    )
    return machine(quiet(function))
