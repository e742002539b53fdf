"""What the study of molecular links measures: one function, one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.engine.animal_record import ENGRAM_THRESHOLD
from engramlab.measures import (
    correlation,
    difference,
    lagged_correlations,
    lead,
    mean_correlation,
    mean_estimate,
    partial_correlation,
    variance_left,
)
from engramlab.record import Experiment
from engramlab.studies.question import (
    REGIONS,
    cells_of_regions,
    columns,
    mean_of_known,
    neuron_state,
    sessions,
)

HOURS = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 72.0, 168.0)
TIMES = (0.0, *HOURS)
EARLY, KEPT, LATE = 0.5, 24.0, 168.0  # hours at which gain of strength is compared
STATES = ("excitability", "protein", "chromatin", "input_strength")
PAIRS = (
    ("ieg", "input_strength"),
    ("excitability", "input_strength"),
    ("protein", "input_strength"),
    ("chromatin", "input_strength"),
)
BENDS = 4  # of the line in IEG that a partial correlation takes out: relations here are bent
FAINT = 1e-3  # gain of strength below which a share of it means nothing
TRACE = 0.01  # share of its peak below which a signal is gone
SEPARABLE = 0.05  # less variance left by the controls: the signal is a function of them


def probe(hour: float) -> str:
    """Name of the probe at an hour after training."""
    return f"hour-{hour:g}".replace(".", "_")


@dataclass(frozen=True)
class Measured:
    """What was measured of one arm; arrays are by animal, hour and neuron.

    Parameters
    ----------
    region : dict of str to bool array, shape (neuron,)
        The cells of each region that are looked at; of BLA the negative half, which codes threat.
    ieg : float64 array, shape (animal, neuron)
        At training.
    before : float64 array, shape (animal, neuron)
        Activity in the same place just before training.
    series : dict of str to float64 array, shape (animal, hour, neuron)
        `STATES` at hour 0 and `HOURS`, and ``ieg`` at training and in the probes. The strength is
        its change since hour 0.
    virus : bool array, shape (animal, neuron)
    freezing : float64 array, shape (animal, hour)
    """

    region: dict[str, NDArray[np.bool_]]
    ieg: NDArray[np.float64]
    before: NDArray[np.float64]
    series: dict[str, NDArray[np.float64]]
    virus: NDArray[np.bool_]
    freezing: NDArray[np.float64]

    @classmethod
    def of(cls, experiment: Experiment) -> Measured:
        """Take the arrays out of an arm's experiment."""
        data = experiment.data
        names = sessions(data)
        places = [names.index(name) for name in ("training", *map(probe, HOURS))]
        series = {name: neuron_state(data, name)[:, places] for name in STATES}
        region = cells_of_regions(data)
        for name, here in product(("protein", "chromatin"), region.values()):
            series[name][:, :, here] = _measurable(series[name][:, :, here])
        series["input_strength"] = series["input_strength"] - series["input_strength"][:, :1]
        ieg = data["ieg"].values.astype(np.float64)
        series["ieg"] = ieg[:, places]
        return cls(
            region=region,
            ieg=ieg[:, places[0]],
            before=ieg[:, names.index("before")],
            series=series,
            virus=np.asarray(data["in_cell_set"].values.any(axis=1)),
            freezing=data["freezing"].values[:, places],
        )

    @property
    def engram(self) -> NDArray[np.bool_]:
        """Cells of the engram: those that showed an IEG at training, shape (animal, neuron)."""
        return self.ieg > ENGRAM_THRESHOLD

    def at(self, name: str, hour: float) -> NDArray[np.float64]:
        """A signal at an hour, shape (animal, neuron)."""
        return self.series[name][:, TIMES.index(hour)]

    def peak_hour(self, name: str) -> float:
        """Hour after training at which a signal is highest on average."""
        course = np.nan_to_num(self.series[name][:, 1:]).mean(axis=(0, 2))
        return HOURS[int(np.argmax(course))]

    def varies(self, name: str) -> bool:
        """Whether the brain has this signal at all."""
        return bool(np.nanstd(self.series[name][:, 1:]) > 0)


