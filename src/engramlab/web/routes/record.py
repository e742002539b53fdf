"""What there is to see of one animal of a run: every neuron, remade by running it again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from engramlab.brain import Brain
from engramlab.errors import ParameterError, Problem
from engramlab.live import Film
from engramlab.live import film as film_of
from engramlab.protocol import load_protocol
from engramlab.web.films import FilmOut, OverlapOut, film_out, overlap_out
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.limits import MAX_ANIMALS

KEPT = 3  # films, of about 7 MB each
router = APIRouter(prefix="/runs", tags=["record"])
Id = Annotated[str, Path(max_length=130)]
Group = Annotated[str, Query(max_length=100)]
Number = Annotated[int, Query(ge=0, lt=MAX_ANIMALS)]
_films: OrderedDict[tuple[str, str, str, int], Film] = OrderedDict()
_lock = Lock()


class AnimalFilm(BaseModel):
    """An animal of a run."""

    run: str
    group: str
    animal: int
    seed: int
    same: bool  # False: the defaults have changed since, so it is not the animal of the run
    tags: list[str]
    film: FilmOut


@router.get("/{id}/film")
def film(id: Id, group: Group, animal: Number, lab: Lab) -> AnimalFilm:
    """Every neuron of an animal through the run."""
    found, same = _film(id, group, animal, lab)
    return AnimalFilm(
        run=id,
        group=group,
        animal=animal,
        seed=found.seed,
        same=same,
        tags=list(found.protocol.tags),
        film=film_out(found),
    )


@router.get("/{id}/film/overlap")
def overlap(id: Id, group: Group, animal: Number, lab: Lab) -> OverlapOut:
    """Overlap of the ensembles of all its sessions."""
    return overlap_out(_film(id, group, animal, lab)[0])


def _film(id: str, group: str, animal: int, lab: Laboratory) -> tuple[Film, bool]:
    run = lab.results.run(id)
    about = run.provenance
    protocol = load_protocol(run.path / "protocol.yaml")
    if group not in protocol.groups or animal >= int(about["animals"]):
        raise ParameterError(
            Problem(
                f"animal {animal} of group '{group[:80]}'",
                "is not in this run",
                f"animals 0 to {int(about['animals']) - 1} of {', '.join(protocol.groups)}",
            )
        )
    brain = Brain().with_parameters(about["brain"]["changed"])
    brain = brain.without(*about["brain"]["switched_off"])
    key = (id, str(about.get("date")), group, animal)
    with _lock:
        if key not in _films:
            _films[key] = film_of(protocol, group, animal, int(about["seed"]), brain)
            while len(_films) > KEPT:
                _films.popitem(last=False)
        _films.move_to_end(key)
        return _films[key], brain.digest() == about["brain"]["digest"]
