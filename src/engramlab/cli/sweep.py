"""`engramlab sweep`: one protocol with many brains."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import brain_options, output_options, worker_options

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies.sweep import SweepPlan


@click.command()
@click.argument("protocol")
@click.option(
    "--grid",
    multiple=True,
    metavar="NAME=V,V,...",
    help="A parameter and its values, also NAME=LOW..HIGH:COUNT (repeatable: every combination).",
)
@click.option(
    "--sobol",
    multiple=True,
    metavar="NAME[=LOW..HIGH]",
    help="A parameter whose values are drawn from its range or this one; ':log' behind draws by "
    "factors (repeatable: drawn together, evenly in all of them).",
)
@click.option(
    "--samples",
    default=64,
    show_default=True,
    metavar="N",
    help="Samples of what --sobol draws, best a power of two.",
)
@click.option(
    "--indices",
    is_flag=True,
    help="Estimate Sobol sensitivity indices; runs N x (parameters + 2) brains.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    help="Measure of the table of a run: freezing, engram_size, ... (repeatable). "
    "[default: freezing]",
)
@click.option("--animals", default=6, show_default=True, metavar="N", help="Animals a group.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    metavar="S",
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of animals and samples.",
)
@worker_options
@brain_options
@click.option(
    "--parameters",
    "parameters_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Parameters of the brain as a YAML file, say of 'engramlab fit'.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for results; one that holds a part of them is gone on with. "
    "[default: results/sweep-NAME-seedS]",
)
@output_options
def command(
    protocol: str,
    grid: tuple[str, ...],
    sobol: tuple[str, ...],
    samples: int,
    indices: bool,
    measures: tuple[str, ...],
    animals: int,
    seed: int,
    workers: Workers,
    without: tuple[str, ...],
    settings: tuple[str, ...],
    parameters_file: Path | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Run PROTOCOL with many brains: values of a grid, samples of ranges, or both.

    Writes tables, a figure and a page. Ctrl-C stops; the same command goes on where it stopped,
    and one with more samples or values adds them.

    \b
    engramlab sweep contextual-fear --grid replays_per_night=0,20,60
    engramlab sweep contextual-fear --sobol replays_per_night=0..60 --samples 32
    """
    from engramlab.cli._output import print_json
    from engramlab.cli.run import brain_of
    from engramlab.cohort.progress import animals_bar
    from engramlab.protocol import load_protocol
    from engramlab.report.sweep import write_sweep
    from engramlab.studies.sweep import POINTS, SweepPlan, measures_named, run_sweep
    from engramlab.studies.sweep_design import dimensions_of

    plan = SweepPlan(
        load_protocol(protocol),
        dimensions_of(grid, sobol),
        samples,
        indices,
        measures_named(measures),
        animals,
        seed,
        brain_of(settings, without, parameters_file),
    )
    folder = out or Path("results") / f"sweep-{plan.protocol.name}-seed{seed}"
    try:
        with animals_bar(quiet=quiet) as progress:
            sweep = run_sweep(plan, folder, workers=workers, on_progress=progress)
        report = write_sweep(sweep, folder, _command_line(plan, protocol))
    except (Exception, KeyboardInterrupt) as error:
        if (folder / POINTS).exists():
            error.add_note(f"what is done is kept in {folder}; the same command goes on there")
        raise
    if as_json:
        print_json({**sweep.to_dict(), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(sweep.summary())
        click.echo(f"\ntable: {folder / 'sweep.csv'}\nreport: {report}")


def _command_line(plan: SweepPlan, protocol: str) -> str:
    """The command that makes the sweep again."""
    words = ["engramlab", "sweep", protocol]
    for one in plan.dimensions:
        words += ["--sobol" if one.drawn else "--grid", str(one)]
    if any(one.drawn for one in plan.dimensions):
        words += ["--samples", str(plan.samples)]
    words += ["--indices"] * plan.indices
    for name in plan.measures:
        words += ["--measure", name]
    words += ["--animals", str(plan.animals), "--seed", str(plan.seed)]
    for name, value in plan.brain.changed:
        words += ["--set", f"{name}={value!r}"]
    for name in plan.brain.switched_off:
        words += ["--without", name]
    return shlex.join(words)
