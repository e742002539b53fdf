"""Scores the catalogue: runs each finding's protocol and says which predicates hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from engramlab.brain import Brain
from engramlab.cohort import Cohort, Workers, run_cohorts
from engramlab.errors import InputError
from engramlab.evidence.expression import Measure, parse, text_of
from engramlab.evidence.finding import Finding
from engramlab.evidence.reading import Reading, Values
from engramlab.evidence.verdict import Interval, Verdict, evaluate_all
from engramlab.record import assemble

OnProgress = Callable[[int, int], None]
DIGITS = 6  # of numbers in JSON


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one finding with one seed.

    Parameters
    ----------
    finding : Finding
    seed : int
    animals : int
        Animals in each group.
    verdicts : tuple of Verdict
        One a predicate, in order; none when the finding could not be run.
    values : dict of Measure to array
        What the predicates name, one value an animal.
    error : str
        Why it could not be run with this brain; empty when it could.
    """

    finding: Finding
    seed: int
    animals: int
    verdicts: tuple[Verdict, ...]
    values: dict[Measure, Values] = field(default_factory=dict)
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether every predicate, the controls among them, holds.

        Soft ones do not decide, but where nothing else does (of contested findings).
        """
        firm = [verdict for verdict in self.verdicts if not verdict.predicate.soft]
        return not self.error and all(verdict.passed for verdict in firm or self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content."""
        return {
            "id": self.finding.id,
            "topic": self.finding.topic,
            "tier": self.finding.tier,
            "counted": self.finding.counted,
            "seed": self.seed,
            "animals": self.animals,
            "passed": self.passed,
            "error": self.error,
            "predicates": [_verdict(verdict) for verdict in self.verdicts],
            "measures": {
                str(measure): [_number(value) for value in values.tolist()]
                for measure, values in self.values.items()
            },
        }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    predicate = verdict.predicate
    terms = parse(predicate.expr).terms
    return {
        "expr": predicate.expr,
        "kind": predicate.kind,
        "control": predicate.control,
        "soft": predicate.soft,
        "why": predicate.why,
        "passed": verdict.passed,
        "margin": _number(verdict.margin.value),
        "interval": _interval(verdict.margin),
        "terms": [
            {"expr": text_of(term), "value": _number(value.value), "interval": _interval(value)}
            for term, value in zip(terms, verdict.terms, strict=True)
        ],
        "signs": list(verdict.signs),
    }


def _interval(interval: Interval) -> list[float | None]:
    return [_number(interval.low), _number(interval.high)]


def _number(value: float) -> float | None:
    """A number that JSON can hold; None for what is not defined."""
    return round(value, DIGITS) if math.isfinite(value) else None


def score(
    findings: Iterable[Finding],
    *,
    animals: int | None = None,
    seed: int = 1,
    seeds: int = 1,
    workers: Workers = None,
    brain: Brain | None = None,
    strict: bool = True,
    on_progress: OnProgress | None = None,
) -> list[Outcome]:
    """Run findings and evaluate their predicates.

    All run through one set of worker processes. Findings that share a protocol share its run, and
    a run is dropped as soon as its findings are evaluated, so memory does not grow with their
    number.

    Parameters
    ----------
    findings : iterable of Finding
    animals : int, optional
        Animals a group; default each finding's own number.
    seed : int
        The same seed gives the same outcome, with any number of workers.
    seeds : int
        Repeat with this many seeds, from `seed` on.
    workers : int or str, optional
        As `engramlab.run` takes them.
    brain : Brain, optional
    strict : bool
        Raise why a finding cannot be run with this brain (light on cells that none has). Else it
        is an outcome: the finding does not hold.
    on_progress : callable, optional
        Called with (animals done, animals in all).

    Returns
    -------
    list of Outcome
        In the order of `findings`, and of seeds for each.

    Raises
    ------
    InputError
        For what cannot be run, when `strict`.
    """
    brain, wanted = brain or Brain(), list(findings)
    sharing: dict[tuple[str, int, int], list[Finding]] = {}
    for run in range(seed, seed + seeds):
        for finding in wanted:
            key = (finding.plan.to_yaml(), animals or finding.animals, run)
            sharing.setdefault(key, []).append(finding)
    runs = list(sharing.values())
    cohorts = [
        Cohort(together[0].plan, count, run, brain) for (_, count, run), together in sharing.items()
    ]
    found: dict[tuple[str, int], Outcome] = {}
    from engramlab.engine import run_twin  # loads the compiler, which reading findings needs not

    # Twins in all groups: a null of ten points is not left to who was put into which group.
    running = run_cohorts(cohorts, workers=workers, on_progress=on_progress, run_one=run_twin)
    with closing(running) as results:
        for number, records in results:
            cohort, together = cohorts[number], runs[number]
            if isinstance(records, InputError):
                if strict:
                    raise records
                outcomes = [_not_run(finding, cohort, records) for finding in together]
            else:
                reading = Reading(assemble(records, cohort.protocol, brain), cohort.protocol)
                outcomes = [_outcome(finding, cohort, reading, strict) for finding in together]
            found |= {(outcome.finding.id, outcome.seed): outcome for outcome in outcomes}
    return [found[finding.id, run] for finding in wanted for run in range(seed, seed + seeds)]


def _outcome(finding: Finding, cohort: Cohort, reading: Reading, strict: bool) -> Outcome:
    try:
        verdicts = evaluate_all(finding.predicates, reading)
    except InputError as error:
        if strict:
            raise
        return _not_run(finding, cohort, error)
    named = {m for predicate in finding.predicates for m in parse(predicate.expr).measures()}
    values = {measure: values for measure, values in reading.seen.items() if measure in named}
    return Outcome(finding, cohort.seed, cohort.animals, verdicts, values)


def _not_run(finding: Finding, cohort: Cohort, error: InputError) -> Outcome:
    return Outcome(finding, cohort.seed, cohort.animals, (), error=str(error))
