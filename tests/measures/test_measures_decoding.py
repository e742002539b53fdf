"""Decoding: by hand, against scikit-learn, without leaks, and at chance where nothing is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from engramlab.measures import block_vectors, decode


def drawn_samples(seed: int, labels: int = 3) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    random = np.random.default_rng(seed)
    label = random.integers(0, labels, 60)
    centre = random.normal(0.0, 0.7, (labels, 12))
    features = centre[label] + random.standard_normal((60, 12))
    return features, np.array(["A", "B", "C"])[label], np.repeat(np.arange(6), 10)


@pytest.mark.parametrize("name", ["centroid", "ridge"])
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_scikit_learn(name: Any, seed: int) -> None:
    features, labels, groups = drawn_samples(seed)
    model = NearestCentroid() if name == "centroid" else RidgeClassifier(alpha=3.0)
    theirs = cross_val_predict(
        make_pipeline(StandardScaler(), model),
        features,
        labels,
        groups=groups,
        cv=LeaveOneGroupOut(),
    )
    ours = decode(features, labels, groups, classifier=name, penalty=3.0, permutations=0)
    np.testing.assert_array_equal(ours.told, theirs)
    assert ours.accuracy == pytest.approx(balanced_accuracy_score(labels, theirs))
    np.testing.assert_allclose(
        ours.confusion, confusion_matrix(labels, theirs, normalize="true"), atol=1e-12
    )
    assert np.isnan(ours.p)


def test_by_hand() -> None:
    # Left out one by one: means of the others are 0 and 10; 4 is nearer to 0 and 6 to 10
    features = np.array([[0.0], [4.0], [0.0], [10.0], [6.0], [10.0]])
    labels = ["A"] * 3 + ["B"] * 3
    found = decode(features, labels, range(6))
    assert found.told.tolist() == labels
    assert found.accuracy == 1.0
    # Of the 20 ways to name three of six A, two split them so.
    assert found.p == found.smallest_p == pytest.approx(2 / 20)


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-5, 5))
def test_units_of_measurement_and_names_do_not_matter(
    seed: int, gain: float, offset: float
) -> None:
    features, labels, groups = drawn_samples(seed)
    before = decode(features, labels, groups, permutations=0)
    renamed = np.array(["z", "y", "x"])[np.unique(labels, return_inverse=True)[1]]
    after = decode(gain * features + offset, renamed, 100 - groups, permutations=0)
    assert before.accuracy == pytest.approx(after.accuracy)
    assert 0 <= before.accuracy <= 1


def test_nothing_is_told_where_there_is_nothing() -> None:
    random = np.random.default_rng(1)
    found = [
        decode(
            random.standard_normal((16, 30)),
            ["A", "B"] * 8,
            range(16),
            permutations=99,
            seed=seed,
        )
        for seed in range(200)
    ]
    low = np.mean([f.p <= 0.1 for f in found])
    assert low < 0.1 + 4 * np.sqrt(0.09 / 200)
    accuracy = np.array([f.accuracy for f in found])
    # Leaving one out makes its label the rarer one; relabelling has the same bias.
    chance = np.mean([f.chance for f in found])
    assert accuracy.mean() == pytest.approx(chance, abs=4 * accuracy.std() / np.sqrt(200))


def test_neighbours_in_time_leak_and_blocks_do_not() -> None:
    # A slow signal has nothing to do with a context that changes every 100 frames.
    random = np.random.default_rng(2)
    leaky, blocked = [], []
    for _ in range(20):
        traces = np.cumsum(random.standard_normal((1600, 20)), axis=0)
        context = np.repeat(np.arange(16) % 2, 100)
        scattered = np.arange(1600) % 10
        leaky.append(decode(traces, context, scattered, permutations=0).accuracy)
        block = np.arange(1600) // 100
        blocked.append(decode(traces, context, block, permutations=0).accuracy)
    assert np.mean(leaky) > np.mean(blocked) + 0.05
    assert np.mean(blocked) < 0.55


def test_whole_units_are_relabelled_within_groups() -> None:
    features = np.random.default_rng(3).standard_normal((24, 5))
    labels = np.tile(np.repeat(["A", "B"], 3), 4)
    days, sessions = np.repeat(np.arange(4), 6), np.repeat(np.arange(8), 3)
    found = decode(features, labels, days, units=sessions, permutations=1000)
    # Two sessions on each of four days: 2^4 relabellings, two of which are the same split.
    assert found.smallest_p == pytest.approx(2 / 16)
    assert round(found.p * 16) == pytest.approx(found.p * 16)
    # Without units, a group of several labels is relabelled by its parts of one label.
    assert decode(features, labels, days, permutations=1000).p == found.p


def test_all_relabellings_and_drawn_ones_agree() -> None:
    features, labels, _ = drawn_samples(4, labels=2)
    features, labels = features[:9], np.array(["A", "B", "B"] * 3)
    exact = decode(features, labels, range(9), permutations=100)
    sampled = decode(features, labels, range(9), permutations=83, seed=1)
    assert exact.p * 84 == pytest.approx(round(exact.p * 84))  # 9! / (3! 6!) ways
    assert sampled.p == pytest.approx(exact.p, abs=0.2)
    again = decode(features, labels, range(9), permutations=83, seed=1)
    assert (sampled.p, sampled.chance) == (again.p, again.chance)


def test_cells_that_are_not_known_everywhere_are_left_out() -> None:
    features, labels, groups = drawn_samples(5)
    gone = features.copy()
    gone[7, 3] = np.nan
    expected = decode(np.delete(features, 3, axis=1), labels, groups, permutations=0)
    np.testing.assert_array_equal(decode(gone, labels, groups, permutations=0).told, expected.told)


def test_designs_that_cannot_be_decoded_are_refused() -> None:
    features = np.ones((4, 2))
    with pytest.raises(ValueError, match="at least two labels"):
        decode(features, ["A"] * 4, range(4))
    with pytest.raises(ValueError, match="'B' occurs in one group only"):
        decode(features, ["A", "A", "B", "B"], [0, 1, 2, 2])
    with pytest.raises(ValueError, match="a unit has one label"):
        decode(features, ["A", "B", "A", "B"], [0, 0, 1, 1], units=[0, 0, 1, 1])
    with pytest.raises(ValueError, match="in one group"):
        decode(features, ["A", "A", "B", "B"], [0, 1, 0, 1], units=[0, 0, 1, 1])
    with pytest.raises(ValueError, match="a group for each of 4"):
        decode(features, ["A", "B"] * 2, [0, 1])
    with pytest.raises(ValueError, match="no cell is known"):
        decode(features * np.nan, ["A", "B"] * 2, range(4))
    with pytest.raises(ValueError, match="penalty is above 0"):
        decode(features, ["A", "B"] * 2, range(4), classifier="ridge", penalty=0.0)
    with pytest.raises(ValueError, match="'centroid' or 'ridge'"):
        decode(features, ["A", "B"] * 2, range(4), classifier="svm")  # type: ignore[arg-type]


def test_blocks_by_hand() -> None:
    trace = np.arange(6.0)[:, np.newaxis]
    np.testing.assert_allclose(block_vectors(trace, 2), [[1.0], [4.0]])
    np.testing.assert_allclose(block_vectors(trace, 3, gap=1), [[0.0], [2.0], [4.0]])
    with pytest.raises(ValueError, match="leave none"):
        block_vectors(trace, 4, gap=1)
