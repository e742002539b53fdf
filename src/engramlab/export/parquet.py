"""Parquet: tables for pandas, polars, R (arrow) or DuckDB; units are in the columns' metadata."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from engramlab.export.animals import about, animals_of, meaning, neuron_table, sessions_of
from engramlab.record import Experiment, staged

STATIC = ("region", "population")


def export_parquet(experiment: Experiment, folder: str | Path) -> Path:
    """Write ``scores``, ``moments``, ``neurons`` and ``activity`` as Parquet.

    ``scores.parquet`` is the tidy table (one row a value), ``moments.parquet`` behaviour by moments
    of 30 s, ``neurons.parquet`` a row a neuron (region, tags, sets), ``activity.parquet`` a row a
    neuron and session. They join on group, animal, session and neuron.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    with staged(folder) as place:
        note = about(experiment)
        _write(experiment.table, place / "scores.parquet", note)
        for name, parts in (
            ("moments", _moments(experiment)),
            ("neurons", _neurons(experiment)),
            ("activity", _activity(experiment)),
        ):
            _write_parts(parts, place / f"{name}.parquet", note)
    return folder


def _moments(experiment: Experiment) -> Iterator[pd.DataFrame]:
    for animal in animals_of(experiment):
        keys: dict[str, Any] = {"group": animal.group, "animal": animal.number}
        for session in sessions_of(experiment, animal):
            of = keys | {"session": session.name, "hours": session.hours}
            of |= {"context": session.context, "probe": session.probe}
            moments = session.moments()
            yield pd.concat([moments.assign(**of)[list(of)], moments], axis=1)


def _neurons(experiment: Experiment) -> Iterator[pd.DataFrame]:
    for animal in animals_of(experiment):
        table = neuron_table(animal)
        table.insert(0, "group", animal.group)
        table.insert(1, "animal", animal.number)
        yield table


def _activity(experiment: Experiment) -> Iterator[pd.DataFrame]:
    for animal in animals_of(experiment):
        for session in sessions_of(experiment, animal):
            table = neuron_table(animal, session)
            drop = [n for n in table if str(n).startswith(("tag_", "set_")) or n in STATIC]
            table = table.drop(columns=drop)
            table.insert(0, "group", animal.group)
            table.insert(1, "animal", animal.number)
            table.insert(2, "session", session.name)
            yield table


def _write_parts(parts: Iterator[pd.DataFrame], path: Path, note: str) -> None:
    """An animal (and session) at a time, so that a large cohort need not fit memory twice."""
    import pyarrow
    from pyarrow import parquet

    first = pyarrow.Table.from_pandas(next(parts), preserve_index=False)
    schema = _described(first.schema, note)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        writer.write_table(first.cast(schema))
        for part in parts:
            table = pyarrow.Table.from_pandas(part, preserve_index=False)
            writer.write_table(table.cast(schema))


def _write(table: pd.DataFrame, path: Path, note: str) -> None:
    _write_parts(iter([table]), path, note)


def _described(schema: Any, note: str) -> Any:
    """The schema with a description and unit for each column, and where the table comes from."""
    import pyarrow

    fields = []
    for field in schema:
        try:
            description, unit = meaning(field.name)
        except KeyError:
            description, unit = "", "h" if field.name == "hours" else ""
        fields.append(field.with_metadata({"description": description, "unit": unit}))
    return pyarrow.schema(fields, metadata={"engramlab": note})
