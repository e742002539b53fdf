"""Runs: started, watched, cancelled, taken up again; as ordinary results folders."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel

from engramlab.brain import Brain
from engramlab.cli._folder import Plan, begin
from engramlab.protocol import parse_protocol
from engramlab.web.answers import ProblemAnswer
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.limits import Animals, ProtocolText, Seed, check_limits
from engramlab.web.queue import Job, QueueFullError
from engramlab.web.results import AT_WORK_SECONDS, RunFolder, Status

router = APIRouter(prefix="/runs", tags=["runs"])
Id = Annotated[str, Path(max_length=130)]


class RunIn(BaseModel):
    """A run to start."""

    yaml: ProtocolText
    animals: Animals = 12
    seed: Seed = 1
    without: list[str] = []
    parameters: dict[str, float] = {}


class RunOut(BaseModel):
    """A run: what it is and how far."""

    id: str
    protocol: str
    title: str
    status: Status
    place: int | None = None  # in the queue, from 1
    animals: int
    seed: int
    groups: list[str]
    done: dict[str, int]
    total: int
    switched_off: list[str]
    changed: dict[str, float]
    version: str
    date: str
    problems: list[ProblemAnswer] = []


@router.get("")
def runs(lab: Lab) -> list[RunOut]:
    """All runs in the results folder, newest first, those of the command line among them."""
    jobs = lab.queue.jobs()
    return [_out(run, jobs) for run in lab.results.runs().values()]


@router.post("", status_code=201)
def start(run: RunIn, lab: Lab) -> RunOut:
    """Queue a run."""
    protocol = parse_protocol(run.yaml)
    check_limits(protocol, run.animals)
    brain = Brain.default().with_parameters(run.parameters).without(*run.without)
    plan = Plan(protocol, run.animals, run.seed, brain)
    plan.check()
    id = lab.results.new_id(f"{protocol.name}-seed{run.seed}")
    begin(lab.results.folder / id, plan)
    _enqueue(lab, id)
    return one(id, lab)


@router.get("/{id}")
def one(id: Id, lab: Lab) -> RunOut:
    """One run."""
    return _out(lab.results.run(id), lab.queue.jobs())


@router.post("/{id}/cancel", status_code=202)
def cancel(id: Id, lab: Lab) -> dict[str, bool]:
    """Stop a run, or take it out of the queue; its finished animals are kept."""
    lab.results.run(id)
    if not lab.queue.cancel(id):
        raise HTTPException(409, "this run is not in the queue")
    return {"cancelled": True}


@router.post("/{id}/resume", status_code=202)
def resume(id: Id, lab: Lab) -> RunOut:
    """Go on with a stopped run; the results are those of an undisturbed one, bit for bit."""
    run = one(id, lab)
    if run.status not in ("stopped", "failed"):
        raise HTTPException(409, f"this run is {run.status}, so there is nothing to take up")
    _enqueue(lab, id)
    return one(id, lab)


def _enqueue(lab: Laboratory, id: str) -> None:
    folder = lab.results.run(id).path
    try:
        lab.queue.add(Job(id, "run", {"folder": str(folder)}))
    except QueueFullError:
        raise HTTPException(409, "too many runs are waiting; cancel some first") from None


def _out(run: RunFolder, jobs: dict[str, Job]) -> RunOut:
    about: dict[str, Any] = run.provenance
    job = jobs.get(run.id)
    waiting = [j.id for j in jobs.values() if j.state == "waiting"]
    return RunOut(
        id=run.id,
        protocol=str(about["protocol"]["name"]),
        title=str(about["protocol"]["title"]),
        status=_status(run, job),
        place=waiting.index(run.id) + 1 if run.id in waiting else None,
        animals=about["animals"],
        seed=about["seed"],
        groups=[str(group) for group in about["groups"]],
        done=run.animals_done(),
        total=about["animals"] * len(about["groups"]),
        switched_off=about["brain"]["switched_off"],
        changed=about["brain"]["changed"],
        version=str(about["version"]),
        date=str(about.get("date", "")),
        problems=[ProblemAnswer(**problem) for problem in job.problems] if job else [],
    )


def _status(run: RunFolder, job: Job | None) -> Status:
    if run.complete:
        return "complete"
    if job is not None:
        return job.state
    return "elsewhere" if run.changed_seconds_ago() < AT_WORK_SECONDS else "stopped"
