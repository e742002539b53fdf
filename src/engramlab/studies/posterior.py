"""The posterior of a few parameters, given data; simulations can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.stats import qmc

from engramlab.brain import Brain
from engramlab.cohort import Cohort, Workers, run_cohorts
from engramlab.errors import InputError, OutputError, ParameterError, Problem
from engramlab.kernel import sources_digest
from engramlab.protocol.quantities import Checked
from engramlab.protocol.reading import parse_protocol
from engramlab.randomness import derive_key
from engramlab.record import staged
from engramlab.studies.calibration import Point, calibrate
from engramlab.studies.inference import Draws, coverage, posterior
from engramlab.studies.result import append_lines, read_lines
from engramlab.studies.space import Axis, axes_named, brain_at
from engramlab.studies.target import Target

PLAN, SIMULATIONS = "plan.json", "simulations.jsonl"
KEEP = 0.2
DRAWS = 8  # brains drawn from the posterior for what it foretells
CHECKED = 60  # simulations taken for data in turn
SEEDS = 2**31


class PosteriorPlan(Checked):
    """What is inferred from what.

    Parameters
    ----------
    parameters : tuple of str
        The prior of each is uniform over the places of its declared range (`studies.space`).
    target, prediction : Target
        Data that are used, and data that are only foretold.
    start : dict of str to float
        Other parameters that differ from their defaults.
    animals : int
        Virtual animals a group and simulation: about as many as real ones.
    simulations : int
    seed : int
    command : str
    """

    version: str = Field(default_factory=lambda: version("engramlab"))
    engine: str = Field(default_factory=sources_digest)
    parameters: tuple[str, ...] = Field(min_length=1)
    target: Target
    prediction: Target | None = None
    start: dict[str, float] = Field(default_factory=dict)
    animals: int = 8
    simulations: int = 300
    seed: int = 1
    command: str = ""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The space of the prior."""
        return axes_named(self.parameters)

    @property
    def brain(self) -> Brain:
        """The brain whose parameters are inferred."""
        return Brain().with_parameters(self.start)

    def places(self) -> NDArray[np.float64]:
        """Draws of the prior: a scrambled Sobol sequence, shape (simulation, parameter)."""
        sobol = qmc.Sobol(len(self.parameters), seed=derive_key(self.seed, "prior") % SEEDS)
        return np.asarray(sobol.random_base2(int(np.ceil(np.log2(self.simulations)))))[
            : self.simulations
        ]


@dataclass(frozen=True)
class Posterior:
    """What the data say about the parameters.

    Parameters
    ----------
    plan : PosteriorPlan
    places : ndarray, shape (simulation, parameter)
    simulated : ndarray, shape (simulation, mean)
        Freezing in percent; simulations that failed are left out of both.
    failed : int
    draws : Draws
    coverage : ndarray, shape (parameter,)
        Share of 90 % intervals that hold the truth where simulations near the data stand for data.
    points : tuple of Point
        What brains drawn from prior ("prior") and posterior ("posterior") foretell.
    """

    plan: PosteriorPlan
    places: NDArray[np.float64]
    simulated: NDArray[np.float64]
    failed: int
    draws: Draws
    coverage: NDArray[np.float64]
    points: tuple[Point, ...]

    def values(self, share: float) -> list[float]:
        """Quantile of each parameter, in its unit."""
        found = self.draws.quantile(share)
        return [axis.value(float(x)) for axis, x in zip(self.plan.axes, found, strict=True)]


