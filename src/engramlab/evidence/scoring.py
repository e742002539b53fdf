"""Scores the catalogue: runs each finding's protocol and says which predicates hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engramlab.brain import Brain
from engramlab.cohort import run_cohort
from engramlab.evidence.finding import Finding
from engramlab.evidence.verdict import Verdict, evaluate
from engramlab.record import Experiment

OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one finding with one seed.

    Parameters
    ----------
    finding : Finding
    seed : int
    verdicts : tuple of Verdict
        One a predicate, in order.
    """

    finding: Finding
    seed: int
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether every predicate, the controls among them, holds."""
        return all(verdict.passed for verdict in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content."""
        return {
            "id": self.finding.id,
            "topic": self.finding.topic,
            "tier": self.finding.tier,
            "counted": self.finding.counted,
            "seed": self.seed,
            "passed": self.passed,
            "predicates": [
                {
                    "expr": verdict.predicate.expr,
                    "kind": verdict.predicate.kind,
                    "control": verdict.predicate.control,
                    "passed": verdict.passed,
                    "margin": round(verdict.margin, 6),
                    "interval": [round(verdict.low, 6), round(verdict.high, 6)],
                }
                for verdict in self.verdicts
            ],
        }


def score(
    findings: Iterable[Finding],
    *,
    animals: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    brain: Brain | None = None,
    on_progress: OnProgress | None = None,
) -> list[Outcome]:
    """Run findings and evaluate their predicates.

    Findings that name the same built-in paradigm share one run.

    Parameters
    ----------
    findings : iterable of Finding
    animals : int, optional
        Animals a group; default each finding's own number.
    seed : int
        The same seed gives the same outcome.
    workers : int, optional
    brain : Brain, optional
    on_progress : callable, optional
        Called with (finding id, findings done, findings in all).

    Returns
    -------
    list of Outcome
        In the order of `findings`.

    Raises
    ------
    ProtocolError
        For a predicate outside its grammar or an impossible protocol.
    """
    brain = brain or Brain()
    wanted = list(findings)
    runs: dict[tuple[str, int], Experiment] = {}
    outcomes = []
    for done, finding in enumerate(wanted):
        if on_progress:
            on_progress(finding.id, done, len(wanted))
        plan = finding.plan
        count = animals or finding.animals
        key = (plan.to_yaml(), count)
        if key not in runs:
            records = run_cohort(plan, animals=count, seed=seed, workers=workers, brain=brain)
            runs[key] = Experiment.from_records(records, plan, brain, seed)
        verdicts = tuple(evaluate(predicate, runs[key]) for predicate in finding.predicates)
        outcomes.append(Outcome(finding, seed, verdicts))
    if on_progress:
        on_progress("", len(wanted), len(wanted))
    return outcomes
