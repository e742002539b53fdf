"""Differences in freezing between the groups, session by session."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from engramlab.analysis.comparisons import compare_run
from engramlab.analysis.style import INK
from engramlab.record import Experiment
from engramlab.report.figure import (
    FigureKind,
    grid_lines,
    group_colours,
    group_legend,
    short,
    slant,
)

MOST_BARS = 40


@lru_cache(maxsize=1)
def comparisons_of(experiment: Experiment) -> pd.DataFrame:
    """As `compare_run`; kept, since the figure, its text and the page around it all show it."""
    return compare_run(experiment.table)


def draw(experiment: Experiment) -> Figure:
    """One entry a session, a bar each group: its difference from the first group."""
    found = comparisons_of(experiment).head(MOST_BARS)
    control = str(found["second"].iloc[0])
    colours = group_colours(experiment)
    groups = [group for group in colours if (found["first"] == group).any()]
    sessions = list(dict.fromkeys(found["session"]))
    figure = Figure(figsize=(min(max(6.5, 0.45 * len(found)), 13), 3.2), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / max(len(groups), 2)
    for row in found.to_dict(orient="records"):
        shift = (groups.index(str(row["first"])) - (len(groups) - 1) / 2) * width
        x, colour = sessions.index(str(row["session"])) + shift, colours[str(row["first"])]
        axes.plot([x, x], [row["low"], row["high"]], color=colour, lw=2.2)
        axes.plot([x], [row["difference"]], "o", ms=6.5, mfc="white", mec=colour, mew=2, zorder=3)
        if np.isfinite(row["hedges_g"]) and len(found) <= 24:
            axes.annotate(
                f"g {row['hedges_g']:+.1f}".replace("-", "−"),
                (x, 1.0),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="bottom",
                fontsize=7,
                rotation=90 if len(found) > 12 else 0,
            )
    axes.axhline(0.0, color=INK, lw=0.8)
    axes.set_ylabel(f"freezing, difference\nfrom {short(control)} (points)")
    axes.set_xlim(-0.6, len(sessions) - 0.4)
    axes.set_xticks(range(len(sessions)), [short(name) for name in sessions])
    if max(map(len, sessions)) * len(sessions) > 60:
        slant(axes)
    axes.tick_params(axis="x", length=0)
    grid_lines(axes)
    group_legend(figure, experiment, groups)
    return figure


def why_not(experiment: Experiment) -> str:
    """Say what is missing."""
    if comparisons_of(experiment).empty:
        return "no session was had by the first group and another one"
    return ""


def alt(experiment: Experiment) -> str:
    """Differences with intervals, in words."""
    rows = comparisons_of(experiment).head(MOST_BARS)
    return "; ".join(
        f"{row['session']}, {row['first']} minus {row['second']}: {row['difference']:+.0f}"
        + (f" ({row['low']:+.0f} to {row['high']:+.0f})" if np.isfinite(row["low"]) else "")
        for row in rows.to_dict(orient="records")
    )


FIGURE = FigureKind(
    name="differences",
    title="Differences in freezing between groups",
    place=15,
    caption=(
        "Mean freezing of each group minus that of the first, with its 95 % bootstrap interval "
        "over animals; g is Hedges' g, the difference in standard deviations. Where the interval "
        "holds 0 this cohort shows no difference; 'engramlab power' tells how many animals would."
    ),
    draw=draw,
    why_not=why_not,
    alt=alt,
)
