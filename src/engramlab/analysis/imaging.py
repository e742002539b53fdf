"""From calcium imaging over sessions to what a paper would report of ensembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.errors import DataError, ParameterError, Problem
from engramlab.importers.imaging import Imaging
from engramlab.measures import (
    centred_on_cells,
    clustering,
    coactivity_network,
    communities,
    corrected_similarity,
    cosine_similarity,
    decode,
    degree,
    density,
    dice,
    ensemble_by_share,
    ensemble_by_threshold,
    ensemble_retention,
    ensemble_survival,
    jaccard,
    mean_estimate,
    modularity,
    newcomer_share,
    overlaps_keeping_activity,
    reactivation,
    rewired,
    shuffled_keeping_activity,
    similarity_matrix,
    turnover,
    turnover_from_counts,
)
from engramlab.statistics import corrected_p

SAMPLES = 2000
REWIRINGS = 4
MOST_CELLS = 300  # of a network; time goes with their square
FEWEST_FRAMES = 4  # of a block


@dataclass(frozen=True)
class ImagingPlan:
    """What an analysis of imaging has to be told; all of it is written into the results.

    Parameters
    ----------
    share : float
        An ensemble is this share of the cells, those with the largest session mean. In [0, 1].
    threshold : float, optional
        Instead: cells whose session mean exceeds this many times the mean over cells (1.5 in Tome
        et al. 2024).
    reference : str, optional
        Session from which survival is followed; default the first.
    contexts : dict of str to str
        Session -> context: decoding then asks whether a context is told in another session of it.
    blocks : int
        Stretches of time that a session is cut into, even; samples of decoding and reliability.
    gap_seconds : float
        Left out at the end of each: as long as the signal takes to forget.
    level : float
        Of an edge of the co-activity network: the density that chance gives.
    seed : int
    """

    share: float = 0.2
    threshold: float | None = None
    reference: str | None = None
    contexts: Mapping[str, str] = field(default_factory=dict)
    blocks: int = 10
    gap_seconds: float = 2.5
    level: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        checks = (
            ("share", self.share, 0 < self.share < 1, "between 0 and 1"),
            ("threshold", self.threshold, self.threshold is None or self.threshold > 0, "above 0"),
            ("blocks", self.blocks, self.blocks >= 2 and self.blocks % 2 == 0, "even, from 2"),
            ("gap_seconds", self.gap_seconds, self.gap_seconds >= 0, "0 or more"),
            ("level", self.level, 0 < self.level < 1, "between 0 and 1"),
        )
        problems = [
            Problem(name, f"is {value}", allowed)
            for name, value, right, allowed in checks
            if not right
        ]
        if problems:
            raise ParameterError(problems)

    def rule(self) -> str:
        """The ensemble in words."""
        if self.threshold is not None:
            return f"cells with a session mean above {self.threshold:g} times that of all cells"
        return f"the {self.share:.0%} of cells with the largest session mean"


@dataclass(frozen=True)
class _Activity:
    """One animal's cells that were found in every session."""

    imaging: Imaging
    cells: tuple[str, ...]
    places: dict[str, NDArray[np.intp]]  # of these cells among those of a session
    means: NDArray[np.float64]  # session x cell
    blocks: dict[str, NDArray[np.float64]]  # block x cell; empty where a session is too short
    gaps: dict[str, float]  # seconds


