"""Model against data: what start and end of a fit foretell beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from engramlab.analysis.style import COLOURS, GRID, INK, new_figure, styled
from engramlab.studies.calibration import Point, typical_miss


def points_table(points: Sequence[Point]) -> pd.DataFrame:
    """One row a mean and brain, with all of `Point` and whether the measured mean is inside."""
    return pd.DataFrame([{**asdict(one), "inside": one.inside} for one in points])


def points_in_words(points: Sequence[Point]) -> str:
    """How close the first and the last brain come, on what was used and on what was not."""
    sentences = []
    for fitted, what in ((True, "fitted"), (False, "predicted")):
        mine = [one for one in points if one.fitted is fitted]
        if not mine:
            continue
        first, last = mine[0].brain, mine[-1].brain
        before, after = ([one for one in mine if one.brain == name] for name in (first, last))
        sentences.append(
            f"Of {len(after)} {what} means {sum(one.inside for one in before)} ({first}) and "
            f"{sum(one.inside for one in after)} ({last}) lie where the model expects the mean of "
            f"as many mice (95 of 100 should); the typical distance goes from "
            f"{typical_miss(before):.0f} to {typical_miss(after):.0f} points of freezing."
        )
    return " ".join(sentences)


def widest_misses(points: Sequence[Point], count: int = 5) -> list[Point]:
    """What the last brain misses by most."""
    end = [one for one in points if one.brain == points[-1].brain and not one.inside]
    return sorted(end, key=lambda one: -abs(one.model - one.measured))[:count]


@styled
def draw_calibration(points: Sequence[Point]) -> Figure:
    """Draw measured against foretold means, a panel a brain."""
    brains = list(dict.fromkeys(one.brain for one in points))
    experiments = list(dict.fromkeys(one.experiment for one in points))
    colour = dict(zip(experiments, COLOURS, strict=False))
    figure, axes = new_figure(3.6 * len(brains), 3.9, columns=len(brains), sharey=True)
    for axis, brain in zip(axes, brains, strict=True):
        _panel(axis, [one for one in points if one.brain == brain], colour)
        axis.set_title(brain)
    axes[0].set_ylabel("freezing that the model foretells, %")
    fitted = {one.experiment for one in points if one.fitted}
    handles = [
        Line2D(
            [], [], color=colour[one], marker="o", ls="", ms=5,
            mfc=colour[one] if one in fitted else "white",
            label=f"{one} ({'fitted' if one in fitted else 'predicted'})",
        )
        for one in experiments
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False)
    return figure


def _panel(axis: Axes, points: Sequence[Point], colour: dict[str, str]) -> None:
    axis.plot([0, 100], [0, 100], color=INK, lw=0.8)
    for one in points:
        axis.errorbar(
            one.measured,
            one.model,
            xerr=[[one.measured - one.low], [one.high - one.measured]],
            yerr=[[one.model - one.model_low], [one.model_high - one.model]],
            color=colour[one.experiment],
            marker="o",
            ms=4.5,
            mfc=colour[one.experiment] if one.fitted else "white",
            elinewidth=0.6,
            alpha=0.85,
        )
    axis.set(xlim=(0, 100), ylim=(0, 100), xlabel="freezing measured, %", aspect="equal")
    axis.grid(color=GRID, linewidth=0.7)
    axis.set_axisbelow(True)
