"""Freezing in every session, each animal a dot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from engramlab.measures import mean_estimate
from engramlab.record import Experiment
from engramlab.report.figure import (
    FigureKind,
    day_text,
    dots_by_group,
    grid_lines,
    group_colours,
    group_legend,
)


def draw(experiment: Experiment) -> Figure:
    """One entry a session in time order, groups side by side, days written below."""
    rows = experiment.table[experiment.table["measure"] == "freezing"]
    sessions = [str(name) for name in experiment.data["session"].values]
    colours = group_colours(experiment)
    figure = Figure(figsize=(min(max(6.5, 0.45 * len(rows.groupby(["session", "group"]))), 13), 4))
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    dots_by_group(axes, rows, "session", sessions, colours)
    axes.set(ylabel="Freezing (% of the session)", ylim=(0, 100))
    grid_lines(axes)
    hours = rows.groupby("session")["hours"].min().reindex(sessions).to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(hours)) + 1), len(sessions)]
    for first, end in pairwise(starts):
        text = day_text(hours[first])
        axes.text((first + end - 1) / 2, 101, text, ha="center", va="bottom", alpha=0.75)
        if first:
            axes.axvline(first - 0.5, color="0.7", linewidth=0.8, linestyle=":", zorder=0)
    group_legend(figure, experiment, list(colours))
    return figure


def alt(experiment: Experiment) -> str:
    """Mean freezing by session and group, in words."""
    rows = experiment.table[experiment.table["measure"] == "freezing"]
    parts = []
    for (session, group), part in rows.groupby(["session", "group"], sort=False):
        mean = mean_estimate(part["value"])
        interval = "" if mean.animals < 2 else f" ({mean.low:.0f} to {mean.high:.0f})"
        parts.append(f"{session}, {group}: {mean.value:.0f} %{interval}")
    return "; ".join(parts[:40]) + "."


FIGURE = FigureKind(
    name="freezing",
    title="Freezing by group and session",
    place=10,
    caption=(
        "Share of the time spent freezing. A dot is an animal, the ring the mean of its group and "
        "the vertical line its 95 % bootstrap interval. Dotted lines part sessions that begin at "
        "different times."
    ),
    draw=draw,
    alt=alt,
)
