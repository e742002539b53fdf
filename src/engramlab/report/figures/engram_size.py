"""Size of the engram in each region."""

from __future__ import annotations

from matplotlib.figure import Figure

from engramlab.measures import mean_estimate
from engramlab.record import Experiment
from engramlab.record.table import INPUT_REGION, first_sessions, regions
from engramlab.report.figure import (
    FigureKind,
    dots_by_group,
    grid_lines,
    group_colours,
    group_legend,
)


def draw(experiment: Experiment) -> Figure:
    """One entry a region, groups side by side."""
    rows = first_sessions(experiment.table)
    rows = rows[rows["measure"] == "engram_size"]
    colours = group_colours(experiment)
    figure = Figure(figsize=(min(max(6.5, 1.1 * len(colours) + 3), 11), 3.6))
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    shown = [name for name in regions(experiment.data) if name != INPUT_REGION]
    dots_by_group(axes, rows, "region", shown, colours)
    axes.set(ylabel="Active cells (% of the region)")
    axes.set_ylim(bottom=0)
    grid_lines(axes)
    group_legend(figure, experiment, list(colours))
    return figure


def alt(experiment: Experiment) -> str:
    """Mean size by region over all animals, in words."""
    rows = first_sessions(experiment.table)
    rows = rows[(rows["measure"] == "engram_size") & (rows["region"] != INPUT_REGION)]
    means = rows.groupby("region", sort=False)["value"]
    return "; ".join(f"{name}: {mean_estimate(part).value:.1f} %" for name, part in means) + "."


FIGURE = FigureKind(
    name="engram_size",
    title="Engram size by region",
    place=30,
    caption=(
        "Share of each region's cells whose peak activity in the animal's first session is above "
        "0.3, the level at which an immediate early gene would show. A dot is an animal, the ring "
        "the mean of its group and the vertical line its 95 % bootstrap interval."
    ),
    draw=draw,
    alt=alt,
)
