"""Strength and connectivity of the engram's synapses: silent synapses."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from engramlab.analysis.style import INK
from engramlab.record import Experiment
from engramlab.report.figure import (
    FigureKind,
    day_text,
    grid_lines,
    group_colours,
    group_legend,
    panel_grid,
    slant,
)

COLUMNS = 4
LEAST = 1e-6


def draw(experiment: Experiment) -> Figure:
    """One panel a projection that learned; time in steps, one a time of testing."""
    data, colours = experiment.data, group_colours(experiment)
    strength, connectivity = data["strength"].values, data["connectivity"].values
    projections = data["projection"].values.astype(str)
    shown = np.flatnonzero(np.nanmax(np.maximum(strength, connectivity), axis=(0, 1)) > LEAST)
    hours = data["hours"].values
    times = np.unique(hours[~np.isnan(hours)])
    figure, panels = panel_grid(len(shown), COLUMNS, 2.2, 1.8, sharex=True)
    group_of = data["group"].values.astype(str)
    for axes, q in zip(panels, shown, strict=True):
        for group, colour in colours.items():
            mine = group_of == group
            for values, line, marker in ((strength, "-", "o"), (connectivity, ":", "s")):
                means = [
                    np.mean(values[mine, :, q][hours[mine] == time])
                    if (hours[mine] == time).any()
                    else np.nan
                    for time in times
                ]
                known = np.flatnonzero(~np.isnan(means))
                face = colour if line == "-" else "none"
                axes.plot(
                    known,
                    np.array(means)[known],
                    linestyle=line,
                    marker=marker,
                    markersize=4,
                    markerfacecolor=face,
                    color=colour,
                )
        axes.set_title(projections[q].replace("-", " → "))
        axes.set_xticks(range(len(times)), [day_text(time) for time in times])
        slant(axes)
        grid_lines(axes)
    panels[0].set_ylim(bottom=0)  # shared; not before all is drawn, since it fixes the top too
    figure.supylabel("Share of the largest strength", fontsize=9)
    group_legend(figure, experiment, list(colours))
    figure.legend(
        handles=[
            Line2D([], [], color=INK, marker="o", markersize=4, label="strength"),
            Line2D(
                [],
                [],
                color=INK,
                linestyle=":",
                marker="s",
                markersize=4,
                markerfacecolor="none",
                label="connectivity",
            ),
        ],
        loc="outside lower right",
        ncols=2,
        frameon=False,
    )
    return figure


def why_not(experiment: Experiment) -> str:
    """Say what is missing."""
    highest = max(float(experiment.data[name].max()) for name in ("strength", "connectivity"))
    return "" if highest > LEAST else "no synapse between engram cells has learned"


FIGURE = FigureKind(
    name="synapses",
    title="Strength and connectivity of engram synapses",
    place=60,
    caption=(
        "Synapses between cells active in the animal's first session, means of each group. "
        "Solid: strength, what natural recall uses. Dotted: connectivity, which outlasts it. "
        "Where connectivity is above strength, synapses are silent: light can still recall through "
        "them. Time is not to scale."
    ),
    draw=draw,
    why_not=why_not,
)