@dataclass(frozen=True)
class ImagingAnalysis:
    """Results of `analyze_imaging`; the tables have a column ``animal``.

    Parameters
    ----------
    recordings : tuple of Imaging
    plan : ImagingPlan
    sessions : pandas.DataFrame
        Frames, seconds, cells found, size of the ensemble [cells, percent], mean activity.
    overlaps : pandas.DataFrame
        Every pair of sessions: common cells, the plain ratio over chance with p (`reactivation`),
        and the ratio over chance that keeps each cell's general activity, with its p and p
        corrected by Holm (`overlaps_keeping_activity`); Jaccard, Dice, cosine of the means.
    turnover : pandas.DataFrame
        Every pair: shares that stayed and entered, turnover, each with chance keeping activity.
    survival : pandas.DataFrame
        From the reference session on: survival, retention, newcomers, with chance and its central
        95 %.
    similarity : pandas.DataFrame
        Every pair: correlation of population vectors, corrected for reliability, and with each
        cell's general activity taken out.
    decoding : pandas.DataFrame
        Sessions told from stretches of time, contexts told in sessions that were left out:
        accuracy, chance and its central 95 %, p, the smallest p possible.
    network : pandas.DataFrame
        Every session: edges, density in times the level, clustering and modularity in times that of
        networks with the same degrees.
    over_animals : pandas.DataFrame
        Main numbers with their mean and 95 % bootstrap interval over animals.
    cells : pandas.DataFrame
        Every cell and session: mean, sd, max, in the ensemble or not, degree.
    epochs : pandas.DataFrame
        Intervals that the files hold.
    """

    recordings: tuple[Imaging, ...]
    plan: ImagingPlan
    sessions: pd.DataFrame
    overlaps: pd.DataFrame
    turnover: pd.DataFrame
    survival: pd.DataFrame
    similarity: pd.DataFrame
    decoding: pd.DataFrame
    network: pd.DataFrame
    over_animals: pd.DataFrame
    cells: pd.DataFrame
    epochs: pd.DataFrame

    @property
    def animals(self) -> tuple[str, ...]:
        """Names of the animals, in order."""
        return tuple(recording.animal for recording in self.recordings)

    @property
    def source(self) -> str:
        """Where the recordings come from."""
        return ", ".join(dict.fromkeys(recording.source for recording in self.recordings))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All result tables by name."""
        names = ("over_animals", "sessions", "overlaps", "turnover", "survival", "similarity")
        return {
            name: getattr(self, name) for name in (*names, "decoding", "network", "cells", "epochs")
        }

    def summary(self) -> str:
        """Text for a terminal."""
        lines = []
        for recording in self.recordings:
            here = self.sessions[self.sessions["animal"] == recording.animal]
            lines.append(
                f"{recording.animal}: {len(here)} sessions, {recording.data.sizes['cell']} cells, "
                f"{int(here['cells_in_all'].iloc[0])} found in all; {recording.kind} at "
                f"{recording.frame_rate_Hz:g} Hz ({recording.data.attrs['frame_rate_from']})"
            )
        lines.append(f"ensemble: {self.plan.rule()}")
        lines += ["", f"{'':<62}{'mean [95 % over animals]':>26}  chance"]
        for row in self.over_animals.to_dict(orient="records"):
            value = f"{row['mean']:.2f}"
            if np.isfinite(row["low"]):
                value += f" [{row['low']:.2f}, {row['high']:.2f}]"
            lines.append(f"{row['what'][:61]:<62}{value:>26}  {row['chance']}")
        return "\n".join([*lines, "", *self.conclusions()])

    def conclusions(self) -> list[str]:
        """What the numbers say, in sentences."""
        words = []
        pairs = self.overlaps
        if len(pairs):
            plain, kept = pairs["plain_ratio"].mean(), pairs.groupby("animal")["p_corrected"].min()
            beyond = [str(name) for name, p in kept.items() if p < 0.05]
            words.append(
                f"Two sessions share {plain:.1f} times the cells of independent draws; with each "
                "cell's general activity kept, "
                + (
                    f"some pair stands out in {', '.join(beyond)}."
                    if beyond
                    else "no pair of sessions stands out (Holm over pairs)."
                    if kept.notna().any()
                    else "nothing can be said with fewer than three sessions."
                )
            )
        contexts = self.decoding[self.decoding["labels"] == "contexts"]
        if len(contexts):
            right, chance = contexts["accuracy"].mean(), contexts["chance"].mean()
            text = f"Contexts are told in a session that was left out with {right:.0%}"
            text += f" (chance {chance:.0%})"
            least = contexts["smallest_p"].max()
            if least > 0.05:
                text += f"; with so few sessions p cannot be below {least:.2g} in an animal"
            words.append(text + ".")
        elif len(self.decoding):
            words.append(
                "Sessions are told apart by their activity; that is no memory of a context. Name "
                "contexts (--context SESSION=CONTEXT) to ask for that."
            )
        return words

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content of all tables but the one of cells; NaN becomes None."""
        return {
            name: [
                {str(key): _plain(value) for key, value in row.items()}
                for row in table.to_dict(orient="records")
            ]
            for name, table in self.tables.items()
            if name != "cells"
        } | {"conclusions": self.conclusions()}

    def _repr_html_(self) -> str:
        return self.over_animals.to_html(index=False, float_format="{:.2f}".format)


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.bool_):
        return bool(value)
    return int(value) if isinstance(value, np.integer) else value


