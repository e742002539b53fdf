"""What a figure of an experiment is, and what several of them draw in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from engramlab.analysis.style import COLOURS, GRID, RC, spread
from engramlab.measures import Estimate, mean_estimate
from engramlab.record import Experiment

SHOCK = "#b00020"
ON_TINT = "#222223"  # not the ink, which a dark page turns light: what stands on a light tint
Dots = tuple[float, NDArray[np.float64], NDArray[np.float64], Estimate]
SLOT = 0.82  # share of the room of one entry on the x axis that its groups fill


@dataclass(frozen=True)
class FigureKind:
    """One kind of figure; call it with an experiment to draw it.

    Parameters
    ----------
    name : str
        As in ``engramlab.plot(experiment, "freezing")``; also the name of its files.
    title : str
    place : int
        Order in the report.
    caption : str
        What is seen and how to read it, for people.
    draw : callable
        Draws the figure of an experiment that it applies to.
    why_not : callable, optional
        Says why the figure does not apply to an experiment; an empty text when it does.
    alt : callable, optional
        The main numbers in words, for who cannot see the figure; follows the caption.
    """

    name: str
    title: str
    place: int
    caption: str
    draw: Callable[[Experiment], Figure]
    why_not: Callable[[Experiment], str] = lambda experiment: ""
    alt: Callable[[Experiment], str] = lambda experiment: ""

    def __call__(self, experiment: Experiment) -> Figure | None:
        """Draw the figure; None when it does not apply, for the reason that `why_not` gives."""
        if self.why_not(experiment):
            return None
        # Names in a protocol are a user's: a dollar sign in them is not mathematics.
        with matplotlib.rc_context({**RC, "text.parse_math": False}):
            return self.draw(experiment)

    def alt_text(self, experiment: Experiment) -> str:
        """Title, caption and main numbers in words."""
        return f"{self.title}. {self.caption} {self.alt(experiment)}".strip()


def short(name: str, most: int = 24) -> str:
    """A name cut to what fits beside other names."""
    return name if len(name) <= most else name[: most - 1] + "…"


def group_colours(experiment: Experiment) -> dict[str, str]:
    """Colour of every group, the same in all figures."""
    return {
        group: COLOURS[number % len(COLOURS)]
        for number, group in enumerate(experiment.protocol.groups)
    }


def dots_by_group(
    axes: Axes,
    rows: pd.DataFrame,
    x: str,
    order: Sequence[str],
    colours: Mapping[str, str],
    *,
    floor: float | None = None,
) -> None:
    """Draw every animal as a dot, with mean and 95 % bootstrap interval, by `x` and group.

    Parameters
    ----------
    axes : Axes
    rows : DataFrame
        Columns ``group``, ``value`` and `x`.
    x : str
        Column that goes on the x axis.
    order : sequence of str
        Its values in order.
    colours : dict of group -> colour
    floor : float, optional
        Values below are drawn here: for a logarithmic axis, which has no zero.
    """
    dots: dict[str, list[Dots]] = {group: [] for group in colours}
    for place, name in enumerate(order):
        here = rows[rows[x] == name]
        groups = [group for group in colours if (here["group"] == group).any()]
        width = SLOT / max(len(groups), 2)
        for number, group in enumerate(groups):
            values = here.loc[here["group"] == group, "value"].to_numpy(np.float64)
            if floor is not None:
                values = np.maximum(values, floor)
            centre = place + (number - (len(groups) - 1) / 2) * width
            x_dots = centre + np.array(spread(values.size, 0.6 * width))
            dots[group].append((centre, x_dots, values, mean_estimate(values)))
    for group, of_group in dots.items():  # an artist for all takes less time than one for each
        if not of_group:
            continue
        centres, all_x, all_values, means = zip(*of_group, strict=True)
        colour = colours[group]
        axes.plot(
            np.concatenate(all_x),
            np.concatenate(all_values),
            "o",
            ms=4,
            mfc=colour,
            mec="none",
            alpha=0.5,
        )
        ends = [end for mean in means for end in (mean.low, mean.high, np.nan)]
        axes.plot(np.repeat(centres, 3), ends, color=colour, lw=2, zorder=3)
        middles = [mean.value for mean in means]
        axes.plot(centres, middles, "o", ms=6.5, mfc="white", mec=colour, mew=2, zorder=4)
    axes.set_xlim(-0.6, len(order) - 0.4)
    long = max((len(name) for name in order), default=0) * len(order) > 60
    axes.set_xticks(range(len(order)), [short(name) for name in order])
    if long:
        slant(axes)
    axes.tick_params(axis="x", length=0)


def panel_grid(
    count: int, columns: int, width: float, height: float, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Make a figure of `count` equal panels (inches each), filled row by row.

    Panels share their y axes, and their x axes if `options` say so; what is written below the x
    axis is written below the lowest panel of each column.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(
        figsize=(max(width * columns, 5) + 0.4, height * rows + 0.8), layout="constrained"
    )
    panels = list(figure.subplots(rows, columns, sharey=True, squeeze=False, **options).flat)
    for axes in panels[count:]:
        axes.remove()
    for axes in panels[max(count - columns, 0) : count]:
        axes.tick_params(labelbottom=True)
    return figure, panels[:count]


def slant(axes: Axes) -> None:
    """Turn the names below the x axis so that long ones find room."""
    for label in axes.get_xticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def group_legend(figure: Figure, experiment: Experiment, groups: Sequence[str]) -> None:
    """One line of coloured dots with the groups' names above the axes."""
    colours = group_colours(experiment)
    titles = {name: group.title for name, group in experiment.protocol.groups.items()}
    names = [short(name) for name in groups]
    labels = [f"{short(name)}: {titles[name]}" if titles[name] else short(name) for name in groups]
    wide = sum(map(len, labels)) > 13 * figure.get_figwidth()
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=6, color=colours[group])
        for group in groups
    ]
    figure.legend(
        handles,
        names if wide else labels,
        loc="outside upper left",
        ncols=min(len(groups), 3 if wide else 4),
        frameon=False,
        handletextpad=0.2,
        columnspacing=1.2,
    )


def plain_log(axes: Axes) -> None:
    """Make the y axis logarithmic with plain numbers (1, 10), not powers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter("")


def day_text(hours: float) -> str:
    """An hour of the protocol in words: "day 1", "day 0 + 5 h"."""
    day, rest = divmod(round(hours, 6), 24)
    if rest == 0:
        return f"day {day:g}"
    return f"day {day:g} + " + (f"{rest:.3g} h" if rest >= 1 else f"{60 * rest:.3g} min")


def grid_lines(axes: Axes) -> None:
    """Faint horizontal lines behind the data."""
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
