"""Stand-ins for running animals: what a finding makes of a brain, by formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from engramlab.errors import ParameterError, Problem
from engramlab.evidence import Finding, all_findings
from engramlab.randomness import derive_key
from engramlab.studies.jobs import Job
from engramlab.studies.result import Line, Result, digest_of
from engramlab.studies.space import axes_named


@cache
def catalogue() -> dict[str, Finding]:
    """Read once for all tests: a hundred files take seconds."""
    return all_findings()


def line(expr: str, passed: bool, margin: float) -> Line:
    return Line(expr, "size", False, False, passed, margin, margin - 1, margin + 1)


def falling(falls: Mapping[str, set[str]], fails: set[str]) -> Callable[[Job], list[Result]]:
    """Without a mechanism its findings of `falls` turn over; with the full brain `fails` fail."""

    def run_one(job: Job) -> list[Result]:
        results = []
        for finding in job.findings:
            passed = finding.id not in fails
            if finding.id in falls.get(job.key, set()):
                passed = not passed
            made = (line('freezing["a", "b"] > 1', passed, 5.0 if passed else -5.0),)
            results.append(
                Result(
                    job.key, finding.id, digest_of(finding), passed, 0.0 if passed else 0.5, made
                )
            )
        return results

    return run_one


class Bowl:
    """A loss that is lowest at `places`, the same for all findings but for what the seed adds."""

    def __init__(self, places: Mapping[str, float], interrupt_at: int = 0) -> None:
        self.places, self.interrupt_at = dict(places), interrupt_at
        self.jobs: list[Job] = []

    def __call__(self, job: Job) -> list[Result]:
        if self.interrupt_at and len(self.jobs) + 1 == self.interrupt_at:
            raise KeyboardInterrupt
        self.jobs.append(job)
        values = job.brain.parameters
        squares = [
            (axis.place(values[axis.name]) - self.places[axis.name]) ** 2
            for axis in axes_named(tuple(self.places))
        ]
        far = sum(squares) / len(squares)
        luck = 0.02 * (job.seed % 7) / 7  # common to all that meet the same animals
        loss = min(1.0, far + luck)
        return [
            Result(job.key, finding.id, digest_of(finding), far < 0.01, loss)
            for finding in job.findings
        ]


def hashed(job: Job) -> list[Result]:
    """Holds or not as a hash decides: for worker processes, which need a function by its name."""
    results = []
    for finding in job.findings:
        passed = derive_key(job.key, finding.id) % 2 == 0
        results.append(Result(job.key, finding.id, digest_of(finding), passed, float(not passed)))
    return results


def failing(job: Job) -> list[Result]:
    raise ParameterError(Problem(job.key, "a stub that fails"))
