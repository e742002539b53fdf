"""What an NWB file holds besides activity: time bases, epochs, behaviour and light."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.sessions import EPOCH_COLUMNS

if TYPE_CHECKING:
    import xarray as xr

IRREGULAR = 0.1  # largest deviation of a time step from the median, as a share, that is a rate
IMAGES = ("ImageSeries", "TwoPhotonSeries", "OnePhotonSeries", "OpticalSeries", "ImageMaskSeries")


def rate_of(file: Path, series: Any) -> tuple[float | None, float]:
    """Frames per second of a time series and the time of its first one.

    Returns
    -------
    tuple of (float or None, float)
        No rate where its time stamps have none.

    Raises
    ------
    DataError
        When time stamps do not rise or are not as many as the frames.
    """
    if series.rate is not None:
        return float(series.rate), float(series.starting_time or 0.0)
    times = np.asarray(series.timestamps[:], float)
    where = f"{file}, {series.name}, timestamps"
    if len(times) != series.data.shape[0]:
        raise DataError(
            Problem(where, f"are {len(times)}, frames {series.data.shape[0]}", "one a frame")
        )
    steps = np.diff(times)
    bad = np.flatnonzero(~(steps > 0))
    if len(bad):
        place = int(bad[0])
        raise DataError(
            Problem(
                f"{where}, {place + 2}",
                f"{times[place + 1]:g} after {times[place]:g}",
                "rising times",
            )
        )
    if not len(steps):
        return None, float(times[0]) if len(times) else 0.0
    step = float(np.median(steps))
    regular = bool((np.abs(steps - step) <= IRREGULAR * step).all())
    return (1 / step if regular else None), float(times[0])


def epochs_of(file: Path, nwb: Any) -> pd.DataFrame:
    """Intervals of all kinds: tables of intervals, interval series, tables of events."""
    from pynwb.epoch import TimeIntervals
    from pynwb.event import EventsTable
    from pynwb.misc import IntervalSeries

    found: list[pd.DataFrame] = []
    for one in nwb.objects.values():
        if isinstance(one, TimeIntervals):
            found.append(
                _epochs(one.name, one, one["start_time"].data[:], one["stop_time"].data[:])
            )
        elif isinstance(one, EventsTable):
            start = np.asarray(one["timestamp"].data[:], float)
            lasting = "duration" in one.colnames
            length = np.asarray(one["duration"].data[:], float) if lasting else 0.0
            found.append(_epochs(one.name, one, start, start + np.nan_to_num(length)))
        elif isinstance(one, IntervalSeries):
            signs, times = np.asarray(one.data[:]), np.asarray(one.timestamps[:], float)
            starts, stops = times[signs > 0], times[signs < 0]
            if len(starts) != len(stops) or (stops < starts).any():
                raise DataError(
                    Problem(
                        f"{file}, {one.name}",
                        f"starts {len(starts)} intervals and stops {len(stops)}",
                        "a stop (-1) after each start (1)",
                    )
                )
            found.append(_epochs("intervals", None, starts, stops).assign(name=one.name))
    if not found:
        return pd.DataFrame(columns=list(EPOCH_COLUMNS[1:]))
    return pd.concat(found, ignore_index=True).sort_values("start_seconds", kind="stable")


def _epochs(source: str, table: Any, start: Any, stop: Any) -> pd.DataFrame:
    """Epochs of one table, each named by its tags, label or kind, else as the table."""
    names = [source] * len(start)
    for column in ("tags", "label", "condition", "stimulus", "name"):
        if table is not None and column in table.colnames:
            values = [table[column][row] for row in range(len(start))]
            names = [", ".join(v) if isinstance(v, list | np.ndarray) else str(v) for v in values]
            break
    times = {"start_seconds": np.asarray(start, float), "stop_seconds": np.asarray(stop, float)}
    return pd.DataFrame({"source": source, "name": names, **times})


def signals_of(file: Path, nwb: Any) -> dict[str, xr.DataArray]:
    """Light and other signals over time, in memory: they are small beside the activity.

    Attributes of each: ``unit``, and ``what`` (``optogenetics``, ``behaviour`` or ``other``).
    """
    import xarray as xr
    from pynwb import TimeSeries
    from pynwb.misc import IntervalSeries
    from pynwb.ogen import OptogeneticSeries
    from pynwb.ophys import RoiResponseSeries

    found: dict[str, xr.DataArray] = {}
    for one in nwb.objects.values():
        kind = type(one).__name__
        if not isinstance(one, TimeSeries) or isinstance(one, RoiResponseSeries | IntervalSeries):
            continue
        if kind in IMAGES or one.data is None or not np.issubdtype(one.data.dtype, np.number):
            continue
        light = isinstance(one, OptogeneticSeries)
        what = "optogenetics" if light else "behaviour" if _is_behaviour(one) else "other"
        values = np.asarray(one.data[:])
        if one.rate is not None:
            seconds = (one.starting_time or 0.0) + np.arange(len(values)) / one.rate
        else:
            seconds = np.asarray(one.timestamps[:], float)
        if len(seconds) != len(values):
            raise DataError(
                Problem(
                    f"{file}, {one.name}", f"{len(values)} values, {len(seconds)} times", "as many"
                )
            )
        dims = ("seconds", *(f"{one.name}_{axis}" for axis in range(1, values.ndim)))
        attrs = {"unit": str(one.unit), "what": what}
        name = one.name if one.name not in found else f"{one.parent.name}/{one.name}"
        found[name] = xr.DataArray(values, coords={"seconds": seconds}, dims=dims, attrs=attrs)
    return found


def _is_behaviour(series: Any) -> bool:
    """Whether a container around a series says that it is behaviour."""
    above = series.parent
    while above is not None:
        if type(above).__module__ == "pynwb.behavior" or above.name in ("behavior", "behaviour"):
            return True
        above = above.parent
    return False
