"""Who is a member of the engram when, as tables, and who could leave or enter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engramlab.engine.animal_record import ENGRAM_THRESHOLD
from engramlab.measures import (
    difference,
    ensemble_retention,
    ensemble_survival,
    mean_estimate,
    membership_duration,
    newcomer_share,
)
from engramlab.studies.question import (
    REGIONS,
    cells_of_regions,
    columns,
    mean_of_known,
    neuron_state,
    sessions,
)

DAYS = (1, 3, 7, 14, 21, 28)
TIMES = (0.0, *map(float, DAYS))
STATES = ("excitability", "input_strength", "chromatin")


@dataclass(frozen=True)
class Members:
    """Membership and state of every cell over the days.

    Parameters
    ----------
    region : dict of str to bool array, shape (neuron,)
    active : bool array, shape (animal, day, neuron)
        At training (day 0) and in the recall probes.
    again : bool array, shape (animal, day, neuron)
        In a second probe at the same hour as each recall probe.
    ieg : float64 array, shape (animal, day, neuron)
    states : dict of str to float64 array, shape (animal, day, neuron)
        At the start of the probe; on day 0 an hour after training.
    """

    region: dict[str, NDArray[np.bool_]]
    active: NDArray[np.bool_]
    again: NDArray[np.bool_]
    ieg: NDArray[np.float64]
    states: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, data: xr.Dataset) -> Members:
        """Take the arrays out of an arm's dataset."""
        names = sessions(data)
        ieg = data["ieg"].values.astype(np.float64)
        recall = [names.index(f"day-{day}") for day in DAYS]
        repeat = [names.index(f"day-{day}-again") for day in DAYS]
        days = [names.index("training"), *recall]
        start = [names.index("after"), *recall]
        return cls(
            region=cells_of_regions(data),
            active=ieg[:, days] > ENGRAM_THRESHOLD,
            again=ieg[:, repeat] > ENGRAM_THRESHOLD,
            ieg=ieg[:, days],
            states={name: neuron_state(data, name)[:, start] for name in STATES},
        )


@dataclass(frozen=True)
class Risk:
    """Cells in intervals in which something can happen to them: one row each.

    Parameters
    ----------
    event : bool array, shape (row,)
        Whether it happened: a member left, or another cell entered.
    animal, region, interval : int arrays, shape (row,)
        Region as place in `REGIONS`; interval as place of its first day in `TIMES`.
    covariates : dict of str to float64 array, shape (row,)
        Known at the start of the interval.
    hindsight : dict of str to float64 array, shape (row,)
        What changed in the interval: known only at its end.
    """

    event: NDArray[np.bool_]
    animal: NDArray[np.int64]
    region: NDArray[np.int64]
    interval: NDArray[np.int64]
    covariates: dict[str, NDArray[np.float64]]
    hindsight: dict[str, NDArray[np.float64]]


def risks(members: Members) -> dict[str, Risk]:
    """The rows of exit (of members) and of entry (of the other cells)."""
    active = members.active
    days = np.array([membership_duration(mask, TIMES) for mask in active])
    before = np.cumsum(active, axis=1)
    # Number of each cell's region; -1 for cells that are not looked at.
    number = np.full(active.shape[2], -1)
    for place, region in enumerate(REGIONS):
        number[members.region[region]] = place
    found = {}
    for kind, at_risk in (("exit", active[:, :-1]), ("entry", ~active[:, :-1])):
        animal, interval, cell = np.nonzero(at_risk & (number >= 0))
        here, later = (animal, interval, cell), (animal, interval + 1, cell)
        history = np.log1p(days[here]) if kind == "exit" else before[here].astype(np.float64)
        states = {name: state[here] for name, state in members.states.items()}
        found[kind] = Risk(
            event=active[later] != active[here],
            animal=animal,
            region=number[cell],
            interval=interval,
            covariates={**states, "history": history, "activity": members.ieg[here]},
            hindsight={
                f"change of {name}": members.states[name][later] - members.states[name][here]
                for name in ("excitability", "input_strength")
            },
        )
    return found


def course(members: Members) -> pd.DataFrame:
    """Share of cells by day and region, each an estimate over animals.

    ``measure``: of the cells of day 0, those active on the day ("retention") and those active on
    every day so far ("survival"); of the cells active on the day, those that were not on day 0
    ("newcomers") and those missing in a second probe of the same hour ("missing in repeat"); all
    cells active on the day ("active": what chance would give as retention); of the members of the
    day before in the table, those not active now ("exit").
    """
    rows = []
    for region, (day, hour) in product(REGIONS, enumerate(TIMES)):
        values: dict[str, list[float]] = {}
        for animal in range(len(members.active)):
            for measure, value in _shares(members, animal, region, day):
                values.setdefault(measure, []).append(100 * value)
        rows += [
            {"measure": measure, "region": region, "day": hour, **columns(mean_estimate(found))}
            for measure, found in values.items()
        ]
    return pd.DataFrame(rows)


def _shares(members: Members, animal: int, region: str, day: int) -> Iterator[tuple[str, float]]:
    mask = members.active[animal][:, members.region[region]]
    yield "retention", float(ensemble_retention(mask)[day])
    yield "survival", float(ensemble_survival(mask)[day])
    yield "newcomers", float(newcomer_share(mask)[day])
    yield "active", float(mask[day].mean())
    if day > 0:
        again = members.again[animal, day - 1, members.region[region]]
        yield "missing in repeat", 1 - float(ensemble_retention([mask[day], again])[1])
        yield "exit", 1 - float(ensemble_retention(mask[day - 1 : day + 1])[1])


def arm_table(arms: Mapping[str, Members]) -> pd.DataFrame:
    """Every arm beside the intact brain, the same animals.

    ``measure``: per cent of the cells of day 0 active on day 28 ("retention"), of the cells active
    on day 28 those that were not on day 0 ("newcomers"), and mean exit from one recall day to the
    next ("exit"). ``region`` "all" is the mean over regions; ``difference ...`` arm minus intact.
    """
    rows = []
    for name, members in arms.items():
        own, intact = _by_animal(members), _by_animal(arms["intact"])
        for measure, values in own.items():
            for place, region in enumerate(("all", *REGIONS)):
                gap = difference(values[:, place], intact[measure][:, place], paired=True)
                rows.append(
                    {
                        "arm": name,
                        "measure": measure,
                        "region": region,
                        **columns(mean_estimate(values[:, place])),
                        **columns(gap, "difference "),
                    }
                )
    return pd.DataFrame(rows)


def _by_animal(members: Members) -> dict[str, NDArray[np.float64]]:
    """Values of shape (animal, "all" and every region), in per cent."""
    found: dict[str, list[list[float]]] = {"retention": [], "newcomers": [], "exit": []}
    for active in members.active:
        masks = [active[:, members.region[region]] for region in REGIONS]
        found["retention"].append([float(ensemble_retention(mask)[-1]) for mask in masks])
        found["newcomers"].append([float(newcomer_share(mask)[-1]) for mask in masks])
        exits = [
            np.mean([1 - ensemble_retention(mask[k : k + 2])[1] for k in range(1, len(DAYS))])
            for mask in masks
        ]
        found["exit"].append([float(value) for value in exits])
    table = {}
    for measure, values in found.items():
        of_regions = 100 * np.array(values)
        table[measure] = np.column_stack([mean_of_known(of_regions, axis=1), of_regions])
    return table
