"""A posterior as text, figures, tables and a page."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from engramlab.analysis.style import COLOURS, GRID, new_figure, styled
from engramlab.record import staged
from engramlab.report.calibration import (
    draw_calibration,
    points_in_words,
    points_table,
    widest_misses,
)
from engramlab.report.page import FILE, write_page
from engramlab.report.picture import make_picture
from engramlab.studies.posterior import Posterior

RESULT = "posterior.json"
NARROWED = 0.6  # width of an interval over that of the prior, below which the data say something
SHARES = {"low": 0.05, "median": 0.5, "high": 0.95}


def parameter_table(found: Posterior) -> list[dict[str, Any]]:
    """One row a parameter: quantiles, how much of the prior is left, coverage."""
    quantiles = {name: found.values(share) for name, share in SHARES.items()}
    low, high = found.draws.quantile(SHARES["low"]), found.draws.quantile(SHARES["high"])
    defaults = found.plan.brain.parameters
    return [
        {
            "parameter": axis.name,
            "unit": axis.unit,
            "now": defaults[axis.name],
            **{name: values[n] for name, values in quantiles.items()},
            "width": float((high[n] - low[n]) / (SHARES["high"] - SHARES["low"])),
            "coverage": float(found.coverage[n]),
        }
        for n, axis in enumerate(found.plan.axes)
    ]


def closest(found: Posterior) -> float:
    """Typical distance of the nearest simulation from the data, in points of freezing."""
    measured = np.array([goal.value for goal in found.plan.target.means])
    return float(np.sqrt(((found.simulated - measured) ** 2).mean(axis=1)).min())


def posterior_in_words(found: Posterior) -> str:
    """What came of it, for a terminal."""
    lines = [f"{'parameter':<26}{'now':>8}{'5 %':>9}{'median':>9}{'95 %':>9}  unit"]
    lines += [
        f"{row['parameter']:<26}{row['now']:>8.3g}{row['low']:>9.3g}{row['median']:>9.3g}"
        f"{row['high']:>9.3g}  {row['unit']}"
        for row in parameter_table(found)
    ]
    return "\n".join([*lines, "", textwrap.fill(conclusion(found), 96, break_on_hyphens=False)])


def conclusion(found: Posterior) -> str:
    """In sentences."""
    rows = parameter_table(found)
    told = [row["parameter"] for row in rows if row["width"] < NARROWED]
    open_ = [row["parameter"] for row in rows if row["width"] >= NARROWED]
    text = f"The data narrow {', '.join(told)}. " if told else "The data narrow no parameter. "
    if told and open_:
        text += f"They say little about {', '.join(open_)}. "
    if not found.draws.reached:
        text += (
            "No simulation comes as near to the data as one of the right model would: within these "
            "ranges the model is wrong, the draws are its least wrong parameters, and their "
            "spread is not to be trusted. "
        )
    text += (
        f"The nearest of {len(found.places)} simulations is {closest(found):.0f} points of "
        f"freezing from the data in a typical mean. {points_in_words(found.points)} A posterior "
        "says which parameters of this model suit the data best, not that the model is right."
    )
    return text


def posterior_content(found: Posterior) -> dict[str, Any]:
    """JSON-safe content."""
    plan = found.plan
    return {
        "status": "complete",
        "version": plan.version,
        "engine": plan.engine,
        "command": plan.command,
        "seed": plan.seed,
        "animals": plan.animals,
        "simulations": plan.simulations,
        "failed": found.failed,
        "kept": len(found.draws.kept),
        "closest": closest(found),
        "conclusion": conclusion(found),
        "parameters": parameter_table(found),
    }


def write_posterior_report(found: Posterior, folder: str | Path) -> Path:
    """Write page, figures, ``posterior.json`` and tables of draws, simulations and calibration.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    axes = found.plan.axes
    names = [axis.name for axis in axes]

    def in_units(places: np.ndarray) -> pd.DataFrame:
        values = [
            [axis.value(float(x)) for axis, x in zip(axes, row, strict=True)] for row in places
        ]
        return pd.DataFrame(values, columns=names)

    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        pictures = [
            make_picture(
                draw_posterior(found),
                files,
                "posterior",
                "Posterior",
                "On the diagonal: prior (grey) and posterior; the line is the value now. Below: "
                "draws of two parameters, larger dots weigh more. Axes are whole ranges, "
                "by factors where they span orders of magnitude.",
                conclusion(found),
            ),
            make_picture(
                draw_calibration(found.points),
                files,
                "calibration",
                "Foretold and measured",
                "A point a group of mice in one test. Filled: used; open: predicted. Across: 95 % "
                "interval of the measured mean. Up and down: where 95 of 100 means of as many "
                "virtual mice lie, with parameters from the prior and from the posterior.",
                points_in_words(found.points),
            ),
        ]
        write_page(
            place,
            "posterior.html",
            plan=found.plan,
            found=found,
            conclusion=conclusion(found),
            rows=parameter_table(found),
            pictures=pictures,
            misses=widest_misses(found.points),
        )
        draws = in_units(found.draws.places).assign(weight=found.draws.weights)
        draws.to_csv(place / "draws.csv", index=False)
        columns = [
            f"{goal.experiment} {goal.data_group} {goal.condition} {goal.hours:g} h"
            for goal in found.plan.target.means
        ]
        simulated = pd.DataFrame(found.simulated, columns=columns)
        pd.concat([in_units(found.places), simulated], axis=1).to_csv(
            place / "simulations.csv", index=False
        )
        points_table(found.points).to_csv(place / "calibration.csv", index=False)
        content = json.dumps(posterior_content(found), indent=2, ensure_ascii=False)
        (place / RESULT).write_text(content + "\n", encoding="utf-8")
    return folder / FILE


