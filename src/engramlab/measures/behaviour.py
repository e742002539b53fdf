"""Freezing from motion and preference from positions: what the model reports, measured on video."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.preference import EPOCH_SECONDS


def freezing_bouts(
    motion: ArrayLike, frames_per_second: float, threshold: float, *, least_seconds: float = 1.0
) -> NDArray[np.int64]:
    """Stretches in which an animal does not move.

    The maximal runs of frames with motion below the threshold that last at least `least_seconds`
    (Anagnostaras et al. 2010, Front Behav Neurosci 4:158).

    ``runs of frames with x < threshold and length / frame rate >= least_seconds``.

    Parameters
    ----------
    motion : array_like, shape (frame,)
        Motion index of the video, speed, or another measure that is low while an animal is still. A
        NaN frame (animal not seen) ends a bout.
    frames_per_second : float
    threshold : float
        In units of the motion; set it against an observer's scores.
    least_seconds : float
        1 s is usual for mice; shorter pauses are no freezing.

    Returns
    -------
    int64 array, shape (bout, 2)
        First frame, and first frame after the bout. Chance level: that of the same animal before
        the shock, or of one that was never shocked; an animal at rest or asleep is still as well.

    Raises
    ------
    ValueError
        If `motion` is not one-dimensional or the frame rate not positive.

    Examples
    --------
    >>> freezing_bouts([9, 1, 1, 1, 9, 1, 9], frames_per_second=2, threshold=5)
    array([[1, 4]])
    """
    signal = np.asarray(motion, np.float64)
    if signal.ndim != 1:
        raise ValueError(f"motion of shape (frame,) is needed, not {signal.shape}")
    _refuse_no_rate(frames_per_second)
    edges = np.diff(np.pad((signal < threshold).astype(np.int8), 1))
    bouts = np.column_stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)])
    # A bout of just the least length must not be lost to rounding.
    long = np.diff(bouts, axis=1)[:, 0] / frames_per_second >= least_seconds - 1e-9
    return np.asarray(bouts[long], np.int64)


def freezing_percent(
    motion: ArrayLike, frames_per_second: float, threshold: float, *, least_seconds: float = 1.0
) -> float:
    """Share of time an animal freezes, in percent.

    ``100 x frames in freezing bouts / frames in which the animal was seen``.

    As scored by hand since Fanselow 1980 (Pavlov J Biol Sci 15:177: recalled).

    Parameters
    ----------
    motion, frames_per_second, threshold, least_seconds
        As for `freezing_bouts`. Cut out the minutes wanted beforehand.

    Returns
    -------
    float
        In [0, 100]; NaN without a frame. Chance level: as for `freezing_bouts`.

    Raises
    ------
    ValueError
        As for `freezing_bouts`.

    Examples
    --------
    >>> freezing_percent([9, 1, 1, 1, 9, 1, 9, 9], frames_per_second=2, threshold=5)
    37.5
    """
    bouts = freezing_bouts(motion, frames_per_second, threshold, least_seconds=least_seconds)
    seen = int(np.isfinite(np.asarray(motion, np.float64)).sum())
    return float(100.0 * np.diff(bouts, axis=1).sum() / seen) if seen else float("nan")


def place_preference(
    positions: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    share_of_area: float = 0.5,
) -> float:
    """Time in a place beyond that of an animal without preference, in seconds of a 3-min epoch.

    ``180 s (share of time in the place - its share of the area)``: the scale of
    `preference_seconds`, so that an animal and the model can be compared (epochs of 3 min with the
    light off and on: Redondo et al. 2014, Nature 513:426).

    Parameters
    ----------
    positions : array_like, shape (frame,) or (frame, axis)
        Frames in which a coordinate is NaN are left out.
    low, high : array_like, shape () or (axis,)
        Bounds of the place, both in it.
    share_of_area : float
        Of the place, in [0, 1].

    Returns
    -------
    float
        0 at chance; positive approach, negative avoidance; NaN without a frame. Animals keep
        to walls and corners, so take the difference to the same place with light off, or to a
        control group.

    Raises
    ------
    ValueError
        If bounds do not fit the positions or the share is not in [0, 1].

    Examples
    --------
    Three of four frames in the left half:

    >>> place_preference([1.0, 2.0, 4.0, 7.0], low=0.0, high=5.0)
    45.0
    """
    track = np.asarray(positions, np.float64)
    track = track[:, np.newaxis] if track.ndim == 1 else track
    bounds = [np.atleast_1d(np.asarray(bound, np.float64)) for bound in (low, high)]
    if track.ndim != 2 or any(bound.shape != track.shape[1:] for bound in bounds):
        raise ValueError(
            f"bounds of {track.shape[1:]} axes are needed, not {[b.shape for b in bounds]}"
        )
    if not 0.0 <= share_of_area <= 1.0:
        raise ValueError(f"a share of the area lies in 0 to 1, not {share_of_area}")
    track = track[np.isfinite(track).all(axis=1)]
    if not len(track):
        return float("nan")
    inside = ((track >= bounds[0]) & (track <= bounds[1])).all(axis=1)
    return float(EPOCH_SECONDS * (inside.mean() - share_of_area))


def _refuse_no_rate(frames_per_second: float) -> None:
    if not frames_per_second > 0:
        raise ValueError(f"a frame rate is above 0 per second, not {frames_per_second}")
