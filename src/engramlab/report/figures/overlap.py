"""Overlap between the cells active in any two sessions."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from engramlab.record import Experiment
from engramlab.record.overlap import mean_overlap
from engramlab.record.table import INPUT_REGION, regions
from engramlab.report.figure import ON_TINT, FigureKind, short

MOST_GROUPS, MOST_SESSIONS = 6, 40
FOLD = 16.0  # end of the colour scale


def draw(experiment: Experiment) -> Figure:
    """A row of matrices a group, one a region."""
    groups = list(experiment.protocol.groups)[:MOST_GROUPS]
    shown = [name for name in regions(experiment.data) if name != INPUT_REGION]
    matrices = {group: mean_overlap(experiment.data, group, shown) for group in groups}
    most = max(len(names) for names, _ in matrices.values())
    side = min(max(1.2, 0.26 * most), 2.4)
    figure = Figure(
        figsize=(side * len(shown) + 2.6, (side + 0.35) * len(groups) + 0.3), layout="constrained"
    )
    panels = figure.subplots(len(groups), len(shown), squeeze=False)
    scale = TwoSlopeNorm(0.0, -np.log2(FOLD), np.log2(FOLD))
    colours = matplotlib.colormaps["PuOr_r"].with_extremes(bad="0.85")
    for line, group in zip(panels, groups, strict=True):
        names, values = matrices[group]
        for axes, region, matrix in zip(line, shown, values, strict=True):
            with np.errstate(divide="ignore"):
                axes.imshow(np.log2(matrix), cmap=colours, norm=scale)
            for i, j in np.ndindex(matrix.shape):
                if len(names) <= 6 and i != j and not np.isnan(matrix[i, j]):
                    dark = abs(np.log2(max(matrix[i, j], 1 / FOLD))) > 2.6
                    text = f"{matrix[i, j]:.1f}" if matrix[i, j] < 10 else f"{matrix[i, j]:.0f}"
                    colour = "white" if dark else ON_TINT
                    axes.text(j, i, text, ha="center", va="center", fontsize=6.5, color=colour)
            numbers = [str(number + 1) for number in range(len(names))]
            axes.set_xticks(range(len(names)), numbers)
            labels = [
                f"{short(name)}  {number}" for name, number in zip(names, numbers, strict=True)
            ]
            if region == shown[0]:
                axes.set_yticks(range(len(names)), labels)
            else:
                axes.set_yticks([])
            axes.tick_params(length=0, labelsize=7)
            axes.spines[:].set_visible(False)
            if group == groups[0]:
                axes.set_title(region)
        line[0].set_ylabel(short(group), fontweight="bold")
    bar = figure.colorbar(
        ScalarMappable(scale, colours), ax=panels, shrink=0.7, aspect=25, fraction=0.03
    )
    ticks = np.array([1 / 16, 1 / 4, 1, 4, 16])
    bar.set_ticks(np.log2(ticks), labels=["1/16", "1/4", "1 (chance)", "4", "16"])
    bar.set_label("Overlap over chance")
    return figure


def why_not(experiment: Experiment) -> str:
    """Say what is missing."""
    most = (~np.isnan(experiment.data["freezing"].values)).sum(axis=1).max()
    if most < 2:
        return "no animal had two sessions"
    return "" if most <= MOST_SESSIONS else f"{most} sessions do not fit into one picture"


FIGURE = FigureKind(
    name="overlap",
    title="Overlap of the cells active in two sessions",
    place=50,
    caption=(
        "Cells active in both sessions, over the number expected if the sessions were "
        "independent; mean over the animals of a group. Orange is more than chance, purple less, "
        "white chance. Grey: the session with itself, or no cell active."
    ),
    draw=draw,
    why_not=why_not,
)
