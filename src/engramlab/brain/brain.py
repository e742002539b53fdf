"""The brain as one immutable value: anatomy, mechanisms, parameters, switches."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from engramlab.brain import mechanisms
from engramlab.brain.anatomy import PROJECTIONS, REGIONS, Projection, Region
from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.brain.sizes import SIZES, STANDARD
from engramlab.errors import ParameterError, Problem

CELLS_OVER_ACTIVE = 1.3  # cells of an engram over the sum of their rates
# Field -> (unit, source, lowest, highest value that makes sense).
REGION_NUMBERS = {
    "active": ("sum of rates", "range: published shares of engram cells (recalled)", 1.0, 200.0),
    "threshold": (
        "drive",
        "by hand, of BLA fitted: docs/model.md; range: a natural pattern gives a drive of about 1",
        0.1,
        4.0,
    ),
    "slope": ("drive", "by hand; range: from all-or-none to linear", 0.05, 5.0),
}
PROJECTION_NUMBERS = {
    "base_drive": ("drive", "assumed; range: none to twice a natural drive", 0.0, 2.0),
    "learned_drive": (
        "drive",
        "by hand: docs/model.md; range: saturated potentiation doubles to "
        "quadruples transmission (LTP 150-300 %, recalled); more onto amygdala, which has no "
        "other input",
        0.0,
        4.0,
    ),
    "learning_rate": (
        "1",
        "by hand: docs/model.md; range: none to fastest",
        0.0,
        2.0,
    ),
}
AMYGDALA_LEARNED_DRIVE = 16.0


@cache
def all_mechanisms() -> tuple[Mechanism, ...]:
    """Every mechanism module found in `engramlab.brain.mechanisms`, by name."""
    names = sorted(info.name for info in iter_modules(mechanisms.__path__))
    modules = (import_module(f"{mechanisms.__name__}.{name}") for name in names)
    return tuple(cast(Mechanism, module.MECHANISM) for module in modules)


@cache
def declared_parameters() -> dict[str, tuple[str, Parameter]]:
    """Name of every parameter -> (what it belongs to, its declaration), in display order."""
    declared: dict[str, tuple[str, Parameter]] = {}
    for mechanism in all_mechanisms():
        for parameter in mechanism.parameters:
            declared[parameter.name] = (mechanism.name, parameter)
    Numbers = dict[str, tuple[str, str, float, float]]
    parts: tuple[tuple[Iterable[Region | Projection], Numbers], ...] = (
        (REGIONS, REGION_NUMBERS),
        (PROJECTIONS, PROJECTION_NUMBERS),
    )
    for items, numbers in parts:
        for item in items:
            for field, (unit, source, low, high) in numbers.items():
                name, value = f"{item.name}.{field}", float(getattr(item, field))
                if field == "active" and isinstance(item, Region) and item.engram_percent:
                    low, high = (
                        item.cells * percent / 100 / CELLS_OVER_ACTIVE
                        for percent in item.engram_percent
                    )
                if field == "learned_drive" and isinstance(item, Projection) and item.post == "BLA":
                    high = AMYGDALA_LEARNED_DRIVE
                declared[name] = (item.name, Parameter(name, value, low, high, unit, source))
    return declared


def _unknown(kind: str, name: str, known: Iterable[str]) -> Problem:
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return Problem(
        f"brain, {kind} '{name}'",
        f"there is no such {kind}",
        f"{hint}'engramlab mechanisms' lists all names",
    )


@dataclass(frozen=True)
class Brain:
    """One brain: the default anatomy and mechanisms with chosen parameters and switches.

    Make one with `Brain()`; derive others with `with_parameters` and `without`.

    Parameters
    ----------
    changed : tuple of (str, float)
        Parameters that differ from their defaults, sorted by name.
    switched_off : tuple of str
        Names of mechanisms that do nothing, sorted.
    size : str
        One of `engramlab.brain.sizes.SIZES`: how many cells and synapses.

    Raises
    ------
    ParameterError
        For an unknown size, mechanism or parameter, or a value outside its range.
    """

    changed: tuple[tuple[str, float], ...] = ()
    switched_off: tuple[str, ...] = ()
    size: str = STANDARD

    def __post_init__(self) -> None:
        problems = []
        declared = declared_parameters()
        for name, value in self.changed:
            if name not in declared:
                problems.append(_unknown("parameter", name, declared))
                continue
            parameter = declared[name][1]
            if not (math.isfinite(value) and parameter.low <= value <= parameter.high):
                problems.append(
                    Problem(
                        f"brain, parameter '{name}'",
                        f"{value:g} {parameter.unit} is outside its range",
                        f"{parameter.low:g} to {parameter.high:g} {parameter.unit}",
                    )
                )
        if self.size not in SIZES:
            allowed = ", ".join(f"'{name}'" for name in SIZES)
            problems.append(Problem("brain, size", f"there is no size '{self.size}'", allowed))
        known = [mechanism.name for mechanism in all_mechanisms()]
        problems += [
            _unknown("mechanism", name, known) for name in self.switched_off if name not in known
        ]
        if problems:
            raise ParameterError(problems)

    @classmethod
    def default(cls) -> Brain:
        """The brain with every mechanism on and every parameter at its default."""
        return cls()

    def with_parameters(
        self, parameters: Mapping[str, float] | None = None, /, **named: float
    ) -> Brain:
        """Return a brain with these parameters changed (names with a dot go in the mapping)."""
        changes = {**dict(self.changed), **(parameters or {}), **named}
        return replace(
            self, changed=tuple(sorted((name, float(value)) for name, value in changes.items()))
        )

    def without(self, *names: str) -> Brain:
        """Return a brain with these mechanisms switched off."""
        return replace(self, switched_off=tuple(sorted({*self.switched_off, *names})))

    def sized(self, size: str) -> Brain:
        """Return a brain of this size: ``"standard"``, ``"x10"``, ``"x100"`` or ``"mouse"``."""
        return replace(self, size=size)

    def count(self, parameter: str) -> int:
        """Cells of the input that a parameter means in a brain of this size."""
        value = round(self.parameters[parameter])
        return round(SIZES[self.size].factor_of(REGIONS[0]) * value)

    @property
    def synapses(self) -> int:
        """Synapses of all projections."""
        cells = {region.name: region.cells for region in self.regions}
        total = 0
        for p in self.projections:
            pre = cells[p.pre]
            if p.pre_population is not None:
                first, last = self.regions[0].populations[p.pre_population]
                pre = last - first
            total += pre * max(1, round(p.density * cells[p.post]))
        return total

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """All mechanisms, switched off or not."""
        return all_mechanisms()

    @property
    def parameters(self) -> dict[str, float]:
        """Value of every parameter."""
        defaults = {name: p.value for name, (_, p) in declared_parameters().items()}
        return {**defaults, **dict(self.changed)}

    def _anatomy(self, item: Region | Projection) -> Region | Projection:
        own = {field.name for field in fields(item)}
        changes = {
            name.partition(".")[2]: value
            for name, value in self.changed
            if name.partition(".")[0] == item.name and name.partition(".")[2] in own
        }
        return replace(item, **changes)  # type: ignore[arg-type]

    @property
    def regions(self) -> tuple[Region, ...]:
        """Regions in the order of activity; neurons are concatenated in this order."""
        size = SIZES[self.size]
        return tuple(size.region(cast(Region, self._anatomy(region))) for region in REGIONS)

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Projections in their order of storage."""
        size = SIZES[self.size]
        return tuple(size.projection(cast(Projection, self._anatomy(p))) for p in PROJECTIONS)

    def region_slices(self) -> dict[str, slice]:
        """Place of each region among all neurons."""
        slices, start = {}, 0
        for region in self.regions:
            slices[region.name] = slice(start, start + region.cells)
            start += region.cells
        return slices

    def parameter_table(self) -> list[tuple[str, str, float, str, str, str]]:
        """Rows of (belongs to, name, value, unit, range, source) for people."""
        values = self.parameters
        return [
            (owner, name, values[name], p.unit, f"{p.low:g} to {p.high:g}", p.source)
            for name, (owner, p) in declared_parameters().items()
        ]

    def digest(self) -> str:
        """Sixteen hex digits that differ whenever any number or switch differs."""
        content = {
            "parameters": self.parameters,
            "off": self.switched_off,
            "regions": [repr(region) for region in self.regions],
            "projections": [repr(projection) for projection in self.projections],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def _repr_html_(self) -> str:
        off = ", ".join(self.switched_off) or "none"
        changed = ", ".join(f"{name} = {value:g}" for name, value in self.changed) or "none"
        return (
            f"<b>engramlab brain</b> {self.digest()}<br>{sum(r.cells for r in self.regions)} "
            f"neurons in {', '.join(r.name for r in self.regions)}<br>"
            f"mechanisms off: {off}<br>parameters changed: {changed}"
        )
