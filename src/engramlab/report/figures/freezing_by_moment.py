"""Freezing within sessions, moment by moment."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.special import stdtrit

from engramlab.protocol.schema import MOMENT_MINUTES, SessionStep
from engramlab.record import Experiment
from engramlab.report.figure import (
    SHOCK,
    FigureKind,
    day_text,
    grid_lines,
    group_colours,
    group_legend,
    panel_grid,
    short,
)

MOST_PANELS = 12
COLUMNS = 4


def draw(experiment: Experiment) -> Figure:
    """One panel a session; shocks as triangles above."""
    data, colours = experiment.data, group_colours(experiment)
    sessions = data["session"].values.astype(str)[:MOST_PANELS]
    figure, panels = panel_grid(len(sessions), COLUMNS, 2.3, 1.9)
    group_of = data["group"].values.astype(str)
    for number, (axes, session) in enumerate(zip(panels, sessions, strict=True)):
        values = data["freezing_by_moment"].values[:, number]
        for group, colour in colours.items():
            sample = values[group_of == group]
            sample = sample[:, ~np.isnan(sample).all(axis=0)]
            if not sample.size:
                continue
            minutes = (np.arange(sample.shape[1]) + 0.5) * MOMENT_MINUTES
            mean = sample.mean(axis=0)
            axes.plot(minutes, mean, color=colour, linewidth=1.8, marker="o", markersize=2.5)
            if len(sample) > 1:
                half = stdtrit(len(sample) - 1, 0.975) * sample.std(axis=0, ddof=1)
                half /= np.sqrt(len(sample))
                axes.fill_between(
                    minutes, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0
                )
        shocks = _shocks(experiment, session)
        if shocks:  # an empty line that is not clipped has no extent, which breaks the layout
            height = [103] * len(shocks)
            axes.scatter(shocks, height, marker="v", s=26, color=SHOCK, clip_on=False)
        hours = data["hours"].values[:, number]
        axes.set_title(f"{short(session)}\n{day_text(np.nanmin(hours))}", pad=9, fontsize=9)
        axes.set(ylim=(0, 100), xlim=(0, None))
        grid_lines(axes)
    figure.supxlabel("Minutes from the start of the session", fontsize=9)
    figure.supylabel("Freezing (%)", fontsize=9)
    group_legend(figure, experiment, list(colours))
    return figure


def _shocks(experiment: Experiment, session: str) -> list[float]:
    """Minutes at which some group is shocked in a session."""
    minutes = {
        minute
        for step in experiment.protocol.timeline
        if isinstance(step, SessionStep) and step.name == session and step.shocks
        for minute in step.shocks.at_minutes
    }
    return sorted(minutes)


FIGURE = FigureKind(
    name="freezing_by_moment",
    title="Freezing within sessions",
    place=20,
    caption=(
        "Mean of each group in moments of 30 s, with its 95 % interval (t distribution) as a "
        f"band. Red triangles mark shocks. At most the first {MOST_PANELS} sessions are shown."
    ),
    draw=draw,
)
