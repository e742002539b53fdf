"""Figures of an analysis of imaging: pairs of sessions as matrices, courses with their chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engramlab.analysis.imaging import ImagingAnalysis
from engramlab.analysis.style import COLOURS, GRID, INK, new_figure, styled

MOST_ANIMALS = 4  # with panels of their own; all are in the tables
MOST_NUMBERS = 10  # sessions up to which a matrix shows its numbers
DIVERGING, RISING = "PuOr_r", "cividis"  # both made for colour-blind readers


@styled
def ensemble_overlaps(found: ImagingAnalysis) -> Figure | None:
    """Overlap over chance of every pair: independent draws above, activity kept below."""
    if found.overlaps["ratio"].isna().all():
        return None
    return _matrices(
        found,
        found.overlaps,
        {
            "plain_ratio": "over independent draws",
            "ratio": "general activity kept",
        },
        "p_corrected",
    )


@styled
def population_similarity(found: ImagingAnalysis) -> Figure | None:
    """Correlation of population vectors, corrected for noise, and without general activity."""
    if found.similarity.empty:
        return None
    columns = {
        "corrected": "correlation, corrected for noise",
        "without_general_activity": "general activity taken out",
    }
    if found.similarity["corrected"].isna().all():
        columns = {
            "correlation": "correlation",
            "without_general_activity": columns["without_general_activity"],
        }
    return _matrices(found, found.similarity, columns, None)


def _matrices(
    found: ImagingAnalysis, table: pd.DataFrame, columns: dict[str, str], stars: str | None
) -> Figure:
    animals = list(dict.fromkeys(table["animal"]))[:MOST_ANIMALS]
    sessions = _sessions(table)
    side = max(2.6, 0.34 * len(sessions) + 1.1)
    figure, axes = new_figure(
        side * len(animals) + 0.6,
        (side - 0.1) * len(columns),
        rows=len(columns),
        columns=len(animals),
        sharex=True,
        sharey=True,
    )
    for row, (column, title) in enumerate(columns.items()):
        values = table[column].to_numpy(float)
        norm = _norm(values, centre=1.0 if stars else 0.0)
        here = axes[row * len(animals) : (row + 1) * len(animals)]
        for axis, animal in zip(here, animals, strict=True):
            part = table[table["animal"] == animal]
            matrix = _square(part, column, sessions)
            image = axis.imshow(matrix, cmap=DIVERGING, norm=norm)
            p = _square(part, stars, sessions) if stars and column == "ratio" else None
            _numbers(axis, matrix, p, norm)
            axis.set_xticks(range(len(sessions)), sessions, rotation=60, ha="right",
                            rotation_mode="anchor")  # fmt: skip
            axis.set_yticks(range(len(sessions)), sessions)
            axis.tick_params(length=0)
            axis.set_title(f"{animal}: {title}", fontsize=8)
        figure.colorbar(image, ax=here, shrink=0.7, pad=0.02)
    return figure


def _norm(values: NDArray[np.float64], centre: float) -> Normalize:
    known = values[np.isfinite(values)]
    reach = max(float(np.abs(known - centre).max(initial=0.0)), 0.1)
    low = max(0.0, centre - reach) if centre else -reach
    return TwoSlopeNorm(centre, min(low, centre - 1e-6), centre + reach)


def _square(part: pd.DataFrame, column: str, sessions: list[str]) -> NDArray[np.float64]:
    place = {name: number for number, name in enumerate(sessions)}
    matrix = np.full((len(sessions), len(sessions)), np.nan)
    for row in part.to_dict(orient="records"):
        i, j = place[row["first"]], place[row["second"]]
        matrix[i, j] = matrix[j, i] = row[column]
    return matrix


def _numbers(
    axis: Axes, matrix: NDArray[np.float64], p: NDArray[np.float64] | None, norm: Normalize
) -> None:
    if len(matrix) > MOST_NUMBERS:
        return
    for (i, j), value in np.ndenumerate(matrix):
        if np.isfinite(value):
            star = "*" if p is not None and p[i, j] < 0.05 else ""
            dark = abs(float(norm(value)) - 0.5) > 0.33
            text = f"{value:.1f}{star}".replace("-", "−")
            axis.text(j, i, text, ha="center", va="center", fontsize=6.5,
                      color="white" if dark else INK)  # fmt: skip


def _sessions(table: pd.DataFrame) -> list[str]:
    """Sessions in order, as the pairs name them."""
    return list(dict.fromkeys([*table["first"], *table["second"]]))


@styled
def ensemble_survival_curves(found: ImagingAnalysis) -> Figure | None:
    """Of the reference session's ensemble: active in all sessions since, and again."""
    table = found.survival
    if table.groupby("animal").size().max() < 2:
        return None
    animals = list(dict.fromkeys(table["animal"]))[:MOST_ANIMALS]
    figure, axes = new_figure(3.0 * len(animals) + 0.4, 2.7, columns=len(animals), sharey=True)
    for axis, animal in zip(axes, animals, strict=True):
        part = table[table["animal"] == animal]
        x = range(len(part))
        for name, label, colour in (
            ("survival", "in all sessions since", COLOURS[0]),
            ("retention", "active again", COLOURS[1]),
        ):
            if part[f"{name}_low"].notna().any():
                low, high = part[f"{name}_low"], part[f"{name}_high"]
                axis.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
                axis.plot(x, part[f"{name}_chance"], ":", color=colour, lw=1.2)
            axis.plot(x, part[name], "o-", color=colour, lw=1.8, ms=4, label=label)
        axis.set_xticks(x, part["session"], rotation=60, ha="right", rotation_mode="anchor")
        axis.set_ylim(-0.03, 1.03)
        axis.set_title(str(animal))
    axes[0].set_ylabel("share of the first ensemble")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2)
    return figure


