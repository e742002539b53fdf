"""The protocol language: what is done to animals, as checked data.

Field names carry their units. A protocol is read from YAML (`load_protocol`) or made in Python
(`Protocol.create`); both give the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, Discriminator, Field, ValidationError, model_validator
from pydantic import Tag as PydanticTag

from engramlab.errors import ProtocolError
from engramlab.protocol.quantities import (
    MAX_DAYS,
    POPULATIONS,
    Checked,
    DrugName,
    Hours,
    Name,
    Number,
    Population,
    ProjectionName,
    RegionName,
    Share,
    Text,
    WholeNumber,
    plain_number,
    to_nanohour,
)

# Part of what other folders read from here, beside the models.
from engramlab.protocol.quantities import MOMENT_MINUTES as MOMENT_MINUTES
from engramlab.protocol.within_session import CuePresentations, Light, Reward, Shocks, no_overlap


class Context(Checked):
    """A place; `similarity` is the share of its features that it has in common with another."""

    similar_to: Name | None = None
    similarity: Number = Field(0.0, ge=0, le=1)

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if self.similar_to is None and "similarity" in self.model_fields_set:
            raise ValueError("'similarity' needs 'similar_to', the context it is similar to")
        if self.similar_to is not None and "similarity" not in self.model_fields_set:
            raise ValueError("'similar_to' needs 'similarity', from 0 to 1")
        return self


class Cue(Checked):
    """A cue such as a tone."""


class Tag(Checked):
    """A label that cells get while its window is open."""

    threshold: Number = Field(0.3, gt=0, le=1)


class _CellsOfRegion(Checked):
    region: RegionName
    population: Population | None = None

    @model_validator(mode="after")
    def _population_of_region(self) -> Self:
        known = POPULATIONS.get(self.region, ())
        if self.population is not None and self.population not in known:
            has = ", ".join(known) or "none"
            raise ValueError(f"{self.region} has no population '{self.population}' (it has {has})")
        return self


class TaggedCells(_CellsOfRegion):
    """Cells of a region, or of one of its populations, that carry a tag."""

    tagged: Name


class RandomCells(_CellsOfRegion):
    """A random share of a region or of one of its populations."""

    share: Share


class AsManyCells(_CellsOfRegion):
    """As many random cells as another set has in this region, optionally outside a set."""

    as_many_as: Name
    outside: Name | None = None


class GivenCells(Checked):
    """Cells given by their numbers within the region."""

    region: RegionName
    ids: tuple[Annotated[WholeNumber, Field(ge=0)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("'ids' names a cell twice")
        return self


def _kind_of_cells(content: Any) -> str | None:
    """The kind of a cell set, from the field that only this kind has."""
    has = content.__contains__ if isinstance(content, Mapping) else partial(hasattr, content)
    return next((kind for kind in ("tagged", "share", "as_many_as", "ids") if has(kind)), None)


CellSet = Annotated[
    Annotated[TaggedCells, PydanticTag("tagged")]
    | Annotated[RandomCells, PydanticTag("share")]
    | Annotated[AsManyCells, PydanticTag("as_many_as")]
    | Annotated[GivenCells, PydanticTag("ids")],
    Discriminator(
        _kind_of_cells,
        custom_error_type="cell_set_kind",
        custom_error_message="says nothing of which cells they are",
    ),
]


class Group(Checked):
    """A group of animals; it may differ in the brain as well as in what is done to it."""

    title: Text = ""
    without: tuple[str, ...] = ()
    parameters: dict[str, Number] = Field(default_factory=dict)


Regions = RegionName | Annotated[tuple[RegionName, ...], Field(min_length=1)]
Projections = ProjectionName | Annotated[tuple[ProjectionName, ...], Field(min_length=1)]
Named = TypeVar("Named", bound=str)


def listed(value: Named | tuple[Named, ...] | None) -> tuple[Named, ...]:
    """One name, several or none as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


