"""`engramlab export`: a results folder in formats that other programs read."""

from __future__ import annotations

from pathlib import Path

import click

from engramlab.cli._options import output_options

FORMATS = ("nwb", "bids", "parquet", "figures")


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    required=True,
    type=click.Choice(FORMATS),
    help="nwb: a file an animal and session; bids: a BIDS-like folder; parquet: tables; figures: "
    "SVG, PDF and PNG for a paper.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New folder. [default: RESULT-FORMAT]",
)
@click.option(
    "--record",
    metavar="REGION",
    help="nwb: add a virtual calcium recording of cells of this region (CA1, DG, ...).",
)
@click.option("--record-cells", default=100, show_default=True, metavar="N", help="Cells in view.")
@click.option(
    "--record-rate-Hz", "record_rate_hz", default=10.0, show_default=True, metavar="HZ",
    help="Frames per second.",
)  # fmt: skip
@output_options
def command(
    result: Path,
    format_name: str,
    out: Path | None,
    record: str | None,
    record_cells: int,
    record_rate_hz: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write RESULT, a results folder of 'engramlab run', as NWB, BIDS, Parquet or figures.

    Every file says that the animals are virtual and how to make them again.
    """
    from engramlab.cli._output import print_json
    from engramlab.cohort.progress import animals_bar
    from engramlab.errors import ParameterError, Problem
    from engramlab.export import (
        Recording,
        export_bids,
        export_figures,
        export_nwb,
        export_parquet,
    )
    from engramlab.record import Experiment
    from engramlab.run_folder import new_folder, refuse_existing

    if record is not None and format_name != "nwb":
        raise ParameterError(Problem("--record", f"is not for {format_name}", "--format nwb"))
    folder = out or result.resolve().with_name(f"{result.resolve().name}-{format_name}")
    refuse_existing(folder)
    experiment = Experiment.load(result)
    with new_folder(folder):
        if format_name == "nwb":
            recording = None
            if record is not None:
                recording = Recording(record, record_cells, record_rate_hz)
            with animals_bar(quiet=quiet) as progress:
                export_nwb(experiment, folder, recording=recording, on_progress=progress)
        elif format_name == "bids":
            export_bids(experiment, folder)
        elif format_name == "parquet":
            export_parquet(experiment, folder)
        else:
            export_figures(experiment, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    if as_json:
        names = [path.relative_to(folder).as_posix() for path in files]
        print_json({"folder": str(folder), "format": format_name, "bytes": size, "files": names})
    elif not quiet:
        click.echo(f"{len(files)} files, {size / 2**20:.1f} MiB: {folder}")
