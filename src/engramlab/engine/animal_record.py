"""What one virtual animal leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What is recorded of every neuron at the start of each session.
STATE = ("excitability", "protein", "chromatin", "input_strength", "feedforward")
ENGRAM_THRESHOLD = 0.3  # peak activity above which an immediate early gene shows


@dataclass(frozen=True)
class AnimalRecord:
    """Everything recorded of one animal, as plain arrays.

    Neurons of all regions are concatenated in the order of `Brain.regions`.

    Parameters
    ----------
    group : str
        Name of the animal's group.
    animal : int
        Number of the animal within its group, from 0.
    key : int
        The animal's own 64-bit seed.
    sessions : tuple of str
        Names of the sessions this animal had, in time order.
    freezing_by_moment : tuple of float32 arrays, one a session, shape (moment,)
        Per cent of each 30 s moment spent freezing.
    valence_by_moment : tuple of float32 arrays, one a session, shape (moment, 2)
        Activity of the negative and the positive half of BLA, in [0, 1].
    ieg : float32 array, shape (session, neuron)
        Peak activity in the session, in [0, 1]: what an immediate early gene shows.
    rate : float32 array, shape (session, neuron)
        Mean activity in the session, in [0, 1].
    tags : dict of str to bool array, shape (neuron,)
        Cells that each tag labelled.
    cell_sets : dict of str to bool array, shape (neuron,)
        Cells of each named set of the protocol.
    strength : float32 array, shape (session, projection, 3)
        Mean strength and connectivity of the synapses between cells active in the first session of
        the animal, and mean strength from them to other cells.
    state : float32 array, shape (session, state, neuron)
        Every neuron at the start of the session: in the order of `STATE`.
    """

    group: str
    animal: int
    key: int
    sessions: tuple[str, ...]
    freezing_by_moment: tuple[NDArray[np.float32], ...]
    valence_by_moment: tuple[NDArray[np.float32], ...]
    ieg: NDArray[np.float32]
    rate: NDArray[np.float32]
    tags: dict[str, NDArray[np.bool_]]
    cell_sets: dict[str, NDArray[np.bool_]]
    strength: NDArray[np.float32]
    state: NDArray[np.float32]
