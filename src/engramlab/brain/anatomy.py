"""Regions and projections of the default brain, as data.

Cell numbers are scaled down from a mouse (DG about 500 000 granule cells a side, CA3 120 000, CA1
200 000; recalled) while the share of active cells is kept, since overlap, allocation and recall
depend on shares. `active` is the sum of rates that inhibition allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Rule = Literal["hebbian", "valence", "fixed"]
Store = Literal["hippocampal", "cortical"]


@dataclass(frozen=True, slots=True)
class Region:
    """A region: a population of rate neurons under common inhibition.

    Parameters
    ----------
    name : str
    cells : int
    active : float
        Sum of rates that inhibition allows (an engram is about 1.3 times as many cells).
    threshold : float
        Smallest inhibition: drive below it gives no activity.
    slope : float
        Drive above inhibition at which a neuron fires at its full rate.
    populations : dict of str to (int, int)
        Named parts, as first and past-the-end local index.
    passes : int
        Recurrent passes in a moment; 0 for a region without recurrent learning.
    engram_percent : (float, float) or None
        Published range of the share of its cells in one engram (c-Fos, Arc; shared/evidence,
        engram_fraction and engram_size: recalled), which bounds `active`.
    """

    name: str
    cells: int
    active: float
    threshold: float = 0.7
    slope: float = 0.4
    populations: dict[str, tuple[int, int]] = field(default_factory=dict)
    passes: int = 0
    engram_percent: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """Connections from one region to another, `density` of all pairs, each cell with equal fan-out.

    Parameters
    ----------
    pre, post : str
        Region names.
    density : float
        Share of the pairs that are connected.
    base_drive : float
        Drive that a full pattern of `pre` gives through the unlearned weights (log-normal).
    learned_drive : float
        Drive that it gives when all its synapses are saturated.
    learning_rate : float
        Relative speed of learning.
    rule : {"hebbian", "valence", "fixed"}
    store : {"hippocampal", "cortical"}
        Which forgetting time constant holds.
    pre_population : str or None
        Only these cells of `pre` send fibres.
    sleep_only : bool
        Carries activity during replay only (back-projection to the input).
    born_silent : bool
        Learns awake into the silent pool only; strength comes with replay.
    stride : int
        One of so many synapses passes activity before it has learned; see `engramlab.brain.sizes`.
    """

    pre: str
    post: str
    density: float
    base_drive: float
    learned_drive: float
    learning_rate: float = 0.0
    rule: Rule = "fixed"
    store: Store = "hippocampal"
    pre_population: str | None = None
    sleep_only: bool = False
    born_silent: bool = False
    stride: int = 1

    @property
    def name(self) -> str:
        """Both regions, as in ``"CA3-CA1"``."""
        return f"{self.pre}-{self.post}"


# Order is the order of activity in a moment. EC has so many place cells that two unlike places,
# 48 cells each, share one in twelve: with one in six, cortex took all of them for the same.
REGIONS = (
    Region(
        "EC", 760, 60.0, populations={"context": (0, 600), "time": (600, 700), "cue": (700, 760)}
    ),
    Region("DG", 800, 16.0, engram_percent=(2, 6)),
    Region("CA3", 300, 22.0, slope=0.3, passes=3, engram_percent=(5, 15)),
    Region("CA1", 400, 27.0, slope=0.2, engram_percent=(8, 20)),
    Region("PFC", 400, 24.0, passes=1, engram_percent=(4, 20)),
    Region(
        "BLA",
        300,
        27.0,
        threshold=1.922,
        slope=1.77,
        engram_percent=(5, 20),
        populations={"negative": (0, 150), "positive": (150, 300)},
    ),
)

PROJECTIONS = (
    Projection("EC", "DG", 0.20, 1.0, 3.0, 0.9, "hebbian"),
    Projection("DG", "CA3", 0.06, 0.9, 0.0),
    Projection("EC", "CA3", 0.25, 0.1, 0.25, 0.5, "hebbian"),
    Projection("CA3", "CA3", 0.30, 0.0, 1.2, 0.6, "hebbian"),
    Projection("CA3", "CA1", 0.25, 0.9, 0.6, 0.6, "hebbian"),
    Projection("EC", "CA1", 0.25, 0.05, 0.1, 0.3, "hebbian"),
    Projection("CA1", "EC", 0.30, 0.0, 2.0, 0.6, "hebbian", sleep_only=True),
    Projection("CA1", "PFC", 0.25, 0.3, 0.4, 0.25, "hebbian", "cortical"),
    Projection("EC", "PFC", 0.25, 0.8, 3.3, 0.1, "hebbian", "cortical"),
    Projection("PFC", "PFC", 0.25, 0.0, 2.2, 0.1, "hebbian", "cortical"),
    Projection("EC", "BLA", 0.40, 0.0, 8.0, 0.66, "valence", "cortical", pre_population="cue"),
    Projection("CA1", "BLA", 0.35, 0.1, 8.0, 0.95, "valence"),
    Projection("PFC", "BLA", 0.35, 0.05, 8.0, 0.02, "valence", "cortical", born_silent=True),
)
