"""Tidy tables of scores in CSV, TSV or Excel: one row a score of one animal, our column names."""

from __future__ import annotations

from pathlib import Path

from engramlab.importers.columns import REQUIRED
from engramlab.importers.importer import TABLE_ASKS, Importer, Options
from engramlab.importers.scores import Scores, read_scores
from engramlab.importers.tables import SUFFIXES, has_columns


def recognise(path: Path) -> bool:
    """Whether the header has our names for animal and value."""
    return has_columns(path, *REQUIRED)


def read(path: Path, options: Options) -> Scores:
    """Read a tidy table; see `engramlab.importers.read_scores`."""
    return read_scores(path, options.columns, options)


IMPORTER = Importer(
    name="scores",
    title="tidy table of scores (CSV, TSV, Excel): a row a score; --column tells what is what",
    reads="scores",
    extensions=SUFFIXES,
    recognise=recognise,
    read=read,
    asks=TABLE_ASKS,
)