@styled
def decoding_accuracy(found: ImagingAnalysis) -> Figure | None:
    """Accuracy of each animal against relabelled data."""
    table = found.decoding
    if table.empty:
        return None
    kinds = list(dict.fromkeys(table["labels"]))
    figure, axes = new_figure(3.0 * len(kinds) + 0.2, 2.7, columns=len(kinds), sharey=True)
    for axis, kind in zip(axes, kinds, strict=True):
        part = table[table["labels"] == kind].reset_index(drop=True)
        for x, row in enumerate(part.to_dict(orient="records")):
            axis.plot([x, x], [row["chance_low"], row["chance_high"]], color=GRID, lw=8, zorder=1)
            axis.plot([x - 0.2, x + 0.2], [row["chance"]] * 2, color=INK, lw=1, ls=":")
            axis.plot([x], [row["accuracy"]], "o", ms=7, mfc="white", mec=COLOURS[0], mew=2)
            axis.text(x + 0.12, row["accuracy"], f"p {row['p']:.2g}", fontsize=7, va="center")
        axis.set_xticks(range(len(part)), part["animal"])
        axis.set_xlim(-0.6, len(part) - 0.2)
        axis.set_ylim(0, 1.03)
        axis.set_title(f"{kind} told")
    axes[0].set_ylabel("share right (balanced)")
    return figure


@styled
def sessions_in_numbers(found: ImagingAnalysis) -> Figure | None:
    """Size of the ensemble and density of the co-activity network in every session."""
    sessions, network = found.sessions, found.network
    names = list(dict.fromkeys(sessions["session"]))
    figure, axes = new_figure(max(6.4, 0.5 * len(names) * 2), 2.8, columns=2)
    for axis, table, column, label, chance in (
        (axes[0], sessions, "ensemble_percent", "cells in the ensemble (%)", None),
        (axes[1], network, "density_over_level", "co-active pairs, times chance", 1.0),
    ):
        for number, animal in enumerate(found.animals):
            part = table[table["animal"] == animal]
            x = [names.index(name) for name in part["session"]]
            colour = COLOURS[number % len(COLOURS)]
            axis.plot(x, part[column], "o-", color=colour, lw=1.4, ms=4, label=animal)
        if chance is not None:
            axis.axhline(chance, color=INK, lw=0.8, ls=":")
        axis.set_ylim(bottom=0)
        axis.set_ylabel(label)
        axis.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    if len(found.animals) <= len(COLOURS):
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=4)
    return figure


FIGURES: dict[str, tuple[str, str, Callable[[ImagingAnalysis], Figure | None]]] = {
    "overlaps": (
        "Overlap of ensembles, times chance",
        "A column an animal. Above: common cells over those of independent draws, which is "
        "above 1 for any two sessions since some cells are always active. Below: chance keeps how "
        "often each cell is active (1 on average over pairs by construction); * Holm-corrected "
        "p < 0.05.",
        ensemble_overlaps,
    ),
    "survival": (
        "What becomes of the first ensemble",
        "Dots: share of its cells. Dotted with band: mean and central 95 % of chance that keeps "
        "every cell's general activity.",
        ensemble_survival_curves,
    ),
    "similarity": (
        "Similarity of population vectors",
        "Above: correlation over cells divided by what noise allows, so 1 is no change. Below: "
        "each cell's mean over sessions taken out; chance is slightly below 0.",
        population_similarity,
    ),
    "decoding": (
        "Decoding",
        "Ring: balanced accuracy on what was left out. Bar: central 95 % of relabelled data. "
        "Sessions are told by anything that changes with time; contexts in sessions that were left "
        "out are not.",
        decoding_accuracy,
    ),
    "sessions": (
        "Sessions",
        "Size of the ensemble, and pairs of cells that are active together more than after a shift "
        "in time, over the share that chance gives.",
        sessions_in_numbers,
    ),
}
