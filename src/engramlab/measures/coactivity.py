"""Which cells are active together beyond chance: a network over the cells of a recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, next_fast_len, rfft

from engramlab.measures.checks import as_traces

SHUFFLES = 500


@dataclass(frozen=True, slots=True)
class CoactivityNetwork:
    """Cells that are active together.

    Parameters
    ----------
    correlation : float64 array, shape (cell, cell)
        Over frames; NaN for a cell that does not vary or has a NaN.
    p : float64 array, shape (cell, cell)
        Share of relative shifts in time that give at least this correlation, none included; NaN
        as above and on the diagonal.
    adjacency : bool array, shape (cell, cell)
        True where the correlation is beyond chance; symmetric, False on the diagonal.
    """

    correlation: NDArray[np.float64]
    p: NDArray[np.float64]
    adjacency: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Synchrony:
    """Moments at which more cells are active at once than chance gives.

    Parameters
    ----------
    active : int64 array, shape (frame,)
        Cells active in each frame.
    threshold : int
        A frame is synchronous if more cells than these are active.
    frames : int64 array, shape (synchronous frame,)
        Places of such frames.
    participation : float64 array, shape (cell,)
        Share of synchronous frames in which each cell is active; NaN without any.
    """

    active: NDArray[np.int64]
    threshold: int
    frames: NDArray[np.int64]
    participation: NDArray[np.float64]


def coactivity_network(
    traces: ArrayLike, *, level: float = 0.01, corrected: bool = False
) -> CoactivityNetwork:
    """Graph of cells whose activity goes together more than after a shift in time.

    Pearson's correlation over frames of every pair, against the same pair with one trace shifted
    circularly: this keeps each cell's rate and its own time course and takes away only that they
    happen together (Louis et al. 2010, Front Comput Neurosci 4:127). All lags are computed (as a
    cross-correlation), so nothing is sampled: ``p = lags that give at least r / lags``, lag 0
    included. Small lags belong to it, although signals overlap there: without them p would be too
    small too often. A pair is an edge if r > 0 and ``p <= level``.

    Parameters
    ----------
    traces : array_like, shape (frame, cell)
        Fluorescence, or onsets as 0 and 1. A cell with NaN takes no part. A few huge transients
        rule the correlation of raw fluorescence; its logarithm or ranks show more.
    level : float
        Of each pair; or with `corrected` the false discovery rate over all pairs (Benjamini &
        Hochberg 1995, J R Stat Soc B 57:289), the largest expected share of edges by chance.
    corrected : bool
        As p is 1 / frames at least, this needs long recordings: with few frames and many cells no
        edge may be left, and graphs of different recordings are hard to compare. Without it the
        density at chance is known: `level`.

    Returns
    -------
    CoactivityNetwork
        Chance level: a density of `level` (corrected: `level` of the edges found). What moves all
        cells (speed, arousal, motion of the field) and slow trends of a session make edges too.
        Negative correlations are no edges.

    Raises
    ------
    ValueError
        If the traces are not of that shape.

    Examples
    --------
    Two cells with the same onsets, one with others:

    >>> onsets = np.zeros((200, 3))
    >>> onsets[[5, 31, 80, 132, 171], :2] = 1.0
    >>> onsets[[11, 52, 99, 113, 190], 2] = 1.0
    >>> found = coactivity_network(onsets)
    >>> found.adjacency.astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    signal = as_traces(traces)
    frames, cells = signal.shape
    centred = signal - signal.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    varies = np.isfinite(length) & (length > 1e-12 * np.abs(signal).max(axis=0, initial=0.0))
    correlation, p = np.full((2, cells, cells), np.nan)
    known = np.flatnonzero(varies)
    standard = centred[:, known] / length[known]
    inner = np.clip(standard.T @ standard, -1.0, 1.0)
    correlation[np.ix_(known, known)] = inner
    # A prime number of frames makes the transform slow: pad, and wrap the ends by hand.
    size = next_fast_len(2 * frames, real=True)
    spectra = rfft(standard, size, axis=0)
    for i, cell in enumerate(known[:-1]):
        cross = irfft(np.conj(spectra[:, i : i + 1]) * spectra[:, i + 1 :], size, axis=0)
        p[cell, known[i + 1 :]] = _shift_p(cross, frames)
    p = np.where(np.isnan(p), p.T, p)
    return CoactivityNetwork(correlation, p, _edges(correlation, p, level, corrected=corrected))


