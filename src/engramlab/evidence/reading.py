"""Values of a predicate's measures, one an animal, straight from a record's arrays.

Only what a predicate names is computed; the tidy table of everything would cost more than running
the animals of many findings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engramlab.engine.animal_record import ENGRAM_THRESHOLD
from engramlab.errors import Problem, ProtocolError
from engramlab.evidence.expression import Measure
from engramlab.evidence.places import When, cells, when
from engramlab.measures import (
    cosine_similarity,
    discrimination_index,
    engram_size,
    overlap_over_chance,
)
from engramlab.measures.preference import preference_seconds
from engramlab.protocol import Protocol, Session, schedule
from engramlab.protocol.quantities import MOMENT_MINUTES

Values = NDArray[np.float64]  # one an animal; NaN where it has none
Masks = NDArray[np.bool_]  # shape (animal, neuron)
HALVES = ("negative", "positive")  # of BLA, in the order of the record


class Reading:
    """Reads measures of one record.

    Parameters
    ----------
    data : xarray.Dataset
        As `engramlab.record.assemble` returns it.
    protocol : Protocol
        The protocol that the animals went through.
    """

    def __init__(self, data: xr.Dataset, protocol: Protocol) -> None:
        self.protocol = protocol
        self._data = data
        self._groups = data["group"].values.astype(str)
        self._sessions: dict[str, dict[str, Session]] = {}
        self._seen: dict[Measure, Values] = {}

    @property
    def seen(self) -> dict[Measure, Values]:
        """Every measure that was read, with its values."""
        return dict(self._seen)

    def __call__(self, measure: Measure) -> Values:
        """Value of a measure in each animal of its group, by number.

        The measure must have passed `engramlab.evidence.checking.problems_in`.

        Raises
        ------
        ProtocolError
            When the record does not hold what the measure needs.
        """
        if measure not in self._seen:
            with np.errstate(invalid="ignore", divide="ignore"):
                self._seen[measure] = self._read(measure)
        return self._seen[measure]

    def _read(self, measure: Measure) -> Values:
        rows = np.flatnonzero(self._groups == measure.group)
        names = measure.names
        match measure.name:
            case "freezing" | "preference" | "valence_negative" | "valence_positive":
                return self._timed(measure.name, measure.group, rows, when(*names))
            case "discrimination":
                places = [when(name) for name in names]
                if len(places) == 1:
                    places.insert(0, self._partner(measure.group, places[0]))
                scores = [self._timed("freezing", measure.group, rows, p) for p in places]
                return discrimination_index(*scores)
            case "engram_size":
                return _shares(self._active(names[0], rows), self._cells(names[1], rows))
            case "tag_size":
                return _shares(self._tagged(names[0], rows), self._cells(names[1], rows))
            case "reactivation_over_chance" | "reactivated_share" | "new_share":
                return self._reactivation(measure, rows)
            case "overlap_over_chance":
                one, two = (self._active(name, rows) for name in names[:2])
                return _of_pairs(overlap_over_chance, one, two, self._cells(names[2], rows))
            case "similarity":
                one, two = (self._variable("rate", session=name)[rows] for name in names[:2])
                return _of_pairs(cosine_similarity, one, two, self._cells(names[2], rows))
            case "over_representation":
                members, pool = self._set(names[1], rows)
                tagged = self._tagged(names[2] if len(names) > 2 else "", rows)
                return _of_pairs(overlap_over_chance, members, tagged, pool)
            case "recruitment":
                members, pool = self._set(names[1], rows)
                active = self._active(names[0], rows)
                return _shares(active, members) / _shares(active, pool & ~members)
            case "strength" | "connectivity" | "strength_to_others":
                values = self._variable(measure.name, session=names[0], projection=names[1])
                return np.asarray(values[rows], np.float64)
        state = self._variable("neuron_state", session=names[0], state=measure.name)
        return _means(state[rows], self._cells(names[1], rows))

    def _variable(self, name: str, **places: str) -> NDArray[Any]:
        """A variable of the record at named places."""
        data, places = self._data, {dim: place for dim, place in places.items() if place}
        missing = name if name not in data else ""
        for dim, place in places.items():
            if not missing and place not in data[name].coords[dim].values:
                missing = f"{name} of {dim} '{place}'"
        if missing:
            raise ProtocolError(
                Problem(
                    f"record of '{self.protocol.name}'",
                    f"does not hold {missing}",
                    "a record of this version of engramlab",
                )
            )
        return np.asarray(data[name].sel(places).values)

    # ---- in time

    def _session(self, group: str, name: str) -> Session:
        if group not in self._sessions:
            sessions = schedule(self.protocol, group).sessions
            self._sessions[group] = {session.name: session for session in sessions}
        return self._sessions[group][name]

    def _partner(self, group: str, place: When) -> When:
        """The session in the first context of an animal's life at the same hour."""
        here = self._session(group, place.session)
        sessions = list(self._sessions[group].values())
        first = sessions[0].context
        same_hour = (s for s in sessions if s.start_hours == here.start_hours)
        return When(next(s.name for s in same_hour if s.context == first))

    def _moments(self, group: str, place: When) -> NDArray[np.bool_] | None:
        """Moments of a session that count; None for all."""
        if not place.cue and place.minutes is None:
            return None
        session = self._session(group, place.session)
        moments = np.ones(session.moments, np.bool_)
        if place.cue:
            moments &= np.array([cue == place.cue for cue in session.cue])
        if place.minutes is not None:
            start = np.arange(session.moments) * MOMENT_MINUTES
            moments &= (start >= place.minutes[0]) & (start < place.minutes[1])
        return moments

    def _timed(self, name: str, group: str, rows: NDArray[np.intp], place: When) -> Values:
        moments = self._moments(group, place)
        if name == "freezing":
            if moments is None:
                return self._whole(name, rows, place)
            values = self._variable("freezing_by_moment", session=place.session)[rows]
            return _over(values, moments)
        if name == "preference":
            if moments is None and "valence_by_moment" not in self._data:
                valences = [self._whole(f"valence_{half}", rows, place) for half in HALVES]
                return preference_seconds(valences[1], valences[0])
            valence = self._variable("valence_by_moment", session=place.session)[rows]
            return _over(preference_seconds(valence[..., 1], valence[..., 0]), moments)
        if moments is None:
            return self._whole(name, rows, place)
        valence = self._variable("valence_by_moment", session=place.session)[rows]
        return _over(valence[..., HALVES.index(name.removeprefix("valence_"))], moments)

    def _whole(self, name: str, rows: NDArray[np.intp], place: When) -> Values:
        return np.asarray(self._variable(name, session=place.session)[rows], np.float64)

    # ---- in the brain

    def _active(self, session: str, rows: NDArray[np.intp]) -> Masks:
        return np.asarray(self._variable("ieg", session=session)[rows] > ENGRAM_THRESHOLD)

    def _tagged(self, tag: str, rows: NDArray[np.intp]) -> Masks:
        """Cells with a tag, or with any when `tag` is empty."""
        if tag:
            return np.asarray(self._variable("tagged", tag=tag)[rows])
        return np.asarray(self._data["tagged"].values[rows].any(axis=1))

    def _cells(self, text: str, rows: NDArray[np.intp]) -> Masks:
        """Cells that a part, or a part with a tag, stands for."""
        wanted = cells(text)
        region = self._data["region"].values
        if wanted.part in region:
            here = region == wanted.part
            if wanted.population:
                here = here & (self._data["population"].values == wanted.population)
            masks = np.broadcast_to(here, (rows.size, here.size))
        else:
            masks = self._variable("in_cell_set", cell_set=wanted.part)[rows]
        if wanted.tag is None:
            return masks
        tagged = self._tagged(wanted.tag, rows)
        return masks & (tagged if wanted.tagged else ~tagged)

    def _set(self, name: str, rows: NDArray[np.intp]) -> tuple[Masks, Masks]:
        """Members of a set, and the cells that they were drawn from.

        A set drawn from the negative half of BLA has to be compared with that half: after a shock
        it holds more active cells than the other, whatever the set.
        """
        everyone = self._variable("in_cell_set", cell_set=name)
        here = self._data["region"].values == self.protocol.cells[name].region
        population = self._data["population"].values
        drawn = np.unique(population[here & everyone.any(axis=0)])
        pool = here & np.isin(population, drawn)
        return everyone[rows], np.broadcast_to(pool, (rows.size, pool.size))

    def _reactivation(self, measure: Measure, rows: NDArray[np.intp]) -> Values:
        session, part, *tag = measure.names
        active, here = self._active(session, rows), self._cells(part, rows)
        tagged = self._tagged(tag[0] if tag else "", rows)
        if measure.name == "reactivated_share":
            return _shares(active, tagged & here)
        if measure.name == "new_share":
            return _shares(~tagged, active & here)
        return _of_pairs(overlap_over_chance, tagged, active, here)


def _of_pairs(measure: Callable[[Any, Any], float], first: Any, second: Any, here: Masks) -> Values:
    """A measure of two vectors over the same cells, for each animal."""
    pairs = zip(first, second, here, strict=True)
    return np.array([measure(a[mask], b[mask]) for a, b, mask in pairs], np.float64)


def _shares(chosen: Masks, among: Masks) -> Values:
    """Percent of some cells that are chosen, for each animal; NaN without any cells."""
    return np.array(
        [engram_size(mask[here]) for mask, here in zip(chosen, among, strict=True)], np.float64
    )


def _means(values: NDArray[np.float32], among: Masks) -> Values:
    return np.array(
        [
            row[here].mean(dtype=np.float64) if here.any() else np.nan
            for row, here in zip(values, among, strict=True)
        ],
        np.float64,
    )


def _over(values: NDArray[Any], moments: NDArray[np.bool_] | None) -> Values:
    """Mean over the moments of a session that count; shape (animal, moment)."""
    if moments is None:  # the record is as long as the longest session
        moments = np.asarray(~np.isnan(values).all(axis=0))
    counted = values[:, : moments.size][:, moments]
    return np.asarray(counted.mean(axis=1, dtype=np.float64))
