"""What happens to an animal within a session: shocks, cues, reward and light."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from engramlab.protocol.quantities import MOMENT_MINUTES, Checked, Minute, Name, Number, moment_of


def _one_a_moment(what: str, minutes: tuple[float, ...]) -> None:
    taken: dict[int, float] = {}
    for minute in minutes:
        moment = moment_of(minute)
        if moment in taken:
            raise ValueError(
                f"{what} at minutes {taken[moment]:g} and {minute:g} fall into the same moment of "
                "30 s, which holds one"
            )
        taken[moment] = minute


class Shocks(Checked):
    """Foot shocks."""

    at_minutes: tuple[Minute, ...] = Field(min_length=1)
    shock_mA: Number = Field(gt=0, le=3)  # noqa: N815 - the unit is written as it is

    @model_validator(mode="after")
    def _one_a_moment(self) -> Self:
        _one_a_moment("shocks", self.at_minutes)
        return self


class CuePresentations(Checked):
    """Presentations of a cue; each fills the 30 s moments that it touches."""

    name: Name
    at_minutes: tuple[Minute, ...] = Field(min_length=1)
    seconds: Number = Field(30.0, gt=0, le=3600)

    def moments(self, minute: float) -> range:
        """Moments of 30 s that a presentation at this minute fills."""
        length = max(1, math.ceil(self.seconds / 60.0 / MOMENT_MINUTES - 1e-9))
        return range(moment_of(minute), moment_of(minute) + length)


def no_overlap(cues: tuple[CuePresentations, ...]) -> None:
    """Raise a ValueError when two cues are on in one moment, which holds one."""
    taken: dict[int, str] = {}
    for cue in cues:
        for minute in cue.at_minutes:
            for moment in cue.moments(minute):
                other = taken.setdefault(moment, cue.name)
                if other != cue.name:
                    raise ValueError(
                        f"cues '{other}' and '{cue.name}' fall into the same moment of 30 s "
                        f"(minute {minute:g}), which holds one"
                    )


class Reward(Checked):
    """Reward at some minutes or throughout."""

    at_minutes: tuple[Minute, ...] = ()
    whole: bool = False
    amount: Number = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.whole == bool(self.at_minutes):
            raise ValueError("give either 'at_minutes' or 'whole: true'")
        _one_a_moment("rewards", self.at_minutes)
        return self


class Light(Checked):
    """Light on a set of cells, by default throughout."""

    cells: Name
    effect: Literal["drive", "silence"]
    from_minutes: Number = Field(0.0, ge=0)
    to_minutes: Number | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _whole_moments(self) -> Self:
        if self.from_minutes % MOMENT_MINUTES or (self.to_minutes or 0.0) % MOMENT_MINUTES:
            raise ValueError(
                "light is switched between moments of 30 s: give 'from_minutes' and 'to_minutes' "
                "in multiples of 0.5"
            )
        return self
