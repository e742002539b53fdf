"""One brain scored on some findings: the unit of work of every study, in any process.

Every study asks for many pairs of brain and finding. They are independent, so they run side by
side in one pool that lives as long as the study; inside a job animals run one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from engramlab.brain import Brain
from engramlab.cohort import AnimalError, Workers
from engramlab.cohort.pool import done_by, open_pool
from engramlab.errors import InputError
from engramlab.evidence import Finding, Outcome, score
from engramlab.studies.loss import WORST, finding_loss
from engramlab.studies.result import Line, Result, digest_of
from engramlab.studies.target import Target


@dataclass(frozen=True)
class Job:
    """One brain to be scored on findings that share a run, or against data.

    Parameters
    ----------
    key : str
        What the study varies here; with the finding it names the result.
    brain : Brain
    findings : tuple of Finding
    seed : int
    animals : int, optional
        Animals a group; default each finding's own number.
    target : Target, optional
        Data instead of findings.
    strict : bool
        Raise what goes wrong in a run; else it is a result (the finding does not hold): a brain
        without a mechanism or with odd parameters may well have no cell to tag.
    """

    key: str
    brain: Brain
    findings: tuple[Finding, ...]
    seed: int
    animals: int | None = None
    target: Target | None = None
    strict: bool = False


RunOne = Callable[[Job], list[Result]]
RunAll = Callable[[Sequence[Job]], Iterator[list[Result]]]


def run_job(job: Job) -> list[Result]:
    """Score one brain on the findings of a job.

    Returns
    -------
    list of Result
        One a finding, in order; one for a target.

    Raises
    ------
    InputError, AnimalError
        What goes wrong in a run of a strict job.
    """
    try:
        if job.target is not None:
            within, loss = job.target.distance(job.brain, job.seed, job.animals)
            return [Result(job.key, job.target.name, "", within, loss)]
        outcomes = score(
            job.findings,
            animals=job.animals,
            seed=job.seed,
            workers=1,
            brain=job.brain,
            strict=job.strict,
        )
    except (InputError, AnimalError) as error:
        if job.strict:
            raise
        if len(job.findings) > 1:  # which of them it is
            alone = (replace(job, findings=(finding,)) for finding in job.findings)
            return [result for one in alone for result in run_job(one)]
        names = [(finding.id, digest_of(finding)) for finding in job.findings]
        if job.target is not None:
            names = [(job.target.name, "")]
        return [Result(job.key, *name, False, WORST, (), _in_a_line(error)) for name in names]
    return [_result(job.key, outcome) for outcome in outcomes]


def _result(key: str, outcome: Outcome) -> Result:
    finding = outcome.finding
    lines = tuple(
        Line(
            verdict.predicate.expr,
            verdict.predicate.kind,
            verdict.predicate.control,
            verdict.predicate.soft,
            verdict.passed,
            *map(_finite, (verdict.margin.value, verdict.margin.low, verdict.margin.high)),
        )
        for verdict in outcome.verdicts
    )
    error = _in_a_line(outcome.error)
    loss = WORST if error else finding_loss(lines)
    return Result(key, finding.id, digest_of(finding), outcome.passed, loss, lines, error)


def _in_a_line(error: object) -> str:
    return " ".join(str(error).split())


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def batches(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Findings that share a protocol and number of animals, and so a run, together."""
    together: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        together.setdefault((finding.plan.model_dump_json(), finding.animals), []).append(finding)
    return [tuple(batch) for batch in together.values()]


@contextmanager
def job_runner(workers: Workers, run_one: RunOne = run_job) -> Iterator[RunAll]:
    """Give what runs jobs: it yields the results of each job as it ends, in any order.

    Parameters
    ----------
    workers : int or str, optional
        As `engramlab.run` takes them.
    run_one : callable
        What runs one job.

    Raises
    ------
    ParameterError
        For fewer than one worker, or a scheduler that does not answer.
    WorkersLostError
        When a worker process is killed.
    """
    from engramlab.engine.compiling import tasks_left

    with open_pool(workers, before_all=tasks_left) as pool:

        def run_all(jobs: Sequence[Job]) -> Iterator[list[Result]]:
            for _, results in done_by(pool, run_one, jobs, lambda job: (job,)):
                if isinstance(results, Exception):
                    raise results
                yield results

        yield run_all
