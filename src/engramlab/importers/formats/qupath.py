"""Measurements of QuPath: a row an annotated region, or a row a detected cell.

Names of the columns found in github.com/qupath/qupath, `ObservableMeasurementTableData`,
`DerivedMeasurementManager` and `AreaMeasurementBuilder` (0.6), and in files that others publish:
Image, Object ID, Object type, Name, Classification (Class in older versions), Parent, ROI,
Centroid X µm, Num Detections, ``Num CLASS``, ``Num CLASS (base)`` (with all sub-classes),
``CLASS %``, ``Num CLASS per mm^2``, Area µm^2 (px^2 where the image has no pixel size), Perimeter
µm. The separator is a tab unless another was chosen.

Regions are annotations: their Name, in tables of cells the cells' Parent. The marker of a cell is
its classification; in tables of regions each ``Num CLASS`` column counts one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.counts import CellCounts, cell_counts, tally, whole_number, with_zeros
from engramlab.importers.importer import TABLE_ASKS, Ask, Importer, Options
from engramlab.importers.labels import COUNT_LABEL_ASKS, COUNT_LABELS, label_columns
from engramlab.importers.scores import shown
from engramlab.importers.tables import (
    SUFFIXES,
    Header,
    chunks,
    first_rows,
    numbers,
    read_header,
    read_table,
)

IMAGE, TOTAL, OBJECT, TYPE = "Image", "Num Detections", "Object ID", "Object type"
AREA = re.compile(r"Area (?:(?P<micron>[µμ]m)|px)\^2")
COUNT = re.compile(r"Num (?P<marker>.+?)")
NO_COUNT = re.compile(r".*( \(base\)| per (mm|[µμ]m|px)\^2)|Num points")
DETECTIONS = "all detections"
PIXEL = Ask(
    "pixel_size_um", "0.5", "width of a pixel in µm, for cells per mm² where areas are in pixels"
)


def recognise(path: Path) -> bool:
    """Whether the header names an image and what QuPath says of objects in it."""
    start = first_rows(path, 1)
    names = set(start[0]) if start else set()
    classes = bool(names & {"Class", "Classification"})
    return IMAGE in names and (TOTAL in names or OBJECT in names or (classes and "Parent" in names))


def read(path: Path, options: Options) -> CellCounts:
    """Read a table of annotations (it counts cells) or of detections (they are counted here).

    Raises
    ------
    DataError
    """
    header = read_header(path, options)
    classes = "Classification" if "Classification" in header.columns else "Class"
    usual = {"region": "Name" if TOTAL in header.columns else "Parent", "marker": classes}
    columns = label_columns(path, header, options, COUNT_LABELS, usual)
    of = _of_regions if TOTAL in header.columns else _of_cells
    return of(path, header, options, columns)


def _of_regions(
    path: Path, header: Header, options: Options, columns: dict[str, str]
) -> CellCounts:
    counted = {
        name: match["marker"]
        for name in header.columns
        if name != TOTAL and (match := COUNT.fullmatch(name)) and not NO_COUNT.fullmatch(name)
    } or {TOTAL: DETECTIONS}
    area = next((name for name in header.columns if AREA.fullmatch(name)), None)
    where = {label: name for label, name in columns.items() if label != "marker"}
    identity = [name for name in (OBJECT, TYPE) if name in header.columns]
    places = [name for name in header.columns if name.startswith("Centroid ")]
    wanted = [IMAGE, *identity, *where.values(), *places, *counted, *([area] if area else [])]
    raw = read_table(path, options, list(dict.fromkeys(wanted)), header=header)
    _refuse_doubled(path, raw, [OBJECT] if identity[:1] == [OBJECT] else [IMAGE, *places])
    if TYPE in raw:
        raw = raw[raw[TYPE] == "Annotation"]
        if raw.empty:
            raise DataError(
                Problem(f"{path}, column '{TYPE}'", "no row is an Annotation", "export annotations")
            )
    square = _square_mm(path, raw, area, options)
    parts = [
        raw.assign(
            image=raw[IMAGE],
            marker=marker,
            count=whole_number(path, raw[name], name, options),
            area_mm2=square,
        )
        for name, marker in counted.items()
    ]
    table = pd.concat(parts)
    return cell_counts(path, table, options, {**where, "marker": "marker"}, named_by=IMAGE)


def _square_mm(path: Path, raw: pd.DataFrame, area: str | None, options: Options) -> pd.Series:
    unknown = pd.Series(np.nan, index=raw.index)
    if area is None:
        return unknown
    value = numbers(raw[area], options)
    wrong = raw[area][~(value > 0)]
    if len(wrong):
        raise DataError(
            shown(
                path,
                [
                    Problem(
                        f"{path}, row {row}, column '{area}'", f"is {text!r}", "an area above 0"
                    )
                    for row, text in wrong.items()
                ],
            )
        )
    match = AREA.fullmatch(area)
    micron = 1.0 if match and match["micron"] else options.number(PIXEL)
    return unknown if micron is None else value * micron**2 * 1e-6


def _refuse_doubled(path: Path, raw: pd.DataFrame, keys: list[str]) -> None:
    if len(keys) == 1 and keys[0] == IMAGE:
        return  # nothing tells two objects of an image apart
    again = raw.duplicated(keys)
    if again.any():
        row = raw.index[again][0]
        raise DataError(
            Problem(
                f"{path}, row {row}",
                f"the object was there before (same {' and '.join(keys)})",
                "each object once; was a table pasted in twice?",
            )
        )


def _of_cells(path: Path, header: Header, options: Options, columns: dict[str, str]) -> CellCounts:
    keys = list(dict.fromkeys([IMAGE, *columns.values()]))
    identity = [OBJECT] if OBJECT in header.columns else []
    objects = []

    def parts() -> Iterator[pd.DataFrame]:
        for part in chunks(path, options, [*keys, *identity], header=header):
            if identity:  # as hashes: there may be millions of cells
                hashes = pd.util.hash_array(part[OBJECT].to_numpy(object))
                objects.append(pd.Series(hashes, index=part.index))
            yield part

    raw = tally(path, parts(), keys, better="an export of annotations, which counts detections,")
    if objects:
        _refuse_doubled(path, pd.concat(objects).to_frame(OBJECT), [OBJECT])
    classes = columns.get("marker")
    if classes and (raw[classes] == "").any():
        raw[classes] = raw[classes].replace("", "unclassified")
    if classes and list(columns.values()).count(classes) == 1:
        raw = with_zeros(raw, classes)
    raw = raw.assign(image=raw[IMAGE], area_mm2=np.nan)
    return cell_counts(path, raw, options, columns, named_by=IMAGE)


IMPORTER = Importer(
    name="qupath",
    title="QuPath: exported measurements, a row an annotated region or a row a detected cell",
    reads="cell counts",
    extensions=SUFFIXES,
    recognise=recognise,
    read=read,
    asks=(*COUNT_LABEL_ASKS, PIXEL, *TABLE_ASKS),
)
