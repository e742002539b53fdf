"""Named sets of cells: tagged, random, as many as another, or given; resolved in each animal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.engine.features import shuffled
from engramlab.errors import Problem, ProtocolError
from engramlab.protocol import Protocol
from engramlab.protocol.schema import AsManyCells, GivenCells, RandomCells, TaggedCells
from engramlab.randomness import derive_key


class CellSets:
    """The cell sets of one animal.

    Parameters
    ----------
    protocol : Protocol
    brain : Brain
    key : int
        Key of the animal.
    tags : dict of str to bool array
        The animal's tags, shape (neuron,) each, filled as it lives.
    """

    def __init__(
        self, protocol: Protocol, brain: Brain, key: int, tags: dict[str, NDArray[np.bool_]]
    ) -> None:
        self.protocol, self._key, self._tags = protocol, key, tags
        self._slices = brain.region_slices()
        self._regions = {region.name: region for region in brain.regions}
        self._neurons = max(place.stop for place in self._slices.values())
        self._drawn: dict[str, NDArray[np.bool_]] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of all regions."""
        return tuple(self._slices)

    def region(self, name: str) -> NDArray[np.bool_]:
        """All cells of a region, as a mask over all neurons."""
        mask = np.zeros(self._neurons, np.bool_)
        mask[self._slices[name]] = True
        return mask

    def _part(self, region: str, population: str | None) -> NDArray[np.int64]:
        start = self._slices[region].start
        first, last = 0, self._regions[region].cells
        if population is not None:
            first, last = self._regions[region].populations[population]
        return np.arange(start + first, start + last, dtype=np.int64)

    def _mask(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        mask = np.zeros(self._neurons, np.bool_)
        mask[cells] = True
        return mask

    def _impossible(self, name: str, what: str, allowed: str) -> ProtocolError:
        return ProtocolError(Problem(f"{self.protocol.name}, cells.{name}", what, allowed))

    def __call__(self, name: str) -> NDArray[np.bool_]:
        """The set as a mask over all neurons; random sets are drawn once and stay.

        Raises
        ------
        ProtocolError
            For a cell that the region does not have, or more cells than there are.
        """
        if name in self._drawn:
            return self._drawn[name]
        cells = self.protocol.cells[name]
        key = derive_key(self._key, "cells", name)
        if isinstance(cells, TaggedCells):
            return self._tags[cells.tagged] & self._mask(self._part(cells.region, cells.population))
        if isinstance(cells, RandomCells):
            pool = self._part(cells.region, cells.population)
            mask = self._mask(shuffled(key, pool)[: round(cells.share * len(pool))])
        elif isinstance(cells, AsManyCells):
            pool = self._part(cells.region, cells.population)
            if cells.outside is not None:
                pool = pool[~self(cells.outside)[pool]]
            count = int((self(cells.as_many_as) & self.region(cells.region)).sum())
            if count > len(pool):
                raise self._impossible(
                    name,
                    f"needs {count} cells, as many as '{cells.as_many_as}', of {len(pool)}",
                    "a smaller set, or a larger pool to draw from",
                )
            mask = self._mask(shuffled(key, pool)[:count])
        else:
            assert isinstance(cells, GivenCells)
            size = self._regions[cells.region].cells
            if max(cells.ids) >= size:
                raise self._impossible(
                    name, f"names cell {max(cells.ids)} of {cells.region}", f"0 to {size - 1}"
                )
            mask = self._mask(np.asarray(cells.ids, np.int64) + self._slices[cells.region].start)
        self._drawn[name] = mask
        return mask
