"""Tables that CellProfiler's ExportToSpreadsheet writes: a row an image, or a row an object.

Layout found in github.com/CellProfiler/CellProfiler, cellprofiler/modules/exporttospreadsheet.py:
the image table (``Image.csv``) has ImageNumber, ``Count_OBJECTS`` for each kind of object,
``FileName_CHANNEL``, ``PathName_CHANNEL`` and ``Metadata_TAG``; an object table begins with
ImageNumber and ObjectNumber, then, if that was asked for, ``Metadata_TAG`` and
``FileName_CHANNEL``; several objects in one file have a first line with the objects' names. A
number that could not be computed is ``nan`` or empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.counts import CellCounts, cell_counts, tally, whole_number
from engramlab.importers.importer import DECIMAL, ENCODING, Ask, Importer, Options
from engramlab.importers.labels import COUNT_LABEL_ASKS, COUNT_LABELS, label_columns
from engramlab.importers.scores import shown
from engramlab.importers.tables import Header, chunks, first_rows, read_header, read_table

IMAGE, OBJECT = "ImageNumber", "ObjectNumber"
USUAL = {
    label: f"Metadata_{name}"
    for label, name in (("animal", "Animal"), ("group", "Group"), ("region", "Region"))
}
NAMED_BY = Ask(
    "named_by",
    "FileName_DNA",
    "which column's file names --tell names= takes apart",
    "it has several",
)


def recognise(path: Path) -> bool:
    """Whether the header numbers images, and counts objects or numbers them."""
    start = first_rows(path, 2)
    return any(
        IMAGE in names and (OBJECT in names or any(name.startswith("Count_") for name in names))
        for names in start
    )


def read(path: Path, options: Options) -> CellCounts:
    """Read an image table (it counts objects) or an object table (they are counted here).

    Raises
    ------
    DataError
    """
    header = read_header(path, options)
    if IMAGE not in header.columns:
        raise DataError(
            Problem(
                f"{path}, row {header.row}",
                f"has no column '{IMAGE}'"
                if OBJECT not in header.columns
                else "is no object table",
                "Image.csv, or one kind of object a file (not 'combined with previous file')",
            )
        )
    columns = label_columns(path, header, options, COUNT_LABELS, USUAL)
    named_by = _named_by(path, header, options)
    of = _of_objects if OBJECT in header.columns else _of_images
    return of(path, header, options, columns, named_by)


def _named_by(path: Path, header: Header, options: Options) -> str | None:
    files = [name for name in header.columns if name.startswith("FileName_")]
    told = options.choice(NAMED_BY, files)
    if told is None and len(files) > 1 and "names" in options.told:
        raise DataError(
            Problem(
                str(path),
                "has several columns with file names",
                f"--tell {NAMED_BY.name}=COLUMN with one of " + ", ".join(files),
            )
        )
    return told or (files[0] if files else None)


def _of_images(
    path: Path, header: Header, options: Options, columns: dict[str, str], named_by: str | None
) -> CellCounts:
    counted = [name for name in header.columns if name.startswith("Count_")]
    name = [named_by] if named_by else []
    wanted = list(dict.fromkeys([IMAGE, *name, *columns.values(), *counted]))
    raw = read_table(path, options, wanted, header=header)
    for row, image in raw.loc[raw[IMAGE].duplicated(), IMAGE].items():
        raise DataError(
            Problem(
                f"{path}, row {row}, column '{IMAGE}'",
                f"image {image} is there twice",
                "a row an image; was a table pasted in twice?",
            )
        )
    parts = [
        raw.assign(
            image=raw[IMAGE],
            marker=column.removeprefix("Count_"),
            count=whole_number(path, raw[column], column, options),
            area_mm2=np.nan,
        )
        for column in counted
    ]
    table = pd.concat(parts)
    return cell_counts(path, table, options, {"marker": "marker", **columns}, named_by=named_by)


def _of_objects(
    path: Path, header: Header, options: Options, columns: dict[str, str], named_by: str | None
) -> CellCounts:
    name = [named_by] if named_by else []
    keys = list(dict.fromkeys([IMAGE, *name, *columns.values()]))
    highest: dict[str, int] = {}

    def parts() -> Iterator[pd.DataFrame]:
        for part in chunks(path, options, [*keys, OBJECT], header=header):
            number = whole_number(path, part[OBJECT], OBJECT, options)
            for image, top in number.groupby(part[IMAGE]).max().items():
                highest[str(image)] = max(top, highest.get(str(image), 0))
            yield part

    raw = tally(path, parts(), keys, better="Image.csv")
    problems = [
        Problem(
            f"{path}, image {image}",
            f"has {count} objects, numbered up to {highest[str(image)]}",
            f"objects 1 to {highest[str(image)]}, each once: rows are missing or doubled",
        )
        for image, count in raw.groupby(IMAGE, sort=False)["count"].sum().items()
        if count != highest[str(image)]
    ]
    if problems:
        raise DataError(shown(path, problems))
    raw = raw.assign(image=raw[IMAGE], area_mm2=np.nan)
    return cell_counts(path, raw, options, columns, named_by=named_by)


IMPORTER = Importer(
    name="cellprofiler",
    title="CellProfiler: Image.csv (a row an image) or an object table such as Nuclei.csv",
    reads="cell counts",
    extensions=(".csv", ".txt", ".csv.gz"),
    recognise=recognise,
    read=read,
    asks=(*COUNT_LABEL_ASKS, NAMED_BY, ENCODING, DECIMAL),
)