@styled
def draw_posterior(found: Posterior) -> Figure:
    """Draw every parameter alone and every pair."""
    axes, draws = found.plan.axes, found.draws
    count = len(axes)
    now = [axis.place(found.plan.brain.parameters[axis.name]) for axis in axes]
    figure, panels = new_figure(1.55 * count + 0.6, 1.55 * count + 0.4, rows=count, columns=count)
    sizes = 3 + 30 * draws.weights / draws.weights.max()
    for row, column in np.ndindex(count, count):
        panel = panels[row * count + column]
        if column > row:
            panel.set_axis_off()
            continue
        if row == column:
            edges = np.linspace(0, 1, 21)
            panel.axhspan(0, 1, color=GRID)
            panel.hist(
                draws.places[:, row], edges, weights=draws.weights, density=True, color=COLOURS[0]
            )
            panel.axvline(now[row], color=COLOURS[1], lw=1)
            panel.set_yticks([])
        else:
            panel.scatter(
                draws.places[:, column], draws.places[:, row], sizes, COLOURS[0], alpha=0.4, lw=0
            )
            panel.plot(now[column], now[row], "+", color=COLOURS[1], ms=7)
            panel.set_ylim(0, 1)
        panel.set_xlim(0, 1)
        ticks = (0.0, 0.5, 1.0)
        panel.set_xticks(ticks, [f"{axes[column].value(t):.3g}" for t in ticks])
        if row != column:
            panel.set_yticks(ticks, [f"{axes[row].value(t):.3g}" for t in ticks])
        panel.tick_params(labelleft=column == 0 and row > 0, labelbottom=row == count - 1)
        if row == count - 1:
            panel.set_xlabel(_broken(axes[column].name))
        if column == 0 and row > 0:
            panel.set_ylabel(_broken(axes[row].name))
    return figure


def _broken(name: str) -> str:
    head, _, tail = name.rpartition("_")
    return f"{head}\n_{tail}" if head and len(name) > 14 else name
