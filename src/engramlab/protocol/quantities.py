"""Numbers, names and texts of which a protocol is made, and the base of all its parts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

RegionName = Literal["EC", "DG", "CA3", "CA1", "PFC", "BLA"]
Population = Literal["context", "time", "cue", "negative", "positive"]
POPULATIONS: dict[RegionName, tuple[Population, ...]] = {
    "EC": ("context", "time", "cue"),
    "BLA": ("negative", "positive"),
}
# What each does stands in `engramlab.brain.drugs`.
DrugName = Literal[
    "AM251",
    "anisomycin",
    "BDNF-antisense",
    "c646",
    "CI-994",
    "corticosterone",
    "cycloheximide",
    "GluA2-3Y",
    "ifenprodil",
    "THL",
    "lactacystin",
    "LY293558",
    "metyrapone",
    "midazolam",
    "mifepristone",
    "NVP-AAM077",
    "PKA-activator",
    "propranolol",
    "rapamycin",
    "Zif268-antisense",
]
# Pairs of regions with a path between them, as in `engramlab.brain.anatomy`.
ProjectionName = Literal[
    "EC-DG",
    "DG-CA3",
    "EC-CA3",
    "CA3-CA3",
    "CA3-CA1",
    "EC-CA1",
    "CA1-PFC",
    "EC-PFC",
    "PFC-PFC",
    "EC-BLA",
    "CA1-BLA",
    "PFC-BLA",
    "PFC-CA1",
]
MOMENT_MINUTES = 0.5
MAX_DAYS = 365


class Checked(BaseModel):
    """Base of all parts of a protocol: immutable, no unknown fields, no infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def plain_number(value: Any) -> Any:
    """Refuse what pydantic would turn into a number: ``true`` and ``'5'`` are no times."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("plain_number", "a number is needed")
    return value


Number = Annotated[float, BeforeValidator(plain_number)]
WholeNumber = Annotated[int, BeforeValidator(plain_number)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
# Control characters would not survive being written to YAML and read again.
Text = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]
Minute = Annotated[Number, Field(ge=0)]
Hours = Annotated[Number, Field(gt=0, le=24 * 400)]
Share = Annotated[Number, Field(gt=0, le=1)]


def to_nanohour(hours: float) -> float:
    """Hours rounded, so that one time is one number: 0.3 days is 7.2 hours, 0.1 + 0.2 is 0.3."""
    return round(hours, 9)


def moment_of(minute: float) -> int:
    """Number of the 30 s moment, from 0, in which a minute of a session lies."""
    return int(minute / MOMENT_MINUTES + 1e-9)
