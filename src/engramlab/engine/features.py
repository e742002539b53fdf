"""What the animal meets: the entorhinal features of places, cues and time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanisms.exploration import sampled_share
from engramlab.brain.mechanisms.temporal_context import time_code
from engramlab.kernel import kernel
from engramlab.protocol import Protocol
from engramlab.randomness import derive_key, uniform


@kernel
def _draws(key, count):
    """`count` uniform numbers of one key."""
    out = np.empty(count)
    for index in range(count):
        out[index] = uniform(key, index)
    return out


def shuffled(key: int, items: NDArray[np.int64]) -> NDArray[np.int64]:
    """`items` in a random order that depends on `key` alone."""
    return items[np.argsort(_draws(np.uint64(key), len(items)), kind="stable")]


class Features:
    """Features of one animal's world.

    Every animal codes the same places with other cells, drawn from its key.

    Parameters
    ----------
    protocol : Protocol
    brain : Brain
    key : int
        Key of the animal.
    """

    def __init__(self, protocol: Protocol, brain: Brain, key: int) -> None:
        self.protocol, self._key = protocol, key
        self._brain, self._values = brain, brain.parameters
        self._time_moves = "temporal_context" not in brain.switched_off
        self._explores = "exploration" not in brain.switched_off
        self._region = brain.regions[0]
        self._places: dict[str, NDArray[np.int64]] = {}

    def _cells(self, population: str) -> NDArray[np.int64]:
        first, last = self._region.populations[population]
        return np.arange(first, last, dtype=np.int64)

    def place(self, name: str) -> NDArray[np.int64]:
        """Cells of a place; a similar place shares that part of them with its model.

        Parameters
        ----------
        name : str
            Context of the protocol.

        Returns
        -------
        int64 array, shape (place_features,)
            Local indices in EC.
        """
        if name not in self._places:
            context = self.protocol.contexts[name]
            count = self._brain.count("place_features")
            key = derive_key(self._key, "place", name)
            pool = self._cells("context")
            shared = np.empty(0, np.int64)
            if context.similar_to is not None:
                model = self.place(context.similar_to)
                shared = shuffled(derive_key(key, "shared"), model)[
                    : round(count * context.similarity)
                ]
                pool = np.setdiff1d(pool, model)
            own = shuffled(derive_key(key, "own"), pool)[: count - len(shared)]
            self._places[name] = np.concatenate([shared, own])
        return self._places[name]

    def part_of(self, name: str) -> NDArray[np.bool_]:
        """Which EC cells code the place, met or not: bool array, shape (EC cells,)."""
        cells = np.zeros(self._region.cells, np.bool_)
        cells[self.place(name)] = True
        return cells

    def cue(self, name: str) -> NDArray[np.int64]:
        """Cells of a cue, local indices in EC."""
        count = self._brain.count("cue_cells")
        return shuffled(derive_key(self._key, "cue", name), self._cells("cue"))[:count]

    def time(self, hours: float) -> NDArray[np.int64]:
        """Cells of the temporal context at this hour, local indices in EC."""
        cells = self._cells("time")
        active: NDArray[np.int64] = time_code(
            np.uint64(derive_key(self._key, "time")),
            hours if self._time_moves else 0.0,
            self._brain.count("time_features"),
            self._values["time_period_hours"],
            24.0 * self._values["slow_time_period_days"],
            len(cells),
        )
        return cells[active]

    def session(
        self, name: str, context: str, hours: float, cues: tuple[str | None, ...]
    ) -> NDArray[np.float32]:
        """Input of a session.

        Parameters
        ----------
        name : str
            Name of the session, which sets the order in which the place is taken in.
        context : str
        hours : float
            Start of the session.
        cues : tuple of (str or None)
            The cue of each moment.

        Returns
        -------
        float32 array, shape (moments, EC cells)
        """
        rates = np.zeros((len(cues), self._region.cells), np.float32)
        place = self.place(context)
        if self._explores:  # in an order of its own in each session
            order = shuffled(derive_key(self._key, "exploration", name), place)
            for moment in range(len(cues)):
                share = sampled_share(moment, self._values["sampling_per_moment"])
                rates[moment, order[: round(share * len(place))]] = 1.0
        else:
            rates[:, place] = 1.0
        rates[:, self.time(hours)] = 1.0
        for moment, cue in enumerate(cues):
            if cue is not None:
                rates[moment, self.cue(cue)] = 1.0
        return rates
