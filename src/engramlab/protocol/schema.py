"""The protocol language: what is done to animals, as checked data.

Field names carry their units. A protocol is read from YAML (`load_protocol`) or made in Python
(`Protocol.create`); both give the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, ValidationError, model_validator
from pydantic import Tag as PydanticTag

from engramlab.errors import ProtocolError

RegionName = Literal["EC", "DG", "CA3", "CA1", "PFC", "BLA"]
Population = Literal["context", "time", "cue", "negative", "positive"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Hours = Annotated[float, Field(gt=0, le=24 * 400, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
MOMENT_MINUTES = 0.5
MAX_DAYS = 365


class Checked(BaseModel):
    """Base of all parts of a protocol: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Context(Checked):
    """A place; `similarity` is the share of its features that it has in common with another."""

    similar_to: Name | None = None
    similarity: float = Field(0.0, ge=0, le=1)

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

    threshold: float = Field(0.3, gt=0, le=1)


class TaggedCells(Checked):
    """Cells of a region that carry a tag."""

    tagged: Name
    region: RegionName


class RandomCells(Checked):
    """A random share of a region or of one of its populations."""

    region: RegionName
    share: Share
    population: Population | None = None


class AsManyCells(Checked):
    """As many random cells as another set has in this region, optionally outside a set."""

    region: RegionName
    as_many_as: Name
    outside: Name | None = None
    population: Population | None = None


class GivenCells(Checked):
    """Cells given by their numbers within the region."""

    region: RegionName
    ids: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)


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

    title: str = ""
    without: tuple[str, ...] = ()
    parameters: dict[str, float] = Field(default_factory=dict)


class Step(Checked):
    """Something done at a time to some or all groups."""

    at_minutes: float | None = Field(None, ge=0)
    at_hours: float | None = Field(None, ge=0)
    at_days: float | None = Field(None, ge=0)
    groups: tuple[Name, ...] | None = None

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
            return self.at_minutes / 60.0
        return self.at_hours if self.at_hours is not None else 24.0 * (self.at_days or 0.0)


class Shocks(Checked):
    """Foot shocks within a session."""

    at_minutes: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    shock_mA: float = Field(gt=0, le=3)  # noqa: N815 - the unit is written as it is


class CuePresentations(Checked):
    """Presentations of a cue within a session."""

    name: Name
    at_minutes: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    seconds: float = Field(30.0, gt=0, le=3600)


class Reward(Checked):
    """Reward within a session, at some minutes or throughout."""

    at_minutes: tuple[Annotated[float, Field(ge=0)], ...] = ()
    whole: bool = False
    amount: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.whole == bool(self.at_minutes):
            raise ValueError("give either 'at_minutes' or 'whole: true'")
        return self


class Light(Checked):
    """Light on a set of cells during a session."""

    cells: Name
    effect: Literal["drive", "silence"]
    from_minutes: float = Field(0.0, ge=0)
    to_minutes: float | None = Field(None, gt=0)


class SessionStep(Step):
    """The animal is in a place; a probe runs on a copy of it."""

    do: Literal["session"]
    name: Name
    context: Name
    minutes: float = Field(ge=MOMENT_MINUTES, le=24 * 60)
    shocks: Shocks | None = None
    cue: CuePresentations | None = None
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
            ("cue", self.cue.at_minutes if self.cue else ()),
            ("reward", self.reward.at_minutes if self.reward else ()),
        ):
            late = [time for time in times if time >= self.minutes]
            if late:
                raise ValueError(
                    f"'{field}' at minute {late[0]:g} is outside the session, which lasts "
                    f"{self.minutes:g} minutes"
                )
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


class TagStep(Step):
    """A window in which active cells are labelled."""

    do: Literal["tag"]
    name: Name
    hours: Hours


class VirusStep(Step):
    """Cells are made more or less excitable: CREB, hM3Dq or hM4Di with its ligand."""

    do: Literal["virus"]
    cells: Name
    what: Literal["CREB", "hM3Dq", "hM4Di"] = "CREB"
    excitability: float = Field(ge=-5, le=5)
    hours: Hours | None = None

    @model_validator(mode="after")
    def _sign(self) -> Self:
        if (self.what == "hM4Di") != (self.excitability < 0):
            raise ValueError(
                f"'excitability' is {self.excitability:g}: negative for hM4Di, positive for CREB "
                "and hM3Dq"
            )
        return self


class DrugStep(Step):
    """A drug acts for some hours."""

    do: Literal["drug"]
    drug: Literal["anisomycin"]
    hours: Hours


class _CellsOrRegion(Step):
    region: RegionName | tuple[RegionName, ...] | None = None
    cells: Name | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.region is None) == (self.cells is None):
            raise ValueError("give either 'region' or 'cells'")
        return self

    @property
    def regions(self) -> tuple[RegionName, ...]:
        """The regions named; empty when cells are."""
        if self.region is None:
            return ()
        return (self.region,) if isinstance(self.region, str) else self.region


class LesionStep(_CellsOrRegion):
    """Regions or cells are destroyed."""

    do: Literal["lesion"]


class SilenceStep(_CellsOrRegion):
    """Regions or cells are inactivated for some hours."""

    do: Literal["silence"]
    hours: Hours


class ReplayBlockStep(Step):
    """Sleep without replay for some hours."""

    do: Literal["replay_block"]
    hours: Hours


AnyStep = Annotated[
    SessionStep | TagStep | VirusStep | DrugStep | LesionStep | SilenceStep | ReplayBlockStep,
    Field(discriminator="do"),
]


class Protocol(Checked):
    """A whole protocol: places, cues, tags, sets of cells, groups and one time line.

    Make one with `load_protocol` (YAML or built-in) or `Protocol.create`.
    """

    engramlab: Literal[1]
    name: Name
    title: str = ""
    description: str = ""
    citation: str = ""
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
        """The time line in words, one line a step."""
        lines = [self.title or self.name]
        for step in sorted(self.timeline, key=lambda step: step.start_hours):
            days, hours = divmod(step.start_hours, 24)
            who = ", ".join(step.groups) if step.groups else "all groups"
            lines.append(f"  day {days:g} {9 + hours:05.2f} h  {_in_words(step)}  [{who}]")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        return (
            f"<b>{escape(self.title or self.name)}</b><br>groups: "
            f"{escape(', '.join(self.groups))}<pre>{escape(self.describe())}</pre>"
        )


def _in_words(step: Step) -> str:
    match step:
        case SessionStep():
            kind = "probe" if step.probe else "session"
            text = f"{kind} '{step.name}' in {step.context}, {step.minutes:g} min"
            if step.shocks:
                text += f", {len(step.shocks.at_minutes)} x {step.shocks.shock_mA:g} mA"
            for light in step.light:
                text += f", light {light.effect}s {light.cells}"
            return text
        case TagStep():
            return f"tag '{step.name}' open for {step.hours:g} h"
        case VirusStep():
            return f"{step.what} in {step.cells}"
        case DrugStep():
            return f"{step.drug} for {step.hours:g} h"
        case LesionStep() | SilenceStep():
            return f"{step.do} of {step.cells or ', '.join(step.regions)}"
    return f"replay blocked for {getattr(step, 'hours', 0):g} h"
