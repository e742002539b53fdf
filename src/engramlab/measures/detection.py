"""Which cells belong to a session's ensemble: by threshold, by share, by rate, by event."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.events import Events


def ensemble_by_threshold(
    activity: ArrayLike, threshold: float, *, relative: bool = False
) -> NDArray[np.bool_]:
    """Cells whose activity exceeds a threshold.

    ``x_c > threshold``, or with `relative` ``x_c > threshold mean_c(x)``: the latter as for the
    session means of calcium traces in Tome et al. 2024 (Nat Neurosci 27:561).

    Parameters
    ----------
    activity : array_like, shape (..., cell)
        One number a cell (and session): mean or peak of its trace, level of an immediate early
        gene, rate. A cell with NaN is in no ensemble.
    threshold : float
        In units of the activity, or with `relative` in means over the cells of the session.
    relative : bool
        True lets a session's own level set the scale, so that bleaching or arousal, which change
        all cells alike, do not change the size of the ensemble.

    Returns
    -------
    bool array, shape (..., cell)
        It is no test: some cells are above any mean by chance. For the chance level of what is
        done with the ensembles see `overlaps_keeping_activity`.

    Examples
    --------
    >>> ensemble_by_threshold([1.0, 2.0, 6.0, float("nan")], 1.5, relative=True)
    array([False, False,  True, False])
    """
    level = np.asarray(activity, np.float64)
    if not relative:
        return np.asarray(level > threshold)
    known = np.isfinite(level)
    number = known.sum(axis=-1, keepdims=True)
    mean = np.where(known, level, 0.0).sum(axis=-1, keepdims=True) / np.maximum(number, 1)
    return np.asarray(level > threshold * mean)


def ensemble_by_share(activity: ArrayLike, share: float) -> NDArray[np.bool_]:
    """The most active cells of each session, the same share of them in every one.

    The ``round(share N)`` cells of highest activity, N being the cells that are not NaN.

    The rule is ours: it holds the size fixed, so that only identity is compared.

    Parameters
    ----------
    activity : array_like, shape (..., cell)
        A cell with NaN is in no ensemble.
    share : float
        In [0, 1].

    Returns
    -------
    bool array, shape (..., cell)
        Of cells equally active at the border the first ones. As sessions are of one size, Jaccard,
        Dice and reactivation over chance order pairs of them alike. Chance level: every cell is a
        member with probability `share`.

    Raises
    ------
    ValueError
        If `share` is not in [0, 1].

    Examples
    --------
    >>> ensemble_by_share([[1.0, 5.0, 3.0, 2.0], [9.0, 8.0, 0.0, 0.0]], 0.5)
    array([[False,  True,  True, False],
           [ True,  True, False, False]])
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a share lies in 0 to 1, not {share}")
    level = np.asarray(activity, np.float64)
    known = np.isfinite(level)
    order = np.argsort(np.where(known, -level, np.inf), axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    return np.asarray(known & (rank < np.rint(share * known.sum(axis=-1, keepdims=True))))


def ensemble_by_rate(counts: ArrayLike, minutes: float, per_minute: float) -> NDArray[np.bool_]:
    """Cells that fire at a rate or above it.

    ``n_c / T >= per_minute``, the usual convention; the rate is the experimenter's choice and no
    property of the cells, so state it, and show that results hold at half and at twice of it.

    A convention, here ours to name; there is no single source.

    Parameters
    ----------
    counts : array_like, shape (..., cell)
        Events or spikes. A cell with NaN is in no ensemble.
    minutes : float
        Length of the session.
    per_minute : float

    Returns
    -------
    bool array, shape (..., cell)
        By chance a cell of true rate r reaches it with ``P(Poisson(r T) >= per_minute T)``, so
        short sessions recruit quiet cells; compare sessions of equal length.

    Raises
    ------
    ValueError
        If the session has no length.

    Examples
    --------
    >>> ensemble_by_rate([0, 4, 12], minutes=5.0, per_minute=1.0)
    array([False, False,  True])
    """
    if not minutes > 0:
        raise ValueError(f"a session lasts more than 0 minutes, not {minutes}")
    return np.asarray(np.asarray(counts, np.float64) / minutes >= per_minute)


def ensemble_by_rise(
    counts: ArrayLike,
    minutes: float,
    before: ArrayLike,
    minutes_before: float,
    *,
    false_share: float = 0.05,
) -> NDArray[np.bool_]:
    """Cells whose rate rose from one session to another, beyond chance.

    Given its events in both sessions, ``n + m``, those of a cell with an unchanged Poisson rate
    fall into the second with probability ``T / (T + T_before)``: p is the upper binomial tail
    (Przyborowski & Wilenski 1940, Biometrika 31:313). Over cells it is corrected for their number
    by the false discovery rate (Benjamini & Hochberg 1995, J R Stat Soc B 57:289).

    Parameters
    ----------
    counts, before : array_like, shape (cell,)
        Events in the session and in the one to compare with (home cage). A cell with NaN in either
        is in no ensemble and is not tested.
    minutes, minutes_before : float
        Their lengths.
    false_share : float
        Largest expected share of members that did not rise.

    Returns
    -------
    bool array, shape (cell,)
        By chance, empty in ``1 - false_share`` of cases. Events that come in bursts vary more than
        Poisson, and then it finds too many: count bursts then.

    Raises
    ------
    ValueError
        If the two are not over the same cells or a session has no length.

    Examples
    --------
    12 events against 1 in the same time: p = 14 / 2^13, twice that for two cells:

    >>> ensemble_by_rise([12, 3], 5.0, [1, 3], 5.0)
    array([ True, False])
    """
    now, then = np.asarray(counts, np.float64), np.asarray(before, np.float64)
    if now.shape != then.shape or now.ndim != 1:
        raise ValueError(f"counts of the same cells are needed, not {now.shape} and {then.shape}")
    if not (minutes > 0 and minutes_before > 0):
        raise ValueError(f"sessions last more than 0 minutes, not {minutes}, {minutes_before}")
    known = np.isfinite(now) & np.isfinite(then)
    member = np.zeros(now.shape, np.bool_)
    if known.any():
        share = minutes / (minutes + minutes_before)
        p = scipy.stats.binom.sf(now[known] - 1, now[known] + then[known], share)
        member[known] = scipy.stats.false_discovery_control(np.clip(p, 0.0, 1.0)) <= false_share
    return member


def ensemble_by_event(events: Events, *, least_events: int = 1) -> NDArray[np.bool_]:
    """Cells with at least so many events in the session.

    ``n_c >= least_events`` with the events of `find_events`; a floor of 5 active moments a session
    is in use for hippocampal imaging (Sheintuch et al. 2022, PLoS Comput Biol 18:e1009832).

    Parameters
    ----------
    events : Events
    least_events : int

    Returns
    -------
    bool array, shape (cell,)
        By chance, with f false events a cell (`false_event_share` times their mean number), a
        silent cell is a member with ``P(Poisson(f) >= least_events)``; it grows with the length of
        the session.

    Examples
    --------
    >>> from engramlab.measures import find_events
    >>> found = find_events([[0.0, 0.0], [5.0, 0.0], [0.0, 1.0]], noise=[1.0, 1.0])
    >>> ensemble_by_event(found)
    array([ True, False])
    """
    return np.asarray(events.counts() >= least_events)