def analyze_imaging(
    recordings: Sequence[Imaging] | Imaging, plan: ImagingPlan | None = None
) -> ImagingAnalysis:
    """Measure ensembles in calcium imaging of one or several animals.

    Cells that were not found in every session are left out of all that compares sessions. The
    animal is the unit: every number is computed in each animal, then averaged over animals.
    Recordings are read a session at a time.

    Parameters
    ----------
    recordings : Imaging or sequence of Imaging
        One an animal, from `engramlab.importers.read_data`.
    plan : ImagingPlan, optional
        What an ensemble is, which session is the reference, ...

    Returns
    -------
    ImagingAnalysis

    Raises
    ------
    DataError
        When two recordings are of one animal, no cell was found in all sessions, a session that the
        plan names is not there, or values are no numbers.
    """
    given = (recordings,) if isinstance(recordings, Imaging) else tuple(recordings)
    plan = plan or ImagingPlan()
    _check(given, plan)
    parts: dict[str, list[pd.DataFrame]] = {}
    for recording in given:
        for name, table in _one_animal(recording, plan).items():
            table.insert(0, "animal", recording.animal)
            parts.setdefault(name, []).append(table)
    tables = {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}
    if len(tables["overlaps"]):
        tables["overlaps"]["p_corrected"] = np.nan
        for _, places in tables["overlaps"].groupby("animal").groups.items():
            p = tables["overlaps"].loc[places, "p_more"]
            tables["overlaps"].loc[places, "p_corrected"] = corrected_p(p)
    over = _over_animals(tables, plan)
    return ImagingAnalysis(recordings=given, plan=plan, over_animals=over, **tables)


