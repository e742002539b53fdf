"""Figures of the study of molecular links."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from engramlab.analysis.style import COLOURS, GRID, INK, new_figure, styled
from engramlab.report.studies.drawing import (
    REGION_COLOURS,
    StudyFigure,
    Tables,
    dodge,
    forest,
    legend,
    name_rows,
    reference,
)
from engramlab.studies.question import REGIONS, rows_where

SIGNALS = {
    "excitability": "Excitability (drive)",
    "protein": "Protein",
    "chromatin": "Histone acetylation",
    "input_strength": "Gain of input strength",
}
NAMES = {"ieg": "IEG", "input_strength": "strength"}


@styled
def arms(tables: Tables) -> Figure:
    """Gain of strength and freezing in every arm."""
    table = rows_where(tables["arms"], region="all")
    names = list(dict.fromkeys(table["arm"]))
    figure, (left, right) = new_figure(
        8.2, 0.9 + 0.34 * len(names), columns=2, width_ratios=[3, 1.4], sharey=True
    )
    shades = {"0.5": COLOURS[5], "24": COLOURS[0], "168": COLOURS[1]}
    for (hour, colour), shift in zip(shades.items(), dodge(3, 0.44), strict=True):
        rows = _by_arm(table, f"gain at {hour} h", names)
        forest(left, rows, [place + shift for place in range(len(names))], colour, size=5)
    reference(left, 100)
    left.set(xlabel="Gain of input strength of engram cells (% of intact)", xlim=(-3, None))
    forest(right, _by_arm(table, "freezing at 24 h", names), range(len(names)), COLOURS[6])
    right.set(xlabel="Freezing at 24 h (%)", xlim=(0, 100))
    name_rows([left, right], names)
    legend(figure, {"0.5 h": shades["0.5"], "24 h": shades["24"], "7 days": shades["168"]})
    return figure


def _by_arm(table: pd.DataFrame, measure: str, names: list[str]) -> list[pd.Series]:
    rows = rows_where(table, measure=measure)
    return [rows_where(rows, arm=name).iloc[0] for name in names]


@styled
def courses(tables: Tables) -> Figure:
    """Signals over hours in engram cells and others."""
    table = tables["courses"]
    shown = [name for name in SIGNALS if rows_where(table, signal=name)["value"].abs().max() > 0]
    figure, panels = new_figure(2.9 * len(shown), 2.8, columns=len(shown))
    hours = sorted(table["hour"].unique())
    for axes, name in zip(panels, shown, strict=True):
        for region, colour in REGION_COLOURS.items():
            rows = rows_where(table, signal=name, region=region)
            for cells, style, alpha in (("other", ":", 0.6), ("engram", "-", 1.0)):
                own = rows_where(rows, cells=cells).sort_values("hour")
                x = np.searchsorted(hours, own["hour"])
                axes.plot(x, own["value"], style, color=colour, alpha=alpha, lw=1.6)
                if cells == "engram":
                    axes.fill_between(x, own["low"], own["high"], color=colour, alpha=0.15, lw=0)
        axes.set_xticks(range(len(hours)), [f"{hour:g}" for hour in hours], fontsize=7)
        axes.set(xlabel="hours after training", title=SIGNALS[name])
        axes.yaxis.grid(True, color=GRID, lw=0.6)
    legend(figure, REGION_COLOURS)
    return figure


@styled
def links(tables: Tables) -> Figure:
    """Correlations along the chain, in all cells, engram cells, and at like IEG."""
    table = tables["links"]
    names = list(dict.fromkeys(table["link"]))
    columns: list[tuple[str, str, str]] = [
        ("intact", "all", "All cells"),
        ("intact", "engram", "Engram cells"),
        ("intact", "given IEG", "Engram, like IEG"),
    ]
    if (table["arm"] == "kat5").any():
        columns.append(("kat5", "given IEG", "Same, chromatin opened"))
    figure, panels = new_figure(
        1.6 + 2.1 * len(columns), 0.9 + 0.42 * len(names), columns=len(columns), sharey=True
    )
    for axes, (arm, cells, title) in zip(panels, columns, strict=True):
        rows = rows_where(table, arm=arm, cells=cells)
        for (region, colour), shift in zip(REGION_COLOURS.items(), dodge(5, 0.56), strict=True):
            own = rows_where(rows, region=region).set_index("link", drop=False)
            present = [name for name in names if name in own.index]
            forest(
                axes,
                [row for _, row in own.loc[present].iterrows()],
                [names.index(name) + shift for name in present],
                colour,
                size=4,
            )
        for place, name in enumerate(names):
            told = rows_where(rows, link=name)
            if told.empty or told["value"].isna().all():
                reason = "–" if told.empty else "not separable"
                axes.text(0, place, reason, ha="center", va="center", alpha=0.6, fontsize=7)
        reference(axes, 0)
        axes.set(xlim=(-1.05, 1.05), title=title)
    name_rows(panels, names)
    figure.supxlabel("rank correlation over cells (mean over animals, 95 % interval)", fontsize=9)
    legend(figure, REGION_COLOURS)
    return figure


@styled
def viruses(tables: Tables) -> Figure | None:
    """What raising CREB or acetylation does, by region."""
    table = tables["viruses"]
    if table.empty:
        return None
    shown = list(dict.fromkeys(table["arm"]))
    titles = {"creb": "CREB raised", "kat5": "Acetylation raised"}
    figure, panels = new_figure(7.6, 2.7 * len(shown), rows=len(shown), columns=2)
    for row, arm in enumerate(shown):
        left, right = panels[2 * row : 2 * row + 2]
        for axes, measures in (
            (left, {"joined without": COLOURS[6], "joined": COLOURS[0]}),
            (right, {"gain, within engram": COLOURS[2], "share kept, within engram": COLOURS[1]}),
        ):
            for (measure, colour), shift in zip(measures.items(), dodge(2, 0.3), strict=True):
                own = rows_where(table, arm=arm, measure=measure)
                for place, (_, found) in enumerate(own.iterrows()):
                    x = place + shift
                    axes.plot([x, x], [found["low"], found["high"]], color=colour, lw=1.6)
                    axes.plot([x], [found["value"]], "o", ms=5.5, mfc="white", mec=colour, mew=1.6)
                label = {"joined without": "same cells, no virus", "joined": "virus"}
                axes.plot([], [], "o", color=colour, label=label.get(measure, measure))
            axes.set_xticks(range(len(REGIONS)), REGIONS)
            axes.yaxis.grid(True, color=GRID, lw=0.6)
            axes.legend(fontsize=7, loc="best")
        left.set(title=titles[arm], ylabel="cells in the engram (%)")
        left.set_ylim(bottom=0)
        reference(right, 1, horizontal=True)
        right.set(ylabel="ratio to other engram cells")
    return figure


@styled
def lags(tables: Tables) -> Figure:
    """Lagged correlations as one small matrix a pair of signals and region."""
    table = tables["lags"].dropna(subset="value")
    pairs = list(dict.fromkeys(zip(table["first"], table["second"], strict=True)))
    hours = sorted(tables["lags"]["hour of first"].unique())
    figure, panels = new_figure(
        1.0 + 1.5 * len(REGIONS),
        1.45 * len(pairs) + 0.7,
        rows=len(pairs),
        columns=len(REGIONS),
        sharex=True,
        sharey=True,
    )
    image = None
    for number, axes in enumerate(panels):
        first, second = pairs[number // len(REGIONS)]
        region = REGIONS[number % len(REGIONS)]
        own = rows_where(table, first=first, second=second, region=region)
        matrix = own.pivot_table(index="hour of first", columns="hour of second", values="value")
        values = matrix.reindex(index=hours, columns=hours).to_numpy()
        image = axes.imshow(
            values, vmin=-1, vmax=1, cmap=matplotlib.colormaps["PuOr_r"], origin="lower"
        )
        axes.plot([-0.5, len(hours) - 0.5], [-0.5, len(hours) - 0.5], color=INK, lw=0.5)
        if number < len(REGIONS):
            axes.set_title(region)
        if number % len(REGIONS) == 0:
            axes.set_ylabel(f"{NAMES.get(first, first)}\nat hour")
        if number // len(REGIONS) == len(pairs) - 1:
            axes.set_xlabel(f"{NAMES.get(second, second)} at hour")
        ticks = range(0, len(hours), 3)
        labels = [f"{hours[tick]:g}" for tick in ticks]
        axes.set_xticks(ticks, labels, fontsize=7)
        axes.set_yticks(ticks, labels, fontsize=7)
    if image is not None:
        figure.colorbar(image, ax=panels, shrink=0.5, label="rank correlation", aspect=30)
    return figure


FIGURES = (
    StudyFigure(
        "arms",
        "What each arm does to the strength that is gained",
        "Mean over regions of the strength gained by inputs of engram cells, in per cent of the "
        "intact animals', half an hour, a day and a week after training; to the right, freezing in "
        "the training context. Rings are means over animals, lines 95 % bootstrap intervals; the "
        "same animals go through all arms.",
        arms,
    ),
    StudyFigure(
        "courses",
        "Course of each signal",
        "Means over engram cells (solid, with 95 % bands over animals) and over the other cells "
        "(dotted) of each region, at the hours of the probes; the hours are not to scale.",
        courses,
    ),
    StudyFigure(
        "links",
        "What goes with what across cells",
        "Rank correlation over the cells of an animal, mean and 95 % interval over animals, by "
        "region. 'Of like IEG' takes IEG and activity before training out of both signals; it is "
        "not separable where IEG leaves under 5 % of a signal's variance.",
        links,
    ),
    StudyFigure(
        "viruses",
        "What raising CREB or histone acetylation in a tenth of the cells does",
        "Left: share of the cells with the virus that are in the engram, beside the same cells of "
        "the same animals without it. Right: what those in the engram gained by 24 h, and which "
        "share of their early gain was kept, over that of the other engram cells.",
        viruses,
    ),
    StudyFigure(
        "lags",
        "Lagged correlations",
        "Each square holds the correlation over cells of one signal at one hour (rows) with "
        "strength at another (columns), all cells, mean over animals. Above the diagonal strength "
        "comes first, below it the other signal. Empty where a signal does not vary.",
        lags,
    ),
)