def infer(
    plan: PosteriorPlan,
    folder: Path,
    *,
    workers: Workers = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Posterior:
    """Simulate what is not in the folder yet, then infer.

    Parameters
    ----------
    plan : PosteriorPlan
    folder : Path
        Keeps each simulation as soon as it is done.
    workers : int or str, optional
        The result does not depend on it.
    on_progress : callable
        Called with (simulations done, in all).

    Returns
    -------
    Posterior

    Raises
    ------
    ParameterError
        For too few simulations or animals.
    OutputError
        When the folder holds another posterior.
    """
    least = int(np.ceil((10 + 2 * len(plan.parameters)) / KEEP)) + 1
    if not least <= plan.simulations <= 100_000:
        raise ParameterError(
            Problem("simulations", f"{plan.simulations}", f"{least} to 100000 for these parameters")
        )
    _begin(plan, folder)
    places = plan.places()
    means = _simulate(plan, folder, places, workers, on_progress)
    complete = np.array([np.isfinite(row).all() for row in means])
    errors = np.array([goal.error for goal in plan.target.means])
    observed = np.array([goal.value for goal in plan.target.means]) / errors
    if round(KEEP * complete.sum()) < 10 + 2 * len(plan.parameters):
        raise ParameterError(
            Problem("simulations", f"{int(complete.sum())} of them gave values", "more of them")
        )
    places, simulated = places[complete], means[complete]
    draws = posterior(places, simulated / errors, observed, KEEP)
    right = coverage(places, simulated / errors, draws.kept[:CHECKED], KEEP)
    points = _foretell(plan, draws, workers)
    return Posterior(plan, places, simulated, int((~complete).sum()), draws, right, points)


def _begin(plan: PosteriorPlan, folder: Path) -> None:
    """Write the plan, or see that the folder's is the same but for more simulations."""
    path = folder / PLAN
    if path.exists():
        try:
            there = PosteriorPlan.model_validate_json(path.read_text(encoding="utf-8"))
        except (ValueError, OSError):
            raise OutputError(Problem(str(path), "is damaged", "a new folder (--out)")) from None
        fields = [name for name in PosteriorPlan.model_fields if name not in {*CHANGES}]
        other = [name for name in fields if getattr(there, name) != getattr(plan, name)]
        if other:
            raise OutputError(
                Problem(
                    str(folder),
                    f"holds a posterior with another {', '.join(other)}",
                    "the same command with more --simulations at most, or a new folder (--out)",
                )
            )
        if plan.simulations < there.simulations:
            raise OutputError(
                Problem(
                    str(folder),
                    f"holds {there.simulations} simulations",
                    f"--simulations {there.simulations} or more, or a new folder (--out)",
                )
            )
    with staged(folder) as place:
        (place / PLAN).write_text(plan.model_dump_json(indent=2) + "\n", encoding="utf-8")


CHANGES = ("simulations", "command")


def _simulate(
    plan: PosteriorPlan,
    folder: Path,
    places: NDArray[np.float64],
    workers: Workers,
    on_progress: Callable[[int, int], None],
) -> NDArray[np.float64]:
    """Means of each simulation, NaN where it failed; shape (simulation, mean)."""
    path = folder / SIMULATIONS
    nothing = [None] * len(plan.target.means)
    done: dict[int, Any] = {line["number"]: line["means"] for line in read_lines(path)}
    left = [number for number in range(len(places)) if number not in done]
    protocol = parse_protocol(plan.target.protocol)
    brains = [brain_at(plan.axes, list(places[number]), plan.brain) for number in left]
    seeds = [derive_key(plan.seed, "simulation", number) % SEEDS for number in left]
    cohorts = [
        Cohort(protocol, plan.animals, seed, brain)
        for seed, brain in zip(seeds, brains, strict=True)
    ]
    on_progress(len(done), len(places))
    with closing(run_cohorts(cohorts, workers=workers)) as results:
        for place, records in results:
            means: list[float | None] = list(nothing)
            if not isinstance(records, InputError):
                found = plan.target.values_in(records, protocol)
                means = [float(values.mean()) if values.size else None for values in found]
            append_lines(path, [{"number": left[place], "means": means}])
            done[left[place]] = means
            on_progress(len(done), len(places))
    return np.array([done[number] for number in range(len(places))], dtype=np.float64)


def _foretell(plan: PosteriorPlan, draws: Draws, workers: Workers) -> tuple[Point, ...]:
    """What brains drawn from prior and posterior foretell for all of the data."""
    rng = np.random.Generator(np.random.Philox(derive_key(plan.seed, "draws")))
    drawn: Mapping[str, NDArray[np.float64]] = {
        "prior": rng.random((DRAWS, len(plan.parameters))),
        "posterior": draws.resampled(DRAWS, rng),
    }
    targets = [(True, plan.target)]
    targets += [(False, plan.prediction)] if plan.prediction is not None else []
    return calibrate(
        {
            name: [brain_at(plan.axes, list(row), plan.brain) for row in rows]
            for name, rows in drawn.items()
        },
        targets,
        plan.seed,
        animals=plan.animals,
        workers=workers,
    )