def _check(recordings: tuple[Imaging, ...], plan: ImagingPlan) -> None:
    names = [recording.animal for recording in recordings]
    problems = [
        Problem(f"animal '{name}'", "is in several recordings", "one recording an animal")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for recording in recordings:
        named = [*plan.contexts, *([plan.reference] if plan.reference else [])]
        problems += [
            Problem(
                recording.source,
                f"has no session '{name}'",
                "one of " + ", ".join(recording.sessions),
            )
            for name in named
            if name not in recording.sessions
        ]
        if not recording.data["seen"].to_numpy().all(axis=0).any():
            problems.append(
                Problem(
                    recording.source,
                    f"has no cell that was found in all {len(recording.sessions)} sessions",
                    "fewer sessions (--tell sessions=...), or another cell map",
                )
            )
    if problems:
        raise DataError(problems)


def _one_animal(recording: Imaging, plan: ImagingPlan) -> dict[str, pd.DataFrame]:
    activity, network, degrees = _read(recording, plan)
    active = _ensembles(activity.means, plan)
    sessions = recording.session_table().drop(columns="cells")
    sessions = sessions.assign(
        cells_found=recording.data["seen"].to_numpy().sum(axis=1),
        cells_in_all=len(activity.cells),
        ensemble_cells=active.sum(axis=1),
        ensemble_percent=100.0 * active.mean(axis=1),
        mean_activity=activity.means.mean(axis=1),
        gap_seconds=[activity.gaps[name] for name in recording.sessions],
    )
    cells = recording.cell_table()
    chosen = set(activity.cells)
    member = {
        (session, cell): bool(active[row, column])
        for row, session in enumerate(recording.sessions)
        for column, cell in enumerate(activity.cells)
    }
    keys = list(zip(cells["session"], cells["cell"].astype(str), strict=True))
    cells = cells.assign(
        in_all_sessions=[cell in chosen for _, cell in keys],
        in_ensemble=[member.get(key, False) for key in keys],
        degree=[degrees.get(key, np.nan) for key in keys],
    )
    overlaps, change = _pairs(activity, active, plan)
    return {
        "sessions": sessions,
        "overlaps": overlaps,
        "turnover": change,
        "survival": _survival(activity, active, plan),
        "similarity": _similarity(activity),
        "decoding": _decoding(activity, plan),
        "network": network,
        "cells": cells,
        "epochs": recording.epochs.copy(),
    }


def _read(
    recording: Imaging, plan: ImagingPlan
) -> tuple[_Activity, pd.DataFrame, dict[tuple[str, str], float]]:
    """Means, means of blocks and networks of every session, a session at a time."""
    everywhere = recording.data["seen"].to_numpy().all(axis=0)
    names = recording.data["cell"].to_numpy().astype(str)
    cells = tuple(names[everywhere])
    random = np.random.Generator(np.random.Philox(plan.seed))
    drawn = np.sort(random.permutation(len(cells))[:MOST_CELLS])
    means, blocks, gaps, places, rows = [], {}, {}, {}, []
    degrees: dict[tuple[str, str], float] = {}
    for name in recording.sessions:
        session = recording.session(name)
        own = session["cell"].to_numpy().astype(str)
        places[name] = np.flatnonzero(np.isin(own, cells))
        traces = session.isel(cell=places[name]).to_numpy().astype(np.float64)
        with np.errstate(invalid="ignore"):
            means.append(np.nanmean(traces, axis=0))
        blocks[name], gaps[name] = _block_means(traces, recording.frame_rate_Hz, plan)
        found = coactivity_network(traces[:, drawn], level=plan.level)
        rows.append({"session": name, **_network(found.adjacency, plan)})
        number = degree(found.adjacency)
        degrees |= {(name, cells[cell]): float(k) for cell, k in zip(drawn, number, strict=True)}
    vectors = np.array(means)
    if not np.isfinite(vectors).all():
        raise DataError(
            Problem(recording.source, "has cells without any value in a session", "leave them out")
        )
    activity = _Activity(recording, cells, places, vectors, blocks, gaps)
    return activity, pd.DataFrame(rows), degrees


def _block_means(
    traces: NDArray[np.float64], rate: float, plan: ImagingPlan
) -> tuple[NDArray[np.float64], float]:
    """Means of stretches of time, and the gap between them; none where a session is too short."""
    length = len(traces) // plan.blocks
    if length < FEWEST_FRAMES:
        return np.empty((0, traces.shape[1])), float("nan")
    gap = min(round(plan.gap_seconds * rate), length // 2)
    parts = [part[: len(part) - gap] for part in np.array_split(traces, plan.blocks)]
    with np.errstate(invalid="ignore"):
        return np.stack([np.nanmean(part, axis=0) for part in parts]), gap / rate


def _ensembles(means: NDArray[np.float64], plan: ImagingPlan) -> NDArray[np.bool_]:
    if plan.threshold is not None:
        return ensemble_by_threshold(means, plan.threshold, relative=True)
    return ensemble_by_share(means, plan.share)


OVERLAP_COLUMNS = [
    *("first", "second", "common", "plain_ratio", "plain_p"),
    *("expected", "chance_low", "chance_high", "ratio", "p_more", "p_fewer"),
    *("jaccard", "dice", "cosine"),
]
TURNOVER_COLUMNS = [
    *("first", "second", "stayed", "stayed_by_chance", "entered", "entered_by_chance"),
    *("turnover", "turnover_by_chance"),
]


def _pairs(
    activity: _Activity, active: NDArray[np.bool_], plan: ImagingPlan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = activity.imaging.sessions
    kept = overlaps_keeping_activity(active, SAMPLES, seed=plan.seed) if len(names) > 2 else None
    change = turnover(active)
    chance = None
    if kept is not None:
        chance = turnover_from_counts(kept.expected, active.sum(axis=1), active.shape[1])
    overlaps, changes = [], []
    for i, j in combinations(range(len(names)), 2):
        pair = {"first": names[i], "second": names[j]}
        plain = reactivation(active[i], active[j])
        row: dict[str, Any] = pair | {
            "common": plain.common,
            "plain_ratio": plain.ratio,
            "plain_p": plain.p_more,
            "jaccard": jaccard(active[i], active[j]),
            "dice": dice(active[i], active[j]),
            "cosine": cosine_similarity(activity.means[i], activity.means[j]),
        }
        if kept is not None:
            for name in ("expected", "chance_low", "chance_high", "ratio", "p_more", "p_fewer"):
                row[name] = float(getattr(kept, name)[i, j])
        overlaps.append(row)
        turned: dict[str, Any] = dict(pair)
        for name in ("stayed", "entered", "turnover"):
            turned[name] = float(getattr(change, name)[i, j])
            if chance is not None:
                turned[f"{name}_by_chance"] = float(getattr(chance, name)[i, j])
        changes.append(turned)
    return (
        pd.DataFrame(overlaps, columns=OVERLAP_COLUMNS),
        pd.DataFrame(changes, columns=TURNOVER_COLUMNS),
    )


SURVIVAL_COLUMNS = [
    "session",
    *(f"{n}{end}" for n in ("survival", "retention") for end in ("", "_chance", "_low", "_high")),
    "newcomers",
]


def _survival(activity: _Activity, active: NDArray[np.bool_], plan: ImagingPlan) -> pd.DataFrame:
    names = list(activity.imaging.sessions)
    start = names.index(plan.reference) if plan.reference else 0
    after = active[start:]
    columns: dict[str, Any] = {
        "session": names[start:],
        "survival": ensemble_survival(after),
        "retention": ensemble_retention(after),
        "newcomers": newcomer_share(after),
    }
    if len(names) > 2:
        drawn = shuffled_keeping_activity(active, SAMPLES // 4, seed=plan.seed)[:, start:]
        for name, measure in (("survival", ensemble_survival), ("retention", ensemble_retention)):
            curves = np.array([measure(sample) for sample in drawn])
            columns[f"{name}_chance"] = curves.mean(axis=0)
            columns[f"{name}_low"], columns[f"{name}_high"] = np.quantile(
                curves, [0.025, 0.975], axis=0
            )
    return pd.DataFrame(columns, columns=SURVIVAL_COLUMNS)


SIMILARITY_COLUMNS = ["first", "second", "correlation", "corrected", "without_general_activity"]


def _similarity(activity: _Activity) -> pd.DataFrame:
    names = activity.imaging.sessions
    plain = similarity_matrix(activity.means)
    centred = similarity_matrix(centred_on_cells(activity.means))
    corrected = np.full(plain.shape, np.nan)
    if all(len(blocks) for blocks in activity.blocks.values()):
        halves = np.stack(
            [[activity.blocks[n][half::2].mean(axis=0) for half in (0, 1)] for n in names]
        )
        corrected = corrected_similarity(halves).corrected
    rows = [
        (names[i], names[j], plain[i, j], corrected[i, j], centred[i, j])
        for i, j in combinations(range(len(names)), 2)
    ]
    return pd.DataFrame(rows, columns=SIMILARITY_COLUMNS)


DECODING_COLUMNS = [
    *("labels", "left_out", "samples", "accuracy", "chance", "chance_low", "chance_high"),
    *("p", "smallest_p"),
]


def _decoding(activity: _Activity, plan: ImagingPlan) -> pd.DataFrame:
    names = activity.imaging.sessions
    rows = []
    if len(names) > 1 and all(len(blocks) for blocks in activity.blocks.values()):
        features = np.concatenate([_features(activity, name) for name in names])
        block = np.tile(np.arange(plan.blocks), len(names))
        decoded = _decoded(features, np.repeat(names, plan.blocks), block, None, plan)
        rows.append(("sessions", "a stretch of time of every session", *decoded))
        contexts = [name for name in names if name in plan.contexts]
        label = [plan.contexts[name] for name in contexts]
        # The first session of every context is left out together, then the second, ...
        order = [label[:place].count(one) for place, one in enumerate(label)]
        counts = {one: label.count(one) for one in label}
        if len(counts) > 1 and min(counts.values()) > 1:
            features = np.concatenate([_features(activity, name) for name in contexts])
            labels, groups, units = (
                np.repeat(values, plan.blocks) for values in (label, order, contexts)
            )
            decoded = _decoded(features, labels, groups, units, plan)
            rows.append(("contexts", "a session of every context", *decoded))
    return pd.DataFrame(rows, columns=DECODING_COLUMNS)


def _features(activity: _Activity, name: str) -> NDArray[np.float64]:
    """Population vectors of stretches of time; events are heavy-tailed, so their logarithm."""
    blocks = activity.blocks[name]
    return np.log1p(np.maximum(blocks, 0.0)) if activity.imaging.kind == "events" else blocks


def _decoded(
    features: NDArray[np.float64],
    labels: NDArray[Any],
    groups: NDArray[Any],
    units: NDArray[Any] | None,
    plan: ImagingPlan,
) -> tuple[float, ...]:
    found = decode(features, labels, groups, units=units, seed=plan.seed)
    numbers = (found.accuracy, found.chance, found.chance_low, found.chance_high)
    return len(features), *numbers, found.p, found.smallest_p


def _network(adjacency: NDArray[np.bool_], plan: ImagingPlan) -> dict[str, float]:
    row = {
        "cells": float(len(adjacency)),
        "edges": float(adjacency.sum() // 2),
        "density": density(adjacency),
        "density_over_level": density(adjacency) / plan.level,
    }
    names = ("clustering", "clustering_by_degrees", "modularity", "modularity_by_degrees")
    if row["edges"] < 1:
        return row | dict.fromkeys(names, float("nan"))
    others = [rewired(adjacency, seed=seed) for seed in range(REWIRINGS)]

    def modular(graph: NDArray[np.bool_]) -> float:
        return modularity(graph, communities(graph))

    def clustered(graph: NDArray[np.bool_]) -> float:
        values = clustering(graph)
        values = values[np.isfinite(values)]
        return float(values.mean()) if values.size else float("nan")

    values = (
        clustered(adjacency),
        float(np.mean([clustered(graph) for graph in others])),
        modular(adjacency),
        float(np.mean([modular(graph) for graph in others])),
    )
    return row | dict(zip(names, values, strict=True))


def _over_animals(tables: dict[str, pd.DataFrame], plan: ImagingPlan) -> pd.DataFrame:
    """The main numbers: one value an animal, their mean and interval."""
    rows = []

    def add(what: str, values: pd.Series, chance: str) -> None:
        estimate = mean_estimate(values, seed=plan.seed)
        if estimate.animals:
            rows.append(
                (what, estimate.value, estimate.low, estimate.high, estimate.animals, chance)
            )

    def by_animal(name: str, column: str) -> pd.Series:
        return tables[name].groupby("animal", sort=False)[column].mean()

    add("ensemble size, % of cells", by_animal("sessions", "ensemble_percent"), "")
    pairs = tables["overlaps"]
    if len(pairs):
        add(
            "overlap of two sessions over independent draws",
            by_animal("overlaps", "plain_ratio"),
            "1",
        )
    if plan.reference is not None and len(pairs):
        involved = (pairs["first"] == plan.reference) | (pairs["second"] == plan.reference)
        for first, second in dict.fromkeys(
            zip(pairs.loc[involved, "first"], pairs.loc[involved, "second"], strict=True)
        ):
            here = pairs[(pairs["first"] == first) & (pairs["second"] == second)]
            what = f"overlap of {first} and {second}, general activity kept"
            add(what, here.set_index("animal")["ratio"], "1")
    if len(tables["survival"]):
        last = tables["survival"].groupby("animal", sort=False).last()
        steps = tables["survival"].groupby("animal").size().min() - 1
        if steps > 0:
            chance = last["retention_chance"].mean()
            text = f"{chance:.2f}" if np.isfinite(chance) else ""
            add(
                f"of the first ensemble active again in {last['session'].iloc[0]}",
                last["retention"],
                text,
            )
    similar = tables["similarity"]
    if len(similar):
        add(
            "population vectors of two sessions, correlation",
            by_animal("similarity", "correlation"),
            "0",
        )
        add("the same, 1 is no change beyond noise", by_animal("similarity", "corrected"), "0")
    for labels, rows_of in tables["decoding"].groupby("labels", sort=False):
        add(
            f"{labels} told from activity, share right",
            rows_of.set_index("animal")["accuracy"],
            f"{rows_of['chance'].mean():.2f}",
        )
    add("density of co-activity over level", by_animal("network", "density_over_level"), "1")
    return pd.DataFrame(rows, columns=["what", "mean", "low", "high", "animals", "chance"])
