"""Runs: started, watched, cancelled, taken up again; as ordinary results folders."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import BaseModel

from engramlab.brain import Brain
from engramlab.protocol import parse_protocol
from engramlab.run_folder import Plan, begin
from engramlab.web.answers import ProblemAnswer, missing
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.limits import Animals, Number, ProtocolText, Seed, check_limits
from engramlab.web.measured import (
    Measure,
    Overlap,
    Values,
    measures_of,
    overlap_of,
    regions_of,
    values_of,
)
from engramlab.web.queue import Job
from engramlab.web.results import AT_WORK_SECONDS, RunFolder, Status
from engramlab.web.routes.jobs import enqueue, full
from engramlab.web.routes.protocols import ProtocolIn

router = APIRouter(prefix="/runs", tags=["runs"])
Id = Annotated[str, Path(max_length=130)]
Word = Annotated[str, Query(max_length=100)]
File = Literal["report", "table", "record", "protocol", "provenance"]
FILES: dict[File, tuple[str, str]] = {
    "report": ("report.html", "text/html"),
    "table": ("table.csv", "text/csv"),
    "record": ("record.nc", "application/x-netcdf"),
    "protocol": ("protocol.yaml", "application/yaml"),
    "provenance": ("provenance.json", "application/json"),
}
FILES_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for _, kind in FILES.values()}, "description": "The file"}
}
REPORT_POLICY = (  # a report holds its own styles and pictures and no script
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)


class RunIn(BaseModel):
    """A run to start."""

    yaml: ProtocolText
    animals: Animals = 12
    seed: Seed = 1
    without: list[str] = []
    parameters: dict[str, Number] = {}


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
    if lab.queue.full():
        raise full()
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


@router.get("/{id}/protocol")
def protocol(id: Id, lab: Lab) -> ProtocolIn:
    """YAML of the protocol of a run."""
    text = (lab.results.run(id).path / "protocol.yaml").read_text(encoding="utf-8")
    return ProtocolIn(yaml=text)


@router.get("/{id}/measures")
def measures(id: Id, lab: Lab) -> list[Measure]:
    """What was measured in a finished run."""
    return measures_of(lab.results.experiment(id))


@router.get("/{id}/values")
def values(
    id: Id, lab: Lab, measure: Word, region: Word = "", tag: Word = "", cells: Word = ""
) -> Values:
    """One measure of every animal, with means, intervals and comparisons of groups."""
    wanted = Measure(measure=measure, region=region, tag=tag, cells=cells)
    found = values_of(lab.results.experiment(id), wanted)
    if found is None:
        raise missing("measure", " ".join(filter(None, (measure, region, tag, cells))))
    return found


@router.get("/{id}/session-overlap")
def overlap(id: Id, lab: Lab, region: Word) -> Overlap:
    """Overlap of active cells between sessions, over chance."""
    experiment = lab.results.experiment(id)
    if region not in regions_of(experiment):
        raise missing("region", region)
    return overlap_of(experiment, region)


@router.get("/{id}/files/{file}", response_class=Response, responses=FILES_ANSWER)
def file(id: Id, file: File, lab: Lab) -> Response:
    """A file of a run: its report as a page, everything else to keep."""
    path = lab.results.run(id).path / FILES[file][0]
    if not path.is_file():
        raise missing("such file yet in run", id)
    headers = {"content-security-policy": REPORT_POLICY}
    if file != "report":
        headers["content-disposition"] = f'attachment; filename="{id}-{FILES[file][0]}"'
    return Response(path.read_bytes(), media_type=FILES[file][1], headers=headers)


@router.delete("/{id}", status_code=204)
def delete(id: Id, lab: Lab) -> None:
    """Delete a run and all of its results from the disk."""
    run = one(id, lab)
    if run.status in ("running", "waiting", "elsewhere"):
        raise HTTPException(409, f"this run is {run.status}; cancel it first")
    lab.queue.cancel(id)
    lab.results.delete(id)


def _enqueue(lab: Laboratory, id: str) -> None:
    folder = lab.results.run(id).path
    enqueue(lab, Job(id, "run", {"folder": str(folder)}))


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