class Step(Checked):
    """Something done at a time to some or all groups."""

    at_minutes: Number | None = Field(None, ge=0)
    at_hours: Number | None = Field(None, ge=0)
    at_days: Number | None = Field(None, ge=0)
    groups: tuple[Name, ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        given = [
            name
            for name in ("at_minutes", "at_hours", "at_days")
            if getattr(self, name) is not None
        ]
        if len(given) != 1:
            found = "none" if not given else " and ".join(given)
            raise ValueError(f"give exactly one of at_minutes, at_hours, at_days (found {found})")
        if self.start_hours > 24 * MAX_DAYS:
            raise ValueError(f"starts after day {MAX_DAYS}, the longest protocol")
        return self

    @property
    def start_hours(self) -> float:
        """Start in hours since 9:00 on day 0."""
        if self.at_minutes is not None:
            return to_nanohour(self.at_minutes / 60.0)
        return to_nanohour(self.at_hours if self.at_hours is not None else 24 * (self.at_days or 0))


class SessionStep(Step):
    """The animal is in a place; a probe runs on a copy of it."""

    do: Literal["session"]
    name: Name
    context: Name
    minutes: Number = Field(ge=MOMENT_MINUTES, le=24 * 60)
    shocks: Shocks | None = None
    cue: CuePresentations | Annotated[tuple[CuePresentations, ...], Field(min_length=1)] | None = (
        None
    )
    reward: Reward | None = None
    light: tuple[Light, ...] = ()
    probe: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.minutes % MOMENT_MINUTES:
            raise ValueError(
                f"'minutes' is {self.minutes:g}; time moves in moments of 30 s: give a multiple "
                "of 0.5"
            )
        for field, times in (
            ("shocks", self.shocks.at_minutes if self.shocks else ()),
            ("reward", self.reward.at_minutes if self.reward else ()),
        ):
            late = [minute for minute in times if minute >= self.minutes]
            if late:
                raise ValueError(
                    f"'{field}' at minute {late[0]:g} is outside the session, which lasts "
                    f"{self.minutes:g} minutes"
                )
        for cue in self.cues:
            if max(cue.at_minutes) + cue.seconds / 60 > self.minutes + 1e-9:
                raise ValueError(
                    f"'cue' at minute {max(cue.at_minutes):g} for {cue.seconds:g} seconds "
                    f"outlasts the session of {self.minutes:g} minutes"
                )
        no_overlap(self.cues)
        for light in self.light:
            end = self.minutes if light.to_minutes is None else light.to_minutes
            if not light.from_minutes < end <= self.minutes:
                raise ValueError(
                    f"'light' from minute {light.from_minutes:g} to {end:g} does not lie within "
                    f"the session, which lasts {self.minutes:g} minutes"
                )
        if self.probe and (self.shocks or self.reward):
            raise ValueError("a probe changes nothing in the animal: no shocks or reward in it")
        return self

    @property
    def cues(self) -> tuple[CuePresentations, ...]:
        """The cues presented; empty without any."""
        if self.cue is None:
            return ()
        return (self.cue,) if isinstance(self.cue, CuePresentations) else self.cue


class TagStep(Step):
    """A window in which active cells are labelled."""

    do: Literal["tag"]
    name: Name
    hours: Hours


class VirusStep(Step):
    """Cells are changed by a virus.

    CREB, hM3Dq or hM4Di with its ligand shift `excitability`; KAT5, a histone acetyltransferase,
    raises `acetylation`.
    """

    do: Literal["virus"]
    cells: Name
    what: Literal["CREB", "hM3Dq", "hM4Di", "KAT5"] = "CREB"
    excitability: Number | None = Field(None, ge=-5, le=5)
    acetylation: Number | None = Field(None, gt=0, le=1)
    hours: Hours | None = None

    @model_validator(mode="after")
    def _sign(self) -> Self:
        needed, other = ("excitability", "acetylation")
        if self.what == "KAT5":
            needed, other = other, needed
        if getattr(self, needed) is None or getattr(self, other) is not None:
            raise ValueError(f"{self.what} takes '{needed}', and no '{other}'")
        if self.excitability is None:
            return self
        if (self.what == "hM4Di") != (self.excitability < 0):
            raise ValueError(
                f"'excitability' is {self.excitability:g}: negative for hM4Di, positive for CREB "
                "and hM3Dq"
            )
        return self


class DrugStep(Step):
    """A drug acts for some hours, in the whole brain or in some regions.

    `amount` 1 is a full local dose; what a drug does stands in `engramlab.brain.drugs`.
    """

    do: Literal["drug"]
    drug: DrugName
    region: Regions | None = None
    amount: Number = Field(1.0, gt=0, le=3)
    hours: Hours

    @property
    def regions(self) -> tuple[RegionName, ...]:
        """The regions named; empty for the whole brain."""
        return listed(self.region)


class StressStep(Step):
    """Stress for some hours: restraint, a predator, a bare platform."""

    do: Literal["stress"]
    intensity: Number = Field(1.0, gt=0, le=1)
    hours: Hours


class HousingStep(Step):
    """Housing that changes how many neurons are born in DG: 1 is a standard cage."""

    do: Literal["housing"]
    neurogenesis: Number = Field(ge=0, le=10)
    hours: Hours


class SleepDeprivationStep(Step):
    """The animal is kept awake for some hours."""

    do: Literal["sleep_deprivation"]
    hours: Hours


class _CellsOrRegion(Step):
    region: Regions | None = None
    cells: Name | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.region is None) == (self.cells is None):
            raise ValueError("give either 'region' or 'cells'")
        return self

    @property
    def regions(self) -> tuple[RegionName, ...]:
        """The regions named; empty when cells are."""
        return listed(self.region)


