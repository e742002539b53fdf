"""The matrix mechanism x finding as a page and a figure: symbols say it, colours only help."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from engramlab.analysis.style import GRID, INK, styled
from engramlab.evidence import Finding
from engramlab.record import staged
from engramlab.report.figure import short
from engramlab.report.page import FILE, write_page
from engramlab.report.picture import make_picture
from engramlab.studies import Ablation
from engramlab.studies.ablation import FULL

# Okabe & Ito 2008: vermillion and blue, which colour-blind people tell apart.
SYMBOLS = {"falls": "▼", "gained": "▲", "holds": "·", "fails": "×", "n/a": "–"}
COLOURS = {"falls": "#D55E00", "gained": "#0072B2"}
WORDS = {
    "falls": "falls: it holds with the full brain and not without the mechanism",
    "gained": "gained: it holds only without the mechanism",
    "holds": "holds with and without",
    "fails": "fails with and without",
    "n/a": "its own protocol switches the mechanism off",
}
ROW, COLUMN = 0.19, 0.24  # inches of a finding and of a mechanism in the figure
MARGIN_LEFT, MARGIN_TOP, MARGIN_BOTTOM = 2.6, 1.5, 0.5
NAME = "ablation-matrix"
LINES = 2  # of a mechanism on the terminal; page and JSON hold all


@dataclass(frozen=True)
class Cell:
    """One cell of the table on the page."""

    state: str
    symbol: str
    title: str


@dataclass(frozen=True)
class Row:
    """One finding in the table on the page."""

    finding: Finding
    holds: bool
    title: str
    cells: list[Cell]


@dataclass(frozen=True)
class Turned:
    """A predicate whose verdict turned, with its margins in words."""

    expr: str
    before: str
    after: str


@dataclass(frozen=True)
class Carried:
    """What one mechanism carries, in words."""

    mechanism: str
    summary: str
    falls: list[tuple[str, list[Turned], str]]
    predicates: int
    contested: list[str]
    gained: list[str]
    share: float


def write_ablation_report(ablation: Ablation, folder: str | Path) -> Path:
    """Write ``report.html`` and ``figures/ablation-matrix.svg, .png``.

    Parameters
    ----------
    ablation : Ablation
    folder : str or Path
        Made if it does not exist.

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
    carried = [_carried(ablation, name) for name in ablation.plan.mechanisms]
    carried.sort(key=lambda one: (-len(one.falls), -one.predicates, one.mechanism))
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        title = "Mechanism × finding"
        make_picture(draw_ablation(ablation), files, NAME, title, "", title)
        write_page(
            place,
            "ablation.html",
            ablation=ablation,
            identity=ablation.plan.identity(),
            topics=_topics(ablation),
            carried=carried,
            words=WORDS,
            symbols=SYMBOLS,
            counted=sum(finding.counted for finding in ablation.plan.findings),
        )
    return folder / FILE


def _topics(ablation: Ablation) -> dict[str, list[Row]]:
    topics: dict[str, list[Row]] = {}
    for finding in ablation.plan.findings:
        full = ablation.results[FULL, finding.id]
        failing = [line.expr for line in full.lines if not line.passed and not line.soft]
        title = "holds with the full brain" if full.passed else "fails: " + "; ".join(failing)
        cells = [_cell(ablation, name, finding) for name in ablation.plan.mechanisms]
        topics.setdefault(finding.topic, []).append(Row(finding, full.passed, title, cells))
    return dict(sorted(topics.items()))


def _cell(ablation: Ablation, mechanism: str, finding: Finding) -> Cell:
    state = ablation.state(mechanism, finding)
    title = f"{finding.id} without {mechanism}: {WORDS[state]}"
    changes = [
        f"{one.expr}: margin {one.before} → {one.after}"
        for one in _turned(ablation, mechanism, finding)
    ]
    without = ablation.results.get((mechanism, finding.id))
    title += "".join(f"\n{text}" for text in (*changes, without.error if without else "") if text)
    return Cell(state, SYMBOLS[state], title)


def _turned(ablation: Ablation, mechanism: str, finding: Finding) -> list[Turned]:
    return [
        Turned(before.expr, _margin(before.margin), _margin(after.margin))
        for before, after in ablation.turned(mechanism, finding)
    ]


def _margin(value: float | None) -> str:
    return "no value" if value is None else f"{value:+.3g}".replace("-", "−")


def _carried(ablation: Ablation, mechanism: str) -> Carried:
    by_id = {finding.id: finding for finding in ablation.plan.findings}
    summaries = {one.name: one.summary for one in ablation.plan.brain.mechanisms}
    falls = [
        (id, _turned(ablation, mechanism, by_id[id]), ablation.results[mechanism, id].error)
        for id in ablation.those(mechanism, "falls")
    ]
    return Carried(
        mechanism,
        summaries[mechanism],
        falls,
        ablation.predicates_lost(mechanism),
        ablation.those(mechanism, "falls", counted=False),
        ablation.those(mechanism, "gained"),
        100 * len(falls) / max(len(ablation.holding), 1),
    )


