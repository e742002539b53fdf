"""Everything that is queued or running: runs, evaluations, ablations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel

from engramlab.web.answers import ProblemAnswer, missing
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.queue import Job, Kind, QueueFullError, State

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobOut(BaseModel):
    """A piece of work; `id` is the folder of its results."""

    id: str
    kind: Kind
    state: State
    done: int
    total: int
    only: list[str] = []
    problems: list[ProblemAnswer]


@router.get("")
def jobs(lab: Lab) -> list[JobOut]:
    """The queue, in order; what failed stays until it is dismissed."""
    return [out(job) for job in lab.queue.jobs().values()]


@router.post("/{id}/cancel", status_code=202)
def cancel(id: Annotated[str, Path(max_length=130)], lab: Lab) -> dict[str, bool]:
    """Cancel a job, or dismiss one that failed."""
    if not lab.queue.cancel(id):
        raise missing("job", id)
    return {"cancelled": True}


def out(job: Job) -> JobOut:
    """A job as the page sees it."""
    return JobOut(
        id=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        total=job.total,
        only=list(job.told.get("only", [])),
        problems=[ProblemAnswer(**problem) for problem in job.problems],
    )


def enqueue(lab: Laboratory, job: Job) -> None:
    """Queue a job.

    Raises
    ------
    HTTPException
        409 when too much waits already.
    """
    try:
        lab.queue.add(job)
    except QueueFullError:
        raise full() from None


def full() -> HTTPException:
    """What is said when the queue is full; raise it."""
    return HTTPException(409, "too much is waiting already; cancel some of it first")