class LesionStep(_CellsOrRegion):
    """Regions or cells are destroyed."""

    do: Literal["lesion"]


class SilenceStep(Step):
    """Regions, cells or the fibres of projections are inactivated for some hours."""

    do: Literal["silence"]
    region: Regions | None = None
    cells: Name | None = None
    projection: Projections | None = None
    hours: Hours

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if sum(target is not None for target in (self.region, self.cells, self.projection)) != 1:
            raise ValueError("give one of 'region', 'cells', 'projection'")
        return self

    @property
    def regions(self) -> tuple[RegionName, ...]:
        """The regions named."""
        return listed(self.region)

    @property
    def projections(self) -> tuple[ProjectionName, ...]:
        """The projections named."""
        return listed(self.projection)


class ReplayBlockStep(Step):
    """Sleep without replay for some hours."""

    do: Literal["replay_block"]
    hours: Hours


AnyStep = Annotated[
    SessionStep
    | TagStep
    | VirusStep
    | DrugStep
    | StressStep
    | HousingStep
    | SleepDeprivationStep
    | LesionStep
    | SilenceStep
    | ReplayBlockStep,
    Field(discriminator="do"),
]


class Protocol(Checked):
    """A whole protocol: places, cues, tags, sets of cells, groups and one time line.

    Make one with `load_protocol` (YAML or built-in) or `Protocol.create`.
    """

    engramlab: Annotated[Literal[1], BeforeValidator(plain_number)]
    name: Name
    title: Text = ""
    description: Text = ""
    citation: Text = ""
    contexts: dict[Name, Context] = Field(min_length=1)
    cues: dict[Name, Cue] = Field(default_factory=dict)
    tags: dict[Name, Tag] = Field(default_factory=dict)
    cells: dict[Name, CellSet] = Field(default_factory=dict)
    groups: dict[Name, Group] = Field(min_length=1)
    timeline: tuple[AnyStep, ...]

    @classmethod
    def create(cls, **fields: Any) -> Protocol:
        """Make and check a protocol from Python values.

        Parameters
        ----------
        **fields
            The fields of the YAML format; ``engramlab=1`` is filled in.

        Raises
        ------
        ProtocolError
            With every problem found and the field it is in.
        """
        from engramlab.protocol.checks import check
        from engramlab.protocol.messages import problems_of

        content = {"engramlab": 1, **fields}
        try:
            protocol = cls.model_validate(content)
        except ValidationError as error:
            raise ProtocolError(problems_of(error, content, "protocol")) from None
        check(protocol, "protocol")
        return protocol

    def to_yaml(self) -> str:
        """The protocol as YAML that `load_protocol` reads back to an equal protocol."""
        from io import StringIO

        from ruamel.yaml import YAML

        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style = False
        writer.width = 1_000_000  # where it folds a text, two spaces would become one
        writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        stream = StringIO()
        content = self.model_dump(mode="json", exclude_defaults=True)
        for name in ("contexts", "cues", "tags", "cells", "groups"):
            if getattr(self, name):
                content[name] = {
                    key: value.model_dump(mode="json", exclude_unset=True)
                    for key, value in getattr(self, name).items()
                }
        writer.dump({"engramlab": self.engramlab, **content}, stream)
        return stream.getvalue()

    def describe(self) -> str:
        """The groups and the time line in words."""
        from engramlab.protocol.describing import in_words

        return in_words(self)

    def _repr_html_(self) -> str:
        from engramlab.protocol.describing import as_html

        return as_html(self)
