"""The live animal: one virtual mouse that answers at once.

The server keeps nothing that it could not make again: a request names the seed and all that was
done, so that undo, two tabs and a restart of the server need no care.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from engramlab.brain import Brain
from engramlab.brain.drugs import DRUGS
from engramlab.live import Comparison, LiveAnimal, compare
from engramlab.live.actions import Action
from engramlab.live.comparison import Measure
from engramlab.live.plan import CUES, PLACES
from engramlab.protocol.describing import clock
from engramlab.protocol.quantities import Name, RegionName
from engramlab.protocol.schema import Context
from engramlab.web.films import (
    BrainOut,
    FilmOut,
    OverlapOut,
    brain_out,
    film_out,
    finite,
    overlap_out,
)
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.limits import Seed

MAX_ACTIONS = 300
router = APIRouter(prefix="/live", tags=["live"])


class AnimalIn(BaseModel):
    """An animal: its seed and all that was done to it."""

    seed: Seed = 1
    places: dict[Name, Context] | None = Field(None, min_length=1, max_length=12)
    without: list[str] = Field([], max_length=40)
    actions: list[Action] = Field([], max_length=MAX_ACTIONS)


class LookIn(AnimalIn):
    """Asks for the frames after the first ones."""

    since: int = Field(0, ge=0, le=100_000)


class LiveOut(BaseModel):
    """The animal now, and what there was to see on the way."""

    hours: float
    clock: str
    place: str | None
    open_tags: list[str]
    tags: list[str]
    frames: int  # in all
    film: FilmOut


class DrugOut(BaseModel):
    """A drug that can be given."""

    name: str
    what: str
    source: str


class Choices(BaseModel):
    """What can be done."""

    compiled: bool  # False: the first answer takes half a minute
    brain: BrainOut
    places: dict[str, dict[str, Any]]
    cues: list[str]
    drugs: list[DrugOut]
    mechanisms: dict[str, str]


class ProtocolOut(BaseModel):
    """What was done, as a protocol."""

    yaml: str


class CompareIn(BaseModel):
    """Asks to do to many animals what was done to these."""

    animals: dict[Name, AnimalIn] = Field(min_length=1, max_length=4)
    count: Annotated[int, Field(ge=2, le=12)] = 8
    measure: Measure = "freezing"
    session: str | None = Field(None, max_length=100)
    earlier: str | None = Field(None, max_length=100)
    region: RegionName = "CA1"


class EstimateOut(BaseModel):
    """A mean with its 95 % interval over animals."""

    value: float | None
    low: float | None
    high: float | None


class CompareOut(BaseModel):
    """One value an animal; entry i of all treatments is the same animal."""

    measure: Measure
    values: dict[str, list[float | None]]
    means: dict[str, EstimateOut]
    difference: EstimateOut | None  # first minus second


@router.get("/choices")
def choices(lab: Lab) -> Choices:
    """Places, cues, drugs, mechanisms."""
    return Choices(
        compiled=lab.animals.compiled,
        brain=brain_out(Brain()),
        places={name: dict(place) for name, place in PLACES.items()},
        cues=list(CUES),
        drugs=[DrugOut(name=d.name, what=d.what, source=d.source) for d in DRUGS.values()],
        mechanisms={m.name: m.summary for m in Brain().mechanisms},
    )


@router.post("")
def look(asked: LookIn, lab: Lab) -> LiveOut:
    """The animal after all its actions."""
    mouse = _animal(asked, lab)
    film = mouse.film
    return LiveOut(
        hours=mouse.hours,
        clock=clock(mouse.hours),
        place=mouse.place,
        open_tags=list(mouse.open_tags),
        tags=list(mouse.frame.tags),
        frames=len(film.frames),
        film=film_out(film, asked.since),
    )


@router.post("/overlap")
def overlap(asked: AnimalIn, lab: Lab) -> OverlapOut:
    """Overlap of the ensembles of all its sessions."""
    return overlap_out(_animal(asked, lab).film)


@router.post("/protocol")
def protocol(asked: AnimalIn, lab: Lab) -> ProtocolOut:
    """What was done, as a protocol that `engramlab run` takes."""
    return ProtocolOut(yaml=_animal(asked, lab).protocol.to_yaml())


@router.post("/compare")
def comparison(asked: CompareIn, lab: Lab) -> CompareOut:
    """Do to many animals what was done to these."""
    treated = {name: _animal(one, lab) for name, one in asked.animals.items()}
    found = compare(
        treated,
        asked.count,
        measure=asked.measure,
        session=asked.session,
        earlier=asked.earlier,
        region=asked.region,
    )
    return compared(found)


def compared(found: Comparison) -> CompareOut:
    """A comparison as JSON."""
    names = list(found.values)
    return CompareOut(
        measure=found.measure,
        values={name: [finite(v) for v in values] for name, values in found.values.items()},
        means={name: _estimate(found.mean(name)) for name in names},
        difference=_estimate(found.difference(*names[:2])) if len(names) > 1 else None,
    )


def _estimate(found: Any) -> EstimateOut:
    return EstimateOut(value=finite(found.value), low=finite(found.low), high=finite(found.high))


def _animal(asked: AnimalIn, lab: Laboratory) -> LiveAnimal:
    places = None
    if asked.places is not None:
        places = {
            name: place.model_dump(exclude_defaults=True) for name, place in asked.places.items()
        }
    return lab.animals.get(asked.seed, places, asked.without, asked.actions)
