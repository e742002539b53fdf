"""How well an animal tells two situations apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def discrimination_index(training: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Discrimination index of two scores.

    ``(training - other) / (training + other)``, as in Wiltgen & Silva 2007 (Learn Mem 14:313) and
    Tome et al. 2024 (Nat Neurosci 27:561).

    Parameters
    ----------
    training, other : array_like
        Scores of the same animals (freezing, percent) in the training and in the other context;
        they broadcast.

    Returns
    -------
    float64 array
        In [-1, 1] for scores that are not negative; 0 is no discrimination, which is also the
        chance level; NaN where both scores are 0 or one is NaN.

    Examples
    --------
    >>> discrimination_index([60.0, 30.0], [20.0, 30.0])
    array([0.5, 0. ])
    """
    a = np.asarray(training, np.float64)
    b = np.asarray(other, np.float64)
    total = a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total != 0, (a - b) / np.where(total != 0, total, 1.0), np.nan)
