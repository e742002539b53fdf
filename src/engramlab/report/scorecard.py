"""The catalogue's score as one page: what was published, what the model does, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engramlab.analysis.style import COLOURS, spread
from engramlab.brain import Brain
from engramlab.evidence import Finding, Outcome, Tally
from engramlab.evidence.expression import MEASURES, Measure
from engramlab.evidence.tally import Standing, counted
from engramlab.evidence.verdict import Interval, Verdict
from engramlab.evidence.words import KINDS, effect, in_words, margin, measure_place
from engramlab.measures import mean_estimate
from engramlab.record import staged
from engramlab.report.figure import short
from engramlab.report.page import environment

PAGE, DATA = "scorecard.html", "scorecard.json"
MOST_COLUMNS = 18  # of one panel; what is left out is counted
MOST_PANELS = 2
FIRST = ("freezing", "preference", "discrimination")  # what is drawn rather than other measures
LABEL = 32  # characters below a column
INK = {"#000000": "currentColor"}  # black is the ink of the page, which may be dark
INTERVAL_WIDTH = 240.0  # of a plot of margins, in the units of its SVG
COLUMN, PANEL_HEIGHT = 34.0, 120.0


@dataclass(frozen=True)
class Row:
    """A predicate on the page: what is needed, what was found, and the margin as a picture.

    Parameters
    ----------
    words, expr, why, kind : str
    control, soft, passed : bool
    share : str
        In how many seeds it holds; empty for one seed.
    effect, margin : str
    plot : dict or None
        Places of the margin and its interval on the x axis; None where it has no value.
    """

    words: str
    expr: str
    why: str
    kind: str
    control: bool
    soft: bool
    passed: bool
    share: str
    effect: str
    margin: str
    plot: dict[str, float] | None


@dataclass(frozen=True)
class Column:
    """One column of dots, in the units of the SVG: the animals of a group in a session.

    Parameters
    ----------
    x : float
    colour : str
    dots : str
        Path of round points.
    mean, low, high : float
        Heights.
    label, told : str
        Below the column, and the same with its numbers.
    """

    x: float
    colour: str
    dots: str
    mean: float
    low: float
    high: float
    label: str
    told: str


@dataclass(frozen=True)
class Panel:
    """Dots of one measure.

    Parameters
    ----------
    title : str
    columns : list of Column
    ticks : list of (height, text)
    zero, width, height : float
    left, below : float
        Room for the labels.
    more : int
        Columns that are left out.
    """

    title: str
    columns: list[Column]
    ticks: list[tuple[float, str]]
    zero: float
    width: float
    height: float
    left: float
    below: float
    more: int


@dataclass(frozen=True)
class Card:
    """A finding on the page."""

    finding: Finding
    status: str
    held: str
    outcome: Outcome
    rows: list[Row]
    panels: list[Panel]


def write_scorecard(
    outcomes: Iterable[Outcome], folder: str | Path, *, brain: Brain | None = None
) -> Path:
    """Write ``scorecard.html`` and ``scorecard.json``.

    The page is one file that loads nothing and follows the reader's light or dark setting.

    Parameters
    ----------
    outcomes : iterable of Outcome
        Of one or several seeds.
    folder : str or Path
        Made if it does not exist.
    brain : Brain, optional
        The brain that was scored.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder, brain, tally = Path(folder), brain or Brain(), Tally.of(outcomes)
    seeds = sorted({outcome.seed for s in tally.standings for outcome in s.outcomes})
    page = (
        environment()
        .get_template("scorecard.html")
        .render(
            version=version("engramlab"),
            brain=brain,
            seeds=seeds,
            tally=tally,
            topics=[(name, counted(found), len(found)) for name, found in tally.topics().items()],
            cards=[_card(s) for found in tally.topics().values() for s in found],
            plot_width=INTERVAL_WIDTH,
        )
    )
    with staged(folder) as place:
        content = scorecard_json(tally, brain)
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        (place / DATA).write_text(text + "\n", encoding="utf-8")
        (place / PAGE).write_text(page, encoding="utf-8")
    return folder / PAGE


def scorecard_json(tally: Tally, brain: Brain) -> dict[str, Any]:
    """Everything as JSON-safe content: the brain, the score, every outcome and value."""
    outcomes = [outcome for s in tally.standings for outcome in s.outcomes]
    return {
        "version": version("engramlab"),
        "brain": {
            "digest": brain.digest(),
            "changed": dict(brain.changed),
            "switched_off": list(brain.switched_off),
        },
        "seeds": sorted({outcome.seed for outcome in outcomes}),
        **tally.to_dict(),
    }


