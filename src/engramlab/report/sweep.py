"""A sweep as tables, figures and a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from engramlab.analysis.style import COLOURS, styled
from engramlab.record import staged
from engramlab.report.figure import short
from engramlab.report.page import FILE, Table, write_page
from engramlab.report.picture import make_picture
from engramlab.studies.sweep import HEADER, Sweep
from engramlab.studies.sweep_design import Dimension
from engramlab.studies.sweep_tables import KEYS

MOST_ROWS, MOST_COLUMNS = 4, 4  # panels of a figure; the tables hold all
BINS = 8  # of a drawn parameter, for the line through the dots
CAPTIONS = {
    "sweep": (
        "Means over parameters",
        "Each dot is one brain: the mean over its animals in a group, over the value of one "
        "parameter, whatever the others are; the line is the mean over brains of this value, or of "
        "an eighth of the range. Shown are the sessions whose means differ most between brains.",
    ),
    "indices": (
        "Sensitivity",
        "Sobol indices with 95 % intervals: the share of the variance between brains that goes "
        "when a parameter is fixed (first order, filled), and that is left when all others are "
        "fixed (total, open). Where the two differ, parameters interact.",
    ),
}


@styled
def draw_sweep(sweep: Sweep) -> Figure | None:
    """Means over each parameter; None where no point could be run."""
    targets = _targets(sweep)
    dimensions = _dimensions(sweep)
    if targets.empty:
        return None
    figure = Figure(
        figsize=(max(2.6 * len(dimensions), 5) + 0.6, 2.2 * len(targets) + 0.8),
        layout="constrained",
    )
    panels = figure.subplots(len(targets), len(dimensions), sharey="row", squeeze=False)
    groups = list(sweep.plan.protocol.groups)
    colours = {group: COLOURS[n % len(COLOURS)] for n, group in enumerate(groups)}
    for row, (_, target) in enumerate(targets.iterrows()):
        here = sweep.table
        for name in KEYS:
            here = here[here[name] == target[name]]
        for column, dimension in enumerate(dimensions):
            axes = panels[row, column]
            for group in groups:
                part = here[here["group"] == group]
                _dots(axes, part, dimension, colours[group], short(group))
            if row == len(targets) - 1:
                axes.set_xlabel(dimension.name)  # which ends with its unit
            if dimension.by_factors:
                axes.set_xscale("log")
        unit = "%" if target["unit"] == "percent" else ""
        words = [str(target[name]) for name in KEYS if str(target[name])]
        label = f"{words[0].replace('_', ' ')}{', ' + unit if unit else ''}\n{' '.join(words[1:])}"
        panels[row, 0].set_ylabel(label)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    if len(groups) > 1:
        figure.legend(handles, labels, loc="outside upper left", ncols=4, frameon=False)
    return figure


def _dimensions(sweep: Sweep) -> list[Dimension]:
    """Those that go best with what is shown, in the order of the plan."""
    dimensions = list(sweep.plan.dimensions)
    if len(dimensions) <= MOST_COLUMNS:
        return dimensions
    strength = sweep.effects[sweep.plan.names].abs().mean().fillna(0.0)
    best = set(strength.sort_values(ascending=False).index[:MOST_COLUMNS])
    return [one for one in dimensions if one.name in best]


def _targets(sweep: Sweep) -> pd.DataFrame:
    """What differs most between brains: a row of keys each, of every measure at least one."""
    found = sweep.effects.drop_duplicates(list(KEYS))
    first = found.drop_duplicates("measure")
    rest = found.drop(first.index).sort_values("spread", ascending=False, kind="stable")
    same = rest[rest["measure"] == found["measure"].iloc[0]] if len(found) else rest
    chosen: pd.DataFrame = pd.concat([first, same])[:MOST_ROWS].sort_index()
    return chosen


def _dots(axes: Axes, part: pd.DataFrame, dimension: Dimension, colour: str, label: str) -> None:
    x, y = part[dimension.name].to_numpy(np.float64), part["mean"].to_numpy(np.float64)
    axes.plot(x, y, "o", ms=3, mfc=colour, mec="none", alpha=0.35)
    if dimension.drawn:
        ends = (dimension.low, dimension.high)
        edges = (
            np.geomspace(*ends, BINS + 1) if dimension.by_factors else np.linspace(*ends, BINS + 1)
        )
        place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, BINS - 1)
    else:
        place = np.searchsorted(np.sort(dimension.values), x)
    means = pd.DataFrame({"place": place, "x": x, "y": y}).groupby("place").mean()
    axes.plot(means["x"], means["y"], "-", color=colour, lw=1.8, label=label)


@styled
def draw_indices(sweep: Sweep) -> Figure | None:
    """Sensitivity indices of the means that differ most; None where there are none."""
    found = sweep.indices
    if found is None or found.empty:
        return None
    targets = list(dict.fromkeys(found["target"]))[:MOST_ROWS]
    parameters = list(dict.fromkeys(found["parameter"]))
    figure = Figure(
        figsize=(6.5, len(targets) * (0.32 * len(parameters) + 0.7) + 0.6), layout="constrained"
    )
    panels = figure.subplots(len(targets), 1, sharex=True, squeeze=False)[:, 0]
    for axes, target in zip(panels, targets, strict=True):
        rows = found[found["target"] == target].set_index("parameter").loc[parameters]
        for kind, shift, fill in (("first", -0.14, COLOURS[0]), ("total", 0.14, "white")):
            y = np.arange(len(parameters)) + shift
            axes.hlines(y, rows[f"{kind}_low"], rows[f"{kind}_high"], color=COLOURS[0], lw=1.5)
            words = "first order" if kind == "first" else "total"
            axes.plot(
                rows[kind], y, "o", ms=6, mfc=fill, mec=COLOURS[0], mew=1.5, ls="", label=words
            )
        axes.set_yticks(range(len(parameters)), parameters)
        axes.set_ylim(len(parameters) - 0.5, -0.5)
        axes.axvline(0, color="0.7", lw=0.8, zorder=0)
        axes.set_title(target, loc="left", fontsize=9)
    panels[-1].set_xlabel("share of the variance between brains")
    panels[0].legend(frameon=False, loc="lower right", fontsize=8)
    return figure


FIGURES: dict[str, Callable[[Sweep], Figure | None]] = {
    "sweep": draw_sweep,
    "indices": draw_indices,
}


def write_sweep(sweep: Sweep, folder: str | Path, command: str = "") -> Path:
    """Write tables (``sweep.csv``, ``sweep.parquet``, ``effects.csv``, ...), figures and page.

    Parameters
    ----------
    sweep : Sweep
    folder : str or Path
        That of the sweep; made if it does not exist.
    command : str
        The command line that makes it again, for the page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    pictures = []
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        for name, draw in FIGURES.items():
            figure = draw(sweep)
            if figure is not None:
                title, caption = CAPTIONS[name]
                pictures.append(make_picture(figure, files, name, title, caption, caption))
        sweep.table.to_csv(place / "sweep.csv", index=False)
        sweep.table.to_parquet(place / "sweep.parquet", index=False)
        sweep.effects.to_csv(place / "effects.csv", index=False)
        shown = sweep.effects.drop(columns=["unit"])
        tables = [Table.of_values("Means over brains, and rank correlation with each", shown)]
        if sweep.indices is not None:
            sweep.indices.to_csv(place / "indices.csv", index=False)
            few = sweep.indices[["target", "parameter", *sweep.indices.columns[-6:]]]
            tables.append(Table.of_values("Sobol indices with 95 % intervals", few))
        if len(sweep.failed):
            sweep.failed.to_csv(place / "failed.csv", index=False)
            tables.append(Table.of_values("Brains that cannot run this protocol", sweep.failed))
        write_page(
            place,
            "sweep.html",
            sweep=sweep,
            plan=sweep.plan,
            identity=sweep.plan.identity(),
            pictures=pictures,
            tables=tables,
            command=command,
        )
        (place / "protocol.yaml").write_text(sweep.plan.protocol.to_yaml(), encoding="utf-8")
        content = {**sweep.to_dict(), "status": "complete"}
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        (place / HEADER).write_text(text + "\n", encoding="utf-8")
    return folder / FILE
