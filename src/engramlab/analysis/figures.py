"""Figures of an analysis: every animal a dot, the mean with its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from engramlab.analysis.analysis import Analysis
from engramlab.analysis.estimation import draw_estimation, plot_size
from engramlab.analysis.style import COLOURS, GRID, INK, new_figure, spread, styled
from engramlab.measures import mean_estimate

TRAINING_COLOUR, NOVEL_COLOUR = COLOURS[1], COLOURS[0]
MAX_EFFECTS = 30
MAX_PANELS = 8


def _dots(axis: Axes, x: float, values: np.ndarray, colour: str, width: float = 0.22) -> None:
    """Draw one column of dots with mean and interval beside them."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return
    offsets = np.asarray(spread(values.size, width))
    axis.plot(x + offsets, values, "o", ms=3, mfc=colour, mec="none", alpha=0.45)
    estimate = mean_estimate(values)
    if np.isfinite(estimate.low):
        axis.plot([x, x], [estimate.low, estimate.high], color=colour, lw=1.6, zorder=3)
    axis.plot([x], [estimate.value], "o", ms=6, mfc="white", mec=colour, mew=1.8, zorder=4)


def _panels(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Experiment and group combinations that hold scores."""
    return [
        (f"{experiment}: {group}" if experiment != "all" else str(group), part)
        for (experiment, group), part in table.groupby(["experiment", "group"], sort=False)
    ]


def _grid(count: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(3, count)
    rows = -(-count // columns)
    figure, axes = new_figure(
        width * columns, height * rows, rows=rows, columns=columns, sharey=True
    )
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, axes


def _hours_axis(axis: Axes, hours: list[float]) -> dict[float, int]:
    places = {hour: index for index, hour in enumerate(hours)}
    axis.set_xticks(range(len(hours)), [f"{hour:g}" for hour in hours])
    axis.set_xlim(-0.6, len(hours) - 0.4)
    axis.set_xlabel("hours after conditioning")
    return places


@styled
def freezing_by_hours(analysis: Analysis) -> Figure | None:
    """Freezing in the training and the novel context by hours; None without such scores."""
    columns, table = analysis.scores.columns, analysis.scores.table
    table = table[
        (table["measure"] == columns.freezing)
        & table["condition"].isin([columns.training, columns.novel])
        & table["hours"].notna()
    ]
    panels = _panels(table)
    if not panels:
        return None
    figure, axes = _grid(len(panels), 3.2, 2.6)
    for axis, (title, part) in zip(axes, panels, strict=False):
        places = _hours_axis(axis, sorted(part["hours"].unique()))
        for condition, colour, shift in (
            (columns.training, TRAINING_COLOUR, -0.17),
            (columns.novel, NOVEL_COLOUR, 0.17),
        ):
            for hour, place in places.items():
                chosen = part[(part["condition"] == condition) & (part["hours"] == hour)]
                _dots(axis, place + shift, chosen["value"].to_numpy(float), colour)
            axis.plot([], [], "o", color=colour, label=condition)
        axis.set_ylim(-3, 103)
        axis.set_title(title)
        axis.yaxis.grid(True, color=GRID, lw=0.6)
        axis.set_axisbelow(True)
    axes[0].set_ylabel("freezing (% of time)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


@styled
def discrimination_by_hours(analysis: Analysis) -> Figure | None:
    """Discrimination index by hours; None when no animal was tested in both contexts."""
    table = analysis.discrimination_by_animal
    panels = _panels(table[table["hours"].notna()]) if len(table) else []
    if not panels:
        return None
    figure, axes = _grid(len(panels), 3.0, 2.4)
    for axis, (title, part) in zip(axes, panels, strict=False):
        places = _hours_axis(axis, sorted(part["hours"].unique()))
        for hour, place in places.items():
            values = part.loc[part["hours"] == hour, "discrimination"].to_numpy(float)
            _dots(axis, place, values, COLOURS[2])
        axis.axhline(0, color=INK, lw=0.8, ls=":")
        axis.set_ylim(-1.05, 1.05)
        axis.set_title(title)
    axes[0].set_ylabel("discrimination index")
    return figure


@styled
def other_by_condition(analysis: Analysis) -> Figure | None:
    """Cell counts and other measures by condition and hours; None without any."""
    table = analysis.scores.table
    table = table[
        (table["measure"] != analysis.scores.columns.freezing)
        & (table["condition"] != analysis.scores.columns.discrimination)
    ]
    if table.empty:
        return None
    panels = list(table.groupby(["experiment", "measure"], sort=False))
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(3.4 * columns, 2.5 * rows, rows=rows, columns=columns)
    for axis, (key, part) in zip(axes, panels, strict=False):
        experiment, measure = str(key[0]), str(key[1])
        part = part.assign(label=_labels(part))
        labels = list(dict.fromkeys(part["label"]))
        hours = sorted(part["hours"].dropna().unique()) or [float("nan")]
        for index, label in enumerate(labels):
            colour = COLOURS[index % len(COLOURS)]
            step = 0.8 / len(labels)
            for place, hour in enumerate(hours):
                at = part["hours"].isna() if np.isnan(hour) else part["hours"] == hour
                values = part.loc[(part["label"] == label) & at, "value"].to_numpy(float)
                x = place - 0.4 + step * (index + 0.5)
                _dots(axis, x, values, colour, width=0.6 * step)
            axis.plot([], [], "o", color=colour, label=label)
        axis.set_xticks(range(len(hours)), [f"{hour:g}" for hour in hours])
        axis.set_xlabel("hours after conditioning")
        title = measure if experiment == "all" else f"{experiment}: {measure}"
        axis.set_title(title, fontsize=8)
        if len(labels) <= 5:
            axis.legend(fontsize=6)
        else:
            axis.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axis.set_ylim(bottom=min(0, axis.get_ylim()[0]))
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    return figure


def _labels(part: pd.DataFrame) -> list[str]:
    """Name each row by what differs within the panel: condition, group, or both."""
    names = [name for name in ("condition", "group") if part[name].nunique() > 1] or ["group"]
    return [", ".join(row) for row in part[names].itertuples(index=False)]


@styled
def effect_sizes(analysis: Analysis) -> Figure | None:
    """Differences of means with their intervals, one row a comparison; None without any."""
    columns = analysis.scores.columns
    effects = analysis.effects[analysis.effects["measure"] == columns.freezing]
    effects = effects[effects["low"].notna()].head(MAX_EFFECTS)
    if effects.empty:
        return None
    figure, (axis,) = new_figure(6.2, 0.8 + 0.22 * len(effects))
    for row, (_, effect) in enumerate(effects.iterrows()):
        sure = effect["low"] > 0 or effect["high"] < 0
        colour = COLOURS[0] if sure else COLOURS[6]
        axis.plot([effect["low"], effect["high"]], [row, row], color=colour, lw=2)
        axis.plot([effect["difference"]], [row], "o", mfc="white", mec=colour, mew=1.8, ms=6)
        g = effect["hedges_g"]
        axis.text(1.02, row, f"g = {g:+.1f}", transform=axis.get_yaxis_transform(), va="center")
    labels = [
        f"{e['experiment'] + ', ' if e['experiment'] != 'all' else ''}{e['where']}, "
        f"{e['hours']:g} h: {e['comparison']}"
        for _, e in effects.iterrows()
    ]
    axis.set_yticks(range(len(effects)), labels, fontsize=7)
    axis.invert_yaxis()
    axis.axvline(0, color=INK, lw=0.8)
    axis.set_xlabel("difference in freezing (points, 95 % bootstrap interval)")
    return figure


@styled
def group_differences(analysis: Analysis) -> Figure | None:
    """Estimation plots of groups, a panel for each measure, condition and hour; None without."""
    table = analysis.scores.table
    table = table[table["condition"] != analysis.scores.columns.discrimination]
    panels = []
    keys = ["experiment", "measure", "condition", "hours"]
    for key, part in table.groupby(keys, sort=False, dropna=False):
        samples = {
            str(name): rows.set_index("animal")["value"].dropna()
            for name, rows in part.groupby("group", sort=False)
        }
        if len(samples) > 1 and min(map(len, samples.values())) > 1:
            panels.append((key, samples))
    if not panels:
        return None
    chosen = panels[:MAX_PANELS]
    columns = min(2, len(chosen))
    rows = -(-len(chosen) // columns)
    sizes = [plot_size(len(samples)) for _, samples in chosen]
    width, height = max(size[0] for size in sizes), max(size[1] for size in sizes)
    figure = Figure(figsize=(columns * width, rows * (height + 0.3)), layout="constrained")
    parts = np.ravel(figure.subfigures(rows, columns, squeeze=False))
    for subfigure, ((experiment, measure, condition, hours), samples) in zip(
        parts, chosen, strict=False
    ):
        names = [str(experiment), str(condition)]
        title = ", ".join(name for name in names if name != "all")
        title += "" if np.isnan(float(str(hours))) else f", {float(str(hours)):g} h"
        draw_estimation(subfigure, samples, label=str(measure), title=title.removeprefix(", "))
    return figure


@styled
def model_beside_data(comparison: pd.DataFrame) -> Figure:
    """Data's and model's means with intervals by hours, a panel for each condition.

    Parameters
    ----------
    comparison : pandas.DataFrame
        From `engramlab.analysis.compare`.
    """
    conditions = list(dict.fromkeys(comparison["condition"]))
    figure, axes = new_figure(3.2 * len(conditions), 2.8, columns=len(conditions))
    for axis, condition in zip(axes, conditions, strict=True):
        part = comparison[comparison["condition"] == condition]
        places = _hours_axis(axis, sorted(part["hours"].unique()))
        series = [
            (side, keys, rows)
            for side, names in (
                ("data", ["experiment_data", "group_data"]),
                ("model", ["group_model"]),
            )
            for keys, rows in part.drop_duplicates([*names, "hours"]).groupby(names, sort=False)
        ]
        for index, (side, keys, rows) in enumerate(series):
            shift = 0.5 * ((index + 0.5) / len(series) - 0.5)
            colour = COLOURS[index % len(COLOURS)]
            x = [places[hour] + shift for hour in rows["hours"]]
            axis.vlines(x, rows[f"low_{side}"], rows[f"high_{side}"], color=colour, lw=1.8)
            label = f"{side}: {', '.join(key for key in keys if key not in ('all', 'model'))}"
            marker = "s" if side == "model" else "o"
            axis.plot(
                x, rows[f"mean_{side}"], marker, mfc="white", mec=colour, mew=1.8, label=label
            )
        axis.set_title(condition)
        axis.set_ylim((-1.05, 1.05) if condition == "discrimination index" else (-3, 103))
        axis.yaxis.grid(True, color=GRID, lw=0.6)
    axes[0].set_ylabel("freezing (% of time)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


FIGURES: dict[str, Callable[[Analysis], Figure | None]] = {
    "freezing-by-hours": freezing_by_hours,
    "discrimination-by-hours": discrimination_by_hours,
    "other-measures": other_by_condition,
    "effect-sizes": effect_sizes,
    "group-differences": group_differences,
}
