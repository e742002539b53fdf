"""Overlap of ensembles over sessions, against chance that keeps how active each cell is.

Some cells are active in most sessions and many in none, so two sessions that have nothing to do
with each other share more cells than independent draws would. Here chance is what remains possible
when every cell keeps the number of sessions in which it is active and every session its number of
active cells. If activity follows a cell's own readiness and a session's own level and nothing else
(Rasch 1960, Probabilistic Models for Some Intelligence and Attainment Tests), these margins are
sufficient and all matrices that have them are equally likely; so the test is exact but for the
number of samples, and needs no estimate of any propensity. Ecologists test the co-occurrence of
species in the same way (Gotelli 2000, Ecology 81:2606).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.checks import as_sessions

SAMPLES = 2000
SWEEPS = 40
ENTRIES_AT_ONCE = 4_000_000  # of sample x session x cell: some 100 MB while they are traded


@dataclass(frozen=True, slots=True)
class SessionOverlaps:
    """Common cells of every pair of sessions against chance that keeps each cell's activity.

    Parameters
    ----------
    common : int64 array, shape (session, session)
        Cells active in both; on the diagonal the size of the session's ensemble.
    expected : float64 array, shape (session, session)
        Mean over chance.
    chance_low, chance_high : int64 arrays, shape (session, session)
        Central 95 % of chance.
    ratio : float64 array, shape (session, session)
        ``common / expected``, 1 at chance; NaN where nothing is expected.
    p_more, p_fewer : float64 arrays, shape (session, session)
        Probability by chance of at least, and of at most, so many common cells. With many pairs
        correct for their number.
    """

    common: NDArray[np.int64]
    expected: NDArray[np.float64]
    chance_low: NDArray[np.int64]
    chance_high: NDArray[np.int64]
    ratio: NDArray[np.float64]
    p_more: NDArray[np.float64]
    p_fewer: NDArray[np.float64]


def general_activity(active: ArrayLike, *, without: Sequence[int] = ()) -> NDArray[np.int64]:
    """Number of sessions in which each cell is active, some sessions left out.

    ``t_c = sum over other sessions of A_sc``; the strata for `reactivation` of the sessions left
    out, as in a stratified contingency table (Mantel & Haenszel 1959, J Natl Cancer Inst 22:719).

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
    without : sequence of int
        Places of sessions that do not count.

    Returns
    -------
    int64 array, shape (cell,)
        By chance, with shares p of active cells, binomial; a wider spread says that cells differ.

    Raises
    ------
    ValueError
        If `active` is not of that shape or has no such sessions.

    Examples
    --------
    >>> general_activity([[1, 1, 0], [1, 0, 0], [1, 0, 1]], without=[0])
    array([2, 0, 1])
    """
    mask = as_sessions(active)
    places = list(without)
    if any(not 0 <= place < len(mask) for place in places):
        raise ValueError(f"sessions are numbered 0 to {len(mask) - 1}, not {places}")
    return np.asarray(np.delete(mask, places, axis=0).sum(axis=0), np.int64)


def shuffled_keeping_activity(
    active: ArrayLike, samples: int = SAMPLES, *, sweeps: int = SWEEPS, seed: int = 0
) -> NDArray[np.bool_]:
    """Draw at random from all activity with the same number of sessions a cell and cells a session.

    Each sample starts from the data. In a sweep sessions are paired at random, and the cells that
    are active in only one of a pair are dealt out anew between the two, each session keeping its
    number: curveball trades (Strona et al. 2014, Nat Commun 5:4114), all pairs at once (Carstens et
    al. 2018, MethodsX 5:773). Their stationary distribution is uniform (Carstens 2015, Phys Rev E
    91:042812); samples are separate chains, so that they do not depend on each other.

    ``P(matrix) = 1 / number of matrices with the same margins``.

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
    samples : int
    sweeps : int
        Trades a session; 10 to 20 suffice for the matrices of imaging (Neal 2023,
        arXiv:2305.04937).
    seed : int

    Returns
    -------
    bool array, shape (sample, session, cell)
        Any measure of ensembles can be computed on each sample: that is its chance level.

    Raises
    ------
    ValueError
        With fewer than three sessions: two sessions and the margins leave only one overlap.

    Examples
    --------
    >>> active = [[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0]]
    >>> drawn = shuffled_keeping_activity(active, 100)
    >>> bool((drawn.sum(axis=1) == [2, 2, 2, 0]).all()), bool((drawn.sum(axis=2) == 2).all())
    (True, True)
    """
    mask = as_sessions(active, at_least=3)
    return np.concatenate(list(_batches(mask, samples, sweeps, seed)))


def overlaps_keeping_activity(
    active: ArrayLike, samples: int = SAMPLES, *, sweeps: int = SWEEPS, seed: int = 0
) -> SessionOverlaps:
    """Reactivation between all sessions, where chance keeps each cell's general activity.

    ``ratio_ij = |A_i and A_j| / mean over samples of |A_i and A_j|`` with samples from
    `shuffled_keeping_activity`; p as ``(1 + samples at least so large) / (1 + samples)`` (Phipson &
    Smyth 2010, Stat Appl Genet Mol Biol 9:39).

    Parameters
    ----------
    active : array_like of bool, shape (session, cell)
        The same cells in every session; a cell not found in a session has to be left out.
    samples, sweeps, seed : int

    Returns
    -------
    SessionOverlaps
        Chance level of the ratio: 1. The margins fix the sum of overlaps over all pairs, so the
        mean over pairs is about 1 always: the ratio tells which pairs share more cells than the
        other pairs do, not whether cells recur at all. With few sessions one pair far above chance
        moves the others, those with a session of it below 1 and the rest above. Where the pair
        itself should not say what is expected of it, use `reactivation` with `general_activity`
        of the other sessions as strata; that leaves some general activity in, so its ratio is
        somewhat above 1 for unrelated sessions. What is real shows in both.

    Raises
    ------
    ValueError
        With fewer than three sessions, or anything missing.

    Examples
    --------
    Sessions of equal size are alike by chance, so that with cells active in t of S sessions
    ``sum of t (t - 1) / (S (S - 1))`` common cells are expected: here 3 x 2 / (3 x 2) + 2 / 6:

    >>> active = [[1, 1, 0], [1, 1, 0], [1, 0, 1]]
    >>> overlaps = overlaps_keeping_activity(active)
    >>> bool(abs(overlaps.expected[0, 1] - 4 / 3) < 0.05), int(overlaps.common[0, 1])
    (True, 2)
    """
    mask = as_sessions(active, at_least=3)
    common = _common(mask[np.newaxis])[0]
    chance = np.concatenate([_common(part) for part in _batches(mask, samples, sweeps, seed)])
    expected = chance.mean(axis=0)
    low, high = np.quantile(chance, [0.025, 0.975], axis=0, method="inverted_cdf")
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(expected > 0, common / expected, np.nan)
    return SessionOverlaps(
        common=common,
        expected=expected,
        chance_low=low.astype(np.int64),
        chance_high=high.astype(np.int64),
        ratio=ratio,
        p_more=(1 + (chance >= common).sum(axis=0)) / (1 + samples),
        p_fewer=(1 + (chance <= common).sum(axis=0)) / (1 + samples),
    )


def _common(masks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Common cells of all pairs of sessions, shape (sample, session, session)."""
    numbers = masks.astype(np.float32)  # exact for fewer than 2^24 cells, and BLAS multiplies it
    return np.asarray(np.rint(numbers @ numbers.swapaxes(-1, -2)), np.int64)


