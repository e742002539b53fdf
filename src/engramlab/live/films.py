"""Every neuron of one animal through time, made by running this animal again.

A run is deterministic, so the neurons of any of its animals need not be stored: one animal is run
again (about 0.1 s a month of its life) and looked at whenever something has happened to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.engine.animal import Animal, Happening, born
from engramlab.engine.animal_record import STATE
from engramlab.live.frame import Frame, at_rest, observe
from engramlab.measures.engram import overlap_over_chance
from engramlab.protocol import Protocol

MAX_NIGHTS = 60  # frames of nights; the first nights and then equally spaced ones


@dataclass(frozen=True)
class Film:
    """All frames of one animal.

    Parameters
    ----------
    protocol : Protocol
    group : str
    animal : int
        Number of the animal in its group, from 0.
    seed : int
    brain : Brain
        As the animal has it, with the changes of its group.
    frames : tuple of Frame
        In order of time.
    """

    protocol: Protocol
    group: str
    animal: int
    seed: int
    brain: Brain
    frames: tuple[Frame, ...]

    @property
    def sessions(self) -> dict[str, Frame]:
        """The frame at the end of each session and probe, by name."""
        return {frame.session: frame for frame in self.frames if frame.session}

    @property
    def region(self) -> NDArray[np.str_]:
        """Region of every neuron."""
        return np.repeat(
            [region.name for region in self.brain.regions],
            [region.cells for region in self.brain.regions],
        )

    def neurons(self, index: int = -1) -> pd.DataFrame:
        """Every neuron in one frame.

        Returns
        -------
        pandas.DataFrame
            A row a neuron: region, cell (its number in the region), activity, peak, lit, silenced,
            the state and a column ``tag TAG`` for each tag.
        """
        frame = self.frames[index]
        table = pd.DataFrame({"region": self.region})
        table["cell"] = table.groupby("region").cumcount()
        for name in ("activity", "peak", "lit", "silenced"):
            table[name] = getattr(frame, name)
        for name in STATE:
            table[name] = frame.neuron(name)
        for tag, cells in frame.tags.items():
            table[f"tag {tag}"] = cells
        return table

    def history(self, region: str, cell: int) -> pd.DataFrame:
        """One neuron through all frames.

        Raises
        ------
        KeyError
            For an unknown region.
        IndexError
            For a cell that the region does not have.
        """
        place = self.brain.region_slices()[region]
        if not 0 <= cell < place.stop - place.start:
            raise IndexError(f"{region} has cells 0 to {place.stop - place.start - 1}")
        neuron = place.start + cell
        rows = [
            {
                "hour": frame.hour,
                "what": frame.title,
                "activity": frame.activity[neuron],
                "peak": frame.peak[neuron],
                **{name: frame.neuron(name)[neuron] for name in STATE},
                **{f"tag {tag}": bool(cells[neuron]) for tag, cells in frame.tags.items()},
            }
            for frame in self.frames
        ]
        return pd.DataFrame(rows)

    def overlap(self, region: str) -> pd.DataFrame:
        """Overlap of the ensembles of all sessions and probes over chance.

        Returns
        -------
        pandas.DataFrame
            Sessions by sessions; see `engramlab.measures.engram.overlap_over_chance`.
        """
        place = self.brain.region_slices()[region]
        active = {name: frame.engram[place] for name, frame in self.sessions.items()}
        rows = [[overlap_over_chance(a, b) for b in active.values()] for a in active.values()]
        return pd.DataFrame(rows, index=list(active), columns=list(active))


def film(
    protocol: Protocol,
    group: str,
    animal: int,
    seed: int,
    brain: Brain | None = None,
    *,
    twin: bool = False,
) -> Film:
    """Run one animal of a run again and look at every neuron.

    Parameters
    ----------
    protocol : Protocol
    group : str
    animal : int
        Number of the animal in its group, from 0.
    seed : int
        Seed of the run.
    brain : Brain, optional
        Brain of the run, before the changes of its groups.
    twin : bool
        As `engramlab.engine.run_twin`, which scores findings, instead of `run_animal`.

    Returns
    -------
    Film
        Of the same animal, bit for bit, as the one of the run.
    """
    mouse = born(protocol, group, animal, seed, brain, twin=twin)
    frames = [first_state(mouse)]
    nights = math.floor(mouse.schedule.horizon_hours / 24)
    every = max(1, math.ceil(nights / MAX_NIGHTS))
    for happening in mouse.advance():
        if shown(happening, every):
            frames.append(observe(mouse, happening))
    return Film(protocol, group, animal, seed, mouse.brain, tuple(frames))


def shown(happening: Happening, every: int) -> bool:
    """Whether a frame is made: of all but most of many nights."""
    night = happening.what
    return not isinstance(night, int) or night < 3 or (night + 1) % every == 0


def first_state(mouse: Animal) -> Frame:
    """An animal at birth."""
    return at_rest(mouse, "birth", 0.0, "before anything is done")
