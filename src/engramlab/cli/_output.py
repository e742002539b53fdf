"""What commands print: for people, as one JSON object, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engramlab.record import Experiment


def show(experiment: Experiment, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """Print what came out: for people, as one JSON object, or not at all."""
    report = folder / "report.html"
    if as_json:
        print_json(
            {
                **{
                    key: experiment.provenance[key]
                    for key in ("version", "protocol", "groups", "animals", "seed", "digest")
                },
                "brain": experiment.provenance["brain"],
                "freezing_percent": {
                    group: means.dropna().round(3).to_dict()
                    for group, means in experiment.freezing.groupby(level="group", sort=False)
                    .mean()
                    .iterrows()
                },
                "folder": str(folder),
                "report": str(report),
                "record": str(folder / "record.nc"),
                "table": str(folder / "table.csv"),
            }
        )
    elif not quiet:
        click.echo(experiment.summary())
        click.echo(f"\nreport: {report}")


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))
