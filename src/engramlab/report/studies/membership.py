"""Figures of the study of membership."""

from __future__ import annotations

import numpy as np
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

LINES = {
    "retention": ("active on the day", COLOURS[0], "-"),
    "survival": ("active in every recall so far", COLOURS[1], "-"),
    "newcomers": ("of the active cells: new since day 0", COLOURS[2], "-"),
    "active": ("chance for 'active on the day'", COLOURS[6], ":"),
}
NARROWEST, WIDEST = 0.1, 10.0  # odds ratios drawn; beyond, an arrow
COVARIATES = {
    "excitability": "excitability",
    "input_strength": "input strength",
    "chromatin": "chromatin",
    "history": "history as a member",
}


@styled
def course(tables: Tables) -> Figure:
    """Share of cells by day, a panel for each region."""
    table = tables["course"]
    figure, panels = new_figure(10, 2.7, columns=len(REGIONS), sharey=True)
    for axes, region in zip(panels, REGIONS, strict=True):
        for measure, (_, colour, style) in LINES.items():
            own = rows_where(table, region=region, measure=measure).sort_values("day")
            axes.plot(own["day"], own["value"], style, color=colour, lw=1.8)
            axes.fill_between(own["day"], own["low"], own["high"], color=colour, alpha=0.15, lw=0)
        axes.set(title=region, xlabel="day", ylim=(0, 100), xticks=(0, 7, 14, 21, 28))
        axes.yaxis.grid(True, color=GRID, lw=0.6)
    panels[0].set_ylabel("cells (%)")
    legend(figure, {name: colour for name, colour, _ in LINES.values()})
    return figure


@styled
def odds(tables: Tables) -> Figure:
    """Odds ratios of exit and entry for each covariate."""
    table = tables["hazards"]
    names = [name for name in COVARIATES if (table["covariate"] == name).any()]
    figure, panels = new_figure(7.6, 1.1 + 0.55 * len(names), columns=2, sharey=True)
    marks = {"all regions": INK, **REGION_COLOURS}
    for axes, kind, title in zip(panels, ("exit", "entry"), ("leaving", "entering"), strict=True):
        for (region, colour), shift in zip(marks.items(), dodge(6, 0.66), strict=True):
            key = "all" if region == "all regions" else region
            rows = rows_where(table, kind=kind, region=key)
            for place, name in enumerate(names):
                for _, row in rows_where(rows, covariate=name).iterrows():
                    seen = row.copy()
                    bounds = ["value", "low", "high"]
                    seen[bounds] = np.clip(seen[bounds].astype(float), NARROWEST, WIDEST)
                    marker = "o"
                    if seen["value"] != row["value"]:
                        marker = "<" if row["value"] < NARROWEST else ">"
                    size = 6.5 if key == "all" else 4.0
                    forest(axes, [seen], [place + shift], colour, size=size, marker=marker)
        axes.set_xscale("log")
        axes.set_xlim(NARROWEST / 1.25, WIDEST * 1.25)
        axes.set_xticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
        axes.minorticks_off()
        axes.set(title=f"Odds of {title}", xlabel="odds ratio for one standard deviation")
        reference(axes, 1)
    name_rows(panels, [COVARIATES[name] for name in names])
    legend(figure, marks)
    return figure


@styled
def predictions(tables: Tables) -> Figure:
    """How well each model does in held-back animals."""
    table = tables["predictions"]
    names = list(dict.fromkeys(table["model"]))
    figure, (left, right) = new_figure(7.6, 1.0 + 0.34 * len(names), columns=2, sharey=True)
    shades = {"exit": COLOURS[1], "entry": COLOURS[0]}
    for axes, measure, label, null in (
        (left, "auc", "AUC within animal and region", 0.5),
        (right, "brier skill", "Brier score taken away (share)", 0.0),
    ):
        for (kind, colour), shift in zip(shades.items(), dodge(2, 0.28), strict=True):
            rows = rows_where(table, kind=kind, measure=measure).set_index("model", drop=False)
            present = [name for name in names if name in rows.index]
            forest(
                axes,
                [row for _, row in rows.loc[present].iterrows()],
                [names.index(name) + shift for name in present],
                colour,
                size=5,
            )
        reference(axes, null)
        axes.set_xlabel(label)
    name_rows([left, right], names)
    legend(figure, shades)
    return figure


@styled
def calibration(tables: Tables) -> Figure:
    """Foretold against observed share of events."""
    table = tables["calibration"]
    figure, panels = new_figure(6.4, 3.1, columns=2)
    for axes, kind, colour in zip(panels, ("exit", "entry"), (COLOURS[1], COLOURS[0]), strict=True):
        rows = rows_where(table, kind=kind)
        top = 1.1 * max(rows["predicted"].max(), rows["observed"].max(), rows["high"].max())
        axes.plot([0, top], [0, top], color=INK, lw=0.8)
        axes.vlines(rows["predicted"], rows["low"], rows["high"], color=colour, lw=1.6)
        axes.plot(
            rows["predicted"], rows["observed"], "o", ms=5.5, mfc="white", mec=colour, mew=1.6
        )
        axes.set(title=kind.capitalize(), xlabel="foretold share", xlim=(0, top), ylim=(0, top))
        axes.set_aspect("equal")
        axes.grid(True, color=GRID, lw=0.6)
    panels[0].set_ylabel("observed share")
    return figure


@styled
def arms(tables: Tables) -> Figure:
    """Turnover without each mechanism."""
    table = rows_where(tables["arms"], region="all")
    names = list(dict.fromkeys(table["arm"]))
    figure, panels = new_figure(8.6, 0.9 + 0.36 * len(names), columns=3, sharey=True)
    for axes, (measure, label) in zip(
        panels,
        (
            ("exit", "Leave from one recall to the next (%)"),
            ("retention", "Of day 0, active on day 28 (%)"),
            ("newcomers", "New among the active on day 28 (%)"),
        ),
        strict=True,
    ):
        rows = rows_where(table, measure=measure)
        own = [rows_where(rows, arm=name).iloc[0] for name in names]
        forest(axes, own, range(len(names)), COLOURS[0])
        reference(axes, own[names.index("intact")]["value"])
        axes.set_xlabel(label)
    name_rows(panels, names)
    return figure


FIGURES = (
    StudyFigure(
        "course",
        "Who stays, who comes",
        "Of the cells active in training: those active on the day, and those active in every "
        "recall so far (the survival curve); of the cells active on the day, those that are new. "
        "Means over animals with 95 % bands.",
        course,
    ),
    StudyFigure(
        "odds",
        "What foretells leaving and entering",
        "Odds ratio for one standard deviation of each covariate with the others held fixed, over "
        "all regions and in each; 1 means no relation. Lines are 95 % intervals from resampling "
        "animals; values beyond the axis stand at its end as arrows.",
        odds,
    ),
    StudyFigure(
        "predictions",
        "How well it can be foretold in animals held back",
        "Every model was fitted to two thirds of the animals and judged on the rest, in turn. "
        "Hindsight adds what changed in the interval itself. Rings are means over animals, lines "
        "95 % intervals; the thin line is chance.",
        predictions,
    ),
    StudyFigure(
        "calibration",
        "Does it happen as often as foretold?",
        "Held-back rows in ten groups of like prediction: on the line, events are as frequent as "
        "the model of all four covariates says. Lines are 95 % intervals over animals.",
        calibration,
    ),
    StudyFigure(
        "arms",
        "Turnover without single mechanisms",
        "The same animals with one mechanism switched off; means over regions and animals with "
        "95 % intervals. The thin line is the intact brain.",
        arms,
    ),
)
