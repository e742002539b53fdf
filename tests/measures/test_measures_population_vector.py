"""Similarity of population vectors: by hand, against NumPy and SciPy, and with a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import distance

from engramlab.measures import (
    centred_on_cells,
    corrected_similarity,
    halves_of,
    similarity_matrix,
)

vectors = st.tuples(st.integers(2, 5), st.integers(3, 20)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 50).map(float))
)


def test_agrees_with_numpy_and_scipy() -> None:
    activity = np.random.default_rng(0).gamma(1.0, 2.0, (5, 60))
    np.testing.assert_allclose(similarity_matrix(activity), np.corrcoef(activity))
    ranks = stats.spearmanr(activity, axis=1).statistic
    np.testing.assert_allclose(similarity_matrix(activity, kind="ranks"), ranks)
    cosine = 1 - distance.squareform(distance.pdist(activity, "cosine"))
    np.testing.assert_allclose(similarity_matrix(activity, kind="cosine"), cosine)


@given(vectors, st.floats(0.1, 10), st.floats(-5, 5))
def test_invariants(activity: NDArray[np.float64], gain: float, offset: float) -> None:
    matrix = similarity_matrix(activity)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.all(np.isnan(matrix) | (np.abs(matrix) <= 1))
    np.testing.assert_allclose(similarity_matrix(gain * activity + offset), matrix, atol=1e-6)
    np.testing.assert_allclose(centred_on_cells(activity).sum(axis=0), 0.0, atol=1e-9)


def test_a_missing_cell_is_left_out_of_its_pairs() -> None:
    activity = np.random.default_rng(1).random((3, 10))
    gone = activity.copy()
    gone[0, 4] = np.nan
    known = np.arange(10) != 4
    for kind in ("correlation", "ranks", "cosine"):
        matrix = similarity_matrix(gone, kind=kind)
        assert matrix[1, 2] == pytest.approx(similarity_matrix(activity, kind=kind)[1, 2])
        expected = similarity_matrix(activity[:, known], kind=kind)[0, 1]
        assert matrix[0, 1] == pytest.approx(expected)
    assert centred_on_cells(gone)[1, 4] == pytest.approx((activity[1, 4] - activity[2, 4]) / 2)


def test_unrelated_sessions_with_lively_cells_are_at_chance_once_centred() -> None:
    random = np.random.default_rng(2)
    lively = random.gamma(1.0, 5.0, 4000)
    activity = lively + random.standard_normal((6, 4000))
    pairs = np.triu_indices(6, 1)
    assert similarity_matrix(activity)[pairs].min() > 0.9
    centred = similarity_matrix(centred_on_cells(activity))[pairs]
    np.testing.assert_allclose(centred, -1 / 5, atol=0.07)


def test_halves_by_hand() -> None:
    trace = np.arange(8.0)[:, np.newaxis]
    np.testing.assert_allclose(halves_of(trace, 4), [[2.5], [4.5]])
    np.testing.assert_allclose(halves_of(trace, 4, gap=1), [[2.0], [4.0]])
    np.testing.assert_allclose(halves_of([[1.0, np.nan], [3.0, np.nan]], 2)[:, 0], [1.0, 3.0])
    with pytest.raises(ValueError, match="even number"):
        halves_of(trace, 3)
    with pytest.raises(ValueError, match="leave none"):
        halves_of(trace, 4, gap=2)


def test_correction_recovers_the_similarity_without_noise() -> None:
    random = np.random.default_rng(3)
    cells = 40_000
    first = random.standard_normal(cells)
    second = 0.6 * first + 0.8 * random.standard_normal(cells)
    noise = np.array([0.5, 1.5])[:, np.newaxis, np.newaxis]
    halves = np.stack([first, second])[:, np.newaxis] + noise * random.standard_normal(
        (2, 2, cells)
    )
    found = corrected_similarity(halves)
    assert found.reliability[0] == pytest.approx(1 / (1 + 0.25), abs=0.02)
    assert found.reliability[1] == pytest.approx(1 / (1 + 2.25), abs=0.02)
    assert found.raw[0, 1] < 0.4
    assert found.corrected[0, 1] == pytest.approx(0.6, abs=0.02)
    np.testing.assert_allclose(np.diag(found.corrected), 1.0)
    np.testing.assert_allclose(found.raw[0, 0], np.corrcoef(halves[0])[0, 1])


def test_what_is_not_reliable_is_not_corrected() -> None:
    pattern = [1.0, 2.0, 3.0, 4.0]
    found = corrected_similarity([[pattern, pattern], [pattern, pattern[::-1]]])
    assert found.reliability[1] == pytest.approx(-1.0)
    assert np.isnan(found.corrected[0, 1])
    with pytest.raises(ValueError, match="session, 2, cell"):
        corrected_similarity([pattern])
    with pytest.raises(ValueError, match="a kind is"):
        similarity_matrix([pattern], kind="euclid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="session, cell"):
        similarity_matrix(pattern)
    with pytest.raises(ValueError, match="session, cell"):
        centred_on_cells(pattern)
