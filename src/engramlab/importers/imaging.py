"""Activity of cells over sessions, registered across them, as the imaging programs give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import (
    ANIMAL,
    FRAME_RATE,
    GROUP,
    NAN,
    SESSIONS,
    Options,
    missing,
)
from engramlab.importers.sessions import EPOCH_COLUMNS, Session

if TYPE_CHECKING:
    import xarray as xr

BLOCK_FRAMES = 10_000
IMAGING_ASKS = (FRAME_RATE, ANIMAL, GROUP, SESSIONS, NAN)


@dataclass(frozen=True)
class Imaging:
    """Activity of one animal's cells, read from the files only where it is looked at.

    Parameters
    ----------
    data : xarray.Dataset
        ``activity(session, time, cell)``, NaN beyond the end of a session and where a cell was not
        found in it; coordinates ``frames(session)``, ``start_seconds(session)``,
        ``hours(session)`` (NaN where unknown) and ``seen(session, cell)``. Attributes: ``animal``,
        ``group``, ``frame_rate_Hz``, ``frame_rate_from`` (``told`` or ``file``), ``kind``
        (``traces`` or ``events``), ``signal``, ``format``.
    epochs : pandas.DataFrame
        Intervals that the file holds (light, tones, behaviour, trials): session, source, name,
        start_seconds, stop_seconds.
    series : mapping of (str, str) to xarray.DataArray
        Other signals by session and name, over ``seconds``.
    source : str
        Where it comes from.
    """

    data: xr.Dataset
    epochs: pd.DataFrame
    series: Mapping[tuple[str, str], xr.DataArray]
    source: str

    @property
    def animal(self) -> str:
        """Which animal it is."""
        return str(self.data.attrs["animal"])

    @property
    def kind(self) -> str:
        """What the numbers are: ``traces`` or ``events``."""
        return str(self.data.attrs["kind"])

    @property
    def frame_rate_Hz(self) -> float:  # noqa: N802 - a unit
        """Frames per second."""
        return float(self.data.attrs["frame_rate_Hz"])

    @property
    def sessions(self) -> tuple[str, ...]:
        """Names of the sessions, in order."""
        return tuple(str(name) for name in self.data["session"].values)

    def session(self, name: str) -> xr.DataArray:
        """Activity (time, cell) of the cells found in one session; still not loaded.

        Its coordinate ``seconds`` is on the clock of `epochs` and `series`.

        Raises
        ------
        DataError
            When there is no such session.
        """
        if name not in self.sessions:
            raise DataError(
                Problem(
                    self.source, f"has no session '{name}'", "one of " + ", ".join(self.sessions)
                )
            )
        data = self.data.sel(session=name)
        frames = int(data["frames"])
        seen = np.flatnonzero(data["seen"].to_numpy())
        activity = data["activity"].isel(time=slice(0, frames), cell=seen)
        seconds = float(data["start_seconds"]) + np.arange(frames) / self.frame_rate_Hz
        return activity.assign_coords(seconds=("time", seconds))

    def blocks(self, name: str, frames: int = BLOCK_FRAMES) -> Iterator[NDArray[Any]]:
        """Activity of one session in parts of some frames (frames x cells), for long recordings."""
        activity = self.session(name)
        for start in range(0, activity.sizes["time"], frames):
            yield activity.isel(time=slice(start, start + frames)).to_numpy()

    def session_table(self) -> pd.DataFrame:
        """One row a session: frames, seconds, hours, cells found."""
        return pd.DataFrame(
            {
                "session": list(self.sessions),
                "frames": self.data["frames"].to_numpy(),
                "seconds": self.data["frames"].to_numpy() / self.frame_rate_Hz,
                "hours": self.data["hours"].to_numpy(),
                "cells": self.data["seen"].to_numpy().sum(axis=1),
            }
        )

    def cell_table(self) -> pd.DataFrame:
        """One row a session and cell: mean, sd and maximum; reads all frames, in parts."""
        tables = []
        for name in self.sessions:
            cells = self.session(name)["cell"].to_numpy()
            total, squares, highest = (np.zeros(len(cells)) for _ in range(3))
            highest -= np.inf
            count = np.zeros(len(cells))
            for block in self.blocks(name):
                there = np.isfinite(block)
                values = np.where(there, block, 0.0).astype(float)
                count += there.sum(axis=0)
                total += values.sum(axis=0)
                squares += (values**2).sum(axis=0)
                highest = np.maximum(highest, np.where(there, block, -np.inf).max(axis=0))
            count = np.where(count > 0, count, np.nan)
            mean = total / count
            spread = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
            columns = {"session": name, "cell": cells, "mean": mean, "sd": spread, "max": highest}
            tables.append(pd.DataFrame(columns))
        return pd.concat(tables, ignore_index=True)

    def summary(self) -> str:
        """Text for a terminal; reads no activity."""
        table = self.session_table()
        everywhere = int(self.data["seen"].to_numpy().all(axis=0).sum())
        what = self.data.attrs
        lines = [
            f"{self.source}: animal {self.animal}, {self.kind} ({what['signal']}) at "
            f"{self.frame_rate_Hz:g} Hz ({what['frame_rate_from']}); {self.data.sizes['cell']} "
            f"cells, {everywhere} in every one of {len(table)} sessions"
        ]
        for _, row in table.iterrows():
            hours = "" if np.isnan(row["hours"]) else f"{row['hours']:8.1f} h"
            lines.append(
                f"  {row['session']:<16}{row['frames']:>8} frames {row['seconds']:9.1f} s "
                f"{row['cells']:>6} cells{hours}"
            )
        if len(self.epochs):
            lines.append(f"  {len(self.epochs)} epochs: " + ", ".join(set(self.epochs["name"])))
        if self.series:
            lines.append("  signals: " + ", ".join(sorted({name for _, name in self.series})))
        return "\n".join(lines)


def imaging(
    sessions: Sequence[Session],
    options: Options,
    path: Path,
    *,
    animal: str | None,
    frame_rate_hz: float | None,
    kind: str,
    signal: str,
    format_name: str,
) -> Imaging:
    """Put sessions together whose cells are registered: the same name is the same cell.

    Parameters
    ----------
    sessions : sequence of Session
        In order.
    options : Options
    path : Path
    animal : str or None
        As the files say; what was told goes first.
    frame_rate_hz : float or None
        As the files say; what was told goes first.
    kind : str
        ``traces`` or ``events``.
    signal : str
        What the files call it.
    format_name : str

    Raises
    ------
    DataError
        When animal or frame rate are neither said nor told, a session is empty, or names are
        doubled.
    """
    import xarray as xr

    from engramlab.importers.lazy import Activity

    animal = options.text(ANIMAL) or animal
    rate = options.number(FRAME_RATE) or frame_rate_hz
    if animal is None:
        raise missing(path, ANIMAL)
    if rate is None:
        raise missing(path, FRAME_RATE)
    problems = [problem for session in sessions for problem in _problems(session)]
    names = [session.name for session in sessions]
    problems += [
        Problem(str(path), f"holds session '{name}' twice", "each session once")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if problems:
        raise DataError(problems)
    cells = list(dict.fromkeys(name for session in sessions for name in session.cells))
    activity = Activity(sessions, cells, options.choice(NAN, ("keep", "refuse")) == "keep")
    seen = [np.isin(np.array(cells), np.array(session.cells)) for session in sessions]
    data = xr.Dataset(
        {"activity": activity.variable()},
        coords={
            "session": names,
            "cell": cells,
            "frames": ("session", [session.frames for session in sessions]),
            "start_seconds": ("session", [session.start_seconds for session in sessions]),
            "hours": ("session", [session.hours for session in sessions]),
            "seen": (("session", "cell"), np.array(seen)),
        },
        attrs={
            "animal": animal,
            "group": options.text(GROUP) or "all",
            "frame_rate_Hz": rate,
            "frame_rate_from": "told" if FRAME_RATE.name in options.told else "file",
            "kind": kind,
            "signal": signal,
            "format": format_name,
        },
    )
    told = [s.epochs.assign(session=s.name) for s in sessions if s.epochs is not None]
    epochs = pd.concat(told) if told else pd.DataFrame(columns=list(EPOCH_COLUMNS))
    series = {(s.name, name): values for s in sessions for name, values in s.series.items()}
    return Imaging(data, epochs[list(EPOCH_COLUMNS)].reset_index(drop=True), series, str(path))


def _problems(session: Session) -> Iterator[Problem]:
    if not session.frames or not session.cells:
        yield Problem(session.where, "holds no activity", "frames of at least one cell")
    doubled = [name for name in set(session.cells) if session.cells.count(name) > 1]
    if doubled:
        yield Problem(session.where, f"names cell '{min(doubled)}' twice", "each cell once")
