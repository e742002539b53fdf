"""How much longer an animal stays where it is rewarded, from what it expects there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPOCH_SECONDS = 180.0  # three minutes of light, as in Redondo et al. 2014, Nature 513:426
STEEPNESS = 2.0


def preference_seconds(positive: ArrayLike, negative: ArrayLike) -> NDArray[np.float64]:
    """Time in a place beyond half of an epoch, were the animal free to leave it.

    ``180 s (1 / (1 + exp(-2 (V+ - V-))) - 1/2)``: a choice between this place and a neutral one
    that follows the difference of what is expected in both (softmax; Sutton & Barto 2018, ch. 2.8).

    Chance level: 0.

    Parameters
    ----------
    positive, negative : array_like
        Expected reward and expected harm, in [0, 1]; they broadcast.

    Returns
    -------
    float64 array
        Seconds; 0 is no preference, positive is approach, negative avoidance.

    Examples
    --------
    >>> preference_seconds([0.5, 0.0], [0.5, 0.0])
    array([0., 0.])
    """
    difference = np.asarray(positive, np.float64) - np.asarray(negative, np.float64)
    return EPOCH_SECONDS * (1.0 / (1.0 + np.exp(-STEEPNESS * difference)) - 0.5)
