"""An experiment that has been run: its data, where they come from, and its results folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from engramlab.brain import Brain
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import OutputError, Problem
from engramlab.protocol import Protocol, load_protocol
from engramlab.record.dataset import assemble, digest
from engramlab.record.files import staged
from engramlab.record.provenance import describe_run, read_provenance, write_provenance
from engramlab.record.storage import FILE, read_record, record_file
from engramlab.record.summary import mean_freezing, summary
from engramlab.record.table import make_table


class Experiment:
    """The results of a protocol run on a cohort.

    Made by `engramlab.run`, `Experiment.from_records` or `Experiment.load`.

    Parameters
    ----------
    data : xarray.Dataset
        As `assemble` returns it.
    protocol : Protocol
    provenance : dict
        As `describe_run` returns it.
    """

    def __init__(self, data: xr.Dataset, protocol: Protocol, provenance: dict[str, Any]) -> None:
        self.data = data
        self.protocol = protocol
        self.provenance = provenance

    @classmethod
    def from_records(
        cls, records: Sequence[AnimalRecord], protocol: Protocol, brain: Brain, seed: int
    ) -> Experiment:
        """Make an experiment of the records of its animals.

        Parameters
        ----------
        records : sequence of AnimalRecord
            At least one.
        protocol : Protocol
        brain : Brain
            The brain before the groups' own changes.
        seed : int
        """
        attrs = {
            "version": version("engramlab"),
            "seed": str(seed),  # as text: NetCDF attributes hold 64 bits, seeds may be larger
            "protocol": protocol.to_yaml(),
            "parameters": json.dumps(brain.parameters),
            "switched_off": json.dumps(brain.switched_off),
            "brain_digest": brain.digest(),
        }
        data = assemble(records, protocol, brain, attrs)
        animals = int(data["animal_number"].max()) + 1
        provenance = describe_run(protocol, brain, animals=animals, seed=seed)
        return cls(data, protocol, {**provenance, "digest": digest(data)})

    @cached_property
    def file(self) -> memoryview:
        """Content of ``record.nc``; kept until it is saved."""
        return record_file(self.data)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a value: see `make_table`."""
        return make_table(self.data)

    @property
    def freezing(self) -> pd.DataFrame:
        """Freezing in per cent: one row an animal (group, animal), one column a session."""
        return pd.DataFrame(
            self.data["freezing"].values,
            index=pd.MultiIndex.from_arrays(
                [self.data["group"].values, self.data["animal_number"].values],
                names=["group", "animal"],
            ),
            columns=pd.Index(self.data["session"].values, name="session"),
        )

    def summary(self) -> str:
        """Return the main results as text that fits a screen of 80 x 24 characters."""
        return summary(self.protocol, self.provenance, self.data, self.table)

    def save(self, folder: str | Path) -> Path:
        """Write the results folder.

        ``record.nc``, ``table.csv``, ``table.parquet``, ``protocol.yaml`` and, last,
        ``provenance.json``.

        Parameters
        ----------
        folder : str or Path
            A new or empty folder, or one in which this run was begun.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            When the folder holds something else, the disk is full, ...; nothing half-written is
            left.
        """
        folder = Path(folder)
        self._check_free(folder)
        with staged(folder) as place:
            (place / FILE).write_bytes(self.file)
            del self.file  # made again if need be
            self.table.to_csv(place / "table.csv", index=False)
            self.table.to_parquet(place / "table.parquet", index=False)
            (place / "protocol.yaml").write_text(self.protocol.to_yaml(), encoding="utf-8")
            write_provenance(place, {**self.provenance, "status": "complete"})
        return folder

    def _check_free(self, folder: Path) -> None:
        if not folder.is_dir() or not any(folder.iterdir()):
            return
        begun = (folder / "provenance.json").exists() and read_provenance(folder)
        same = ("protocol", "brain", "seed", "animals")
        if (
            not begun
            or begun["status"] != "running"
            or any(begun[key] != self.provenance[key] for key in same)
        ):
            raise OutputError(
                Problem(
                    str(folder),
                    "exists already and is not empty; nothing in it was touched",
                    "a new folder, or delete this one first",
                )
            )

    @classmethod
    def load(cls, folder: str | Path) -> Experiment:
        """Read a results folder.

        Raises
        ------
        OutputError
            When it is no results folder, the run was stopped, or a file is damaged or of an
            unknown format.
        ProtocolError
            When its ``protocol.yaml`` was changed to something invalid.
        """
        folder = Path(folder)
        provenance = read_provenance(folder)
        if provenance.get("status") != "complete":
            raise OutputError(
                Problem(
                    str(folder),
                    "holds a run that was stopped before its end",
                    f"finish it with 'engramlab resume {folder}'",
                )
            )
        return cls(read_record(folder), load_protocol(folder / "protocol.yaml"), provenance)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        run = self.provenance
        means = mean_freezing(self.data).to_html(escape=True)
        return (
            f"<b>{escape(self.protocol.title or self.protocol.name)}</b><br>"
            f"{len(run['groups'])} groups × {run['animals']} animals, seed {run['seed']}, "
            f"engramlab {escape(run['version'])}"
            f"<br>Freezing, % (mean ± sd over animals){means}"
        )
