"""What the trade-off study measures: outcomes, front, main effects, where the default stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.measures import distance_to_front, pareto_front, partial_correlation

SESSIONS = {
    "A-day-1": 1,
    "D-day-3": 3,
    "A-day-10": 10,
    "D-day-10": 10,
    "N-day-10": 10,
    "A-day-28": 28,
    "D-day-28": 28,
    "N-day-28": 28,
}
TESTS = ("A-day-10", "A-day-28")
Arm = Literal["updated", "not updated"]
ARMS: tuple[Arm, ...] = ("updated", "not updated")
FAINT = 10.0  # freezing below which there is no memory to keep or update, per cent
RESAMPLES = 500


@dataclass(frozen=True)
class Outcomes:
    """Freezing of all points; entry n of the last axis is the same animal everywhere.

    Parameters
    ----------
    points : tuple of int
    updated, not_updated : float64 arrays, shape (point, session, animal)
    """

    points: tuple[int, ...]
    updated: NDArray[np.float64]
    not_updated: NDArray[np.float64]

    @classmethod
    def of(cls, freezing: Mapping[tuple[int, str], NDArray[np.float64]]) -> Outcomes:
        """Stack the arrays of points and arms."""
        points = tuple(sorted({point for point, _ in freezing}))
        new, old = (np.array([freezing[point, arm] for point in points]) for arm in ARMS)
        return cls(points, new, old)

    def means(
        self, arm: Arm, animals: NDArray[np.int64] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Mean freezing by session of every point, over `animals` (default all)."""
        freezing = self.updated if arm == "updated" else self.not_updated
        chosen = freezing if animals is None else freezing[:, :, animals]
        return dict(zip(SESSIONS, np.moveaxis(chosen.mean(axis=2), 1, 0), strict=True))

    def values(self, animals: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Retention and updating of every point, shape (point, 2), in per cent.

        Of means over `animals` (default all): a ratio of one animal's scores would be mostly
        noise. NaN where there was no memory to keep or to update.
        """
        new, old = (self.means(arm, animals) for arm in ARMS)
        retention = np.minimum(share(new["D-day-28"], new["D-day-3"]), 100.0)
        left, before = (np.mean([arm[test] for test in TESTS], axis=0) for arm in (new, old))
        return np.column_stack([retention, 100 - share(left, before)])

    def resampled(self) -> NDArray[np.float64]:
        """`values` of bootstrap samples of animals, shape (resample, point, 2)."""
        count = self.updated.shape[2]
        random = np.random.Generator(np.random.Philox(0))
        draws = random.integers(0, count, (RESAMPLES, count))
        return np.array([self.values(draw) for draw in draws])

    def front(self) -> list[int]:
        """Points that no other point beats."""
        return [p for p, on in zip(self.points, pareto_front(self.values()), strict=True) if on]


def share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """One freezing in per cent of another; NaN where the other is too little to have a share."""
    fine = whole >= FAINT
    return np.where(fine, 100 * part / np.where(fine, whole, 1.0), np.nan)


def _interval(samples: NDArray[np.float64]) -> tuple[float, float]:
    fine = samples[np.isfinite(samples)]
    if fine.size < 0.5 * samples.size or samples.size < 2:
        return float("nan"), float("nan")
    low, high = np.percentile(fine, [2.5, 97.5])
    return float(low), float(high)


def points_table(
    outcomes: Outcomes, names: Sequence[str], values: NDArray[np.float64]
) -> pd.DataFrame:
    """One row a point: parameters, retention and updating with intervals over animals.

    ``updating day ...`` are the same at one test; ``never visited`` is freezing in an unrelated
    place on day 28, ``D without update`` retention of D in animals that were not updated;
    ``on front`` whether no other point is better, ``front share`` in how many resamples of animals.
    """
    found, samples = outcomes.values(), outcomes.resampled()
    new, old = (outcomes.means(arm) for arm in ARMS)
    others = {
        f"updating {test[2:].replace('-', ' ')}": 100 - share(new[test], old[test])
        for test in TESTS
    }
    others["never visited"] = new["N-day-28"]
    others["D without update"] = share(old["D-day-28"], old["D-day-3"])
    others["front share"] = np.mean([pareto_front(sample) for sample in samples], axis=0)
    on_front = pareto_front(found)
    rows = []
    for i, point in enumerate(outcomes.points):
        row: dict[str, object] = {"point": point}
        row |= dict(zip(names, map(float, values[point]), strict=True))
        for k, outcome in enumerate(("retention", "updating")):
            low, high = _interval(samples[:, i, k])
            row |= {outcome: found[i, k], f"{outcome} low": low, f"{outcome} high": high}
        row |= {name: float(column[i]) for name, column in others.items()}
        rows.append({**row, "on front": bool(on_front[i])})
    return pd.DataFrame(rows)


def effects(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Rank correlation over the design of each dimension with each outcome, and of the outcomes.

    ``partial ...`` takes the ranks of the other dimensions out first (Marino et al. 2008, J Theor
    Biol 254:178), so that what they do is no noise. Intervals by bootstrap over points; the default
    point is left out.
    """
    drawn = table[table["point"] > 0]
    outcomes = ("retention", "updating", "never visited")
    pairs = [(name, outcome) for name in names for outcome in outcomes]
    pairs += [("retention", "updating"), ("retention", "never visited")]
    random = np.random.Generator(np.random.Philox(0))
    draws = random.integers(0, len(drawn), (RESAMPLES, len(drawn)))
    every = np.arange(len(drawn))
    rows = []
    for first, second in pairs:
        x, y = drawn[first].to_numpy(np.float64), drawn[second].to_numpy(np.float64)
        row = {"first": first, "second": second, "points": int(np.isfinite(x * y).sum())}
        held = [name for name in names if name != first] if first in names else []
        for prefix, controls in (("", []), ("partial ", held)):
            z = drawn[controls].to_numpy(np.float64).T if controls else None
            value, *samples = (
                partial_correlation(x[d], y[d], None if z is None else z[:, d])
                for d in (every, *draws)
            )
            low, high = _interval(np.array(samples))
            row |= {f"{prefix}value": value, f"{prefix}low": low, f"{prefix}high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def confirmation(again: Outcomes, points: Sequence[int]) -> pd.DataFrame:
    """The default and the points of the front in fresh animals.

    ``better`` is in how many resamples of animals the point beats the default in both outcomes.
    """
    found, samples = again.values(), again.resampled()
    default = again.points.index(0)
    better = (samples > samples[:, default : default + 1]).all(axis=2).mean(axis=0)
    return pd.DataFrame(
        [
            {
                "point": point,
                "retention": found[i, 0],
                "updating": found[i, 1],
                "better": float(better[i]),
            }
            for i, point in enumerate(again.points)
            if point in points
        ]
    )


def standing(first: Outcomes, again: Outcomes) -> pd.DataFrame:
    """How many per cent both outcomes of the default would have to rise to reach the front.

    ``animals`` "first" over all points; "fresh" over the points of that front only, in animals that
    had no part in choosing them, so that luck does not count.
    """
    rows = []
    for name, outcomes in (("first", first), ("fresh", again)):
        samples, default = outcomes.resampled(), outcomes.points.index(0)
        distances = np.array([distance_to_front(s[default], s) for s in samples])
        low, high = _interval(distances)
        found = outcomes.values()
        rows.append(
            {
                "animals": name,
                "value": distance_to_front(found[default], found),
                "low": low,
                "high": high,
                "on front share": float(np.mean(distances == 0)),
                "retention": found[default, 0],
                "updating": found[default, 1],
            }
        )
    return pd.DataFrame(rows)