def synchronous_frames(
    active: ArrayLike, *, shuffles: int = SHUFFLES, rate: float = 0.05, seed: int = 0
) -> Synchrony:
    """Frames in which more cells are active together than after shifting each cell in time.

    Every cell is shifted circularly by its own random lag; the threshold is the ``1 - rate``
    quantile, over shuffles, of the largest number of cells active in one frame. So a recording
    without synchrony has any such frame with probability `rate` (as for ensembles of visual cortex,
    Miller et al. 2014, PNAS 111:E4053, with the maximum in place of each frame's own level).

    Parameters
    ----------
    active : array_like of bool, shape (frame, cell)
        Onsets (`Events.onsets`), or frames in which a cell is active.
    shuffles : int
    rate : float
        Of a false alarm in the whole recording.
    seed : int

    Returns
    -------
    Synchrony
        Chance level: no frame in ``1 - rate`` of recordings. Of participation: the cell's share of
        all frames.

    Raises
    ------
    ValueError
        If `active` is not of that shape or holds anything but yes and no.

    Examples
    --------
    Ten cells, each active alone twenty times, and all of them in frame 50:

    >>> random = np.random.Generator(np.random.Philox(1))
    >>> active = random.random((1000, 10)) < 0.02
    >>> active[50] = True
    >>> synchronous_frames(active).frames.tolist()
    [50]
    """
    raster = np.asarray(active)
    if raster.ndim != 2 or not (raster.dtype == np.bool_ or np.isin(raster, (0, 1)).all()):
        raise ValueError(f"yes or no of shape (frame, cell) is needed, not {raster.shape}")
    raster = raster.astype(np.bool_)
    frames, cells = raster.shape
    random = np.random.Generator(np.random.Philox(seed))
    start, cell = np.nonzero(raster)
    largest = np.zeros(shuffles, np.int64)
    for shuffle in range(shuffles):
        lag = random.integers(0, max(frames, 1), cells)
        shifted = np.bincount((start + lag[cell]) % max(frames, 1), minlength=frames)
        largest[shuffle] = shifted.max(initial=0)
    threshold = int(np.quantile(largest, 1.0 - rate, method="inverted_cdf"))
    number = raster.sum(axis=1)
    found = np.flatnonzero(number > threshold)
    taking_part = raster[found].mean(axis=0) if found.size else np.full(cells, np.nan)
    return Synchrony(number, threshold, found, taking_part)


def _shift_p(cross: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """Share of circular lags that correlate at least as lag 0, for each column.

    `cross` holds the correlation at lag k in row k, and at lag -k in row -k.
    """
    circular = cross[:frames]
    circular[1:] += cross[len(cross) - frames + 1 :]  # lag k - frames is lag k, wrapped
    # An equal correlation may differ by the rounding of the transform.
    return np.asarray((circular >= circular[0] - 1e-9).mean(axis=0), np.float64)


def _edges(
    correlation: NDArray[np.float64], p: NDArray[np.float64], level: float, *, corrected: bool
) -> NDArray[np.bool_]:
    adjacency = np.zeros(p.shape, np.bool_)
    pairs = np.triu(np.isfinite(p), 1)
    if pairs.any():
        of_pairs = scipy.stats.false_discovery_control(p[pairs]) if corrected else p[pairs]
        adjacency[pairs] = (of_pairs <= level) & (correlation[pairs] > 0)
    return np.asarray(adjacency | adjacency.T)
