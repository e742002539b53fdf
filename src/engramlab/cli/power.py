"""`engramlab power`: how many animals an experiment needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import brain_options, output_options, worker_options
from engramlab.errors import DataError, Problem

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies.power import Spread


@click.command()
@click.argument("protocol")
@click.option(
    "--measure",
    default="freezing",
    show_default=True,
    metavar="NAME",
    help="Measure of the run's table: freezing, discrimination, engram_size, "
    "reactivation_over_chance, ...",
)
@click.option(
    "--groups",
    metavar="FIRST,SECOND",
    help="The groups to compare. [default: the two that PROTOCOL has]",
)
@click.option(
    "--session", "sessions", multiple=True, metavar="NAME", help="Only this session (repeatable)."
)
@click.option("--region", metavar="NAME", help="Only this region (DG, CA3, CA1, PFC, BLA).")
@click.option("--tag", metavar="NAME", help="Only this tag.")
@click.option("--power", default=0.8, show_default=True, metavar="P", help="Wanted power.")
@click.option("--alpha", default=0.05, show_default=True, metavar="P", help="Two-sided.")
@click.option(
    "--animals", default=24, show_default=True, metavar="N", help="Virtual animals a group."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@worker_options
@brain_options
@click.option(
    "--spread-from",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Real scores: plan with their spread within groups too.",
)
@click.option(
    "--spread-measure",
    metavar="NAME",
    help="Which measure of FILE has the spread. [default: freezing; discrimination for that]",
)
@click.option(
    "--column", multiple=True, metavar="OURS=THEIRS", help="Column of FILE, as for 'analyze'."
)
@click.option(
    "--columns",
    "mapping",
    type=click.Path(path_type=Path),
    metavar="MAP.yaml",
    help="The same as a YAML file, as for 'analyze'.",
)
@click.option("--where", multiple=True, metavar="OURS=VALUE", help="Keep only these rows of FILE.")
@click.option("--tell", multiple=True, metavar="NAME=VALUE", help="What FILE does not say.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New folder for page, figure and tables. [default: results/power-NAME-MEASURE]",
)
@output_options
def command(
    protocol: str,
    measure: str,
    groups: str | None,
    sessions: tuple[str, ...],
    region: str | None,
    tag: str | None,
    power: float,
    alpha: float,
    animals: int,
    seed: int,
    workers: Workers,
    without: tuple[str, ...],
    settings: tuple[str, ...],
    spread_from: Path | None,
    spread_measure: str | None,
    column: tuple[str, ...],
    mapping: Path | None,
    where: tuple[str, ...],
    tell: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Tell how many animals a group show the difference that the model predicts for PROTOCOL.

    A row a session: the difference, Hedges' g, animals for 80 % power with the model's spread and,
    with --spread-from, with that of real animals; a power curve and a page.
    """
    from engramlab.cli._output import print_json
    from engramlab.cli.run import brain_of
    from engramlab.protocol import load_protocol
    from engramlab.run_folder import new_folder, refuse_existing

    plan = load_protocol(protocol)
    folder = out or Path("results") / f"power-{plan.name}-{measure}"
    refuse_existing(folder)  # before the work, not after it
    brain = brain_of(settings, without)
    spread = None
    if spread_from is not None:
        default = "discrimination" if measure == "discrimination" else None
        spread = spread_of(spread_from, spread_measure or default, column, mapping, where, tell)

    from engramlab.cohort.progress import animals_bar
    from engramlab.report.power import write_power_report
    from engramlab.studies.power import analyze_power

    with animals_bar(quiet=quiet) as progress:
        found = analyze_power(
            plan,
            measure=measure,
            groups=[name.strip() for name in groups.split(",")] if groups else None,
            sessions=sessions,
            region=region,
            tag=tag,
            power=power,
            alpha=alpha,
            animals=animals,
            seed=seed,
            workers=workers,
            brain=brain,
            spread=spread,
            on_progress=progress,
        )
    with new_folder(folder):
        report = write_power_report(found, folder)
        text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False)
        (folder / "power.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        print_json({**found.to_dict(), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(f"{found.summary()}\n\nreport: {report}")


def spread_of(
    file: Path,
    measure: str | None,
    column: tuple[str, ...],
    mapping: Path | None,
    where: tuple[str, ...],
    tell: tuple[str, ...],
) -> Spread:
    """Read a file of scores and pool its spread within groups.

    Raises
    ------
    DataError
        When it cannot be read, holds no scores, or no spread of the measure.
    """
    from engramlab.cli.analyze import columns_of, pairs
    from engramlab.importers import Scores, read_data
    from engramlab.importers.counts import CellCounts
    from engramlab.studies.power import real_spread

    columns = columns_of(mapping, column, where, {})
    data = read_data(file, None, columns, pairs("--tell", tell))
    if isinstance(data, CellCounts):
        data = data.scores()
    if not isinstance(data, Scores):
        raise DataError(Problem(str(file), "holds no scores", "a file of scores or cell counts"))
    return real_spread(data, measure or columns.freezing)
