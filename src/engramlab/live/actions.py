"""What can be done to a live animal, one model an action: for Python, a page and a tour."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from engramlab.protocol.quantities import (
    MOMENT_MINUTES,
    Checked,
    DrugName,
    Hours,
    Name,
    Number,
    Population,
    ProjectionName,
    RegionName,
    Share,
    WholeNumber,
)
from engramlab.protocol.schema import Regions

MAX_MOMENTS = 120  # of one stay: an hour
Moments = Annotated[WholeNumber, Field(ge=1, le=MAX_MOMENTS)]


class Target(Checked):
    """Cells of a region: those with a tag, a random share, or as many random ones without it."""

    region: RegionName
    population: Population | None = None
    tagged: Name | None = None
    share: Share | None = None
    as_many_as: Name | None = None  # a tag

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [self.tagged, self.share, self.as_many_as]
        if sum(kind is not None for kind in given) != 1:
            raise ValueError("give one of 'tagged', 'share' and 'as_many_as'")
        return self


class Beam(Checked):
    """Light on cells."""

    cells: Target
    effect: Literal["drive", "silence"] = "drive"


class Enter(Checked):
    """Put the animal into a place; time passes there with `stay`."""

    do: Literal["enter"]
    place: Name


class Stay(Checked):
    """Stay in the place for some moments of 30 s.

    A shock comes in the first of them; cue, reward and light last throughout.
    """

    do: Literal["stay"]
    moments: Moments = 1
    shock_mA: Annotated[Number, Field(ge=0, le=3)] = 0.0  # noqa: N815 - the unit is written as it is
    cue: Name | None = None
    reward: bool = False
    light: tuple[Beam, ...] = Field((), max_length=4)


class Leave(Checked):
    """Back to the home cage; any other action but `stay` does the same."""

    do: Literal["leave"]


class Probe(Checked):
    """Test a copy of the animal: the animal itself goes on as if never tested."""

    do: Literal["probe"]
    place: Name
    minutes: Annotated[Number, Field(ge=MOMENT_MINUTES, le=30, multiple_of=MOMENT_MINUTES)] = 3.0
    cue: Name | None = None
    light: tuple[Beam, ...] = Field((), max_length=4)


class Wait(Checked):
    """Let hours pass, or nights: to 9:00 of the morning after the last of them."""

    do: Literal["wait"]
    hours: Annotated[Number, Field(gt=0, le=24 * 120)] | None = None
    nights: Annotated[WholeNumber, Field(ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.hours is None) == (self.nights is None):
            raise ValueError("give either 'hours' or 'nights'")
        return self


class OpenTag(Checked):
    """From now on cells that fire in a session are labelled (off dox, or 4-OHT)."""

    do: Literal["open_tag"]
    tag: Name = "engram"


class CloseTag(Checked):
    """No more cells are labelled."""

    do: Literal["close_tag"]
    tag: Name = "engram"


class Inject(Checked):
    """Give a drug; see `engramlab.brain.drugs`."""

    do: Literal["inject"]
    drug: DrugName
    region: Regions | None = None
    amount: Annotated[Number, Field(gt=0, le=3)] = 1.0
    hours: Hours = 6.0


class Infect(Checked):
    """Express CREB, a chemogenetic receptor with its ligand, or KAT5 in cells, for good."""

    do: Literal["infect"]
    cells: Target
    what: Literal["CREB", "hM3Dq", "hM4Di", "KAT5"] = "CREB"
    amount: Annotated[Number, Field(gt=0, le=5)] = 0.8


class Stress(Checked):
    """Stress."""

    do: Literal["stress"]
    intensity: Annotated[Number, Field(gt=0, le=1)] = 1.0
    hours: Hours = 0.5


class _Place(Checked):
    region: Regions | None = None
    cells: Target | None = None


class Silence(_Place):
    """Inactivate regions, cells or the fibres of a projection for some hours."""

    do: Literal["silence"]
    projection: ProjectionName | None = None
    hours: Hours = 1.0

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(part is not None for part in (self.region, self.cells, self.projection)) != 1:
            raise ValueError("give one of 'region', 'cells' and 'projection'")
        return self


class Lesion(_Place):
    """Destroy regions or cells."""

    do: Literal["lesion"]

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.region is None) == (self.cells is None):
            raise ValueError("give either 'region' or 'cells'")
        return self


class KeepAwake(Checked):
    """No sleep for some hours."""

    do: Literal["keep_awake"]
    hours: Hours = 6.0


class BlockReplay(Checked):
    """Sleep without replay for some hours."""

    do: Literal["block_replay"]
    hours: Hours = 24.0


class House(Checked):
    """Housing that multiplies the birth of granule cells (running wheel, enrichment)."""

    do: Literal["house"]
    neurogenesis: Annotated[Number, Field(ge=0, le=10)]
    hours: Hours


Action = Annotated[
    Enter
    | Stay
    | Leave
    | Probe
    | Wait
    | OpenTag
    | CloseTag
    | Inject
    | Infect
    | Stress
    | Silence
    | Lesion
    | KeepAwake
    | BlockReplay
    | House,
    Field(discriminator="do"),
]
ACTION: TypeAdapter[Action] = TypeAdapter(Action)