def _batches(
    mask: NDArray[np.bool_], samples: int, sweeps: int, seed: int
) -> Iterator[NDArray[np.bool_]]:
    if samples < 1:
        raise ValueError(f"at least one sample is needed, not {samples}")
    random = np.random.Generator(np.random.Philox(seed))
    at_once = max(1, ENTRIES_AT_ONCE // max(mask.size, 1))
    for start in range(0, samples, at_once):
        yield _traded(mask, min(at_once, samples - start), sweeps, random)


def _traded(
    mask: NDArray[np.bool_], samples: int, sweeps: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    sessions = len(mask)
    # Cells active always or never cannot change; leaving them out saves most of the work.
    free = mask.any(axis=0) & ~mask.all(axis=0)
    chains = np.repeat(mask[np.newaxis, :, free], samples, axis=0)
    chain = np.arange(samples)[:, np.newaxis]
    order = np.tile(np.arange(sessions), (samples, 1))
    for _ in range(sweeps):
        order = random.permuted(order, axis=1)
        first, second = order[:, : sessions // 2], order[:, sessions // 2 : sessions // 2 * 2]
        a, b = chains[chain, first], chains[chain, second]
        traded = a ^ b
        keys = random.random(a.shape, np.float32)
        keys[~traded] = 2.0  # last in the order, so that a rank counts traded cells only
        rank = keys.argsort(axis=-1).argsort(axis=-1)
        to_first = traded & (rank < (a & traded).sum(axis=-1, keepdims=True))
        both = a & b
        chains[chain, first], chains[chain, second] = both | to_first, both | (traded & ~to_first)
    result = np.repeat(mask[np.newaxis], samples, axis=0)
    result[:, :, free] = chains
    return result
