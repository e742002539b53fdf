"""`engramlab ablate`: what falls when each mechanism is switched off in turn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import output_options, worker_options

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies import Ablation


@click.command()
@click.option("--only", metavar="ID,TOPIC", help="Only these findings (ids or topics).")
@click.option("--mechanism", metavar="NAME,NAME", help="Only these mechanisms. [default: all]")
@click.option(
    "--animals", type=click.IntRange(2, 1000), metavar="N", help="Animals a group. [default: own]"
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@worker_options
@click.option(
    "--parameters",
    "parameters_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Parameters of the full brain as a YAML file, say of 'engramlab fit'.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder for results; one that holds a part of them is gone on with. "
    "[default: results/ablation-seedS]",
)
@output_options
def command(
    only: str | None,
    mechanism: str | None,
    animals: int | None,
    seed: int,
    workers: Workers,
    parameters_file: Path | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Switch each mechanism off in turn and say which published findings fall.

    A finding that holds with the full brain and not without a mechanism is carried by it. Ctrl-C
    stops; the same command goes on where it stopped.
    """
    from engramlab.ablation_folder import finish
    from engramlab.cli.run import brain_of
    from engramlab.evidence import chosen
    from engramlab.studies import AblationPlan, mechanisms_named

    brain = brain_of((), (), parameters_file)
    names = mechanisms_named(listed(mechanism), brain)
    plan = AblationPlan(tuple(chosen(listed(only))), names, brain, seed, animals)
    folder = out or Path("results") / f"ablation-seed{seed}"
    ablation = finish(plan, folder, workers=workers, quiet=quiet)
    show(ablation, folder, as_json=as_json, quiet=quiet)


def listed(text: str | None) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def show(ablation: Ablation, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """Print the matrix: for people, as one JSON object, or not at all."""
    from engramlab.cli._output import print_json
    from engramlab.report.ablation import text_matrix

    report = folder / "report.html"
    if as_json:
        print_json({**ablation.to_dict(), "folder": str(folder), "report": str(report)})
    elif not quiet:
        width = min(max(shutil.get_terminal_size((96, 24)).columns, 60), 120)
        click.echo(text_matrix(ablation, width))
        click.echo(f"\nreport: {report}")
