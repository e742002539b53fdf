"""Cell counts typed into a table: CSV, TSV or Excel with our column names.

One row an animal (image) and region, with a column for each marker, named by ``markers``:
``animal,group,region,EGFP,cFos,both,DAPI``; or one row a marker: ``animal,region,marker,count``.
``image`` and ``area_mm2`` (of the region in that image) may be there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import COUNT_LABELS
from engramlab.importers.counts import CellCounts, cell_counts, whole_number
from engramlab.importers.importer import TABLE_ASKS, Ask, Importer, Options
from engramlab.importers.labels import COUNT_LABEL_ASKS, label_columns
from engramlab.importers.tables import (
    SUFFIXES,
    Header,
    has_columns,
    numbers,
    read_header,
    read_table,
    require,
)

MARKERS = Ask(
    "markers",
    "EGFP,cFos,both,DAPI",
    "which columns are counts, one a marker",
    "there is no column 'count'",
)
COUNT, IMAGE, AREA = "count", "image", "area_mm2"


def recognise(path: Path) -> bool:
    """Whether the header has our names for animal, marker and count."""
    return has_columns(path, "animal", "marker", COUNT)


def read(path: Path, options: Options) -> CellCounts:
    """Read a table of counts.

    Raises
    ------
    DataError
    """
    header = read_header(path, options)
    usual = {label: label for label in COUNT_LABELS}
    columns = label_columns(path, header, options, COUNT_LABELS, usual)
    wide = options.listed(MARKERS)
    if not wide and COUNT not in header.columns:
        raise DataError(
            Problem(
                f"{path}, row {header.row}",
                f"there is no column '{COUNT}'",
                f"{MARKERS.flag}, with columns of " + ", ".join(header.columns),
            )
        )
    counted = list(wide) or [COUNT]
    require(path, header, counted)
    more = [name for name in (IMAGE, AREA) if name in header.columns]
    wanted = list(dict.fromkeys([*columns.values(), *counted, *more]))
    raw = read_table(path, options, wanted, header=header)
    raw = raw.assign(
        image=raw[IMAGE] if IMAGE in more else "all",
        area_mm2=_areas(path, raw[AREA], options) if AREA in more else np.nan,
    )
    if not wide:
        raw["count"] = whole_number(path, raw[COUNT], COUNT, options)
        return _checked(path, raw, options, columns, header)
    columns = {**columns, "marker": "marker"}
    parts = [
        raw.assign(marker=name, count=whole_number(path, raw[name], name, options)) for name in wide
    ]
    return _checked(path, pd.concat(parts), options, columns, header)


def _areas(path: Path, text: pd.Series[str], options: Options) -> pd.Series[float]:
    area = numbers(text, options)
    wrong = text[~(area > 0) & (text != "")]
    if len(wrong):
        raise DataError(
            Problem(
                f"{path}, row {wrong.index[0]}, column '{AREA}'",
                f"is {wrong.iloc[0]!r}",
                "an area above 0 in mm2, or nothing",
            )
        )
    return area


def _checked(
    path: Path, raw: pd.DataFrame, options: Options, columns: dict[str, str], header: Header
) -> CellCounts:
    """Refuse a row that counts the same again: it would be added up, unnoticed."""
    keys = [*dict.fromkeys(columns.values()), "image"]
    again = raw[raw.duplicated(keys)]
    if len(again):
        row = again.iloc[0]
        what = ", ".join(
            f"{name} '{row[name]}'" for name in keys if name in raw and row[name] != "all"
        )
        raise DataError(
            Problem(
                f"{path}, row {again.index[0]}",
                f"counts the same as a row before it: {what}",
                f"one row each, or a column '{IMAGE}' that tells images apart",
            )
        )
    return cell_counts(path, raw, options, columns, named_by=None)


IMPORTER = Importer(
    name="counts",
    title="table of cell counts (CSV, TSV, Excel): a column a marker, or columns marker and count",
    reads="cell counts",
    extensions=SUFFIXES,
    recognise=recognise,
    read=read,
    asks=(MARKERS, *COUNT_LABEL_ASKS, *TABLE_ASKS),
)
