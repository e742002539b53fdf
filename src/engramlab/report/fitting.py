"""A fit as a page: whether it helped, on what it saw and on what it did not see."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

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
from engramlab.studies import Comparison, Fit

RESULT, PARAMETERS = "fit.json", "parameters.yaml"
LIBRARIES = ("cmaes", "numpy", "numba", "scipy")
SAME = 0.005  # change of a mean loss that is nothing


@dataclass(frozen=True)
class Change:
    """One parameter in the table on the page."""

    name: str
    owner: str
    start: float
    end: float
    low: float
    high: float
    unit: str
    source: str
    places: tuple[float, float]


@dataclass(frozen=True)
class Side:
    """One side of the split in words and numbers."""

    name: str
    title: str
    held: tuple[float, float]
    loss: tuple[float, float]
    rows: list[tuple[Comparison, str]]


def write_fit_report(fit: Fit, folder: str | Path) -> Path:
    """Write ``fit.json``, ``parameters.yaml``, ``report.html`` and the figures.

    Where a part of the data is predicted, ``calibration.csv`` as well.

    Parameters
    ----------
    fit : Fit
    folder : str or Path

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
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        picture = make_picture(
            draw_convergence(fit),
            files,
            "convergence",
            "Loss by generation",
            "0: as asked for, with room; 1: as far off as can be. All candidates of a generation "
            "and the start meet the same animals, and each generation other ones; so the distance "
            "between start and candidates counts, not the way up and down of both.",
            _convergence_in_words(fit),
        )
        beside = None
        if fit.points:
            points_table(fit.points).to_csv(place / "calibration.csv", index=False)
            beside = make_picture(
                draw_calibration(fit.points),
                files,
                "calibration",
                "Foretold and measured",
                "A point a group of mice in one test. Filled: the fit saw it; open: predicted. "
                "Across: 95 % interval of the measured mean. Up and down: where 95 of 100 "
                "means of as many virtual mice lie. Off the line by more: the model is wrong.",
                points_in_words(fit.points),
            )
        write_page(
            place,
            "fit.html",
            fit=fit,
            plan=fit.plan,
            conclusion=conclusion(fit),
            picture=picture,
            beside=beside,
            misses=widest_misses(fit.points),
            parameters=changes(fit),
            sides=_sides(fit),
            data=data(fit),
            software=_software(),
        )
        (place / PARAMETERS).write_text(parameters_text(fit), encoding="utf-8")
        content = json.dumps(fit_content(fit), indent=2, ensure_ascii=False)
        (place / RESULT).write_text(content + "\n", encoding="utf-8")
    return folder / FILE


def fit_content(fit: Fit) -> dict[str, Any]:
    """JSON-safe content: what was fitted to what, and what came of it."""
    plan = fit.plan
    sides = {one.name: one for one in _sides(fit)}
    return {
        "format": plan.format,
        "status": "complete",
        "version": plan.version,
        "engine": plan.engine,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": plan.command,
        "seed": plan.seed,
        "animals": plan.animals,
        "check_seeds": plan.check_seeds,
        "generations": len(fit.generations),
        "candidates": len(fit.generations[0].points),
        "hours": round(fit.hours, 4),
        "errors": fit.errors,
        "chosen": fit.chosen,
        "brain": fit.end.digest(),
        "conclusion": conclusion(fit),
        "split": {"fitted": list(plan.fitted), "held_out": list(plan.held_out)},
        "loss": {name: {"start": one.loss[0], "end": one.loss[1]} for name, one in sides.items()},
        "hold": {name: {"start": one.held[0], "end": one.held[1]} for name, one in sides.items()},
        "rivals": fit.rivals,
        "parameters": {
            one.name: {
                "start": one.start,
                "end": one.end,
                "low": one.low,
                "high": one.high,
                "unit": one.unit,
                "source": one.source,
            }
            for one in changes(fit)
        },
        "findings": {
            one.finding: {
                "fitted": one.fitted,
                "held": {"start": one.held[0], "end": one.held[1], "of": plan.check_seeds},
                "loss": {"start": one.loss[0], "end": one.loss[1]},
            }
            for one in fit.comparisons
        },
        "history": [
            {
                "generation": one.number,
                "best": one.losses[one.best],
                "median": float(np.median(one.losses)),
                "start": one.start_loss,
                "spread": one.spread,
                "seconds": one.seconds,
            }
            for one in fit.generations
        ],
        "software": _software(),
        "platform": platform.platform(),
    }


def parameters_text(fit: Fit) -> str:
    """The parameters at the end as YAML, for ``engramlab run --parameters FILE``."""
    lines = [
        f"# Parameters of a fit with engramlab {fit.plan.version}, brain {fit.end.digest()}.",
        f"#   {fit.plan.command}" if fit.plan.command else "#",
        "# Use: engramlab run PROTOCOL --parameters FILE",
    ]
    lines += [f"{name}: {value!r}" for name, value in fit.end.changed]
    return "\n".join(lines) + "\n"


def changes(fit: Fit) -> list[Change]:
    """Every fitted parameter before and after."""
    start, end = fit.plan.brain.parameters, fit.end.parameters
    return [
        Change(
            axis.name,
            axis.owner,
            start[axis.name],
            end[axis.name],
            axis.low,
            axis.high,
            axis.unit,
            axis.source,
            (axis.place(start[axis.name]), axis.place(end[axis.name])),
        )
        for axis in fit.plan.axes
    ]


