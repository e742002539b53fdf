"""What was done to one animal, done to many: one animal is no experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engramlab.brain import Brain
from engramlab.engine import run_animal
from engramlab.engine.animal_record import ENGRAM_THRESHOLD, AnimalRecord
from engramlab.errors import ParameterError, Problem
from engramlab.live.animal import LiveAnimal
from engramlab.live.plan import GROUP
from engramlab.measures.effect import Estimate, difference, mean_estimate
from engramlab.measures.engram import overlap_over_chance

Measure = Literal["freezing", "overlap"]


@dataclass(frozen=True)
class Comparison:
    """A measure of many animals under each of several treatments.

    Entry i of every treatment is the same animal, so differences are paired.

    Parameters
    ----------
    measure : {"freezing", "overlap"}
    values : dict of str to tuple of float
        Treatment -> one value an animal: percent, or overlap over chance.
    """

    measure: Measure
    values: dict[str, tuple[float, ...]]

    def mean(self, treatment: str) -> Estimate:
        """Mean with its 95 % interval over animals."""
        return mean_estimate(self.values[treatment])

    def difference(self, first: str, second: str) -> Estimate:
        """Mean difference within animals with its 95 % interval."""
        return difference(self.values[first], self.values[second], paired=True)


def compare(
    treated: Mapping[str, LiveAnimal],
    animals: int,
    *,
    measure: Measure = "freezing",
    session: str | None = None,
    earlier: str | None = None,
    region: str = "CA1",
) -> Comparison:
    """Do to many animals what was done to these.

    Parameters
    ----------
    treated : mapping of str to LiveAnimal
        One live animal a treatment, all of one seed; it is the first of its group.
    animals : int
        Animals a treatment, as in ``engramlab.run(treated[name].protocol, animals=..., seed=...)``.
    measure : {"freezing", "overlap"}
    session : str, optional
        Session or probe to measure; default the last of each treatment.
    earlier : str, optional
        For ``overlap``: the session with which it shares cells; default the first.
    region : str
        For ``overlap``.

    Raises
    ------
    ParameterError
        When a treatment has no such session.
    """
    values = {}
    for name, mouse in treated.items():
        records = [run_animal(mouse.protocol, GROUP, n, mouse.seed) for n in range(animals)]
        places = [_place(records[0], name, wanted) for wanted in (session, earlier)]
        last = len(records[0].sessions) - 1 if places[0] is None else places[0]
        first = 0 if places[1] is None else places[1]
        if measure == "freezing":
            found = [record.freezing_by_moment[last].mean(dtype=np.float64) for record in records]
        else:
            part = Brain().region_slices()[region]
            found = [
                overlap_over_chance(
                    record.ieg[first, part] > ENGRAM_THRESHOLD,
                    record.ieg[last, part] > ENGRAM_THRESHOLD,
                )
                for record in records
            ]
        values[name] = tuple(float(value) for value in found)
    return Comparison(measure, values)


def _place(record: AnimalRecord, treatment: str, session: str | None) -> int | None:
    if session is None:
        return None
    if session not in record.sessions:
        raise ParameterError(
            Problem(
                f"treatment '{treatment}'",
                f"has no session '{session}'",
                "one of " + ", ".join(record.sessions),
            )
        )
    return record.sessions.index(session)
