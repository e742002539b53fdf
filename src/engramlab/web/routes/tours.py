"""Guided tours."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from engramlab.tours import Tour, all_tours
from engramlab.web.answers import missing

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


@router.get("")
def tours() -> list[TourLine]:
    """All tours."""
    return [_line(tour) for tour in all_tours().values()]


@router.get("/{id}")
def one(id: Id) -> TourOut:
    """One tour with all its steps."""
    tour = all_tours().get(id)
    if tour is None:
        raise missing("tour", id)
    return TourOut(**_line(tour).model_dump(), tour=tour)


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
