"""The measures on longitudinal calcium imaging of two mice (Tome et al. 2024, Nat Neurosci 27:561).

Numbers here are what the recordings say by these measures; if one changes, a measure has changed.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from engramlab.measures import (
    block_vectors,
    coactivity_network,
    corrected_similarity,
    decode,
    density,
    ensemble_by_share,
    ensemble_by_threshold,
    ensemble_survival,
    false_event_share,
    find_events,
    general_activity,
    halves_of,
    overlap_over_chance,
    overlaps_keeping_activity,
    reactivation,
    robust_sd,
    shuffled_keeping_activity,
)

DATA = Path(os.environ.get("ENGRAMLAB_DATA", Path(__file__).parents[3] / "shared" / "data"))
IMAGING = DATA / "tome2024" / "imaging"
SESSIONS = ("hc0", "cfc", "hc1", "neutral1", "training1", "hc2", "neutral2", "training2")
HOME, TRAINING = (0, 2, 5), 1
PAIRS = np.triu_indices(len(SESSIONS), 1)
MICE = (1, 3)
pytestmark = pytest.mark.skipif(
    not IMAGING.exists(), reason=f"recordings not found at {IMAGING} (set ENGRAMLAB_DATA)"
)


@cache
def recordings(mouse: int) -> tuple[NDArray[np.float64], ...]:
    """Traces of each session, shape (frame, cell)."""
    paths = (IMAGING / f"mouse{mouse}_{session}.csv.gz" for session in SESSIONS)
    return tuple(pd.read_csv(path, header=None).to_numpy(np.float64) for path in paths)


def ensembles(mouse: int) -> NDArray[np.bool_]:
    """The fifth of cells with the largest mean in each session."""
    return ensemble_by_share([traces.mean(axis=0) for traces in recordings(mouse)], 0.2)


@pytest.mark.parametrize("mouse", MICE)
def test_general_activity_explains_the_overlap_of_training_with_the_home_cage(mouse: int) -> None:
    active = ensembles(mouse)
    plain = overlap_over_chance(active[0], active[TRAINING])
    assert plain == pytest.approx(2.65, abs=0.01)
    assert reactivation(active[0], active[TRAINING]).p_more < 0.02

    overlaps = overlaps_keeping_activity(active)
    assert overlaps.ratio[0, TRAINING] == pytest.approx(1.15, abs=0.05)
    assert overlaps.p_more[0, TRAINING] > 0.3
    others = general_activity(active, without=[0, TRAINING])
    given_others = reactivation(active[0], active[TRAINING], strata=others)
    assert 1.0 < given_others.ratio < 1.4
    assert given_others.p_more > 0.05


@pytest.mark.parametrize("mouse", MICE)
def test_no_pair_of_sessions_stands_out_once_general_activity_is_kept(mouse: int) -> None:
    active = ensembles(mouse)
    plain = [overlap_over_chance(active[i], active[j]) for i, j in np.transpose(PAIRS)]
    overlaps = overlaps_keeping_activity(active)
    assert np.mean(plain) > 2.2
    assert overlaps.ratio[PAIRS].mean() == pytest.approx(1.0, abs=0.01)  # as it must be
    assert overlaps.ratio[PAIRS].std() < 0.35 < np.std(plain)
    assert overlaps.p_more[PAIRS].min() * PAIRS[0].size > 0.05  # Bonferroni
    homes = [overlaps.ratio[i, j] for i in HOME for j in HOME if i < j]
    assert np.mean(homes) < 1.05


def test_by_threshold_of_the_mean_the_picture_is_the_same() -> None:
    # As in the paper: session mean of a cell against 1.5 times the mean over cells.
    means = [traces.mean(axis=0) for traces in recordings(1)]
    active = ensemble_by_threshold(means, 1.5, relative=True)
    assert overlap_over_chance(active[0], active[TRAINING]) > 3.0
    assert overlaps_keeping_activity(active).ratio[0, TRAINING] == pytest.approx(1.13, abs=0.05)


@pytest.mark.parametrize("mouse", MICE)
def test_survival_from_training_is_that_of_lively_cells(mouse: int) -> None:
    active = ensembles(mouse)[TRAINING:]
    drawn = shuffled_keeping_activity(ensembles(mouse), 500)[:, TRAINING:]
    chance = np.array([ensemble_survival(sample) for sample in drawn])
    low, high = np.quantile(chance, [0.025, 0.975], axis=0)
    survival = ensemble_survival(active)
    assert np.all((low <= survival) & (survival <= high))
    # Independent draws would leave a twenty-fifth after two sessions.
    assert survival[2] > 0.3
    assert chance[:, 2].mean() > 0.2


@pytest.mark.parametrize("mouse", MICE)
def test_sessions_are_reliable_and_yet_differ(mouse: int) -> None:
    halves = [halves_of(traces, 10, gap=50) for traces in recordings(mouse)]
    found = corrected_similarity(halves)
    assert found.reliability.min() > 0.7
    assert 0.4 < found.corrected[PAIRS].mean() < 0.7


@pytest.mark.parametrize("mouse", MICE)
def test_sessions_are_told_apart_on_a_day_but_not_contexts_on_another(mouse: int) -> None:
    named = dict(zip(SESSIONS, recordings(mouse), strict=True))
    tested = ("neutral1", "training1", "neutral2", "training2")
    blocks = [np.log(1 + np.maximum(block_vectors(named[s], 10, gap=50), 0.0)) for s in tested]
    features, session = np.concatenate(blocks), np.repeat(tested, 10)
    context = np.array([name[:-1] for name in session])
    day = np.array([name[-1] for name in session])
    for one in "12":
        own = day == one
        within = decode(features[own], context[own], range(20), permutations=200)
        assert within.accuracy >= 0.8  # which session, or which context: nobody can say
        assert within.p < 0.05
    across = decode(features, context, day, units=session)
    assert 0.45 < across.accuracy < 0.8
    assert across.smallest_p == 0.5  # four sessions are no sample


@pytest.mark.parametrize("mouse", MICE)
def test_traces_were_denoised_so_events_have_no_mirror(mouse: int) -> None:
    noise = robust_sd(np.concatenate(recordings(mouse)))
    for traces in recordings(mouse)[:2]:
        events = find_events(traces, onset_sd=5.0, end_sd=2.0, noise=noise)
        assert 5 <= np.median(events.counts()) <= 15
        assert false_event_share(traces, onset_sd=5.0, end_sd=2.0, noise=noise) == 0.0


@pytest.mark.parametrize(("mouse", "times_chance"), [(1, 7.0), (3, 3.0)])
def test_cells_are_active_together_beyond_chance(mouse: int, times_chance: float) -> None:
    network = coactivity_network(recordings(mouse)[TRAINING], level=0.01)
    assert density(network.adjacency) == pytest.approx(0.01 * times_chance, rel=0.2)
