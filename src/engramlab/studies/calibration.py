"""What the model foretells for groups of real animals, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from engramlab.brain import Brain
from engramlab.cohort import Workers
from engramlab.randomness import derive_key
from engramlab.studies.target import Target

ANIMALS = 24  # virtual animals a group
SAMPLES = 2000  # of the bootstrap
LEVEL = 0.95


@dataclass(frozen=True)
class Point:
    """One mean of the data beside what one brain foretells for it.

    Parameters
    ----------
    brain : str
        Which brain.
    fitted : bool
        Whether the fit saw this mean.
    experiment, group, condition : str
        As the data name them.
    hours : float
    animals : int
        Real animals.
    measured, low, high : float
        Mean freezing in percent with its 95 % interval (Student's t).
    model : float
        Mean of the virtual animals; NaN where the model has no such probe.
    model_low, model_high : float
        Central 95 % of the means of as many virtual animals as there are real ones: where the
        measured mean would lie if the model were right.
    """

    brain: str
    fitted: bool
    experiment: str
    group: str
    condition: str
    hours: float
    animals: int
    measured: float
    low: float
    high: float
    model: float
    model_low: float
    model_high: float

    @property
    def inside(self) -> bool:
        """Whether the measured mean lies where the model expects it."""
        return self.model_low <= self.measured <= self.model_high


def calibrate(
    brains: Mapping[str, Sequence[Brain]],
    targets: Sequence[tuple[bool, Target]],
    seed: int,
    *,
    animals: int = ANIMALS,
    workers: Workers = None,
) -> tuple[Point, ...]:
    """Run brains on targets with fresh animals.

    Parameters
    ----------
    brains : mapping of str to sequence of Brain
        Several under one name: draws of a posterior, whose animals are taken together.
    targets : sequence of (bool, Target)
        Whether the fit saw it, and the target.
    seed : int
    animals : int
        Virtual animals a group and brain.
    workers : int or str, optional

    Returns
    -------
    tuple of Point
    """
    points = []
    fresh = derive_key(seed, "fresh") % 2**31
    for name, drawn in brains.items():
        for fitted, target in targets:
            rng = np.random.Generator(np.random.Philox(derive_key(seed, "calibration")))
            runs = [target.model_values(brain, fresh, animals, workers) for brain in drawn]
            for goal, several in zip(target.means, zip(*runs, strict=True), strict=True):
                half = goal.error * float(stats.t.ppf(0.5 + LEVEL / 2, goal.animals - 1))
                low = high = middle = np.nan
                if filled := [values for values in several if values.size]:
                    middle = float(np.mean([values.mean() for values in filled]))
                    count = SAMPLES // len(filled)
                    draws = [rng.choice(v, (count, goal.animals)).mean(axis=1) for v in filled]
                    low, high = np.quantile(draws, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
                points.append(
                    Point(
                        name,
                        fitted,
                        goal.experiment,
                        goal.data_group,
                        goal.condition,
                        goal.hours,
                        goal.animals,
                        goal.value,
                        goal.value - half,
                        goal.value + half,
                        float(middle),
                        float(low),
                        float(high),
                    )
                )
    return tuple(points)


def typical_miss(points: Sequence[Point]) -> float:
    """Root of the mean squared distance of model and measured means, in percent points."""
    return float(np.sqrt(np.mean([(one.model - one.measured) ** 2 for one in points])))
