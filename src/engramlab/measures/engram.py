"""Size of an engram and its overlap with other ensembles, against chance."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    a, b = np.asarray(first, np.bool_), np.asarray(second, np.bool_)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"two masks over the same cells are needed, not {a.shape} and {b.shape}")
    return a, b


def engram_size(active: ArrayLike) -> float:
    """Share of cells in an engram, in percent.

    ``100 n(A) / N``, the share by which engrams are reported (reviewed in Josselyn & Tonegawa
    2020, Science 367:eaaw4325: recalled). Chance level: the share of cells above threshold in
    animals that were not trained.

    Parameters
    ----------
    active : array_like of bool, shape (cell,)
        Cells above threshold, tagged, or c-Fos positive.

    Returns
    -------
    float
        100 x active cells / all cells; NaN without cells.

    Examples
    --------
    >>> engram_size([True, False, False, False])
    25.0
    """
    mask = np.asarray(active, np.bool_)
    return float(100.0 * mask.mean()) if mask.size else float("nan")


def overlap_over_chance(first: ArrayLike, second: ArrayLike) -> float:
    """Cells common to two ensembles over those expected if they were independent.

    ``|A and B| N / (|A| |B|)``; the usual reactivation measure of tag-and-c-Fos counts (Reijmers et
    al. 2007, Science 317:1230). It is the over-representation of A within B as well.

    Parameters
    ----------
    first, second : array_like of bool, shape (cell,)
        Ensembles over the same cells.

    Returns
    -------
    float
        1 at chance, 0 without common cells; NaN when an ensemble is empty. Cells differ in their
        general activity, so two independent ensembles of one animal overlap more than 1.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> overlap_over_chance([1, 1, 0, 0], [1, 0, 0, 0])
    2.0
    """
    a, b = _pair(first, second)
    expected = a.sum() * b.sum() / max(a.size, 1)
    return float((a & b).sum() / expected) if expected > 0 else float("nan")


def overlap_probability(first: ArrayLike, second: ArrayLike) -> float:
    """Probability of at least so many common cells if the ensembles were drawn independently.

    Upper tail of the hypergeometric distribution (Fisher's exact test, one-sided).

    ``P(X >= |A and B|)``, X hypergeometric with N, n(A) and n(B) cells (Fisher 1935, J R Stat Soc
    98:39).

    Parameters
    ----------
    first, second : array_like of bool, shape (cell,)

    Returns
    -------
    float
        In [0, 1]; a small value says that the overlap exceeds chance.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> round(overlap_probability([1, 1, 0, 0], [1, 1, 0, 0]), 4)
    0.1667
    """
    a, b = _pair(first, second)
    return float(scipy.stats.hypergeom.sf((a & b).sum() - 1, a.size, a.sum(), b.sum()))


def jaccard(first: ArrayLike, second: ArrayLike) -> float:
    """Jaccard index of two ensembles, ``|A and B| / |A or B|`` (Jaccard 1912).

    Chance level: ``p q / (p + q - p q)`` for independent ensembles of shares p and q.

    Parameters
    ----------
    first, second : array_like of bool, shape (cell,)

    Returns
    -------
    float
        In [0, 1]; for independent ensembles with shares p and q its expectation is about
        ``p q / (p + q - p q)``; NaN when both are empty.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> jaccard([1, 1, 0], [1, 0, 1])
    0.3333333333333333
    """
    a, b = _pair(first, second)
    either = (a | b).sum()
    return float((a & b).sum() / either) if either else float("nan")


def dice(first: ArrayLike, second: ArrayLike) -> float:
    """Dice coefficient of two ensembles, ``2 |A and B| / (|A| + |B|)`` (Dice 1945).

    Chance level: ``2 p q / (p + q)`` for independent ensembles of shares p and q.

    Parameters
    ----------
    first, second : array_like of bool, shape (cell,)

    Returns
    -------
    float
        In [0, 1]; for independent ensembles with shares p and q its expectation is about
        ``2 p q / (p + q)``; NaN when both are empty.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> dice([1, 1, 0], [1, 0, 1])
    0.5
    """
    a, b = _pair(first, second)
    total = a.sum() + b.sum()
    return float(2.0 * (a & b).sum() / total) if total else float("nan")


def cosine_similarity(first: ArrayLike, second: ArrayLike) -> float:
    """Cosine of the angle between two population vectors.

    ``a b / (|a| |b|)`` (used of hippocampal ensembles over weeks by Rubin et al. 2015, eLife
    4:e12247).

    Parameters
    ----------
    first, second : array_like, shape (cell,)
        Rates or event counts of the same cells.

    Returns
    -------
    float
        1 for the same direction; in [0, 1] for rates. Chance is not 0 for rates: compare with
        shuffled cells. NaN when a vector is all zero.

    Raises
    ------
    ValueError
        If the two are not over the same cells.

    Examples
    --------
    >>> round(cosine_similarity([1.0, 0.0], [1.0, 1.0]), 4)
    0.7071
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"two vectors over the same cells are needed, not {a.shape}, {b.shape}")
    a, b = a / max(np.abs(a).max(initial=0.0), 1e-300), b / max(np.abs(b).max(initial=0.0), 1e-300)
    length = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.clip(a @ b / length, -1.0, 1.0)) if length > 0 else float("nan")
