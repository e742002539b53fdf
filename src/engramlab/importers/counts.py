"""Counts of cells: by animal, region and marker, as the counting programs give them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import CANONICAL, COUNT_LABELS, ColumnMap
from engramlab.importers.importer import Options
from engramlab.importers.labels import labelled
from engramlab.importers.scores import Scores, kept, shown
from engramlab.importers.tables import numbers

NEEDED = ("animal", "region", "marker")
COLUMNS = (*COUNT_LABELS, "image", "count", "area_mm2")
BY_ANIMAL = list(COUNT_LABELS)


@dataclass(frozen=True)
class CellCounts:
    """Counts of cells in one form, whatever program counted them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an image, region and marker: experiment, group, condition, hours, animal, region,
        marker, image, count [cells], area_mm2 (of the region in that image; NaN where the file
        does not say it in a known unit).
    columns : ColumnMap
        What the names in it mean.
    source : str
        Where they come from.
    """

    table: pd.DataFrame
    columns: ColumnMap
    source: str

    def by_animal(self) -> pd.DataFrame:
        """Counts and areas of an animal's images together, for each region and marker.

        Returns
        -------
        pandas.DataFrame
            Also ``images``, ``per_image`` [cells] and ``per_mm2`` [cells per mm² of all its images;
            NaN where an area is unknown].
        """
        grouped = self.table.groupby(BY_ANIMAL, sort=False, dropna=False)
        table = grouped.agg(
            images=("image", "nunique"), count=("count", "sum"), areas=("area_mm2", "count")
        )
        table["area_mm2"] = grouped["area_mm2"].sum().where(table["areas"] == grouped.size())
        table["per_image"] = table["count"] / table["images"]
        table["per_mm2"] = table["count"] / table["area_mm2"]
        return table.drop(columns="areas").reset_index()

    def scores(self) -> Scores:
        """One score an animal, region and marker: density where all areas are known.

        Images of one animal are not independent, so they are taken together.
        """
        table = self.by_animal()
        dense = bool(np.isfinite(table["per_mm2"]).all())
        unit = "cells per mm2" if dense else "cells per image"
        table["measure"] = table["marker"] + ", " + table["region"] + " [" + unit + "]"
        table["value"] = table["per_mm2" if dense else "per_image"]
        return Scores(table[list(CANONICAL)], self.columns, self.source)

    def summary(self) -> str:
        """Text for a terminal."""
        table, areas = self.table, np.isfinite(self.table["area_mm2"])
        known = "all" if areas.all() else f"{areas.sum()} of {len(areas)}" if areas.any() else "no"
        parts = {name: list(dict.fromkeys(table[name])) for name in ("animal", "region", "marker")}
        return (
            f"{self.source}: {table['count'].sum():,} cells in {table['image'].nunique()} images "
            f"of {len(parts['animal'])} animals; {known} areas known\n"
            f"  regions: {', '.join(parts['region'])}\n  markers: {', '.join(parts['marker'])}"
        )


def cell_counts(
    path: Path,
    raw: pd.DataFrame,
    options: Options,
    columns: dict[str, str],
    *,
    named_by: str | None,
) -> CellCounts:
    """Make cell counts of what a program wrote.

    Parameters
    ----------
    path : Path
    raw : pandas.DataFrame
        Text columns of the file, and ``image`` [text], ``count`` [cells], ``area_mm2`` [NaN where
        unknown], ``marker`` where the format knows it; the index is the (first) row in the file.
    options : Options
    columns : dict of str to str
        Label -> its column in `raw`, from `label_columns`.
    named_by : str or None
        The column with the image name; None: the file's own name.

    Raises
    ------
    DataError
        For missing labels, and an animal in two groups.
    """
    labels = labelled(
        path, raw, options, columns, named_by=named_by, labels=COUNT_LABELS, needed=NEEDED
    )
    table = labels.assign(
        image=raw["image"].to_numpy(),
        count=raw["count"].to_numpy(),
        area_mm2=raw["area_mm2"].to_numpy(float),
    )
    table = kept(path, table, options.columns, columns)
    hours = numbers(table["hours"], options)
    wrong = table.loc[(table["hours"] != "") & ~(np.isfinite(hours) & (hours >= 0)), "hours"]
    problems = [
        Problem(f"{path}, row {row}", f"hours are {text!r}", "a number, 0 or more")
        for row, text in wrong.items()
    ]
    groups = table.groupby("animal", sort=False)["group"].unique()
    problems += [
        Problem(
            f"{path}, animal '{animal}'",
            "is in the groups " + " and ".join(names),
            "one group an animal (two animals need two names)",
        )
        for animal, names in groups.items()
        if len(names) > 1
    ]
    if problems:
        raise DataError(shown(path, problems))
    table = table.assign(hours=hours)
    keys = [*COUNT_LABELS, "image"]
    # A region may be drawn in several pieces in one image (left and right): its pieces add up.
    pieces = table.groupby(keys, sort=False, dropna=False)
    area = pieces["area_mm2"].sum().where(pieces["area_mm2"].count() == pieces.size())
    table = pd.concat([pieces["count"].sum(), area], axis=1).reset_index()
    return CellCounts(table[list(COLUMNS)], options.columns, str(path))


def tally(
    path: Path, parts: Iterable[pd.DataFrame], keys: list[str], *, better: str
) -> pd.DataFrame:
    """Count rows by what they are about, a part of a table at a time; warns of what it cannot see.

    Parameters
    ----------
    path : Path
    parts : iterable of pandas.DataFrame
        The index is the row in the file.
    keys : list of str
        Columns that tell rows apart; none: all rows are one.
    better : str
        The program's table that also has images without cells.

    Returns
    -------
    pandas.DataFrame
        The keys and ``count``; the index is the first row of each.

    Raises
    ------
    DataError
        When there are no rows.
    """
    sizes, firsts = [], []
    keys = keys or [""]
    for part in parts:
        part = part if keys != [""] else part.assign(**{"": ""})
        rows = part.reset_index(names="row").groupby(keys, sort=False)["row"]
        sizes.append(rows.size())
        firsts.append(rows.first())
    if not sizes:
        raise DataError(Problem(str(path), "has a header and no rows", "a row a cell"))
    warnings.warn(
        f"{path}: a table of cells lacks images and regions without any cell, so that means may be "
        f"too high; {better} has them",
        stacklevel=2,
    )
    levels = list(range(len(keys)))
    table = pd.concat(sizes).groupby(level=levels, sort=False).sum().rename("count").reset_index()
    return table.set_axis(pd.concat(firsts).groupby(level=levels, sort=False).first().to_numpy())


def with_zeros(table: pd.DataFrame, kinds: str) -> pd.DataFrame:
    """Add the kinds of cell that other rows have and a place lacks, with a count of 0.

    Parameters
    ----------
    table : pandas.DataFrame
        From `tally`.
    kinds : str
        The column that says what kind of cell it is; all others are the place.
    """
    place = [name for name in table.columns if name not in (kinds, "count")]
    if not place:
        return table
    first = table.reset_index(names="row").groupby(place, sort=False)["row"].min().reset_index()
    grid = first.merge(table[[kinds]].drop_duplicates(), how="cross")
    full = grid.merge(table, on=[*place, kinds], how="left").fillna({"count": 0})
    return full.astype({"count": int}).set_index("row").rename_axis(None)[list(table.columns)]


def whole_number(path: Path, text: pd.Series, column: str, options: Options) -> pd.Series:
    """Counts as whole numbers.

    Raises
    ------
    DataError
        For what is no whole number, 0 or more: with row, column and value.
    """
    value = numbers(text, options)
    wrong = text[~(np.isfinite(value) & (value >= 0) & (value == value.round()))]
    if len(wrong):
        raise DataError(
            shown(
                path,
                [
                    Problem(
                        f"{path}, row {row}, column '{column}'",
                        f"the count is {found!r}" if found else "the count is missing",
                        "a whole number of cells, 0 or more",
                    )
                    for row, found in wrong.items()
                ],
            )
        )
    return value.astype(int)
