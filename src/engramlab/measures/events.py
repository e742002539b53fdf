"""Events in traces of cells: noise, onsets above it, how many are false, bursts of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.checks import as_traces

MAD_TO_SD = 1.4826  # of a normal distribution: 1 / its 75 % quantile


@dataclass(frozen=True, slots=True)
class Events:
    """Events of many cells, by cell and then by time.

    Parameters
    ----------
    cell : int64 array, shape (event,)
        Column of the trace.
    start, stop : int64 arrays, shape (event,)
        First frame at the onset level, and first frame after the event.
    peak : float64 array, shape (event,)
        Largest value of the trace in it.
    cells, frames : int
        Size of the recording.
    """

    cell: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    peak: NDArray[np.float64]
    cells: int
    frames: int

    def counts(self) -> NDArray[np.int64]:
        """Events of each cell, shape (cell,)."""
        return np.bincount(self.cell, minlength=self.cells)

    def onsets(self) -> NDArray[np.bool_]:
        """True in the frame in which an event begins, shape (frame, cell)."""
        raster = np.zeros((self.frames, self.cells), np.bool_)
        raster[self.start, self.cell] = True
        return raster


def robust_sd(values: ArrayLike) -> NDArray[np.float64]:
    """Standard deviation of the noise of each cell from the median absolute deviation.

    ``1.4826 median(|x - median(x)|)`` over frames: the standard deviation of normal noise, hardly
    changed by transients in less than half of the frames (Hampel 1974, J Am Stat Assoc 69:383; for
    recordings of neurons Quian Quiroga et al. 2004, Neural Comput 16:1661).

    Parameters
    ----------
    values : array_like, shape (frame, cell)
        NaN is left out. In traces that were denoised or deconvolved beforehand it is the usual
        spread of the signal instead, and thresholds in its units are not tests of noise.

    Returns
    -------
    float64 array, shape (cell,)
        0 where more than half of the frames are equal; NaN for a cell without any value. It is the
        scale of chance: normal noise exceeds 3 of it in 1 of 741 frames.

    Raises
    ------
    ValueError
        If the traces are not of that shape.

    Examples
    --------
    >>> robust_sd([[1.0], [2.0], [3.0], [4.0], [100.0]])
    array([1.4826])
    """
    traces = as_traces(values)
    return MAD_TO_SD * _median(np.abs(traces - _median(traces)))


def find_events(
    traces: ArrayLike,
    *,
    onset_sd: float = 3.0,
    end_sd: float = 1.0,
    least_frames: int = 1,
    noise: ArrayLike | None = None,
) -> Events:
    """Transients that rise clearly above a cell's baseline.

    With baseline b = median and noise s, an event begins where the trace first reaches ``b +
    onset_sd s`` and ends where it falls below ``b + end_sd s``; the lower end keeps one transient
    from being counted twice (Dombeck et al. 2007, Neuron 56:43).

    Parameters
    ----------
    traces : array_like, shape (frame, cell)
        dF/F or another fluorescence. A NaN frame ends an event.
    onset_sd, end_sd : float
        In noise standard deviations; ``end_sd`` is not above ``onset_sd``.
    least_frames : int
        Events that last less are left out; choose it from the indicator's decay and the frame rate.
    noise : array_like, shape (cell,), optional
        Noise of each cell; without it `robust_sd` of these traces. To compare sessions give the
        noise of all sessions together, else each session sets its own scale.

    Returns
    -------
    Events
        Chance level: events of the same traces upside down, see `false_event_share`. A cell
        whose noise is 0 or NaN has none.

    Raises
    ------
    ValueError
        If the traces are not of that shape, or ``end_sd`` is above ``onset_sd``.

    Examples
    --------
    A baseline of 0 with noise of 1: one transient, with a dip that does not end it:

    >>> found = find_events([[0.0], [0.0], [5.0], [2.0], [4.0], [0.0]], noise=[1.0])
    >>> found.start.tolist(), found.stop.tolist(), found.peak.tolist()
    ([2], [5], [5.0])
    """
    signal = as_traces(traces)
    if not end_sd <= onset_sd:
        raise ValueError(f"an event ends at or below its onset level, not {end_sd} > {onset_sd}")
    sd = robust_sd(signal) if noise is None else np.asarray(noise, np.float64)
    if sd.shape != signal.shape[1:]:
        raise ValueError(f"noise of each of {signal.shape[1]} cells is needed, not {sd.shape}")
    above = (signal - _median(signal)) / np.where(sd > 0, sd, np.nan)
    # Cells one after the other, with a quiet frame between them, so that no run crosses over.
    high, on = (_in_a_row(above >= level) for level in (end_sd, onset_sd))
    edges = np.diff(high.astype(np.int8))
    first, after = np.flatnonzero(edges == 1) + 1, np.flatnonzero(edges == -1) + 1
    onsets = np.flatnonzero(on)
    following = np.searchsorted(onsets, first)
    reached = following < onsets.size
    start = onsets[np.minimum(following, onsets.size - 1)] if onsets.size else first
    kept = reached & (start < after) & (after - start >= least_frames)
    start, after = start[kept], after[kept]
    length = len(signal) + 1
    cell = (start - 1) // length
    begin, end = start - 1 - cell * length, after - 1 - cell * length
    peak = [np.max(signal[a:b, c]) for a, b, c in zip(begin, end, cell, strict=True)]
    return Events(cell, begin, end, np.array(peak, np.float64), signal.shape[1], len(signal))


def false_event_share(
    traces: ArrayLike,
    *,
    onset_sd: float = 3.0,
    end_sd: float = 1.0,
    least_frames: int = 1,
    noise: ArrayLike | None = None,
) -> float:
    """Share of events that noise alone would give: events of the mirrored traces over events.

    ``N(events of -x) / N(events of x)``: noise is symmetric about the baseline, transients are not
    (Dombeck et al. 2007, Neuron 56:43).

    Parameters
    ----------
    traces, onset_sd, end_sd, least_frames, noise
        As for `find_events`.

    Returns
    -------
    float
        About 1 by chance (noise alone), near 0 for transients well above it; NaN without events.
        Traces that cannot go below their baseline (denoised, deconvolved) give 0 whatever they
        hold.

    Raises
    ------
    ValueError
        As for `find_events`.

    Examples
    --------
    Two events up and one down:

    >>> false_event_share([[0.0], [5.0], [0.0], [-5.0], [0.0], [5.0], [0.0]], noise=[1.0])
    0.5
    """
    signal = as_traces(traces)
    found, mirrored = (
        find_events(
            sign * signal, onset_sd=onset_sd, end_sd=end_sd, least_frames=least_frames, noise=noise
        ).cell.size
        for sign in (1.0, -1.0)
    )
    return mirrored / found if found else float("nan")


def bursts(
    times: ArrayLike, *, longest_gap: float, least_events: int = 3
) -> list[tuple[float, float, int]]:
    """Bursts of one cell: events that follow each other closely.

    The maximal runs of at least `least_events` events of which each follows the last within
    `longest_gap`: the maximum-interval method, which did best of eight in a comparison (Cotterill
    et al. 2016, J Neurophysiol 116:306).

    Parameters
    ----------
    times : array_like, shape (event,)
        In any unit and order; NaN is left out.
    longest_gap : float
        In the same unit.
    least_events : int

    Returns
    -------
    list of (first time, last time, number of events)
        By chance, events at random with rate r follow each other so closely with probability ``1 -
        exp(-r longest_gap)``; a burst of n therefore begins at a given event, not in a burst
        already, with the (n - 1)th power of it.

    Raises
    ------
    ValueError
        If `times` is not one-dimensional.

    Examples
    --------
    >>> bursts([1.0, 1.5, 1.9, 7.0, 9.0, 9.2], longest_gap=0.5)
    [(1.0, 1.9, 3)]
    """
    moments = np.asarray(times, np.float64)
    if moments.ndim != 1:
        raise ValueError(f"times of shape (event,) are needed, not {moments.shape}")
    moments = np.sort(moments[np.isfinite(moments)])
    if not moments.size:
        return []
    runs = np.split(moments, np.flatnonzero(np.diff(moments) > longest_gap) + 1)
    return [(float(r[0]), float(r[-1]), len(r)) for r in runs if len(r) >= least_events]


def _median(traces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median over frames without NaN; NaN, and no warning, for a cell without any value."""
    known = np.isfinite(traces).any(axis=0)
    median = np.full(traces.shape[1], np.nan)
    median[known] = np.nanmedian(traces[:, known], axis=0)
    return median


def _in_a_row(raster: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.concatenate([[False], np.pad(raster, ((0, 1), (0, 0))).T.ravel()])
