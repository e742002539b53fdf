"""How alike the activity of a population is in different sessions, apart from noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.checks import as_traces
from engramlab.measures.correlation import correlation
from engramlab.measures.engram import cosine_similarity

Kind = Literal["correlation", "ranks", "cosine"]


@dataclass(frozen=True, slots=True)
class CorrectedSimilarity:
    """Similarity of sessions, corrected for how well each is measured.

    Parameters
    ----------
    raw : float64 array, shape (session, session)
        Mean correlation of halves of different sessions; on the diagonal of the two halves of one.
    reliability : float64 array, shape (session,)
        Correlation of the two halves: what an identical session would show.
    corrected : float64 array, shape (session, session)
        ``raw_ij / sqrt(reliability_i reliability_j)``; 1 on the diagonal.
    """

    raw: NDArray[np.float64]
    reliability: NDArray[np.float64]
    corrected: NDArray[np.float64]


def similarity_matrix(vectors: ArrayLike, *, kind: Kind = "correlation") -> NDArray[np.float64]:
    """Similarity of the population vectors of all sessions.

    Pearson's correlation over cells, Spearman's (`ranks`), or the cosine (``a b / (|a| |b|)``), as
    for ensemble dynamics over weeks in Rubin et al. 2015 (eLife 4:e12247).

    Parameters
    ----------
    vectors : array_like, shape (session, cell)
        Mean activity, rates or counts of the same cells. A cell with NaN in one of two sessions is
        left out of that pair.
    kind : "correlation", "ranks" or "cosine"

    Returns
    -------
    float64 array, shape (session, session)
        Symmetric. Chance level: 0 for correlations of unrelated cells. But cells differ in general
        activity, so unrelated sessions correlate well above 0; see `centred_on_cells`. The cosine
        of rates has no fixed chance level.

    Raises
    ------
    ValueError
        If the vectors are not of that shape.

    Examples
    --------
    >>> similarity_matrix([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]).round(6)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    activity = np.asarray(vectors, np.float64)
    if activity.ndim != 2:
        raise ValueError(f"vectors of shape (session, cell) are needed, not {activity.shape}")
    measure = _measure(kind)
    matrix = np.full((len(activity), len(activity)), np.nan)
    for i, j in zip(*np.triu_indices(len(activity)), strict=True):
        matrix[i, j] = matrix[j, i] = measure(activity[i], activity[j])
    return matrix


