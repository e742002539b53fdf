"""Tables of ImageJ and Fiji: *Results* (a row a particle) or *Summary* (a row an image).

Layout found in github.com/imagej/ImageJ, ij/plugin/filter/ParticleAnalyzer.java: a summary has the
columns Slice, Count, Total Area, Average Size, %Area and means of what was measured. A results
table saved as CSV begins with a column without a name that numbers the rows (" " in its header);
Label is there only when *Display label* was on, as ``IMAGE`` or ``IMAGE:ROI:SLICE``; Area and the
rest depend on *Set Measurements*. Neither table holds a unit or the area that was searched, so
there are no densities.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.counts import CellCounts, cell_counts, tally, whole_number
from engramlab.importers.importer import TABLE_ASKS, Importer, Options
from engramlab.importers.labels import COUNT_LABEL_ASKS, COUNT_LABELS, label_columns
from engramlab.importers.tables import (
    SUFFIXES,
    Header,
    chunks,
    first_rows,
    numbers,
    read_header,
    read_table,
)

SUMMARY = ("Slice", "Count", "Total Area", "%Area")
LABEL, AREA = "Label", "Area"
MEASURED = {"Mean", "StdDev", "Min", "Max", "X", "Y", "XM", "IntDen", "%Area", "Circ.", "Major"}


def recognise(path: Path) -> bool:
    """Whether it is a summary, or numbered rows with an area and another measurement."""
    start = first_rows(path, 2)
    if len(start) < 2:
        return False
    names = set(start[0])
    if set(SUMMARY) <= names:
        return True
    return start[0][0] == "" and AREA in names and bool(names & (MEASURED | {LABEL}))


def read(path: Path, options: Options) -> CellCounts:
    """Read a summary, or count the rows of a results table by their label.

    Raises
    ------
    DataError
    """
    header = read_header(path, options)
    columns = label_columns(path, header, options, COUNT_LABELS, {})
    if set(SUMMARY) <= set(header.columns):
        wanted = list(dict.fromkeys(["Slice", "Count", *columns.values()]))
        raw = read_table(path, options, wanted, header=header)
        for row, name in raw.loc[raw["Slice"].duplicated(), "Slice"].items():
            raise DataError(
                Problem(f"{path}, row {row}", f"counts '{name}' again", "each image once")
            )
        count = whole_number(path, raw["Count"], "Count", options)
        raw = raw.assign(image=raw["Slice"], count=count, area_mm2=np.nan)
        return cell_counts(path, raw, options, columns, named_by="Slice")
    return _of_particles(path, header, options, columns)


def _of_particles(
    path: Path, header: Header, options: Options, columns: dict[str, str]
) -> CellCounts:
    label = [LABEL] if LABEL in header.columns else []
    keys = list(dict.fromkeys([*label, *columns.values()]))

    def parts() -> Iterator[pd.DataFrame]:
        for part in chunks(path, options, [*keys, AREA], header=header):
            wrong = part.loc[~(numbers(part[AREA], options) > 0), AREA]
            for row, text in wrong.items():
                raise DataError(
                    Problem(
                        f"{path}, row {row}, column '{AREA}'",
                        f"the particle's area is {text!r}",
                        "a number above 0 in each row: one row a particle",
                    )
                )
            yield part

    raw = tally(path, parts(), keys, better="Summary.csv (Summarize in Analyze Particles)")
    image = raw[LABEL].str.split(":").str[0] if label else path.name
    raw = raw.assign(image=image, area_mm2=np.nan)
    return cell_counts(path, raw, options, columns, named_by="image" if label else None)


IMPORTER = Importer(
    name="imagej",
    title="ImageJ, Fiji: Results.csv of Analyze Particles (a row a cell) or its Summary.csv",
    reads="cell counts",
    extensions=SUFFIXES,
    recognise=recognise,
    read=read,
    asks=(*COUNT_LABEL_ASKS, *TABLE_ASKS),
)