def _sides(fit: Fit) -> list[Side]:
    """Both sides of the split; none for a fit to data alone."""
    return [side(fit, fitted=one) for one in (True, False)] if fit.plan.fitted else []


def side(fit: Fit, *, fitted: bool) -> Side:
    """Sum up one side of the split: how many findings hold (mean over cohorts), and their loss."""
    those = fit.side(fitted=fitted)
    seeds = fit.plan.check_seeds
    held = tuple(sum(one.held[n] for one in those) / seeds for n in (0, 1))
    loss = tuple(float(np.mean([one.loss[n] for one in those])) for n in (0, 1))
    rows = [(one, _mark(one)) for one in those]
    return Side(
        "fitted" if fitted else "held_out",
        "Findings the fit saw" if fitted else "Findings held out",
        (held[0], held[1]),
        (loss[0], loss[1]),
        rows,
    )


def _mark(one: Comparison) -> str:
    if one.held[1] != one.held[0]:
        return "▲ holds more often" if one.held[1] > one.held[0] else "▼ holds less often"
    return ""


def data(fit: Fit) -> list[Comparison]:
    """The data before and after; empty for a fit without data."""
    names = [one.name for one in (fit.plan.target, fit.plan.prediction) if one is not None]
    return [one for one in fit.comparisons if one.finding in names]


def conclusion(fit: Fit) -> str:
    """What came of it, for people."""
    if not fit.plan.fitted:
        return _conclusion_of_data(fit)
    seen, unseen = side(fit, fitted=True), side(fit, fitted=False)
    if fit.chosen == "start":
        return (
            f"The search found nothing better than the parameters it began with: on "
            f"{fit.plan.check_seeds} cohorts it had not met, no candidate has a lower loss than "
            f"{seen.loss[0]:.3f}. The parameters stay as they are."
        )
    first = (
        f"Findings the fit saw: the loss went from {seen.loss[0]:.3f} to {seen.loss[1]:.3f}, and "
        f"{seen.held[1]:.1f} instead of {seen.held[0]:.1f} of {len(seen.rows)} hold (mean over "
        f"{fit.plan.check_seeds} cohorts). Findings held out: from {unseen.loss[0]:.3f} to "
        f"{unseen.loss[1]:.3f}, and {unseen.held[1]:.1f} instead of {unseen.held[0]:.1f} of "
        f"{len(unseen.rows)} hold. "
    )
    for one in data(fit):
        first += f"Data: from {one.loss[0]:.3f} to {one.loss[1]:.3f}. "
    change = unseen.loss[1] - unseen.loss[0]
    if change < -SAME:
        return first + "The gain carries over to what the fit did not see."
    if change <= SAME:
        return first + "What the fit did not see neither gained nor lost: a gain on paper only."
    return first + (
        "What the fit did not see got worse: it learned its findings at the cost of others. "
        "Do not take these parameters over without a look at which."
    )


def _conclusion_of_data(fit: Fit) -> str:
    seen, *unseen = data(fit)
    if fit.chosen == "start":
        first = (
            f"The search found nothing better than the parameters it began with (loss "
            f"{seen.loss[0]:.3f} on {fit.plan.check_seeds} cohorts it had not met). "
        )
    else:
        first = f"Fitted means: the loss went from {seen.loss[0]:.3f} to {seen.loss[1]:.3f}. "
        for one in unseen:
            first += f"Predicted means: from {one.loss[0]:.3f} to {one.loss[1]:.3f}. "
    return first + (points_in_words(fit.points) if fit.points else "")


def _convergence_in_words(fit: Fit) -> str:
    first, last = fit.generations[0], fit.generations[-1]
    return (
        f"Loss of the best candidate: {first.losses[first.best]:.3f} in generation 1 (start "
        f"{first.start_loss:.3f}), {last.losses[last.best]:.3f} in generation {last.number} "
        f"(start {last.start_loss:.3f})."
    )


@styled
def draw_convergence(fit: Fit) -> Figure:
    """Draw the losses of the candidates and of the start, generation by generation."""
    figure, (axes,) = new_figure(6.8, 3.2)
    numbers = [one.number for one in fit.generations]
    low, middle, high = (
        [float(np.quantile(one.losses, q)) for one in fit.generations] for q in (0.0, 0.5, 1.0)
    )
    axes.fill_between(
        numbers, low, high, color=COLOURS[0], alpha=0.18, lw=0, label="all candidates"
    )
    axes.plot(numbers, middle, color=COLOURS[0], lw=1, ls=":", label="median")
    axes.plot(numbers, low, "o-", color=COLOURS[0], ms=4, lw=1.6, label="best candidate")
    axes.plot(
        numbers,
        [one.start_loss for one in fit.generations],
        "s--",
        color=COLOURS[1],
        ms=4,
        lw=1.2,
        mfc="white",
        label="start, same animals",
    )
    axes.set_xlabel("generation")
    axes.set_ylabel("loss on what is fitted")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper left", ncols=4, frameon=False)
    return figure


def _software() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
