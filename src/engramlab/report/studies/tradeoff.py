"""Figures of the trade-off study."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from engramlab.analysis.style import COLOURS, GRID, INK, new_figure, styled
from engramlab.report.studies.drawing import (
    StudyFigure,
    Tables,
    dodge,
    forest,
    legend,
    name_rows,
    reference,
)
from engramlab.studies.question import renamed, rows_where

DEFAULT = COLOURS[1]
OUTCOMES = {"retention": COLOURS[0], "updating": COLOURS[2], "never visited": COLOURS[6]}
LEGEND = {"never visited": "freezing in a place never visited"}


@styled
def front(tables: Tables) -> Figure:
    """Retention against updating, with the front and the default."""
    table = tables["points"].dropna(subset=["retention", "updating"])
    figure, (axes,) = new_figure(7.0, 5.0)
    drawn = table[table["point"] > 0]
    axes.hlines(
        drawn["updating"],
        drawn["retention low"],
        drawn["retention high"],
        color=GRID,
        lw=1,
        zorder=1,
    )
    axes.vlines(
        drawn["retention"],
        drawn["updating low"],
        drawn["updating high"],
        color=GRID,
        lw=1,
        zorder=1,
    )
    best = table[table["on front"]].sort_values("retention")
    axes.step(best["retention"], best["updating"], where="pre", color=INK, lw=1, zorder=2)
    dots = axes.scatter(
        drawn["retention"],
        drawn["updating"],
        c=drawn["never visited"],
        cmap=matplotlib.colormaps["cividis"],
        s=np.where(drawn["on front"], 60, 34),
        edgecolors=INK,
        linewidths=[1.2 if on else 0.5 for on in drawn["on front"]],
        zorder=3,
    )
    for _, point in drawn.iterrows():
        axes.annotate(
            f"{point['point']:.0f}",
            (point["retention"], point["updating"]),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=6,
            alpha=0.75,
        )
    for _, point in table[table["point"] == 0].iterrows():
        axes.hlines(
            point["updating"],
            point["retention low"],
            point["retention high"],
            color=DEFAULT,
            lw=1.4,
        )
        axes.vlines(
            point["retention"], point["updating low"], point["updating high"], color=DEFAULT, lw=1.4
        )
        axes.plot(
            point["retention"], point["updating"], "*", ms=15, color=DEFAULT, mec="white", zorder=5
        )
    fresh = tables["confirmation"].dropna(subset=["retention", "updating"])
    for _, again in fresh.iterrows():
        first = table[table["point"] == again["point"]]
        axes.plot(
            [*first["retention"], again["retention"]],
            [*first["updating"], again["updating"]],
            ":",
            color=COLOURS[6],
            lw=1,
            zorder=2,
        )
    others = fresh[fresh["point"] > 0]
    axes.plot(others["retention"], others["updating"], "s", ms=5, mfc="none", mec=INK, zorder=4)
    own = fresh[fresh["point"] == 0]
    axes.plot(own["retention"], own["updating"], "s", ms=6, mfc="none", mec=DEFAULT, mew=1.6)
    axes.plot([], [], "*", ms=11, color=DEFAULT, label="default")
    axes.plot([], [], color=INK, lw=1, label="front")
    axes.plot([], [], "s", ms=5, mfc="none", mec=INK, label="again, in fresh animals")
    axes.set(
        xlabel="Retention: freezing in D on day 28 (% of day 3)",
        ylabel="Updating: fall of freezing in A (%)",
    )
    axes.grid(True, color=GRID, lw=0.5)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left")
    figure.colorbar(
        dots, ax=axes, label="Freezing in a place never visited, day 28 (%)", shrink=0.8
    )
    return figure


@styled
def effects(tables: Tables) -> Figure:
    """Rank correlation of each dimension with the outcomes."""
    table = tables["effects"]
    names = tables["dimensions"]["dimension"].tolist()
    figure, (axes,) = new_figure(6.4, 0.9 + 0.5 * len(names))
    for (outcome, colour), shift in zip(OUTCOMES.items(), dodge(3, 0.5), strict=True):
        rows = [
            renamed(rows_where(table, first=name, second=outcome).iloc[0], "partial")
            for name in names
        ]
        forest(axes, rows, [place + shift for place in range(len(names))], colour)
    reference(axes, 0)
    axes.set(xlim=(-1.05, 1.05), xlabel="partial rank correlation (95 % interval)")
    name_rows([axes], tables["dimensions"]["more"].tolist())
    legend(figure, {LEGEND.get(name, name): colour for name, colour in OUTCOMES.items()})
    return figure


@styled
def scatter(tables: Tables) -> Figure:
    """Both outcomes against each dimension."""
    table, dimensions = tables["points"], tables["dimensions"]
    figure, panels = new_figure(
        2.1 * len(dimensions), 4.0, rows=2, columns=len(dimensions), sharey="row", sharex="col"
    )
    for number, axes in enumerate(panels):
        outcome = ("retention", "updating")[number // len(dimensions)]
        row = dimensions.iloc[number % len(dimensions)]
        name = row["dimension"]
        for chosen, marker, size, colour in (
            (table["point"] > 0, "o", 4.5, OUTCOMES[outcome]),
            (table["point"] == 0, "*", 11, DEFAULT),
        ):
            own = table[chosen]
            axes.plot(own[name], own[outcome], marker, ms=size, color=colour, mec="none", alpha=0.8)
        if row["scale"] == "logarithmic":
            axes.set_xscale("log")
            ticks = [row["low"], np.sqrt(row["low"] * row["high"]), row["high"]]
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
        axes.grid(True, color=GRID, lw=0.5)
        if number % len(dimensions) == 0:
            axes.set_ylabel(f"{outcome} (%)")
        if number >= len(dimensions):
            axes.set_xlabel(name)
    return figure


FIGURES = (
    StudyFigure(
        "front",
        "Keeping against updating",
        "Each dot is a brain of the design, by number; those on the line are beaten in both by no "
        "other. Up and to the right is better. Grey and coloured lines are 95 % intervals over "
        "animals. Lighter dots freeze more in a place they never visited: what looks like "
        "retention is then partly unspecific fear.",
        front,
    ),
    StudyFigure(
        "effects",
        "What moves a brain along the line",
        "Rank correlation, over the brains of the design and with the other properties held, of "
        "each property with keeping, updating and freezing in a place never visited. Lines are "
        "95 % bootstrap intervals over brains.",
        effects,
    ),
    StudyFigure(
        "scatter",
        "Each property against both outcomes",
        "Every brain of the design; the star is the default.",
        scatter,
    ),
)
