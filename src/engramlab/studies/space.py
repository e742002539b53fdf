"""The space of a fit: each parameter's range of biological sense laid on 0 to 1.

Rates and time constants span orders of magnitude, so that a step has to be a factor:

- a range that starts above 0 and spans a factor of ten or more is logarithmic;
- one that starts at 0 and reaches far beyond the default is ``log(1 + value / default)``, which is
  linear near 0 and logarithmic far from it;
- any other is linear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.brain import declared_parameters
from engramlab.brain.mechanism import Parameter
from engramlab.errors import ParameterError, Problem
from engramlab.protocol.messages import did_you_mean

DIGITS = 4  # to which a value is rounded, so that a file holds exactly what was scored
FREE = ("fitted", "by hand")  # how the source of a number begins that no experiment gives
WIDE = 10.0  # span of a range that asks for factors
Scale = Literal["linear", "logarithmic", "logarithmic from 0"]


@dataclass(frozen=True)
class Axis:
    """One parameter of a fit.

    Parameters
    ----------
    name, owner, unit, source : str
    low, high, default : float
    """

    name: str
    owner: str
    low: float
    high: float
    default: float
    unit: str
    source: str

    @classmethod
    def of(cls, owner: str, parameter: Parameter) -> Axis:
        """Make the axis of a declared parameter."""
        p = parameter
        return cls(p.name, owner, p.low, p.high, p.value, p.unit, p.source)

    @property
    def scale(self) -> Scale:
        """How the range is laid out."""
        if self.low > 0:
            return "logarithmic" if self.high / self.low >= WIDE else "linear"
        far = self.low == 0 and 0 < self.default <= self.high / (WIDE / 2)
        return "logarithmic from 0" if far else "linear"

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the lower and 1 at the upper end of the range."""
        first, last = self._stretched(self.low), self._stretched(self.high)
        return (self._stretched(value) - first) / (last - first)

    def value(self, place: float) -> float:
        """The value at a place, rounded, never outside the range."""
        first, last = self._stretched(self.low), self._stretched(self.high)
        stretched = first + min(max(place, 0.0), 1.0) * (last - first)
        match self.scale:
            case "logarithmic":
                value = math.exp(stretched)
            case "logarithmic from 0":
                value = self.default * math.expm1(stretched)
            case _:
                value = stretched
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def _stretched(self, value: float) -> float:
        match self.scale:
            case "logarithmic":
                return math.log(value)
            case "logarithmic from 0":
                return math.log1p(value / self.default)
        return value


def free_parameters() -> tuple[str, ...]:
    """Names of the parameters that no experiment gives: their source says "fitted" or "by hand".

    Learning parameters of projections that do not learn have no effect and are left out.
    """
    still = {projection.name for projection in Brain().projections if projection.rule == "fixed"}
    return tuple(
        name
        for name, (owner, parameter) in declared_parameters().items()
        if parameter.source.startswith(FREE) and owner not in still
    )


def axes_named(names: Sequence[str]) -> tuple[Axis, ...]:
    """Axes of a fit.

    Parameters
    ----------
    names : sequence of str
        Parameters, or mechanisms, regions and projections for all free parameters of theirs (all
        parameters where none is free); without names all `free_parameters`.

    Raises
    ------
    ParameterError
        For a name that is none of these.
    """
    declared = declared_parameters()
    free = free_parameters()
    owned: dict[str, list[str]] = {}
    for name, (owner, _) in declared.items():
        owned.setdefault(owner, []).append(name)
    chosen: list[str] = []
    problems = []
    for name in names or free:
        if name in declared:
            chosen.append(name)
        elif name in owned:
            chosen += [own for own in owned[name] if own in free] or owned[name]
        else:
            hint = did_you_mean(name, [*declared, *owned])
            problems.append(
                Problem(
                    f"parameter '{name}'",
                    "is unknown",
                    f"{hint}a parameter or what it belongs to; 'engramlab mechanisms' lists them",
                )
            )
    if problems:
        raise ParameterError(problems)
    return tuple(Axis.of(*declared[name]) for name in dict.fromkeys(chosen))


def places_of(axes: Sequence[Axis], brain: Brain) -> NDArray[np.float64]:
    """Where a brain lies in the space."""
    values = brain.parameters
    return np.array([axis.place(values[axis.name]) for axis in axes])


def brain_at(axes: Sequence[Axis], places: Sequence[float], start: Brain) -> Brain:
    """The brain at a place: `start` with the parameters of the space changed."""
    values = {axis.name: axis.value(place) for axis, place in zip(axes, places, strict=True)}
    return start.with_parameters(values)