def _card(standing: Standing) -> Card:
    finding, outcome = standing.finding, standing.outcomes[0]
    shares = standing.predicate_shares() if len(standing.outcomes) > 1 else []
    verdicts = outcome.verdicts
    rows = [
        _row(verdict, f"{round(shares[n] * len(standing.outcomes))}/{len(standing.outcomes)}")
        if shares
        else _row(verdict, "")
        for n, verdict in enumerate(verdicts)
    ]
    status = "holds" if standing.share == 1 else ("fails" if standing.share == 0 else "varies")
    return Card(finding, status, standing.held, outcome, rows, list(_panels(outcome)))


def _row(verdict: Verdict, share: str) -> Row:
    predicate = verdict.predicate
    return Row(
        words=in_words(predicate.expr),
        expr=predicate.expr,
        why=predicate.why,
        kind=f"{predicate.kind}: {KINDS[predicate.kind]}",
        control=predicate.control,
        soft=predicate.soft,
        passed=verdict.passed,
        share=share,
        effect=effect(verdict),
        margin=margin(verdict),
        plot=_margin_plot(verdict.margin),
    )


def _margin_plot(interval: Interval) -> dict[str, float] | None:
    """Places on an axis whose middle is the bound, and whose right half is what was published."""
    known = [v for v in (interval.low, interval.value, interval.high) if np.isfinite(v)]
    if not np.isfinite(interval.value):
        return None
    reach = 1.3 * max((abs(value) for value in known), default=0.0) or 1.0
    low, high = (
        value if np.isfinite(value) else interval.value for value in (interval.low, interval.high)
    )
    return {
        name: round(INTERVAL_WIDTH / 2 * (1 + value / reach), 1)
        for name, value in (("low", low), ("value", interval.value), ("high", high))
    }


def _panels(outcome: Outcome) -> Iterator[Panel]:
    """Dots of the measures that predicates name; freezing before all others."""
    by_name: dict[str, list[Measure]] = {}
    for measure in outcome.values:
        by_name.setdefault(measure.name, []).append(measure)
    names = sorted(by_name, key=lambda name: (*(name != first for first in FIRST), name))
    groups = list(outcome.finding.plan.groups)
    colours = {group: COLOURS[n % len(COLOURS)] for n, group in enumerate(groups)}
    for name in names[:MOST_PANELS]:
        measures = sorted(by_name[name], key=lambda measure: groups.index(measure.group))
        yield _panel(name, measures, outcome, colours)


def _panel(
    name: str, measures: Sequence[Measure], outcome: Outcome, colours: dict[str, str]
) -> Panel:
    shown = [measure for measure in measures if np.isfinite(outcome.values[measure]).any()]
    more, shown = len(shown[MOST_COLUMNS:]), shown[:MOST_COLUMNS]
    values = [outcome.values[measure] for measure in shown]
    low, high, step = _range(name, np.concatenate(values) if values else np.zeros(1))

    def height(value: float) -> float:
        return round(PANEL_HEIGHT * (1 - (value - low) / (high - low)), 1)

    columns = []
    for number, (measure, scores) in enumerate(zip(shown, values, strict=True)):
        x = COLUMN * (number + 0.5)
        scores = scores[np.isfinite(scores)]
        offsets = spread(scores.size, 0.5 * COLUMN)
        mean = mean_estimate(scores)
        low_end = mean.low if np.isfinite(mean.low) else mean.value
        high_end = mean.high if np.isfinite(mean.high) else mean.value
        columns.append(
            Column(
                x=round(x, 1),
                colour=INK.get(colours[measure.group], colours[measure.group]),
                dots="".join(
                    f"M{x + offset:.1f} {height(score):g}h0"
                    for offset, score in zip(offsets, scores, strict=True)
                ),
                mean=height(mean.value),
                low=height(low_end),
                high=height(high_end),
                label=short(f"{measure.group} · {measure_place(measure)}", LABEL),
                told=f"{measure}: {mean.value:.3g} [{low_end:.3g}, {high_end:.3g}]",
            )
        )
    ticks = [(height(value), f"{value:g}") for value in np.arange(low, high + step / 2, step)]
    unit = MEASURES[name].unit
    title = name.replace("_", " ") + (f", {unit}" if unit else "")
    longest = max((len(column.label) for column in columns), default=0)
    return Panel(
        title=title,
        columns=columns,
        ticks=ticks,
        zero=height(min(max(0.0, low), high)),
        width=COLUMN * len(columns),
        height=PANEL_HEIGHT,
        left=max(34.0, 3.4 * longest - COLUMN / 3),  # labels stand at 50 degrees
        below=3.7 * longest + 10,
        more=more,
    )


def _range(name: str, values: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Ends of a panel's axis, and the step of its ticks."""
    if name == "freezing":
        return 0.0, 100.0, 25.0
    finite = values[np.isfinite(values)]
    low, high = min(0.0, float(finite.min(initial=0))), max(0.0, float(finite.max(initial=0)))
    if high - low <= 0:
        high = low + 1.0
    rough = (high - low) / 4
    magnitude = 10 ** np.floor(np.log10(rough))
    step = float(next(m for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough) * magnitude)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step), step
