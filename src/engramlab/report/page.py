"""Reports as one self-contained HTML page, with the figures as files beside it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from engramlab.protocol import Protocol
from engramlab.record import Experiment, staged
from engramlab.record.summary import (
    mean_by_group,
    mean_cell_sets,
    mean_engram_size,
    mean_freezing,
)
from engramlab.report.figures import FIGURES
from engramlab.report.figures.differences import comparisons_of
from engramlab.report.picture import Picture, make_picture
from engramlab.report.side_by_side import side_by_side

if TYPE_CHECKING:
    from engramlab.analysis import Analysis

FILE = "report.html"
MOST_ROWS = 60  # of a table on the page; the files hold all


@dataclass(frozen=True)
class Table:
    """A table on the page; the first column names its row."""

    title: str
    header: list[str]
    rows: list[list[str]]
    more: int = 0

    @classmethod
    def of_texts(cls, title: str, corner: str, texts: pd.DataFrame) -> Table:
        """Make a table of a frame of texts whose index names the rows."""
        rows = [[str(n), *map(str, row)] for n, row in zip(texts.index, texts.values, strict=True)]
        header = [corner, *map(str, texts.columns)]
        return cls(title, header, rows[:MOST_ROWS], max(len(rows) - MOST_ROWS, 0))

    @classmethod
    def of_values(cls, title: str, frame: pd.DataFrame) -> Table:
        """Make a table of a frame of numbers and texts without index."""
        rows = [[_text(value) for value in row] for row in frame.head(MOST_ROWS).to_numpy()]
        return cls(title, list(map(str, frame.columns)), rows, max(len(frame) - MOST_ROWS, 0))


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    return str(value)


def write_report(
    experiment: Experiment,
    folder: str | Path,
    *,
    processes: int = 1,
    meanwhile: Callable[[], object] = lambda: None,
) -> Path:
    """Write ``report.html``, ``comparisons.csv`` and ``figures/*.svg, *.png`` of an experiment.

    The page loads nothing from elsewhere and follows the reader's light or dark setting.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path
        Usually the results folder; made if it does not exist.
    processes : int
        That draw figures; more than 1 only where this process can be forked safely.
    meanwhile : callable, optional
        Called once: what this process can do while others draw.

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
        comparisons = comparisons_of(experiment)
        reasons = {name: kind.why_not(experiment) for name, kind in FIGURES.items()}
        applying = [name for name, reason in reasons.items() if not reason]
        skipped = [(FIGURES[name].title, reason) for name, reason in reasons.items() if reason]
        work = [(experiment, files, name) for name in applying]
        drawn = side_by_side(_draw, work, processes, meanwhile)
        pictures = dict(zip(applying, drawn, strict=True))
        write_page(
            place,
            "experiment.html",
            protocol=experiment.protocol,
            run=experiment.provenance,
            changes=_group_changes(experiment.protocol),
            timeline=pictures.pop("timeline", None),
            pictures=list(pictures.values()),
            skipped=skipped,
            tables=list(_experiment_tables(experiment)),
            differences=_differences(comparisons),
        )
        if len(comparisons):
            comparisons.to_csv(place / "comparisons.csv", index=False)
    return folder / FILE


def _draw(experiment: Experiment, folder: Path, name: str) -> Picture:
    kind = FIGURES[name]
    figure = kind(experiment)
    assert figure is not None
    alt = kind.alt_text(experiment)
    return make_picture(figure, folder, name, kind.title, kind.caption, alt)


def write_analysis_report(
    analysis: Analysis,
    folder: str | Path,
    comparison: pd.DataFrame | None = None,
    more: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write ``report.html`` and ``figures/*.svg, *.png`` of an analysis of scores.

    Parameters
    ----------
    analysis : Analysis
    folder : str or Path
        Made if it does not exist.
    comparison : DataFrame, optional
        As `engramlab.analysis.compare` returns it: the model beside the data.
    more : mapping of str to DataFrame, optional
        Other tables for the page, by name.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    from engramlab.analysis import figures

    folder = Path(folder)
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        drawn = [(name, draw(analysis)) for name, draw in figures.FIGURES.items()]
        tables = {**(more or {}), **analysis.tables}
        if comparison is not None:
            drawn.append(("model-beside-data", figures.model_beside_data(comparison)))
            tables["model beside data"] = comparison
        pictures: list[Picture] = []
        for name, figure in drawn:
            if figure is not None:
                title = name.replace("-", " ").capitalize()
                alt = f"{title}. The numbers are in the tables of this page."
                pictures.append(make_picture(figure, files, name, title, "", alt))
        write_page(
            place,
            "analysis.html",
            source=analysis.scores.source,
            summary=analysis.summary(),
            scores=len(analysis.scores.table),
            pictures=pictures,
            tables=[
                Table.of_values(name.replace("_", " ").capitalize(), frame)
                for name, frame in tables.items()
                if len(frame)
            ],
        )
    return folder / FILE


def write_page(place: Path, template: str, **content: object) -> None:
    """Write a template with this content (and the version) as the page of a folder."""
    page = environment().get_template(template).render(version=version("engramlab"), **content)
    (place / FILE).write_text(page, encoding="utf-8")


def environment() -> Environment:
    """Templates in which every value is escaped: names and texts come from users."""
    return Environment(
        loader=PackageLoader("engramlab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _experiment_tables(experiment: Experiment) -> Iterable[Table]:
    table = experiment.table
    yield Table.of_texts("Freezing, %", "session", mean_freezing(experiment.data))
    index = mean_by_group(table[table["measure"] == "discrimination"], "session", decimals=2)
    yield Table.of_texts("Discrimination from the first context", "session", index)
    yield Table.of_texts(
        "Engram size in the first session, % of cells", "group", mean_engram_size(table)
    )
    yield Table.of_texts(
        "Cell sets among tagged cells, times chance", "cell set", mean_cell_sets(table)
    )


def _differences(comparisons: pd.DataFrame) -> Table:
    """Differences between groups as texts: what a paper would put into brackets."""
    rows = comparisons.to_dict(orient="records")
    texts = pd.DataFrame(
        {
            "groups": [f"{row['first']} − {row['second']}" for row in rows],
            "difference [95 %]": [_interval(row, "difference", "low", "high", 1) for row in rows],
            "Hedges' g [95 %]": [_interval(row, "hedges_g", "g_low", "g_high", 2) for row in rows],
            "p (Welch, Holm)": [_p_text(row["p_corrected"]) for row in rows],
            "animals a group for 80 % power": [
                _number(row["animals_for_80_percent_power"], row["p"]) for row in rows
            ],
        },
        index=[row["session"] for row in rows],
        dtype=object,
    )
    return Table.of_texts("Differences in freezing between groups, points", "session", texts)


def _interval(row: dict[Hashable, Any], value: str, low: str, high: str, decimals: int) -> str:
    if row[value] != row[value]:
        return "–"
    text = f"{row[value]:+.{decimals}f}"
    if row[low] == row[low]:
        text += f" [{row[low]:+.{decimals}f}, {row[high]:+.{decimals}f}]"
    return text.replace("-", "−")


def _p_text(p: float) -> str:
    if p != p:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _number(animals: float, p: float) -> str:
    if animals == animals:
        return f"{animals:.0f}"
    return "–" if p != p else "> 1000"


def _group_changes(protocol: Protocol) -> dict[str, dict[str, Any]]:
    """Groups whose brain differs."""
    return {
        name: {"without": group.without, "parameters": group.parameters}
        for name, group in protocol.groups.items()
        if group.without or group.parameters
    }
