"""Reports of Video Freeze (Med Associates) saved as CSV: a row an animal and component.

Layout found in github.com/Perl-AT/ReformatR (reads reports of version 2.7.3: 13 columns below some
lines about the protocol; 3 is the box, 4 the animal, 5 the group, 6 the component, 10 the
percentage, 11 the motion) and in public analysis scripts that look for the row beginning with
``Experiment`` and take the columns Animal, Group, Component Name, Pct Component Time Freezing and
Avg Motion Index; they also meet animals written as ``1.0`` and rows of ``nan``. No report from the
program itself was at hand: the lines above the table, and its other columns, are read past.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import TABLE_ASKS, Ask, Importer, Options
from engramlab.importers.labels import SCORE_LABEL_ASKS, SCORE_LABELS, label_columns, labelled
from engramlab.importers.scores import Scores, checked_scores
from engramlab.importers.tables import SUFFIXES, Header, first_rows, read_header, rows

FREEZING = "Pct Component Time Freezing"
MOTION = "Avg Motion Index"
USUAL = {
    "experiment": "Experiment",
    "group": "Group",
    "animal": "Animal",
    "condition": "Component Name",
}
COMPONENTS = Ask("components", "Baseline,Tone-1", "which components to take; else all")
MISSING = ("", "nan")


def is_header(names: list[str]) -> bool:
    """Whether these are the names of the columns."""
    return FREEZING in names and USUAL["animal"] in names


def recognise(path: Path) -> bool:
    """Whether one of the first rows names the columns."""
    return any(is_header(fields) for fields in first_rows(path))


def read(path: Path, options: Options) -> Scores:
    """Read a report: freezing and, where it has it, motion; conditions are the components.

    Raises
    ------
    DataError
    """
    try:
        header = read_header(path, options, is_header)
    except DataError as error:
        if "is empty" not in str(error):
            raise
        raise DataError(
            Problem(str(path), f"no row names the columns '{FREEZING}' and 'Animal'", "a report")
        ) from None
    raw = _body(path, header, options)
    columns = label_columns(path, header, options, SCORE_LABELS, USUAL)
    named = labelled(
        path, raw, options, columns, named_by=None, labels=SCORE_LABELS, needed=("animal",)
    )
    named["animal"] = named["animal"].str.removesuffix(".0")
    measures = {options.columns.freezing: FREEZING, "motion": MOTION}
    table = pd.concat(
        [
            named.assign(measure=name, value=raw[column])
            for name, column in measures.items()
            if column in raw
        ]
    )
    return checked_scores(path, table, options, options.columns, {**columns, **measures})


def _body(path: Path, header: Header, options: Options) -> pd.DataFrame:
    width = len(header.columns)
    numbers, kept = [], []
    for number, fields in rows(path, options):
        if number <= header.row:
            continue
        cells = ["" if (text := field.strip()).lower() in MISSING else text for field in fields]
        if sum(bool(cell) for cell in cells) < 2:  # rows of nan, and lines below the table
            continue
        if len(cells) < width or any(cells[width:]):
            raise DataError(
                Problem(
                    f"{path}, row {number}", f"has {len(cells)} fields", f"{width}, as the header"
                )
            )
        numbers.append(number)
        kept.append(cells[:width])
    raw = pd.DataFrame(kept, index=numbers, columns=list(header.columns), dtype=str)
    raw = raw.loc[:, ~raw.columns.duplicated()]
    wanted = options.listed(COMPONENTS)
    if wanted:
        known = list(dict.fromkeys(raw[USUAL["condition"]]))
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise DataError(
                Problem(str(path), f"has no component '{unknown[0]}'", "of " + ", ".join(known))
            )
        raw = raw[raw[USUAL["condition"]].isin(wanted)]
    if raw.empty:
        raise DataError(Problem(str(path), "names columns and has no rows", "rows of scores"))
    return raw


IMPORTER = Importer(
    name="videofreeze",
    title="Video Freeze (Med Associates): a report saved as CSV, a row an animal and component",
    reads="scores",
    extensions=SUFFIXES,
    recognise=recognise,
    read=read,
    asks=(*SCORE_LABEL_ASKS, COMPONENTS, *TABLE_ASKS),
)