def centred_on_cells(vectors: ArrayLike) -> NDArray[np.float64]:
    """Take each cell's general activity out: its mean over sessions.

    ``x_sc - mean over s of x_sc``: double centring with the correlation's own (Torgerson 1952,
    Psychometrika 17:401).

    Parameters
    ----------
    vectors : array_like, shape (..., session, cell)
        NaN is left out of the mean and stays NaN.

    Returns
    -------
    float64 array
        Of the same shape. Chance level of `similarity_matrix` of it: ``-1 / (S - 1)`` for S
        sessions and not 0, as the deviations of a cell add up to 0.

    Raises
    ------
    ValueError
        If there is no axis of sessions.

    Examples
    --------
    >>> centred_on_cells([[1.0, 5.0], [3.0, 5.0]])
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    activity = np.asarray(vectors, np.float64)
    if activity.ndim < 2:
        raise ValueError(f"vectors of shape (session, cell) are needed, not {activity.shape}")
    known = np.isfinite(activity)
    number = known.sum(axis=-2, keepdims=True)
    total = np.where(known, activity, 0.0).sum(axis=-2, keepdims=True)
    return np.asarray(activity - total / np.maximum(number, 1), np.float64)


def halves_of(traces: ArrayLike, blocks: int = 10, *, gap: int = 0) -> NDArray[np.float64]:
    """Population vectors of two halves of a session, made of blocks of time in turn.

    The session is cut into `blocks` stretches of frames; one half averages the odd stretches, the
    other the even ones, so that a slow trend enters both (Guttman 1945, Psychometrika 10:255, on
    split halves).

    ``h_0 = mean over odd blocks, h_1 = mean over even blocks`` of each cell's trace.

    Parameters
    ----------
    traces : array_like, shape (frame, cell)
        NaN is left out.
    blocks : int
        An even number, at least 2.
    gap : int
        Frames left out at the end of each block: as many as the signal takes to forget, else
        halves share events at the borders and seem more reliable than they are.

    Returns
    -------
    float64 array, shape (2, cell)
        Chance level: halves of unrelated cells correlate at 0.

    Raises
    ------
    ValueError
        If `blocks` is odd or leaves a block without frames.

    Examples
    --------
    >>> halves_of([[1.0], [3.0], [5.0], [7.0]], blocks=4)
    array([[3.],
           [5.]])
    """
    signal = as_traces(traces)
    if blocks < 2 or blocks % 2:
        raise ValueError(f"an even number of blocks is needed, not {blocks}")
    if gap < 0 or len(signal) // blocks <= gap:
        raise ValueError(
            f"{len(signal)} frames in {blocks} blocks leave none beside a gap of {gap}"
        )
    frames = [part[: part.size - gap] for part in np.array_split(np.arange(len(signal)), blocks)]
    return np.stack([_mean(signal[np.concatenate(frames[half::2])]) for half in (0, 1)])


def corrected_similarity(
    halves: ArrayLike, *, kind: Literal["correlation", "ranks"] = "correlation"
) -> CorrectedSimilarity:
    """Similarity of sessions, had they been recorded without noise.

    ``r_ij / sqrt(r_ii r_jj)``, where r_ij is the mean of the four correlations of a half of i with
    a half of j and r_ii that of the two halves of i: the correction for attenuation (Spearman 1904,
    Am J Psychol 15:72). All are of halves, so no step to the full length is needed.

    Parameters
    ----------
    halves : array_like, shape (session, 2, cell)
        As `halves_of` gives them for each session; for general activity taken out, centre over
        sessions first. A cell with NaN is left out of the pairs it is missing in.
    kind : "correlation" or "ranks"

    Returns
    -------
    CorrectedSimilarity
        Chance level: 0 (``-1 / (S - 1)`` if centred on cells). 1: no change beyond noise. May
        exceed 1 by sampling; NaN where a reliability is not positive, and not to be trusted where
        it is small. What changes within a session (drift, behaviour) counts as noise.

    Raises
    ------
    ValueError
        If the halves are not of that shape.

    Examples
    --------
    Two sessions of the same pattern; one half of the second has noise:

    >>> pattern, noisy = [1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]
    >>> found = corrected_similarity([[pattern, pattern], [pattern, noisy]])
    >>> found.reliability.round(2).tolist(), found.raw[0, 1].round(2).item()
    ([1.0, 0.8], 0.9)
    >>> found.corrected[0, 1].round(3).item()
    1.006
    """
    parts = np.asarray(halves, np.float64)
    if parts.ndim != 3 or parts.shape[1] != 2:
        raise ValueError(f"halves of shape (session, 2, cell) are needed, not {parts.shape}")
    measure = _measure(kind)
    raw = np.full((len(parts), len(parts)), np.nan)
    for i, j in zip(*np.triu_indices(len(parts)), strict=True):
        if i == j:
            raw[i, i] = measure(parts[i, 0], parts[i, 1])
        else:
            raw[i, j] = raw[j, i] = np.mean([measure(a, b) for a in parts[i] for b in parts[j]])
    reliability = np.diag(raw).copy()
    root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
    return CorrectedSimilarity(raw, reliability, raw / np.outer(root, root))


def _measure(kind: Kind) -> Callable[[NDArray[np.float64], NDArray[np.float64]], float]:
    if kind == "cosine":
        return _cosine_of_known
    if kind in ("correlation", "ranks"):
        return lambda a, b: correlation(a, b, ranks=kind == "ranks")
    raise ValueError(f"a kind is 'correlation', 'ranks' or 'cosine', not {kind!r}")


def _cosine_of_known(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    known = np.isfinite(first) & np.isfinite(second)
    return cosine_similarity(first[known], second[known])


def _mean(traces: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(traces)
    number = known.sum(axis=0)
    total = np.where(known, traces, 0.0).sum(axis=0)
    return np.asarray(total / np.where(number > 0, number, np.nan), np.float64)
