"""Shape of an undirected network: degree, clustering, communities; and networks to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh

SWAPS_PER_EDGE = 10
SMALL = 1e-10


def _graph(adjacency: ArrayLike) -> NDArray[np.bool_]:
    array = np.asarray(adjacency)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"an adjacency of shape (cell, cell) is needed, not {array.shape}")
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise ValueError("an adjacency holds True and False, or 1 and 0")
    graph = array.astype(np.bool_)
    if (graph != graph.T).any() or graph.diagonal().any():
        raise ValueError("an adjacency is symmetric, and no cell is its own neighbour")
    return graph


def degree(adjacency: ArrayLike) -> NDArray[np.int64]:
    """Neighbours of each cell, ``k_i = sum over j of A_ij``.

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)
        Symmetric, no cell its own neighbour.

    Returns
    -------
    int64 array, shape (cell,)
        By chance, for n cells and density d, binomial with mean ``(n - 1) d`` (Erdos & Renyi 1959,
        Publ Math Debrecen 6:290).

    Raises
    ------
    ValueError
        If it is no such matrix.

    Examples
    --------
    >>> degree([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    array([2, 1, 1])
    """
    return np.asarray(_graph(adjacency).sum(axis=1), np.int64)


def density(adjacency: ArrayLike) -> float:
    """Share of all pairs of cells that are connected, ``2 E / (n (n - 1))``.

    For networks of correlated cells as in Betzel et al. 2019 (PLoS Comput Biol 15:e1007360).

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)

    Returns
    -------
    float
        By chance about the false share of edges times itself; NaN with fewer than two cells.

    Raises
    ------
    ValueError
        If it is no symmetric matrix of yes and no.

    Examples
    --------
    >>> round(density([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), 3)
    0.667
    """
    graph = _graph(adjacency)
    pairs = len(graph) * (len(graph) - 1)
    return float(graph.sum() / pairs) if pairs else float("nan")


def clustering(adjacency: ArrayLike) -> NDArray[np.float64]:
    """Share of each cell's pairs of neighbours that are neighbours of each other.

    ``C_i = 2 T_i / (k_i (k_i - 1))`` with T_i triangles (Watts & Strogatz 1998, Nature 393:440).

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)

    Returns
    -------
    float64 array, shape (cell,)
        In [0, 1]; 0 for a cell with fewer than two neighbours. By chance (random edges) the
        density; correlations are partly transitive, so compare with `rewired` networks and with
        those of shifted traces.

    Raises
    ------
    ValueError
        If it is no symmetric matrix of yes and no.

    Examples
    --------
    A triangle with a tail:

    >>> clustering([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]).round(3)
    array([1.   , 1.   , 0.333, 0.   ])
    """
    graph = _graph(adjacency).astype(np.float64)
    k = graph.sum(axis=1)
    closed = ((graph @ graph) * graph).sum(axis=1)
    return np.asarray(closed / np.maximum(k * (k - 1), 1.0), np.float64)


def modularity(adjacency: ArrayLike, community: ArrayLike) -> float:
    """How much more often neighbours are of one community than in a network of the same degrees.

    ``Q = sum over ij of (A_ij - k_i k_j / 2E) [c_i = c_j] / 2E`` (Newman 2006, PNAS 103:8577).

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)
    community : array_like, shape (cell,)

    Returns
    -------
    float
        Below 1; 0 at chance for communities that were given beforehand. Communities found in the
        same network have more than 0 by chance: compare with those of `rewired` networks. NaN
        without edges.

    Raises
    ------
    ValueError
        If it is no symmetric matrix of yes and no, or communities do not fit.

    Examples
    --------
    Two pairs without a connection between them: ``2 (1/2 - 1/4)``:

    >>> pairs = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    >>> modularity(pairs, [0, 0, 1, 1])
    0.5
    """
    graph, names = _graph(adjacency), np.asarray(community)
    if names.shape != (len(graph),):
        raise ValueError(f"a community for each of {len(graph)} cells is needed, not {names.shape}")
    k = graph.sum(axis=1).astype(np.float64)
    if not k.sum():
        return float("nan")
    together = names[:, np.newaxis] == names[np.newaxis, :]
    return float((_excess(graph, k) * together).sum() / k.sum())


def communities(adjacency: ArrayLike) -> NDArray[np.int64]:
    """Divide a network into communities so that modularity is large.

    Newman 2006 (PNAS 103:8577): the leading eigenvector of ``A - k k' / 2E`` divides the network by
    its signs, single cells change sides as long as that raises modularity, and parts are divided on
    while it rises; in the end single cells move between all communities in the same way.
    Deterministic; a good division, not surely the best one.

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)

    Returns
    -------
    int64 array, shape (cell,)
        Numbered from 0 by the first cell in each; a cell without neighbours is alone. Chance finds
        some in any network: their modularity against that of `rewired` networks says if they are
        real.

    Raises
    ------
    ValueError
        If it is no symmetric matrix of yes and no.

    Examples
    --------
    Two triangles joined by one edge:

    >>> joined = np.kron(np.eye(2, dtype=int), 1 - np.eye(3, dtype=int))
    >>> joined[2, 3] = joined[3, 2] = 1
    >>> communities(joined)
    array([0, 0, 0, 1, 1, 1])
    """
    graph = _graph(adjacency)
    k = graph.sum(axis=1).astype(np.float64)
    excess = _excess(graph, k)
    alone = [np.array([cell]) for cell in np.flatnonzero(k == 0)]
    open_parts, closed = [np.flatnonzero(k > 0)], alone
    while open_parts:
        part = open_parts.pop()
        side = _division(excess[np.ix_(part, part)]) if part.size > 1 else None
        if side is None:
            closed.append(part)
        else:
            open_parts += [part[side], part[~side]]
    community = np.empty(len(graph), np.int64)
    for number, part in enumerate(closed):
        community[part] = number
    community = _with_single_moves(excess, community)
    first = np.unique(community, return_index=True)[1]
    return np.asarray(np.argsort(np.argsort(first))[np.unique(community, return_inverse=True)[1]])


def rewired(
    adjacency: ArrayLike, *, swaps_per_edge: int = SWAPS_PER_EDGE, seed: int = 0
) -> NDArray[np.bool_]:
    """Random network in which every cell keeps its number of neighbours.

    Two edges a-b and c-d drawn at random become a-d and c-b, unless one of these exists already or
    joins a cell to itself (Maslov & Sneppen 2002, Science 296:910).

    A swap is ``a-b, c-d -> a-d, c-b``.

    Parameters
    ----------
    adjacency : array_like of bool, shape (cell, cell)
    swaps_per_edge : int
        Attempts.
    seed : int

    Returns
    -------
    bool array, shape (cell, cell)
        The chance level of any measure of a network is its mean over such networks.

    Raises
    ------
    ValueError
        If it is no symmetric matrix of yes and no.

    Examples
    --------
    >>> ring = np.roll(np.eye(8), 1, axis=0) + np.roll(np.eye(8), -1, axis=0)
    >>> set(degree(rewired(ring, seed=1)).tolist())
    {2}
    """
    graph = _graph(adjacency).copy()
    edges = np.argwhere(np.triu(graph))
    if len(edges) < 2:
        return graph
    random = np.random.Generator(np.random.Philox(seed))
    attempts = swaps_per_edge * len(edges)
    draws = random.integers(0, len(edges), (attempts, 2))
    turned = random.random(attempts) < 0.5
    for (i, j), turn in zip(draws.tolist(), turned.tolist(), strict=True):
        a, b = edges[i]
        c, d = edges[j][::-1] if turn else edges[j]
        if len({int(a), int(b), int(c), int(d)}) < 4 or graph[a, d] or graph[c, b]:
            continue
        graph[a, b] = graph[b, a] = graph[c, d] = graph[d, c] = False
        graph[a, d] = graph[d, a] = graph[c, b] = graph[b, c] = True
        edges[i], edges[j] = (a, d), (c, b)
    return graph


def _excess(graph: NDArray[np.bool_], k: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of each pair beyond those expected from the degrees."""
    return np.asarray(graph - np.outer(k, k) / max(k.sum(), 1.0), np.float64)