@styled
def draw_ablation(ablation: Ablation) -> Figure:
    """Draw the matrix: findings in rows by topic, mechanisms in columns, the full brain first."""
    topics = _topics(ablation)
    mechanisms = ablation.plan.mechanisms
    rows = sum(len(members) + 1 for members in topics.values())
    width = MARGIN_LEFT + COLUMN * (len(mechanisms) + 2) + 0.4
    height = MARGIN_TOP + ROW * rows + MARGIN_BOTTOM
    figure = Figure(figsize=(max(width, 6.0), height))
    axes = figure.add_axes(
        (
            MARGIN_LEFT / max(width, 6.0),
            MARGIN_BOTTOM / height,
            COLUMN * (len(mechanisms) + 2) / max(width, 6.0),
            ROW * rows / height,
        )
    )
    axes.set_xlim(-0.5, len(mechanisms) + 1.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_axis_off()
    for place, name in enumerate(("full brain", *mechanisms)):
        x = place if place == 0 else place + 0.5
        axes.text(x, -0.7, name, rotation=60, ha="left", va="bottom", fontsize=7.5)
    y = 0
    for topic, members in topics.items():
        axes.text(-0.6, y, topic, ha="right", va="center", fontsize=7.5, weight="bold")
        y += 1
        for row in members:
            name = short(row.finding.id, 34) + ("" if row.finding.counted else " (contested)")
            axes.text(-0.6, y, name, ha="right", va="center", fontsize=7.5, parse_math=False)
            axes.plot([-0.45, len(mechanisms) + 1], [y + 0.5, y + 0.5], color=GRID, lw=0.5)
            axes.text(0, y, "●" if row.holds else "×", ha="center", va="center", fontsize=8)
            for place, cell in enumerate(row.cells, start=1):
                _draw_cell(axes, place + 0.5, y, cell)
            y += 1
    legend = "   ".join(f"{SYMBOLS[state]} {text.split(':')[0]}" for state, text in WORDS.items())
    axes.text(
        -0.6 - MARGIN_LEFT / COLUMN + 1,
        rows + 0.6,
        f"● holds, × fails with the full brain   {legend}",
        fontsize=7.5,
        va="center",
    )
    return figure


def _draw_cell(axes: Axes, x: float, y: float, cell: Cell) -> None:
    colour = COLOURS.get(cell.state)
    if colour:
        patch = Rectangle((x - 0.42, y - 0.42), 0.84, 0.84, facecolor=colour, edgecolor="none")
        axes.add_patch(patch)
    axes.text(
        x,
        y,
        cell.symbol,
        ha="center",
        va="center",
        fontsize=7,
        color="white" if colour else INK,
        alpha=1.0 if colour else 0.6,
    )


def _row(ablation: Ablation, mechanism: str, head: str, width: int) -> list[str]:
    """What falls behind a head, on as many lines as a screen has for a mechanism."""
    falls = ablation.those(mechanism, "falls")
    contested = [f"({id})" for id in ablation.those(mechanism, "falls", counted=False)]
    gained = [f"+{id}" for id in ablation.those(mechanism, "gained")]

    def wrapped(names: list[str]) -> list[str]:
        return textwrap.wrap(
            ", ".join(names) or "none",
            width,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_on_hyphens=False,
        )

    shown = wrapped([*falls, *contested, *gained])
    rest = [f"({len(contested)})"] * bool(contested) + [f"+{len(gained)}"] * bool(gained)
    for kept in range(len(falls), -1, -1):
        if len(shown) <= LINES:
            break
        more = [f"and {len(falls) - kept} more"] if kept < len(falls) else []
        shown = wrapped([*falls[:kept], *more, *rest])
    return shown


def text_matrix(ablation: Ablation, width: int = 96) -> str:
    """The matrix for a terminal: a line or more a mechanism, those that carry most first.

    Parameters
    ----------
    ablation : Ablation
    width : int
        Columns of the terminal.
    """
    counted = [finding for finding in ablation.plan.findings if finding.counted]
    room = max(map(len, ("without", *ablation.plan.mechanisms)))
    lost = {name: ablation.predicates_lost(name) for name in ablation.plan.mechanisms}
    order = sorted(lost, key=lambda name: (-len(ablation.those(name, "falls")), -lost[name], name))
    lines = [
        f"{len(ablation.holding)} of {len(counted)} findings hold with the full brain",
        "",
        f"{'without':<{room}}  fall  predicates  which",
    ]
    for name in order:
        count = len(ablation.those(name, "falls"))
        lines += _row(ablation, name, f"{name:<{room}}  {count:>4}  {lost[name]:>10}  ", width)
    marks = {
        "(…) falls, contested and not counted": [
            id for name in order for id in ablation.those(name, "falls", counted=False)
        ],
        "+… holds only without the mechanism": [
            id for name in order for id in ablation.those(name, "gained")
        ],
    }
    lines += ["", *(text for text, ids in marks.items() if ids)]
    for label, names in (
        ("carry no finding", ablation.carrying_none),
        ("stay whatever is switched off", ablation.carried_by_none),
    ):
        lines += textwrap.wrap(
            f"{label}: {', '.join(names) or 'none'}",
            width,
            subsequent_indent="  ",
            break_on_hyphens=False,
        )
    return "\n".join(lines)
