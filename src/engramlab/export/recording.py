"""Virtual calcium imaging: what a microscope might show of cells whose activity is known.

The model knows one mean activity of a cell in a session, no spikes. This puts a simple instrument
before it: events at random moments, at a rate in proportion to the activity, each a transient that
decays, and noise. It is there to try analyses on data whose truth is known; what it adds in time is
chance and no prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engramlab.errors import ParameterError, Problem
from engramlab.export.animals import Animal, SessionOf
from engramlab.randomness import derive_key


@dataclass(frozen=True)
class Recording:
    """A virtual microscope.

    Parameters
    ----------
    region : str
        Where it looks.
    cells : int
        Cells in the field of view: the same in all sessions, drawn at random in each animal.
    frame_rate_Hz : float
    events_per_second : float
        Of a cell with activity 1.
    background_per_second : float
        Of every cell, in proportion to its own liveliness (log-normal, SD 1): cells of real
        recordings differ in general activity more than in anything else.
    decay_seconds : float
        Of a transient; 0.6 s is about that of GCaMP6f in soma.
    noise : float
        SD, in transients.
    """

    region: str = "CA1"
    cells: int = 100
    frame_rate_Hz: float = 10.0  # noqa: N815 - a unit
    events_per_second: float = 0.5
    background_per_second: float = 0.01
    decay_seconds: float = 0.6
    noise: float = 0.1

    def check(self, regions: list[str]) -> None:
        """Refuse what cannot be recorded.

        Raises
        ------
        ParameterError
        """
        problems = []
        if self.region not in regions:
            problems.append(
                Problem(f"region '{self.region}'", "is unknown", "one of " + ", ".join(regions))
            )
        for name in ("cells", "frame_rate_Hz", "decay_seconds"):
            if not getattr(self, name) > 0:
                problems.append(Problem(name, f"is {getattr(self, name)}", "a number above 0"))
        for name in ("events_per_second", "background_per_second", "noise"):
            if not getattr(self, name) >= 0:
                problems.append(Problem(name, f"is {getattr(self, name)}", "0 or more"))
        if problems:
            raise ParameterError(problems)

    def field(self, animal: Animal, seed: int) -> NDArray[np.intp]:
        """Numbers of the cells in the field of view, rising."""
        here = np.flatnonzero(animal.data["region"].values == self.region)
        random = _random(seed, animal, "field")
        return np.sort(random.permutation(here)[: self.cells])

    def traces(
        self, animal: Animal, session: SessionOf, cells: NDArray[np.intp], seed: int
    ) -> NDArray[np.float32]:
        """Fluorescence of a session, shape (frame, cell), in transients; the same each time."""
        frames = max(1, round(session.seconds * self.frame_rate_Hz))
        liveliness = np.exp(_random(seed, animal, "liveliness").normal(0.0, 1.0, cells.size))
        activity = session.data["rate"].values[cells].astype(np.float64)
        rate = self.events_per_second * activity + self.background_per_second * liveliness
        random = _random(seed, animal, session.name)
        events = random.poisson(rate / self.frame_rate_Hz, (frames, cells.size)).astype(np.float64)
        keep = np.exp(-1.0 / (self.decay_seconds * self.frame_rate_Hz))
        signal = lfilter([1.0], [1.0, -keep], events, axis=0)
        return np.asarray(signal + random.normal(0.0, self.noise, signal.shape), np.float32)


def _random(seed: int, animal: Animal, what: str) -> np.random.Generator:
    key = derive_key(seed, "recording", animal.group, animal.number, what)
    return np.random.Generator(np.random.Philox(int(key)))
