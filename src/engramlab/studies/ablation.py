"""Ablation: each mechanism is switched off in turn, and every finding is scored again.

A finding that holds with the full brain and falls without a mechanism is carried by it. A
mechanism that carries no finding explains nothing here and has no place in the brain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from engramlab.brain import Brain
from engramlab.cohort import Workers
from engramlab.errors import OutputError, ParameterError, Problem
from engramlab.evidence import Finding
from engramlab.kernel import sources_digest
from engramlab.protocol.messages import did_you_mean
from engramlab.record import staged
from engramlab.studies.jobs import Job, RunOne, batches, job_runner, run_job
from engramlab.studies.result import Line, Result, append_results, digest_of, read_results

State = Literal["falls", "holds", "gained", "fails", "n/a"]
FULL = ""  # key of the brain with all its mechanisms
HEADER, RESULTS = "ablation.json", "results.jsonl"
FORMAT = 1


@dataclass(frozen=True)
class AblationPlan:
    """All that decides what an ablation finds.

    Parameters
    ----------
    findings : tuple of Finding
    mechanisms : tuple of str
        Switched off one at a time.
    brain : Brain
        The full brain.
    seed : int
    animals : int, optional
        Animals a group; default each finding's own number.
    """

    findings: tuple[Finding, ...]
    mechanisms: tuple[str, ...]
    brain: Brain
    seed: int = 1
    animals: int | None = None

    def identity(self) -> dict[str, Any]:
        """What has to be the same for kept results to be of use."""
        return {
            "format": FORMAT,
            "version": version("engramlab"),
            "engine": sources_digest(),
            "brain": {
                "digest": self.brain.digest(),
                "changed": dict(self.brain.changed),
                "switched_off": list(self.brain.switched_off),
            },
            "seed": self.seed,
            "animals": self.animals,
        }


@dataclass(frozen=True)
class Ablation:
    """The matrix mechanism x finding.

    Parameters
    ----------
    plan : AblationPlan
    results : mapping of (str, str) to Result
        By mechanism (`FULL` for the full brain) and finding.
    """

    plan: AblationPlan
    results: Mapping[tuple[str, str], Result]

    def state(self, mechanism: str, finding: Finding) -> State:
        """What becomes of a finding without a mechanism."""
        if names_mechanism(finding, mechanism):
            return "n/a"
        before = self.results[FULL, finding.id].passed
        after = self.results[mechanism, finding.id].passed
        return ("holds" if after else "falls") if before else ("gained" if after else "fails")

    def those(self, mechanism: str, state: State, *, counted: bool = True) -> list[str]:
        """Ids of the findings, counted or contested, that come to `state` without a mechanism."""
        return [
            finding.id
            for finding in self.plan.findings
            if finding.counted is counted and self.state(mechanism, finding) == state
        ]

    @property
    def holding(self) -> list[str]:
        """Ids of the counted findings that hold with the full brain."""
        return [f.id for f in self.plan.findings if f.counted and self.results[FULL, f.id].passed]

    @property
    def carrying_none(self) -> list[str]:
        """Mechanisms without which every counted finding that holds still holds."""
        return [name for name in self.plan.mechanisms if not self.those(name, "falls")]

    @property
    def carried_by_none(self) -> list[str]:
        """Ids of the findings that hold and stay whatever mechanism is switched off."""
        fallen = {id for name in self.plan.mechanisms for id in self.those(name, "falls")}
        return [id for id in self.holding if id not in fallen]

    def turned(self, mechanism: str, finding: Finding) -> Iterator[tuple[Line, Line]]:
        """Predicates whose verdict is another without the mechanism, before and after."""
        before = self.results[FULL, finding.id].lines
        after = self.results.get((mechanism, finding.id))
        for one, two in zip(before, after.lines if after else (), strict=False):
            if one.passed != two.passed and not one.soft:
                yield one, two

    def predicates_lost(self, mechanism: str) -> int:
        """Predicates of counted findings, held or not, that hold only with the mechanism."""
        return sum(
            one.passed
            for finding in self.plan.findings
            if finding.counted
            for one, _ in self.turned(mechanism, finding)
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content."""
        findings = self.plan.findings
        return {
            **self.plan.identity(),
            "findings": {
                finding.id: {
                    "title": finding.title,
                    "topic": finding.topic,
                    "counted": finding.counted,
                    "holds": self.results[FULL, finding.id].passed,
                }
                for finding in findings
            },
            "mechanisms": {
                name: {
                    "falls": self.those(name, "falls"),
                    "falls_contested": self.those(name, "falls", counted=False),
                    "gained": self.those(name, "gained"),
                    "unchanged": [*self.those(name, "holds"), *self.those(name, "fails")],
                    "not_applicable": self.those(name, "n/a"),
                    "predicates_lost": self.predicates_lost(name),
                    "errors": {
                        finding.id: error
                        for finding in findings
                        if (name, finding.id) in self.results
                        and (error := self.results[name, finding.id].error)
                    },
                }
                for name in self.plan.mechanisms
            },
            "carrying_none": self.carrying_none,
            "carried_by_none": self.carried_by_none,
        }


