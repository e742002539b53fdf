"""Guided tours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel

from engramlab.live.actions import Action
from engramlab.tours import Tour, all_tours
from engramlab.web.answers import missing
from engramlab.web.laboratory import Lab
from engramlab.web.routes.live import CompareOut, compared

router = APIRouter(prefix="/tours", tags=["tours"])
Id = Annotated[str, Path(max_length=100)]


class SourceOut(BaseModel):
    """A finding of the catalogue."""

    id: str
    title: str
    claim: str
    citation: str
    doi: str | None
    explanation: str  # why the model fails it, where it does


class TourLine(BaseModel):
    """A tour in the list of all."""

    id: str
    title: str
    question: str
    minutes: int
    steps: int
    sources: list[SourceOut]


class TourOut(TourLine):
    """A tour."""

    tour: Tour
    places: dict[str, dict[str, Any]]  # as a live animal takes them
    actions: list[dict[str, list[Action]]]  # by step: what was done to each animal by its end


class ClaimOut(BaseModel):
    """Whether many model animals show what the paper found."""

    holds: bool
    words: str
    comparison: CompareOut


@router.get("")
def tours() -> list[TourLine]:
    """All tours."""
    return [_line(tour) for tour in all_tours().values()]


@router.get("/{id}")
def one(id: Id) -> TourOut:
    """One tour with all its steps."""
    tour = _tour(id)
    actions = [
        {name: list(done) for name, done in tour.actions(step).items()}
        for step in range(len(tour.steps))
    ]
    return TourOut(**_line(tour).model_dump(), tour=tour, places=tour.contexts, actions=actions)


@router.post("/{id}/steps/{step}/claim")
def claim(id: Id, step: Annotated[int, Path(ge=0, le=20)], lab: Lab) -> ClaimOut:
    """Do to many animals what the tour has done so far."""
    tour = _tour(id)
    asked = tour.steps[step].claim if step < len(tour.steps) else None
    if asked is None:
        raise missing("claim in step", str(step))
    done = tour.actions(step)
    animals = {
        name: lab.animals.get(tour.seed, tour.contexts, tour.without, done[name])
        for name in (asked.higher, asked.lower)
    }
    found = asked.measured(animals)
    return ClaimOut(holds=asked.holds(found), words=asked.words(found), comparison=compared(found))


def _tour(id: str) -> Tour:
    tour = all_tours().get(id)
    if tour is None:
        raise missing("tour", id)
    return tour


def _line(tour: Tour) -> TourLine:
    return TourLine(
        id=tour.id,
        title=tour.title,
        question=tour.question,
        minutes=tour.minutes,
        steps=len(tour.steps),
        sources=[
            SourceOut(
                id=source.id,
                title=source.title,
                claim=source.claim,
                citation=str(source.citation),
                doi=source.citation.doi,
                explanation=source.explanation,
            )
            for source in tour.sources
        ],
    )