def _division(excess: NDArray[np.float64]) -> NDArray[np.bool_] | None:
    """Two sides of a part, or None if no division raises modularity."""
    own = excess - np.diag(excess.sum(axis=1))  # what dividing this part changes
    last = len(own) - 1
    vector = eigh(own, subset_by_index=(last, last), check_finite=False)[1][:, 0]
    sign = np.where(vector >= 0, 1.0, -1.0)
    field, itself = own @ sign, np.diag(own)
    while True:
        # Moving cell i to the other side changes s' B s by -4 s_i (B s)_i + 4 B_ii.
        gain = 4.0 * (itself - sign * field)
        best = int(np.argmax(gain))
        if gain[best] <= SMALL:
            break
        field -= 2.0 * sign[best] * own[:, best]
        sign[best] = -sign[best]
    # s' B s is twice the sum over each side for a part whose rows add up to 0.
    if np.abs(sign.sum()) == sign.size or sign @ own @ sign <= SMALL:
        return None
    return np.asarray(sign > 0)


def _with_single_moves(
    excess: NDArray[np.float64], community: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Move one cell at a time to another community, the best move first, while that helps."""
    if not community.size:
        return community
    cells, own, community = np.arange(len(excess)), np.diag(excess), community.copy()
    ties = excess @ np.eye(int(community.max()) + 1)[community]
    while True:
        gain = ties - (ties[cells, community] - own)[:, np.newaxis]
        gain[cells, community] = 0.0
        cell, to = np.unravel_index(np.argmax(gain), gain.shape)
        if gain[cell, to] <= SMALL:
            return community
        ties[:, community[cell]] -= excess[:, cell]
        ties[:, to] += excess[:, cell]
        community[cell] = to