def names_mechanism(finding: Finding, mechanism: str) -> bool:
    """Whether a group of the finding's own protocol is without this mechanism.

    Then the finding is about the mechanism, and without it there is nothing to compare.
    """
    return any(mechanism in group.without for group in finding.plan.groups.values())


def mechanisms_named(names: Sequence[str], brain: Brain) -> tuple[str, ...]:
    """Mechanisms to switch off: those named, or without names all that are on.

    Raises
    ------
    ParameterError
        For an unknown name, or one that is off already.
    """
    known = [mechanism.name for mechanism in brain.mechanisms]
    on = [name for name in known if name not in brain.switched_off]
    problems = [
        Problem(
            f"mechanism '{name}'",
            "is switched off already" if name in known else "is unknown",
            did_you_mean(name, on) + "one of " + ", ".join(on),
        )
        for name in names
        if name not in on
    ]
    if problems:
        raise ParameterError(problems)
    return tuple(dict.fromkeys(names)) if names else tuple(on)


def open_folder(folder: Path, plan: AblationPlan) -> None:
    """Begin a folder of results, or make sure that those in it are of the same brain.

    Raises
    ------
    OutputError
        When it holds something else, or an ablation of another brain, seed, number of animals or
        version.
    """
    path = folder / HEADER
    if not path.exists():
        with staged(folder) as place:
            text = json.dumps({**plan.identity(), "status": "running"}, indent=2)
            (place / HEADER).write_text(text, encoding="utf-8")
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(Problem(str(path), f"cannot be read ({error})", "a new folder")) from None
    wanted = plan.identity()
    other = [
        name for name in wanted if not isinstance(found, dict) or found.get(name) != wanted[name]
    ]
    if other:
        raise OutputError(
            Problem(
                str(folder),
                "holds an ablation with another " + ", ".join(other),
                "the same command as before, or a new folder (--out FOLDER)",
            )
        )


def ablate(
    plan: AblationPlan,
    folder: Path | None = None,
    *,
    workers: Workers = None,
    on_progress: Callable[[int, int], None] | None = None,
    run_one: RunOne = run_job,
) -> Ablation:
    """Score the findings with the full brain and without each mechanism.

    Parameters
    ----------
    plan : AblationPlan
    folder : Path, optional
        Each result is kept there when it is known, and those found there are not made again.
    workers : int or str, optional
        As `engramlab.run` takes them; the results do not depend on it.
    on_progress : callable, optional
        Called with (results known, results in all).
    run_one : callable
        What runs one job.

    Returns
    -------
    Ablation

    Raises
    ------
    OutputError
        When results cannot be kept, or the folder is of another ablation.
    ProtocolError
        When a finding cannot be run with the full brain.
    """
    results: dict[tuple[str, str], Result] = {}
    if folder is not None:
        open_folder(folder, plan)
        results = _still_valid(read_results(folder / RESULTS), plan.findings)
    jobs = list(_jobs(plan, results))
    wanted = _wanted(plan)
    done = len(wanted & set(results))
    with job_runner(workers, run_one) as run:
        if on_progress:
            on_progress(done, len(wanted))
        for batch in run(jobs):
            if folder is not None:
                append_results(folder / RESULTS, batch)
            results.update({(result.key, result.finding): result for result in batch})
            done += len(batch)
            if on_progress:
                on_progress(done, len(wanted))
    return Ablation(plan, {name: results[name] for name in results if name in wanted})


def _wanted(plan: AblationPlan) -> set[tuple[str, str]]:
    return {
        (name, finding.id)
        for name in (FULL, *plan.mechanisms)
        for finding in plan.findings
        if name == FULL or not names_mechanism(finding, name)
    }


def _jobs(plan: AblationPlan, results: Mapping[tuple[str, str], Result]) -> Iterator[Job]:
    """What is still to be run; the full brain first, which shows a bad finding at once."""
    wanted = _wanted(plan)
    for name in (FULL, *plan.mechanisms):
        brain = plan.brain.without(name) if name else plan.brain
        missing = [
            f for f in plan.findings if (name, f.id) in wanted and (name, f.id) not in results
        ]
        for batch in batches(missing):
            yield Job(name, brain, batch, plan.seed, plan.animals, strict=name == FULL)


def _still_valid(
    results: Mapping[tuple[str, str], Result], findings: Sequence[Finding]
) -> dict[tuple[str, str], Result]:
    """Kept results of findings that still ask the same."""
    digests = {finding.id: digest_of(finding) for finding in findings}
    return {
        name: result
        for name, result in results.items()
        if result.digest == digests.get(result.finding)
    }
