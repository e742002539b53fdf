"""Reactivation of tagged cells, over chance."""

from __future__ import annotations

from matplotlib.figure import Figure

from engramlab.record import Experiment
from engramlab.record.table import INPUT_REGION, regions
from engramlab.report.figure import (
    FigureKind,
    dots_by_group,
    grid_lines,
    group_colours,
    group_legend,
    panel_grid,
    plain_log,
)

MOST_TAGS = 3
FLOOR = 0.1  # a reactivation of zero is drawn here


def draw(experiment: Experiment) -> Figure:
    """One panel a region, one entry a session; a row of panels for each tag."""
    table = experiment.table
    rows = table[table["measure"] == "reactivation_over_chance"]
    colours = group_colours(experiment)
    tags = list(dict.fromkeys(rows["tag"]))[:MOST_TAGS]
    shown = [name for name in regions(experiment.data) if name != INPUT_REGION]
    held = set(rows["session"])
    sessions = [str(name) for name in experiment.data["session"].values if name in held]
    crowded = len(rows.groupby(["session", "group"])) > 16
    pairs = [(tag, region) for tag in tags for region in shown]
    figure, panels = panel_grid(
        len(pairs), 1 if crowded else 3, 7 if crowded else 3, 1.9, sharex=True
    )
    highest = max(float(rows["value"].max()), 2.0)
    for axes, (tag, region) in zip(panels, pairs, strict=True):
        here = rows[(rows["tag"] == tag) & (rows["region"] == region)]
        dots_by_group(axes, here, "session", sessions, colours, floor=FLOOR)
        plain_log(axes)
        axes.set_ylim(FLOOR * 0.9, highest * 1.4)
        axes.axhline(1.0, color="0.45", linewidth=1.0, linestyle="--", zorder=1)
        axes.set_title(region if len(tags) == 1 else f"{region}, tag '{tag}'")
        grid_lines(axes)
    figure.supylabel("Reactivation over chance", fontsize=9)
    group_legend(figure, experiment, list(colours))
    return figure


def why_not(experiment: Experiment) -> str:
    """Say what is missing."""
    if not (experiment.table["measure"] == "reactivation_over_chance").any():
        return "no tag labelled cells that a later session could reactivate"
    return ""


def alt(experiment: Experiment) -> str:
    """Median reactivation by region, in words."""
    table = experiment.table
    rows = table[table["measure"] == "reactivation_over_chance"]
    rows = rows[rows["region"] != INPUT_REGION]
    keys = ["session", "group", "region"]
    medians = rows.groupby(keys, sort=False, as_index=False)["value"].median()
    texts = [
        f"{row.session}, {row.group}, {row.region}: {row.value:.1f}" for row in medians.itertuples()
    ]
    return "Medians: " + "; ".join(texts[:40]) + "."


FIGURE = FigureKind(
    name="reactivation",
    title="Reactivation of tagged cells over chance",
    place=40,
    caption=(
        "Cells that are both tagged and active in a session, over the number expected if tag and "
        "activity were independent; the dashed line at 1 is chance. Sessions that labelled the tag "
        f"are left out. The axis is logarithmic; values below {FLOOR} are drawn at {FLOOR}."
    ),
    draw=draw,
    why_not=why_not,
    alt=alt,
)
