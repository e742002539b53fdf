"""Animals and sessions of an experiment as what is written of them, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engramlab.errors import ParameterError, Problem
from engramlab.protocol import Protocol, schedule
from engramlab.protocol.schedule import Session
from engramlab.protocol.schema import MOMENT_MINUTES
from engramlab.record import Experiment

MOMENT_SECONDS = 60.0 * MOMENT_MINUTES
# Virtual time has no date. Hour 0 of a protocol is 9:00; this day stands for day 0.
DAY_0 = datetime(2000, 1, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Animal:
    """One virtual animal.

    Parameters
    ----------
    label : str
        Letters and digits only, unique: ``shock03``.
    group : str
    number : int
        Within the group, from 0.
    data : xarray.Dataset
        Its part of the experiment, not loaded anew.
    """

    label: str
    group: str
    number: int
    data: xr.Dataset


@dataclass(frozen=True)
class SessionOf:
    """One session of one animal.

    Parameters
    ----------
    label : str
        Letters and digits only, unique within the animal.
    name, context : str
    hours : float
        Since 9:00 on day 0.
    probe : bool
    plan : Session
        What was done in it, moment by moment.
    data : xarray.Dataset
        The animal's data in it.
    """

    label: str
    name: str
    context: str
    hours: float
    probe: bool
    plan: Session
    data: xr.Dataset

    @property
    def start(self) -> datetime:
        """When it began, if day 0 was the first of January 2000."""
        return DAY_0 + timedelta(hours=self.hours)

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return 60.0 * self.plan.minutes

    def moments(self) -> pd.DataFrame:
        """Freezing [percent] and valences [0 to 1] of each moment."""
        count = self.plan.moments
        valence = self.data["valence_by_moment"].values[:count]
        return pd.DataFrame(
            {
                "onset": np.arange(count) * MOMENT_SECONDS,
                "duration": np.full(count, MOMENT_SECONDS),
                "freezing": self.data["freezing_by_moment"].values[:count],
                "valence_negative": valence[:, 0],
                "valence_positive": valence[:, 1],
            }
        )

    def stimuli(self) -> pd.DataFrame:
        """What the animal met: kind, name, onset and duration [s], value with its unit."""
        rows: list[tuple[str, str, float, float, float, str]] = []
        plan = self.plan
        rows += [("shock", "shock", *when, value, "mA") for when, value in _runs(plan.shock_mA)]
        rows += [("reward", "reward", *when, value, "1") for when, value in _runs(plan.reward)]
        names = sorted({name for name in plan.cue if name})
        for name in names:
            on = [float(found == name) for found in plan.cue]
            rows += [("cue", name, *when, value, "1") for when, value in _runs(on)]
        for beam in plan.light:
            kind = f"light_{beam.effect}"
            lit = [float(on) for on in beam.moments]
            rows += [(kind, beam.cells, *when, value, "1") for when, value in _runs(lit)]
        columns = ["kind", "name", "onset", "duration", "value", "unit"]
        return pd.DataFrame(rows, columns=columns).sort_values(["onset", "kind"], kind="stable")


def _runs(values: Sequence[float]) -> Iterator[tuple[tuple[float, float], float]]:
    """Stretches of moments with one value above 0: onset and duration in seconds, value."""
    place = 0
    for value, run in groupby(values):
        count = len(list(run))
        if value > 0:
            yield (place * MOMENT_SECONDS, count * MOMENT_SECONDS), float(value)
        place += count


def animals_of(experiment: Experiment) -> list[Animal]:
    """All animals in order.

    Raises
    ------
    ParameterError
        When two groups' names are the same but for signs that labels cannot hold.
    """
    data = experiment.data
    groups = labels(list(experiment.protocol.groups), "group")
    width = max(2, len(str(int(data["animal_number"].max()))))
    return [
        Animal(
            f"{groups[str(group)]}{int(number):0{width}}",
            str(group),
            int(number),
            data.isel(animal=place),
        )
        for place, (group, number) in enumerate(
            zip(data["group"].values, data["animal_number"].values, strict=True)
        )
    ]


def sessions_of(experiment: Experiment, animal: Animal) -> list[SessionOf]:
    """Sessions that an animal had, in time order."""
    plans = _plans(experiment.protocol, animal.group)
    known = labels([str(name) for name in experiment.data["session"].values], "session")
    result = []
    for place, name in enumerate(map(str, animal.data["session"].values)):
        data = animal.data.isel(session=place)
        if name in plans and not np.isnan(float(data["freezing"])):
            result.append(
                SessionOf(
                    label=known[name],
                    name=name,
                    context=str(data["context"].values),
                    hours=float(data["hours"]),
                    probe=bool(data["probe"]),
                    plan=plans[name],
                    data=data,
                )
            )
    return result


def _plans(protocol: Protocol, group: str) -> dict[str, Session]:
    return {session.name: session for session in schedule(protocol, group).sessions}


def labels(names: Sequence[str], what: str) -> dict[str, str]:
    """Labels of letters and digits, as BIDS wants them, for names that may hold other signs.

    Raises
    ------
    ParameterError
        When two names would have one label.
    """
    found: dict[str, str] = {}
    for name in names:
        parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part]
        label = "".join(
            [parts[0], *(part[0].upper() + part[1:] for part in parts[1:])] if parts else "x"
        )
        twin = next((other for other, taken in found.items() if taken == label), None)
        if twin is not None:
            raise ParameterError(
                Problem(
                    f"{what}s '{twin}' and '{name}'",
                    f"would both be written as '{label}'",
                    "names that differ in letters or digits",
                )
            )
        found[name] = label
    return found


def neuron_table(animal: Animal, session: SessionOf | None = None) -> pd.DataFrame:
    """One row a neuron: region, population, tags, sets; with a session its activity and state.

    Returns
    -------
    pandas.DataFrame
        neuron, region, population, ``tag_NAME`` and ``set_NAME`` [bool]; with a session
        ``peak`` and ``rate`` [0 to 1] and the state at its start.
    """
    data = animal.data
    columns: dict[str, NDArray[np.generic]] = {
        "neuron": np.arange(data.sizes["neuron"]),
        "region": data["region"].values.astype(str),
        "population": data["population"].values.astype(str),
    }
    for name, values in zip(data["tag"].values, data["tagged"].values, strict=True):
        columns[f"tag_{name}"] = values
    for name, values in zip(data["cell_set"].values, data["in_cell_set"].values, strict=True):
        columns[f"set_{name}"] = values
    if session is not None:
        columns["peak"] = session.data["ieg"].values
        columns["rate"] = session.data["rate"].values
        state = session.data["neuron_state"]
        columns |= {str(n): state.sel(state=n).values for n in state["state"].values}
    return pd.DataFrame(columns)


# What the columns mean, with units; used by every format.
MEANING = {
    "neuron": ("number of the neuron, the same in all sessions of an animal", ""),
    "region": ("brain region", ""),
    "population": ("part of the region, where it has parts", ""),
    "peak": ("largest activity in the session: what an immediate early gene shows", "1"),
    "rate": ("mean activity in the session", "1"),
    "excitability": ("excitability at the start of the session", "1"),
    "protein": ("plasticity-related protein at the start of the session", "1"),
    "chromatin": ("open chromatin at the start of the session", "1"),
    "input_strength": ("learned strength of its inputs at the start of the session", "1"),
    "feedforward": ("contacts of feed-forward inhibition at the start of the session", "1"),
    "onset": ("since the start of the session", "s"),
    "duration": ("how long", "s"),
    "freezing": ("share of the moment spent freezing", "percent"),
    "valence_negative": ("activity of the negative half of BLA", "1"),
    "valence_positive": ("activity of the positive half of BLA", "1"),
}


def meaning(column: str) -> tuple[str, str]:
    """Description and unit of a column."""
    if column.startswith("tag_"):
        return f"whether it carries the tag '{column[4:]}' at the end of the experiment", ""
    if column.startswith("set_"):
        return f"whether it is in the set of cells '{column[4:]}'", ""
    return MEANING[column]


def about(experiment: Experiment) -> str:
    """Where the data come from, in a sentence for the file."""
    run = experiment.provenance
    return (
        f"Virtual animals, simulated by engramlab {run['version']}: no animal was used and nothing "
        f"was measured. Protocol {run['protocol']['name']}, seed {run['seed']}, brain "
        f"{run['brain']['digest']}. To make it again: {run['command']}"
    )
