"""Frames of an animal as JSON: numbers of all neurons packed, names plain."""

from __future__ import annotations

import base64
import math

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engramlab.brain import Brain
from engramlab.engine.animal_record import STATE
from engramlab.live import Film, Frame
from engramlab.protocol.describing import clock

LOW, STEP = -4.0, 1 / 8192  # a number is LOW + STEP times an unsigned 16-bit number


class RegionOut(BaseModel):
    """A region: its neurons come in this order."""

    name: str
    cells: int
    populations: dict[str, tuple[int, int]]


class ProjectionOut(BaseModel):
    """A projection: `strength` comes in this order."""

    name: str
    pre: str
    post: str


class BrainOut(BaseModel):
    """What the picture is drawn from."""

    regions: list[RegionOut]
    projections: list[ProjectionOut]
    low: float = LOW
    step: float = STEP


class FrameOut(BaseModel):
    """A frame; texts in base64 hold a little-endian 16-bit number or a bit for each neuron."""

    kind: str
    hour: float
    clock: str
    title: str
    session: str
    context: str
    freezing: float | None
    moments: list[float]
    valence: list[tuple[float, float]]
    activity: str | None  # None where all are 0
    peak: str | None
    driven: list[int]
    darkened: list[int]
    silenced: str | None
    state: dict[str, str]
    tags: dict[str, str | None]
    strength: dict[str, list[tuple[float, float, float]]]
    replays: int


class FilmOut(BaseModel):
    """Frames of one animal."""

    brain: BrainOut
    frames: list[FrameOut]


class OverlapOut(BaseModel):
    """Overlap over chance of the ensembles of sessions, by region; None where one is empty."""

    sessions: list[str]
    regions: dict[str, list[list[float | None]]]


def brain_out(brain: Brain) -> BrainOut:
    """Names and sizes of the brain's parts."""
    return BrainOut(
        regions=[
            RegionOut(name=r.name, cells=r.cells, populations=r.populations) for r in brain.regions
        ],
        projections=[
            ProjectionOut(name=p.name, pre=p.pre, post=p.post)
            for p in brain.projections
            if not p.sleep_only
        ],
    )


def film_out(film: Film, since: int = 0) -> FilmOut:
    """A film, or what came after its first frames."""
    carried = [i for i, p in enumerate(film.brain.projections) if not p.sleep_only]
    return FilmOut(
        brain=brain_out(film.brain),
        frames=[_frame(frame, carried) for frame in film.frames[since:]],
    )


def overlap_out(film: Film) -> OverlapOut:
    """Overlap of all sessions in every region but the input."""
    regions = {}
    for region in film.brain.regions[1:]:
        table = film.overlap(region.name).to_numpy()
        regions[region.name] = [[finite(value) for value in row] for row in table]
    return OverlapOut(sessions=list(film.sessions), regions=regions)


def finite(value: float) -> float | None:
    """A number that JSON can hold."""
    return round(float(value), 4) if math.isfinite(value) else None


def _numbers(values: NDArray[np.float32]) -> str | None:
    if not values.any():
        return None
    packed = np.clip(np.rint((values - LOW) / STEP), 0, 65535).astype("<u2")
    return base64.b64encode(packed.tobytes()).decode()


def _bits(mask: NDArray[np.bool_]) -> str | None:
    if not mask.any():
        return None
    return base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode()


def _frame(frame: Frame, carried: list[int]) -> FrameOut:
    return FrameOut(
        kind=frame.kind,
        hour=frame.hour,
        clock=clock(frame.hour),
        title=frame.title,
        session=frame.session,
        context=frame.context,
        freezing=finite(frame.freezing),
        moments=[round(float(value), 2) for value in frame.freezing_by_moment],
        valence=[(round(float(n), 4), round(float(p), 4)) for n, p in frame.valence_by_moment],
        activity=_numbers(frame.activity),
        peak=_numbers(frame.peak),
        driven=np.flatnonzero(frame.lit > 0).tolist(),
        darkened=np.flatnonzero(frame.lit < 0).tolist(),
        silenced=_bits(frame.silenced),
        state={name: _numbers(frame.neuron(name)) or "" for name in STATE},
        tags={name: _bits(mask) for name, mask in frame.tags.items()},
        strength={
            name: [_three(values[q]) for q in carried] for name, values in frame.strength.items()
        },
        replays=frame.replays,
    )


def _three(values: NDArray[np.float32]) -> tuple[float, float, float]:
    strength, connectivity, outward = (round(float(value), 4) for value in values)
    return strength, connectivity, outward
