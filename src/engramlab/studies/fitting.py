"""Fitting: the free parameters are searched for what the fitted findings ask.

The findings held out are never run before the search is over. Start and end are then compared on
cohorts that the search did not meet, so that what it gained by luck does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.cohort import Workers
from engramlab.evidence import Finding
from engramlab.randomness import derive_key
from engramlab.studies.calibration import Point, calibrate
from engramlab.studies.jobs import Job, RunAll, RunOne, batches, job_runner, run_job
from engramlab.studies.loss import mean
from engramlab.studies.plan import FitPlan
from engramlab.studies.result import (
    Result,
    append_lines,
    append_results,
    read_lines,
    read_results,
)
from engramlab.studies.search import SEEDS, Generation, generation_seed, optimiser, search
from engramlab.studies.space import brain_at, places_of
from engramlab.studies.target import Target

GENERATIONS, PARTIAL, CHECK = "generations.jsonl", "generation.jsonl", "check.jsonl"
START = "start"
Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(frozen=True)
class Comparison:
    """One finding (or the data) before and after.

    Parameters
    ----------
    finding, title : str
    fitted : bool
        Whether the search saw it.
    held : tuple of int and int
        On how many of the checked cohorts it holds, before and after.
    loss : tuple of float and float
        Mean over these cohorts.
    """

    finding: str
    title: str
    fitted: bool
    held: tuple[int, int]
    loss: tuple[float, float]


@dataclass(frozen=True)
class Fit:
    """What a fit came to.

    Parameters
    ----------
    plan : FitPlan
    generations : tuple of Generation
    chosen : str
        "start" (nothing better was found), "best" (the candidate with the largest gain) or "mean"
        (the centre of the last generation).
    end : Brain
    rivals : dict of str to float
        Loss on the fitted findings of each of these three, on the checked cohorts.
    comparisons : tuple of Comparison
    points : tuple of Point
        Where data are predicted as well: what start and end foretell, beside what was measured.
    """

    plan: FitPlan
    generations: tuple[Generation, ...]
    chosen: str
    end: Brain
    rivals: dict[str, float]
    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...] = ()

    def side(self, *, fitted: bool) -> list[Comparison]:
        """Comparisons of the findings on one side of the split, without the data."""
        ids = self.plan.fitted if fitted else self.plan.held_out
        return [one for one in self.comparisons if one.finding in ids and one.fitted is fitted]

    @property
    def hours(self) -> float:
        """Time that the generations took."""
        return sum(generation.seconds for generation in self.generations) / 3600

    @property
    def errors(self) -> int:
        """Runs of the search that ended without a verdict."""
        return sum(generation.errors for generation in self.generations)


def kept(folder: Path) -> bool:
    """Whether a folder holds anything that a fit could go on from."""
    return any((folder / name).exists() for name in (GENERATIONS, PARTIAL, CHECK))


def no_progress(_: str) -> AbstractContextManager[Callable[[int, int], None]]:
    """Show nothing."""
    return nullcontext(lambda done, total: None)


def fit(
    plan: FitPlan,
    folder: Path,
    *,
    workers: Workers = None,
    progress: Progress = no_progress,
    on_generation: Callable[[Generation], None] = lambda generation: None,
    run_one: RunOne = run_job,
    clock: Callable[[], float] = time.monotonic,
) -> Fit:
    """Fit, or go on with a fit that was stopped.

    Parameters
    ----------
    plan : FitPlan
    folder : Path
        Holds the plan; each result is kept there when it is known.
    workers : int or str, optional
        As `engramlab.run` takes them; the result does not depend on it.
    progress : callable
        Given what is counted, a context that gives a callback of (done, in all).
    on_generation : callable
        Called with each new generation.
    run_one : callable
        What runs one job.
    clock : callable
        Seconds.

    Returns
    -------
    Fit

    Raises
    ------
    OutputError
        When results cannot be kept, or findings changed since the fit was begun.
    """
    fitted, held_out = plan.findings()
    axes, start = plan.axes, plan.brain
    engine = optimiser(places_of(axes, start), plan.step, plan.population, plan.seed)
    done = [Generation.from_dict(content) for content in read_lines(folder / GENERATIONS)]
    with job_runner(workers, run_one) as run:

        def evaluate(number: int, points: list[NDArray[np.float64]]) -> Generation:
            began = clock()
            brains = {str(n): brain_at(axes, list(point), start) for n, point in enumerate(points)}
            seed = generation_seed(plan.seed, number)
            with progress(f"runs of generation {number}") as show:
                scorer = _Scorer(plan, folder / PARTIAL, run, show)
                asked = {START: start, **brains}
                results = scorer.of(asked, fitted, plan.target, seed, f"{number}:")
            losses = {key: _loss(plan, results[key]) for key in results}
            generation = Generation(
                number,
                seed,
                tuple(tuple(float(place) for place in point) for point in points),
                tuple(losses[key] for key in brains),
                losses[START],
                round(clock() - began, 3),
                sum(bool(result.error) for key in results for result in results[key].values()),
            )
            append_lines(folder / GENERATIONS, [generation.to_dict()])
            (folder / PARTIAL).unlink(missing_ok=True)
            on_generation(generation)
            return generation

        def go_on(generations: Sequence[Generation]) -> bool:
            return _time_left(plan, generations)

        done += list(search(engine, done, evaluate, go_on))
        centre = brain_at(axes, list(engine.mean), start)
        best = max(done, key=lambda generation: generation.gain)
        rivals = {
            START: start,
            "best": brain_at(axes, best.points[best.best], start),
            "mean": centre,
        }
        with progress("runs of the comparison on other seeds") as show:
            found = _compare(plan, folder, rivals, done, fitted, held_out, run, show)
    return replace(found, points=_calibrated(plan, found.end, workers))


def _calibrated(plan: FitPlan, end: Brain, workers: Workers) -> tuple[Point, ...]:
    """Start and end beside the data, where a part of it is predicted."""
    if plan.target is None or plan.prediction is None:
        return ()
    targets = [(True, plan.target), (False, plan.prediction)]
    return calibrate({START: [plan.brain], "end": [end]}, targets, plan.seed, workers=workers)


def _time_left(plan: FitPlan, done: Sequence[Generation]) -> bool:
    """Whether another generation may begin: the comparison at the end has to fit in as well."""
    if plan.generations is not None and len(done) >= plan.generations:
        return False
    if plan.budget_hours is None or not done:
        return True
    one = done[-1].seconds
    candidates = len(done[-1].points) + 1
    unseen = len(plan.held_out) + (plan.prediction is not None)
    share = unseen / (len(plan.fitted) + (plan.target is not None) + unseen)
    runs = plan.check_seeds * (3 + 2 * share / (1 - share))
    needed = one * (1 + runs / candidates)
    return sum(generation.seconds for generation in done) + needed <= 3600 * plan.budget_hours


def _compare(
    plan: FitPlan,
    folder: Path,
    rivals: Mapping[str, Brain],
    done: Sequence[Generation],
    fitted: Sequence[Finding],
    held_out: Sequence[Finding],
    run: RunAll,
    show: Callable[[int, int], None],
) -> Fit:
    """Choose between the rivals on other seeds; then only run what was held out."""
    scorer = _Scorer(plan, folder / CHECK, run, show, lines=True)
    by_rival: dict[str, list[dict[str, Result]]] = {name: [] for name in rivals}
    held: dict[str, list[dict[str, Result]]] = {}
    for number in range(plan.check_seeds):
        seed = check_seed(plan.seed, number)
        # Kept under the brain's digest: going on with a fit changes who the rivals are.
        brains = _by_digest(rivals.values())
        found = scorer.of(brains, fitted, plan.target, seed, f"{seed}:")
        for name, brain in rivals.items():
            by_rival[name].append(found[brain.digest()])
    losses = {name: mean(_loss(plan, results) for results in by_rival[name]) for name in by_rival}
    chosen = min(losses, key=lambda name: losses[name])  # the start where nothing is better
    two = {START: rivals[START], "end": rivals[chosen]}
    for number in range(plan.check_seeds):
        seed = check_seed(plan.seed, number)
        brains = _by_digest(two.values())
        found = scorer.of(brains, held_out, plan.prediction, seed, f"{seed}:")
        for name, brain in two.items():
            held.setdefault(name, []).append(found[brain.digest()])
    titles = {finding.id: finding.title for finding in (*fitted, *held_out)}
    comparisons = [
        *_comparisons(titles, by_rival[START], by_rival[chosen], fitted=True),
        *_comparisons(titles, held[START], held["end"], fitted=False),
    ]
    return Fit(plan, tuple(done), chosen, rivals[chosen], losses, tuple(comparisons))


def check_seed(seed: int, number: int) -> int:
    """Seed of a cohort on which start and end are compared."""
    return derive_key(seed, "check", number) % SEEDS


def _by_digest(brains: Iterable[Brain]) -> dict[str, Brain]:
    return {brain.digest(): brain for brain in brains}


def _comparisons(
    titles: Mapping[str, str],
    before: Sequence[dict[str, Result]],
    after: Sequence[dict[str, Result]],
    *,
    fitted: bool,
) -> list[Comparison]:
    return [
        Comparison(
            name,
            titles.get(name, "means of freezing"),
            fitted,
            (sum(one[name].passed for one in before), sum(one[name].passed for one in after)),
            (mean(one[name].loss for one in before), mean(one[name].loss for one in after)),
        )
        for name in before[0]
    ]


def _loss(plan: FitPlan, results: Mapping[str, Result]) -> float:
    """Mean over findings; the data weigh as many findings as the plan says."""
    losses = [result.loss for name, result in results.items() if name in plan.fitted]
    total, weight = sum(losses), float(len(losses))
    if plan.target is not None and plan.target.name in results:
        total += plan.data_weight * results[plan.target.name].loss
        weight += plan.data_weight
    return total / weight


@dataclass(frozen=True)
class _Scorer:
    """Scores brains on findings, keeping each result in a file as soon as it is known."""

    plan: FitPlan
    path: Path
    run: RunAll
    show: Callable[[int, int], None]
    lines: bool = False

    def of(
        self,
        brains: Mapping[str, Brain],
        findings: Sequence[Finding],
        goal: Target | None,
        seed: int,
        prefix: str,
    ) -> dict[str, dict[str, Result]]:
        """Results by brain and finding (or target), those in the file among them."""
        names = [finding.id for finding in findings] + ([goal.name] if goal else [])
        found = read_results(self.path)
        jobs = []
        for key, brain in brains.items():
            full = prefix + key
            missing = [f for f in findings if (full, f.id) not in found]
            jobs += [Job(full, brain, batch, seed, self.plan.animals) for batch in batches(missing)]
            if goal and (full, goal.name) not in found:
                jobs.append(Job(full, brain, (), seed, self.plan.animals, goal))
        total = len(brains) * len(names)
        done = total - sum(len(job.findings) or 1 for job in jobs)
        self.show(done, total)
        for batch in self.run(jobs):
            kept = batch if self.lines else [replace(result, lines=()) for result in batch]
            append_results(self.path, kept)
            found.update({(result.key, result.finding): result for result in kept})
            done += len(batch)
            self.show(done, total)
        return {key: {name: found[prefix + key, name] for name in names} for key in brains}
