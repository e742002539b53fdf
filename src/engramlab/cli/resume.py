"""`engramlab resume`: finish a run that was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._main import say
from engramlab.cli._options import output_options, worker_options

if TYPE_CHECKING:
    from engramlab.cohort import Workers


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@worker_options
@output_options
def command(folder: Path, workers: Workers, as_json: bool, quiet: bool) -> None:
    """Finish the stopped run in DIR; the results are those of an undisturbed run, bit for bit."""
    from engramlab.cli._output import show
    from engramlab.run_folder import finish, reopen

    plan, complete = reopen(folder)
    if complete:
        from engramlab.record import Experiment

        experiment = Experiment.load(folder)
        if not quiet:
            say(f"{folder} is complete already; nothing was run")
    else:
        experiment = finish(folder, plan, workers=workers, quiet=quiet)
    show(experiment, folder, as_json=as_json, quiet=quiet)
