"""Networks: against networkx, by hand, and against networks with a known structure."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engramlab.measures import clustering, communities, degree, density, modularity, rewired


def random_graph(seed: int, cells: int = 25, share: float = 0.2) -> NDArray[np.bool_]:
    upper = np.triu(np.random.default_rng(seed).random((cells, cells)) < share, 1)
    return np.asarray(upper | upper.T)


def planted(seed: int, inside: float = 0.5, across: float = 0.05) -> NDArray[np.bool_]:
    """Three communities of twenty cells."""
    random = np.random.default_rng(seed)
    same = np.equal.outer(np.arange(60) // 20, np.arange(60) // 20)
    upper = np.triu(random.random((60, 60)) < np.where(same, inside, across), 1)
    return np.asarray(upper | upper.T)


@given(st.integers(0, 10_000), st.integers(2, 20), st.floats(0.05, 0.9))
def test_agrees_with_networkx(seed: int, cells: int, share: float) -> None:
    graph = random_graph(seed, cells, share)
    theirs = nx.from_numpy_array(graph.astype(int))
    assert degree(graph).tolist() == [theirs.degree(cell) for cell in range(cells)]
    assert density(graph) == pytest.approx(nx.density(theirs))
    expected = nx.clustering(theirs)
    np.testing.assert_allclose(clustering(graph), [expected[cell] for cell in range(cells)])
    community = communities(graph)
    assert sorted(set(community.tolist())) == list(range(community.max() + 1))
    if graph.any():
        parts = [set(np.flatnonzero(community == c).tolist()) for c in range(community.max() + 1)]
        assert modularity(graph, community) == pytest.approx(nx.community.modularity(theirs, parts))
        assert modularity(graph, community) >= -1e-12
        assert modularity(graph, np.zeros(cells)) == pytest.approx(0.0, abs=1e-12)
    else:
        assert np.isnan(modularity(graph, community))


def test_communities_of_zacharys_club() -> None:
    club = nx.karate_club_graph()
    graph = nx.to_numpy_array(club, weight=None).astype(bool)
    # Newman 2006 reports 0.419; the best known division has 0.4198.
    assert 0.415 < modularity(graph, communities(graph)) < 0.4199


def test_planted_communities_are_found_and_stand_out() -> None:
    for seed in range(5):
        graph = planted(seed)
        community = communities(graph)
        assert len(set(community.tolist())) == 3
        for part in range(3):
            assert len(set(community[20 * part : 20 * part + 20].tolist())) == 1
        shuffled = rewired(graph, seed=seed)
        by_chance = modularity(shuffled, communities(shuffled))
        assert modularity(graph, community) > by_chance + 0.15
        assert clustering(graph).mean() > clustering(shuffled).mean() + 0.1


def test_division_is_about_as_good_as_that_of_louvain() -> None:
    ours, theirs = [], []
    for seed in range(10):
        graph = random_graph(seed, 40, 0.1)
        ours.append(modularity(graph, communities(graph)))
        network = nx.from_numpy_array(graph.astype(int))
        parts = nx.community.louvain_communities(network, seed=seed)
        theirs.append(nx.community.modularity(network, parts))
    assert np.mean(ours) > 0.95 * np.mean(theirs)


@given(st.integers(0, 10_000), st.integers(2, 20), st.floats(0.05, 0.9))
def test_rewiring_keeps_degrees_and_repeats(seed: int, cells: int, share: float) -> None:
    graph = random_graph(seed, cells, share)
    shuffled = rewired(graph, seed=seed)
    assert degree(shuffled).tolist() == degree(graph).tolist()
    np.testing.assert_array_equal(shuffled, rewired(graph, seed=seed))


def test_rewiring_reaches_every_network_of_these_degrees_alike() -> None:
    # Three edges on six cells of degree 1: 15 perfect matchings.
    graph = np.kron(np.eye(3, dtype=int), 1 - np.eye(2, dtype=int))
    seen: dict[bytes, int] = {}
    for seed in range(3000):
        key = rewired(graph, seed=seed).tobytes()
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 15
    counts = np.array(list(seen.values()))
    assert ((counts - 200) ** 2 / 200).sum() < 36.1  # chi-square of 14 at p = 0.001


def test_random_networks_cluster_as_their_density() -> None:
    graph = random_graph(1, 400, 0.1)
    assert clustering(graph).mean() == pytest.approx(density(graph), abs=0.005)
    assert degree(graph).mean() == pytest.approx(399 * density(graph))


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        degree([[0, 1], [0, 0]])
    with pytest.raises(ValueError, match="own neighbour"):
        density([[1, 0], [0, 0]])
    with pytest.raises(ValueError, match="cell, cell"):
        clustering([[0, 1]])
    with pytest.raises(ValueError, match="True and False"):
        communities([[0.0, 0.5], [0.5, 0.0]])
    with pytest.raises(ValueError, match="a community for each of 2"):
        modularity([[0, 1], [1, 0]], [0])
    assert np.isnan(density([[0]]))
    assert communities(np.zeros((3, 3))).tolist() == [0, 1, 2]
