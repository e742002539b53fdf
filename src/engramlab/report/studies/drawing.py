"""What the figures of the studies draw in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from engramlab.analysis.style import COLOURS, GRID, INK
from engramlab.studies.question import REGIONS

Tables = Mapping[str, pd.DataFrame]
# By region, the same in all figures; Okabe & Ito's colours, which colour-blind people tell apart.
REGION_COLOURS = dict(zip(REGIONS, COLOURS, strict=False))


@dataclass(frozen=True)
class StudyFigure:
    """One figure of a study.

    Parameters
    ----------
    name : str
        Of its files.
    title, caption : str
    draw : callable
        Draws it from the study's tables; None where they hold nothing to draw.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Tables], Figure | None]


def forest(
    axes: Axes,
    rows: Sequence[pd.Series],
    places: Sequence[float],
    colour: str,
    *,
    marker: str = "o",
    size: float = 6.0,
) -> None:
    """Draw values with their intervals as horizontal lines, row n at height ``places[n]``."""
    for row, place in zip(rows, places, strict=True):
        if not np.isfinite(row["value"]):
            continue
        if np.isfinite(row["low"]):
            axes.plot([row["low"], row["high"]], [place, place], color=colour, lw=1.6, zorder=3)
        axes.plot(
            [row["value"]],
            [place],
            marker,
            ms=size,
            mfc="white",
            mec=colour,
            mew=1.6,
            zorder=4,
        )


def name_rows(panels: Sequence[Axes], names: Sequence[str]) -> None:
    """Write names beside the rows of forests that share them, the first on top."""
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    for axes in panels:
        axes.tick_params(axis="y", length=0)
        axes.xaxis.grid(True, color=GRID, lw=0.6)
        axes.set_axisbelow(True)


def reference(axes: Axes, value: float, *, horizontal: bool = False) -> None:
    """A thin line at the value that means nothing happens."""
    line = axes.axhline if horizontal else axes.axvline
    line(value, color=INK, lw=0.8, zorder=1)


def dodge(count: int, width: float = 0.6) -> list[float]:
    """Offsets that lay `count` rows side by side within `width`."""
    if count < 2:
        return [0.0] * count
    return [width * (place / (count - 1) - 0.5) for place in range(count)]


def legend(figure: Figure, entries: Mapping[str, str], marker: str = "o") -> None:
    """One line of coloured marks with names above the axes."""
    handles = [
        Line2D([], [], marker=marker, linestyle="", markersize=6, color=colour)
        for colour in entries.values()
    ]
    figure.legend(
        handles,
        list(entries),
        loc="outside upper left",
        ncols=min(len(entries), 6),
        handletextpad=0.2,
        columnspacing=1.2,
    )