def _measurable(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """A signal without the hours at which it is nowhere above 1 % of its peak.

    It keeps its order among cells however faint it is; no experiment could measure that.
    """
    highest = series.max(axis=2, keepdims=True)
    gone = highest < TRACE * highest.max(axis=1, keepdims=True)
    gone[:, 0] = False  # before training there is nothing to be forgotten
    return np.where(gone, np.nan, series)


def courses(arm: Measured) -> pd.DataFrame:
    """Mean of each signal over hours, in the cells of the engram and in the others."""
    rows = []
    for name, region in product(STATES, REGIONS):
        here = arm.region[region]
        for cells, chosen in (("engram", arm.engram), ("other", ~arm.engram)):
            mask = chosen & here
            for place, hour in enumerate(TIMES):
                values = arm.series[name][:, place]
                means = [_mean(values[a], mask[a]) for a in range(len(mask))]
                estimate = columns(mean_estimate(means))
                rows.append(
                    {"signal": name, "region": region, "cells": cells, "hour": hour, **estimate}
                )
    return pd.DataFrame(rows)


def _mean(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> float:
    return float(values[mask].mean()) if mask.any() else float("nan")


def _pairs(arm: Measured) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Every link of the chain: its name and the two signals, shape (animal, neuron)."""
    early, kept = arm.at("input_strength", EARLY), arm.at("input_strength", KEPT)
    stored = arm.engram & (early > FAINT)
    share = np.where(stored, kept / np.maximum(early, FAINT), np.nan)
    protein = arm.at("protein", EARLY)
    yield "excitability - IEG", arm.at("excitability", 0.0), arm.ieg
    yield "IEG - protein", arm.ieg, protein
    yield "IEG - gain at 0.5 h", arm.ieg, early
    yield "IEG - gain at 24 h", arm.ieg, kept
    yield "protein - gain at 24 h", protein, kept
    yield "protein - share kept", protein, share
    if arm.varies("chromatin"):
        chromatin = arm.at("chromatin", arm.peak_hour("chromatin"))
        yield "IEG - chromatin", arm.ieg, chromatin
        yield "chromatin - gain at 24 h", chromatin, kept
        yield "chromatin - share kept", chromatin, share


def links(name: str, arm: Measured) -> pd.DataFrame:
    """Correlation over cells of neighbours in the chain, an estimate over animals.

    ``cells`` is "all" (cells of the region), "engram" (those with IEG above 0.3) or "given IEG":
    engram cells, partial correlation with IEG and activity before training taken out.
    ``variance left`` is the share of the first signal's variance that these leave.
    """
    rows = []
    for (link, first, second), region in product(_pairs(arm), REGIONS):
        here, engram = arm.region[region], arm.engram
        values: dict[str, list[float]] = {"all": [], "engram": []}
        left = []
        for a in range(len(first)):
            x, y, inside = first[a], second[a], here & engram[a]
            values["all"].append(correlation(x[here], y[here]))
            values["engram"].append(correlation(x[inside], y[inside]))
            if "IEG" in link:
                continue
            controls = np.stack([arm.ieg[a, inside], arm.before[a, inside]])
            left.append(variance_left(x[inside], controls, bends=BENDS))
            partial = partial_correlation(x[inside], y[inside], controls, bends=BENDS)
            values.setdefault("given IEG", []).append(partial)
        for cells, found in values.items():
            row: dict[str, Any] = {"arm": name, "link": link, "region": region, "cells": cells}
            if cells == "given IEG":
                row["variance left"] = mean_estimate(left).value
                if not row["variance left"] > SEPARABLE:
                    found = [float("nan")] * len(found)
            rows.append({**row, **columns(mean_correlation(found))})
    return pd.DataFrame(rows)


def _lagged(arm: Measured, first: str, second: str, region: str) -> NDArray[np.float64]:
    """Matrices of lagged correlations, shape (animal, hour, hour)."""
    here = arm.region[region]
    x, y = arm.series[first][:, :, here], arm.series[second][:, :, here]
    return np.array([lagged_correlations(a, b) for a, b in zip(x, y, strict=True)])


def lags(arm: Measured) -> pd.DataFrame:
    """Mean over animals of the correlation of one signal at every hour with another at every."""
    rows = []
    for (first, second), region in product(PAIRS, REGIONS):
        matrices = _lagged(arm, first, second, region)
        for i, j in product(range(len(TIMES)), repeat=2):
            value = mean_correlation(matrices[:, i, j]).value
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "region": region,
                    "hour of first": TIMES[i],
                    "hour of second": TIMES[j],
                    "value": value,
                }
            )
    return pd.DataFrame(rows)


def leads(arm: Measured) -> pd.DataFrame:
    """How much better the first signal of a pair foretells the second than the other way round."""
    rows = []
    for (first, second), region in product(PAIRS, REGIONS):
        matrices = _lagged(arm, first, second, region)
        found = [lead(matrix, TIMES) for matrix in matrices]
        rows.append(
            {"first": first, "second": second, "region": region, **columns(mean_estimate(found))}
        )
    return pd.DataFrame(rows)


def _gains(arm: Measured, hour: float) -> NDArray[np.float64]:
    """Mean gain of strength of engram cells since before training, shape (animal, region)."""
    gain, engram = arm.at("input_strength", hour), arm.engram
    return np.array(
        [
            [_mean(gain[a], engram[a] & arm.region[region]) for region in REGIONS]
            for a in range(len(gain))
        ]
    )


def compare_arms(arms: dict[str, Measured]) -> pd.DataFrame:
    """Every arm beside the intact animals.

    ``measure``: strength gained by engram cells at some hour in per cent of the intact animals'
    mean of that region (``region`` "all": mean over regions), freezing in per cent, and the
    correlation over cells of IEG and gain at 24 h. ``difference ...`` are arm minus intact.
    """
    rows = []
    intact = arms["intact"]
    for name, arm in arms.items():
        for measure, region, own, other in _measures(arm, intact):
            gap = difference(own, other, paired=True)
            rows.append(
                {
                    "arm": name,
                    "measure": measure,
                    "region": region,
                    **columns(mean_estimate(own)),
                    **columns(gap, "difference "),
                }
            )
    return pd.DataFrame(rows)


Compared = tuple[str, str, NDArray[np.float64], NDArray[np.float64]]


def _measures(arm: Measured, intact: Measured) -> Iterator[Compared]:
    """Measure, region, and the values of the arm's and of the intact animals."""
    for hour in (EARLY, KEPT, LATE):
        reference = mean_of_known(_gains(intact, hour), axis=0)
        reference[~(reference > 0)] = np.nan  # nothing is gained in this region
        own, other = (100 * _gains(a, hour) / reference for a in (arm, intact))
        ours, others = (mean_of_known(values, axis=1) for values in (own, other))
        yield f"gain at {hour:g} h", "all", ours, others
        for place, region in enumerate(REGIONS):
            yield f"gain at {hour:g} h", region, own[:, place], other[:, place]
    place = TIMES.index(KEPT)
    yield "freezing at 24 h", "all", arm.freezing[:, place], intact.freezing[:, place]
    for region in REGIONS:
        own, other = (
            np.array(
                [
                    correlation(ieg[a.region[region]], gain[a.region[region]])
                    for ieg, gain in zip(a.ieg, a.at("input_strength", KEPT), strict=True)
                ]
            )
            for a in (arm, intact)
        )
        yield "IEG - gain at 24 h", region, own, other


def viruses(arms: Mapping[str, Measured]) -> pd.DataFrame:
    """What raising CREB or acetylation does to the cells that carry the virus.

    ``measure``: per cent of these cells that are in the engram ("joined"), the same cells of the
    same animals without a virus ("joined without"), the difference in points ("joined more"); and,
    as a ratio to the other engram cells of the animal, the gain at 24 h ("gain, within engram") and
    the share of the early gain that is still there then ("share kept, within engram").
    """
    rows = []
    for name, region in product([name for name in ("creb", "kat5") if name in arms], REGIONS):
        found: dict[str, list[float]] = {}
        for measure, value in _virus_effects(arms[name], arms["intact"], region):
            found.setdefault(measure, []).append(value)
        rows += [
            {"arm": name, "measure": measure, "region": region, **columns(mean_estimate(values))}
            for measure, values in found.items()
        ]
    return pd.DataFrame(rows, columns=["arm", "measure", "region", *columns(mean_estimate([]))])


def _virus_effects(arm: Measured, intact: Measured, region: str) -> Iterator[tuple[str, float]]:
    early, kept = arm.at("input_strength", EARLY), arm.at("input_strength", KEPT)
    share = np.where(early > FAINT, kept / np.maximum(early, FAINT), np.nan)
    for a, carriers in enumerate(arm.virus):
        ours, others = arm.region[region] & carriers, arm.region[region] & ~carriers
        engram = arm.engram[a]
        joined = 100 * _mean(engram.astype(np.float64), ours)
        without = 100 * _mean(intact.engram[a].astype(np.float64), ours)
        yield "joined", joined
        yield "joined without", without
        yield "joined more", joined - without
        for measure, values in (("gain", kept[a]), ("share kept", share[a])):
            fine = engram & np.isfinite(values)
            other = _mean(values, others & fine)
            ratio = _mean(values, ours & fine) / other if other > 0 else float("nan")
            yield f"{measure}, within engram", ratio
