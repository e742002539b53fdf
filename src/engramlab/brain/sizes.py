"""Sizes of the brain: the same regions, shares and drives with more cells.

What decides who fires is how drives differ between cells, and that depends on how many active
inputs a cell has. So a larger brain keeps that number: its active cells grow with it, and each
cell's *passing* inputs (those that have a weight before any learning) stay as many as in the
standard brain. ``x10`` and ``x100`` have no other synapses. ``mouse`` has the numbers of a mouse,
where a cell has more synapses than that; most of them pass nothing until they have learned, as
many hippocampal and most cerebellar synapses are silent or weak (Isope & Barbour 2002, J Neurosci
22:9668; Kerchner & Nicoll 2008, Nat Rev Neurosci 9:813; recalled).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engramlab.brain.anatomy import PROJECTIONS, REGIONS, Projection, Region


@dataclass(frozen=True, slots=True)
class Size:
    """A size of the brain.

    Parameters
    ----------
    summary : str
    factor : float
        Cells over those of the standard brain, where `cells` has no number.
    cells : dict of str to int
        Cells of each region.
    fan_out : dict of str to int
        Synapses of one cell in each projection; without, as many inputs a cell as in the standard
        brain.
    """

    summary: str
    factor: float = 1.0
    cells: Mapping[str, int] = field(default_factory=dict)
    fan_out: Mapping[str, int] = field(default_factory=dict)

    def factor_of(self, region: Region) -> float:
        """Cells of a region over those of the standard brain."""
        return self.cells.get(region.name, self.factor * region.cells) / region.cells

    def region(self, region: Region) -> Region:
        """Return the region in this size."""
        by = self.factor_of(region)
        parts = {
            name: (round(by * first), round(by * last))
            for name, (first, last) in region.populations.items()
        }
        cells, active = round(by * region.cells), by * region.active
        return replace(region, cells=cells, active=active, populations=parts)

    def projection(self, projection: Projection) -> Projection:
        """Return the projection in this size."""
        pre, post = (_REGIONS[name] for name in (projection.pre, projection.post))
        passing = projection.density / self.factor_of(pre)  # as many inputs a cell
        if projection.name not in self.fan_out:
            return replace(projection, density=passing)
        density = self.fan_out[projection.name] / self.region(post).cells
        return replace(projection, density=density, stride=max(1, round(density / passing)))


_REGIONS = {region.name: region for region in REGIONS}
STANDARD = "standard"
SIZES = {
    STANDARD: Size("2 960 cells, two thirds of a million synapses"),
    "x10": Size("ten times as many cells and synapses", 10.0),
    "x100": Size("a hundred times as many cells and synapses", 100.0),
    "mouse": Size(
        "about the cells and synapses of one side of a mouse: 1.3 million and 1.5 thousand million",
        # DG, CA3, CA1: van Strien et al. 2009, Amaral & Witter (recalled; each within a factor of
        # two of published counts). EC: layers II and III. PFC and BLA: in proportion to CA1.
        cells={
            **{"EC": 100_000, "DG": 500_000, "CA3": 120_000, "CA1": 200_000},
            **{"PFC": 200_000, "BLA": 150_000},
        },
        # Perforant path, mossy fibres (about 15 boutons), recurrent and Schaffer collaterals:
        # recalled, within a factor of three; all others assumed.
        fan_out={
            **{"EC-DG": 2000, "DG-CA3": 15, "EC-CA3": 500, "CA3-CA3": 2500, "CA3-CA1": 3000},
            **{projection.name: 500 for projection in PROJECTIONS[5:]},
        },
    ),
}
