"""Which context an ensemble tells of: decoding with folds that do not leak, against relabelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import factorial, prod
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engramlab.measures.checks import as_traces

Classifier = Literal["centroid", "ridge"]
PERMUTATIONS = 500


@dataclass(frozen=True, slots=True)
class Decoding:
    """How well labels are told from activity, and what relabelling gives.

    Parameters
    ----------
    accuracy : float
        Balanced: the mean over labels of the share of their samples that was told rightly.
    chance, chance_low, chance_high : float
        Mean and central 95 % of the accuracy after relabelling.
    p : float
        Share of relabellings, the data's own included, that do as well or better.
    smallest_p : float
        What p would be if no other relabelling did as well: above 0.05 the design has too few
        units for a test, whatever the accuracy.
    labels : array, shape (label,)
        In sorted order.
    confusion : float64 array, shape (label, label)
        Row: true; column: told; shares of the row.
    told : array, shape (sample,)
        The label told for each sample while its group was left out.
    """

    accuracy: float
    chance: float
    chance_low: float
    chance_high: float
    p: float
    smallest_p: float
    labels: NDArray[np.generic]
    confusion: NDArray[np.float64]
    told: NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class _Design:
    """Samples with labels as whole numbers, the folds, and what keeps a label together."""

    features: NDArray[np.float64]
    labels: NDArray[np.generic]
    label: NDArray[np.int64]
    group: NDArray[np.int64]
    unit: NDArray[np.int64]


def block_vectors(traces: ArrayLike, blocks: int, *, gap: int = 0) -> NDArray[np.float64]:
    """Population vectors of stretches of time: samples for decoding that are far apart.

    The session is cut into `blocks` stretches of frames of which the last `gap` are left out, and
    each is averaged; frames next to each other are nearly copies and no samples of their own (block
    cross-validation, Roberts et al. 2017, Ecography 40:913).

    Entry (b, c) is ``mean over frames t of block b of x_tc``.

    Parameters
    ----------
    traces : array_like, shape (frame, cell)
        NaN makes that cell NaN in the block.
    blocks : int
    gap : int
        Frames between blocks; as many as the signal takes to forget.

    Returns
    -------
    float64 array, shape (block, cell)
        Slow changes of a session are in all its blocks, so they still tell sessions apart at
        chance level for contexts: see `decode`.

    Raises
    ------
    ValueError
        If a block would have no frame.

    Examples
    --------
    >>> block_vectors([[1.0], [3.0], [100.0], [5.0], [7.0], [100.0]], 2, gap=1)
    array([[2.],
           [6.]])
    """
    signal = as_traces(traces)
    if blocks < 1 or gap < 0 or len(signal) // blocks <= gap:
        raise ValueError(
            f"{len(signal)} frames in {blocks} blocks leave none beside a gap of {gap}"
        )
    parts = np.array_split(signal, blocks)
    return np.stack([part[: len(part) - gap].mean(axis=0) for part in parts])


def decode(
    features: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike,
    *,
    units: ArrayLike | None = None,
    classifier: Classifier = "centroid",
    penalty: float = 1.0,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Decoding:
    """Tell the context from the activity of cells, for groups of samples that were left out.

    Each group is left out once; cells are standardised and the classifier is made from the others
    only. ``centroid``: the label with the nearest mean (Tibshirani et al. 2002, PNAS 99:6567,
    without shrinkage). ``ridge``: least squares on +1 and -1 a label with penalty on squared
    weights, the largest wins (Hoerl & Kennard 1970, Technometrics 12:55). Accuracy is balanced over
    labels (Brodersen et al. 2010, Proc ICPR 3121). Chance: whole units are relabelled and
    all is done anew (Ojala & Garriga 2010, J Mach Learn Res 11:1833), among the units of a group
    where groups hold several, else among all; all relabellings if there are no more than
    `permutations`.

    Parameters
    ----------
    features : array_like, shape (sample, cell)
        Population vectors (`block_vectors`) or ensembles. A cell with NaN is left out.
    labels : array_like, shape (sample,)
        What to tell: contexts.
    groups : array_like, shape (sample,)
        What is left out together: all that is more alike than independent samples are. Time
        blocks; to ask whether a context is recognised on another day, the day.
    units : array_like, shape (sample,), optional
        What got its label as one: sessions, if whole sessions were in one context. Without it the
        groups.
    classifier : "centroid" or "ridge"
    penalty : float
        Of ``ridge``, for standardised cells.
    permutations : int
        0 for the accuracy alone.
    seed : int

    Returns
    -------
    Decoding
        Chance level: 1 / labels, or what relabelling gives. If each context was one session then
        contexts cannot be told from sessions: bleaching, arousal and time make any two differ, and
        blocks taken as units make that look significant. With few sessions an animal, decode
        in each animal and test over animals (`mean_estimate`).

    Raises
    ------
    ValueError
        If there are fewer than two labels, a label that occurs in one group only, a unit with two
        labels or in two groups, or arrays that do not fit.

    Examples
    --------
    Two days with a session of two blocks in each of two contexts; the first cell tells:

    >>> features = [[5, 1], [6, 2], [1, 2], [0, 1], [5, 3], [4, 1], [1, 3], [0, 2]]
    >>> labels = ["A", "A", "B", "B"] * 2
    >>> days, sessions = [1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 2, 2, 3, 3, 4, 4]
    >>> found = decode(features, labels, days, units=sessions)
    >>> found.accuracy, found.chance, found.p
    (1.0, 0.5, 0.5)

    Of the four ways to relabel sessions within days two tell as well, so p cannot be less.
    """
    design = _design(features, labels, groups, units)
    random = np.random.Generator(np.random.Philox(seed))
    relabelled, every = _relabelled(design, permutations, random)
    told = _told(design, relabelled, _classifier(classifier, penalty))
    number = design.labels.size
    accuracies = np.array(
        [_recalls(a, b, number).mean() for a, b in zip(relabelled, told, strict=True)]
    )
    # All relabellings hold the data's own; drawn ones come beside it.
    chance = accuracies[0 if every else 1 :] if permutations else np.array([np.nan])
    low, high = np.quantile(chance, [0.025, 0.975])
    confusion = np.zeros((number, number))
    np.add.at(confusion, (design.label, told[0]), 1.0)
    as_good = np.mean(accuracies >= accuracies[0] - 1e-12)
    return Decoding(
        accuracy=float(accuracies[0]),
        chance=float(chance.mean()),
        chance_low=float(low),
        chance_high=float(high),
        p=float(as_good) if permutations else float("nan"),
        smallest_p=_smallest_p(relabelled) if permutations else float("nan"),
        labels=design.labels,
        confusion=confusion / confusion.sum(axis=1, keepdims=True),
        told=design.labels[told[0]],
    )


def _design(
    features: ArrayLike, labels: ArrayLike, groups: ArrayLike, units: ArrayLike | None
) -> _Design:
    x = as_traces(features)
    x = x[:, np.isfinite(x).all(axis=0)]
    names, label = np.unique(np.asarray(labels), return_inverse=True)
    group = np.unique(np.asarray(groups), return_inverse=True)[1]
    unit = group if units is None else np.unique(np.asarray(units), return_inverse=True)[1]
    if not x.shape[1]:
        raise ValueError("no cell is known in all samples")
    for name, given in (("label", label), ("group", group), ("unit", unit)):
        if given.shape != (len(x),):
            raise ValueError(f"a {name} for each of {len(x)} samples is needed, not {given.shape}")
    if names.size < 2:
        raise ValueError(f"at least two labels are needed, not {names.tolist()}")
    for i, name in enumerate(names):
        if np.unique(group[label == i]).size < 2:
            raise ValueError(
                f"label '{name}' occurs in one group only; nothing is left to know it by once that "
                "group is left out"
            )
    for part in np.unique(unit):
        if np.unique(group[unit == part]).size > 1:
            raise ValueError("a unit lies in one group; units that span groups leak between them")
        if np.unique(label[unit == part]).size > 1 and units is not None:
            raise ValueError("a unit has one label; take smaller units")
    if units is None and any(np.unique(label[group == part]).size > 1 for part in group):
        # A group with several labels is not relabelled as one: its parts of one label are.
        unit = group * names.size + label
    return _Design(x, names, label, group, np.unique(unit, return_inverse=True)[1])


def _relabelled(
    design: _Design, permutations: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], bool]:
    """Labels of samples, shape (labelling, sample), the given ones first; and if these are all."""
    first = np.unique(design.unit, return_index=True)[1]
    of_unit, home = design.label[first], design.group[first]
    if np.unique(home).size == home.size:
        home = np.zeros_like(home)  # one unit a group: relabel among groups
    places = [np.flatnonzero(home == part) for part in np.unique(home)]
    rows = [of_unit]
    every = _arrangements(of_unit, places) <= permutations
    if every:
        rows += [row for row in _all_arrangements(of_unit, places) if (row != of_unit).any()]
    else:
        for _ in range(permutations):
            row = of_unit.copy()
            for place in places:
                row[place] = random.permutation(of_unit[place])
            rows.append(row)
    return np.array(rows)[:, design.unit], every


def _arrangements(of_unit: NDArray[np.int64], places: list[NDArray[np.intp]]) -> int:
    numbers = [Counter(of_unit[place].tolist()).values() for place in places]
    return prod(factorial(sum(n)) // prod(map(factorial, n)) for n in numbers)


def _all_arrangements(
    of_unit: NDArray[np.int64], places: list[NDArray[np.intp]]
) -> Iterator[NDArray[np.int64]]:
    """Every different way to deal labels out anew among the units of each place."""
    if not places:
        yield of_unit.copy()
        return
    for rest in _all_arrangements(of_unit, places[1:]):
        for order in _orders(of_unit[places[0]].tolist()):
            row = rest.copy()
            row[places[0]] = order
            yield row


def _orders(values: list[int]) -> Iterator[list[int]]:
    if not values:
        yield []
    for value in dict.fromkeys(values):
        left = values.copy()
        left.remove(value)
        for order in _orders(left):
            yield [value, *order]


def _smallest_p(relabelled: NDArray[np.int64]) -> float:
    """Share of relabellings that split the samples as the data do, by whatever names."""
    own = relabelled[0]
    same = [
        len(set(zip(own.tolist(), row.tolist(), strict=True))) == np.unique(own).size
        for row in relabelled
    ]
    return float(np.mean(same))


_Told = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]]


def _classifier(name: Classifier, penalty: float) -> _Told:
    if name == "centroid":
        return _nearest_centroid
    if name == "ridge":
        if not penalty > 0:
            raise ValueError(f"a penalty is above 0, not {penalty}")
        return partial(_ridge, penalty=penalty)
    raise ValueError(f"a classifier is 'centroid' or 'ridge', not {name!r}")


def _told(design: _Design, labels: NDArray[np.int64], classify: _Told) -> NDArray[np.int64]:
    """Label told for every sample under every labelling, shape (labelling, sample)."""
    told = np.empty(labels.shape, np.int64)
    one_hot = np.eye(design.labels.size)
    for group in np.unique(design.group):
        out = design.group == group
        mean, sd = design.features[~out].mean(axis=0), design.features[~out].std(axis=0)
        standard = (design.features - mean) / np.where(sd > 0, sd, 1.0)
        told[:, out] = classify(standard[~out], one_hot[labels[:, ~out]], standard[out])
    return told


def _nearest_centroid(
    known: NDArray[np.float64], labels: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.int64]:
    number = labels.sum(axis=1)[..., np.newaxis]
    centroids = np.swapaxes(labels, 1, 2) @ known / np.where(number > 0, number, np.nan)
    # |a - c|^2 without |a|^2, which is the same for all labels; a label without samples is far.
    distance = (centroids**2).sum(axis=-1)[:, np.newaxis] - 2 * asked @ np.swapaxes(centroids, 1, 2)
    return np.asarray(np.argmin(np.nan_to_num(distance, nan=np.inf), axis=-1), np.int64)


def _ridge(
    known: NDArray[np.float64],
    labels: NDArray[np.float64],
    asked: NDArray[np.float64],
    *,
    penalty: float,
) -> NDArray[np.int64]:
    target = 2.0 * labels - 1.0
    offset = target.mean(axis=1, keepdims=True)
    gram = known.T @ known + penalty * np.eye(known.shape[1])
    weights = np.linalg.solve(gram, known.T @ (target - offset))
    return np.asarray(np.argmax(asked @ weights + offset, axis=-1), np.int64)


def _recalls(label: NDArray[np.int64], told: NDArray[np.int64], number: int) -> NDArray[np.float64]:
    return np.array([np.mean(told[label == i] == i) for i in range(number)])
