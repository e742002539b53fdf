"""`engramlab posterior`: which parameters could have given the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import output_options, worker_options
from engramlab.cli.ablate import listed

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies.posterior import Posterior, PosteriorPlan


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="FILE")
@click.option(
    "--columns",
    type=click.Path(path_type=Path),
    metavar="MAP.yaml",
    help="What the columns of the data mean, as for 'engramlab analyze'.",
)
@click.option(
    "--match",
    type=click.Path(path_type=Path),
    required=True,
    metavar="MATCH.yaml",
    help="Which groups of the data are used and which only predicted, as for 'engramlab fit'.",
)
@click.option(
    "--parameters",
    required=True,
    metavar="NAME,NAME",
    help="A few parameters; the prior of each is uniform over its range.",
)
@click.option(
    "--start",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="All other parameters (YAML, say of a fit). [default: the defaults]",
)
@click.option("--simulations", default=300, show_default=True, metavar="N")
@click.option(
    "--animals",
    default=8,
    show_default=True,
    type=click.IntRange(2, 1000),
    metavar="N",
    help="Virtual animals a group and simulation: about as many as the real ones.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@worker_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder for the results; one that holds a part of them is gone on with. "
    "[default: results/posterior-seedS]",
)
@output_options
@click.pass_context
def command(
    context: click.Context,
    /,
    data: Path,
    columns: Path | None,
    match: Path,
    parameters: str,
    start: Path | None,
    simulations: int,
    animals: int,
    seed: int,
    workers: Workers,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Infer a few parameters from data, with how sure the data make them.

    Simulation-based: the model is run with parameters from all of their ranges, and runs that
    resemble the data are kept. Ctrl-C stops; the same command goes on where it stopped. Writes
    report.html, posterior.json, draws.csv, simulations.csv and calibration.csv.
    """
    from engramlab.cli._output import print_json
    from engramlab.cli.analyze import columns_of
    from engramlab.cli.fit import command_line
    from engramlab.cli.run import read_parameters
    from engramlab.importers import read_scores
    from engramlab.report.posterior import posterior_content, posterior_in_words
    from engramlab.studies import matched_targets, read_match
    from engramlab.studies.posterior import PosteriorPlan
    from engramlab.studies.space import axes_named

    scores = read_scores(data, columns_of(columns, (), (), {}))
    target, prediction = matched_targets(scores, *read_match(match))
    plan = PosteriorPlan(
        parameters=tuple(axis.name for axis in axes_named(listed(parameters))),
        target=target,
        prediction=prediction,
        start=read_parameters(start) if start else {},
        animals=animals,
        simulations=simulations,
        seed=seed,
        command=command_line(context),
    )
    folder = out or Path("results") / f"posterior-seed{seed}"
    found = _finish(plan, folder, workers=workers, quiet=quiet)
    report = folder / "report.html"
    if as_json:
        print_json({**posterior_content(found), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(posterior_in_words(found))
        click.echo(f"\nreport: {report}")


def _finish(plan: PosteriorPlan, folder: Path, *, workers: Workers, quiet: bool) -> Posterior:
    """Simulate what is not in the folder yet, then infer and write."""
    from engramlab.cohort.progress import animals_bar
    from engramlab.report.posterior import write_posterior_report
    from engramlab.run_folder import refuse_existing
    from engramlab.studies.posterior import PLAN, SIMULATIONS, infer

    if not (folder / PLAN).exists():
        refuse_existing(folder)
    try:
        with animals_bar(quiet=quiet, unit="simulations") as progress:
            found = infer(plan, folder, workers=workers, on_progress=progress)
    except (Exception, KeyboardInterrupt) as error:
        if (folder / SIMULATIONS).exists():
            error.add_note(f"what is done is kept in {folder}; the same command goes on there")
        raise
    write_posterior_report(found, folder)
    return found
