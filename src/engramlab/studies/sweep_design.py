"""Which brains a sweep compares: what varies, read from texts, laid out as points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from engramlab.brain.brain import declared_parameters
from engramlab.brain.mechanism import Parameter
from engramlab.errors import ParameterError, Problem
from engramlab.protocol.messages import did_you_mean

DIGITS = 6  # to which a drawn value is rounded, so that tables hold exactly what was run
MOST_POINTS = 20_000
Values = tuple[float, ...]  # of one point, in the order of the dimensions
# ``"destabilised=0..1"`` (as on the command line) or ``{"destabilised": (0, 1)}``
Asked = Sequence[str] | Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Dimension:
    """One parameter that a sweep varies.

    Parameters
    ----------
    parameter : Parameter
    owner : str
        The mechanism, region or projection that it belongs to.
    values : tuple of float
        Of a grid; empty where values are drawn between `low` and `high`.
    low, high : float
    by_factors : bool
        Drawn evenly by its logarithm.
    """

    parameter: Parameter
    owner: str
    values: tuple[float, ...] = ()
    low: float = math.nan
    high: float = math.nan
    by_factors: bool = False

    @property
    def name(self) -> str:
        """Name of the parameter."""
        return self.parameter.name

    @property
    def drawn(self) -> bool:
        """Whether values are drawn and not given."""
        return not self.values

    def at(self, share: NDArray[np.float64]) -> list[float]:
        """Values at shares of the range, rounded and never outside it."""
        if self.by_factors:
            found = self.low * (self.high / self.low) ** share
        else:
            found = self.low + share * (self.high - self.low)
        return [min(max(float(f"{x:.{DIGITS}g}"), self.low), self.high) for x in found]

    def __str__(self) -> str:
        """As on the command line."""
        if not self.drawn:
            return f"{self.name}={','.join(f'{value:g}' for value in self.values)}"
        return f"{self.name}={self.low:g}..{self.high:g}" + (":log" if self.by_factors else "")


def dimensions_of(grid: Asked, sobol: Asked) -> tuple[Dimension, ...]:
    """Read what is to vary; the grid first.

    Parameters
    ----------
    grid : sequence of str, or mapping
        ``NAME=VALUE,VALUE,...`` or ``NAME=LOW..HIGH:COUNT``.
    sobol : sequence of str, or mapping
        ``NAME`` (its whole range), ``NAME=LOW..HIGH``, with ``:log`` behind to draw by factors.
        A name may have that of its mechanism before it, with a dot.

    Raises
    ------
    ParameterError
        With every problem found: an unknown name, a value outside its range, ...
    """
    problems: list[Problem] = []
    found: dict[str, Dimension] = {}
    for option, asked in (("grid", grid), ("sobol", sobol)):
        for text in _texts(asked, option):
            try:
                one = _read(option, text)
            except ParameterError as error:
                problems += error.problems
                continue
            if one.name in found:
                where = f"--{option} {text}"
                problems.append(Problem(where, f"'{one.name}' is varied twice", "once"))
            found[one.name] = one
    if not found and not problems:
        what = "nothing is to vary"
        allowed = "--grid 'destabilised=0,0.5,1' or --sobol 'destabilised=0..1'; both repeatable"
        problems.append(Problem("sweep", what, allowed))
    if problems:
        raise ParameterError(problems)
    return tuple(found.values())


def _texts(asked: Asked, option: str) -> list[str]:
    if isinstance(asked, str):
        return [asked]
    if not isinstance(asked, Mapping):
        return list(asked)
    if option == "grid":
        return [f"{name}={','.join(map(repr, map(float, v)))}" for name, v in asked.items()]
    ends = {name: [repr(float(value)) for value in values] for name, values in asked.items()}
    return [f"{name}={'..'.join(two)}" for name, two in ends.items()]


def _read(option: str, text: str) -> Dimension:
    where = f"--{option} {text}"
    name, given, rest = text.partition("=")
    owner, parameter = _named(name.strip(), where)
    if not given and option == "sobol":
        rest = f"{parameter.low!r}..{parameter.high!r}"
    rest, _, extra = rest.partition(":")
    low, dots, high = rest.partition("..")
    try:
        numbers = [float(part) for part in ((low, high) if dots else rest.split(","))]
        if option == "sobol" and (not dots or extra.strip() not in ("", "log")):
            raise ValueError
        if option == "grid" and bool(dots) != bool(extra):
            raise ValueError
        count = int(extra) if option == "grid" and extra else 0
        if dots and option == "grid" and count < 2:
            raise ValueError
    except ValueError:
        allowed = {
            "grid": "NAME=VALUE,VALUE,... or NAME=LOW..HIGH:COUNT",
            "sobol": "NAME, NAME=LOW..HIGH or NAME=LOW..HIGH:log",
        }[option]
        raise ParameterError(Problem(where, "cannot be read", allowed)) from None
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    range_ = f"{parameter.low:g} to {parameter.high:g}{unit}"
    outside = [x for x in numbers if not parameter.low <= x <= parameter.high]
    if outside:
        what = f"{', '.join(f'{x:g}' for x in outside)} is outside the range of '{parameter.name}'"
        raise ParameterError(Problem(where, what, range_))
    if dots and numbers[0] >= numbers[1]:
        raise ParameterError(Problem(where, "has no width", f"LOW below HIGH, within {range_}"))
    if option == "grid":
        if dots:
            numbers = [float(f"{x:.{DIGITS}g}") for x in np.linspace(numbers[0], numbers[1], count)]
        if len(set(numbers)) < len(numbers):
            raise ParameterError(Problem(where, "names a value twice", "each value once"))
        return Dimension(parameter, owner, values=tuple(numbers))
    by_factors = extra.strip() == "log"
    if by_factors and numbers[0] <= 0:
        raise ParameterError(Problem(where, "has no logarithm", "LOW above 0, or no ':log'"))
    return Dimension(parameter, owner, low=numbers[0], high=numbers[1], by_factors=by_factors)


def _named(name: str, where: str) -> tuple[str, Parameter]:
    """Owner and declaration of ``parameter`` or ``mechanism.parameter``."""
    declared = declared_parameters()
    if name in declared:
        return declared[name]
    owner, _, rest = name.partition(".")
    if rest in declared and declared[rest][0] == owner:
        return declared[rest]
    full = [own if own.startswith(f"{by}.") else f"{by}.{own}" for own, (by, _) in declared.items()]
    hint = did_you_mean(name, full if "." in name else declared)
    raise ParameterError(
        Problem(
            where,
            f"there is no parameter '{name}'",
            f"{hint}'engramlab mechanisms' lists all names",
        )
    )


def points_of(
    dimensions: Sequence[Dimension], samples: int, seed: int, *, indices: bool = False
) -> list[Values]:
    """Values of every point: each combination of the grid with each sample.

    Samples are the first ones of a scrambled Sobol sequence, so more of them later keep those there
    are (Owen 1998, ACM TOMACS 8:71). For sensitivity indices they are Saltelli's design (Saltelli
    et al. 2010, Comput Phys Commun 181:259): matrices A and B of `samples` rows, then for each
    drawn dimension A with that column of B.

    Raises
    ------
    ParameterError
        For a number of samples that makes no sense, or too many points.
    """
    drawn = [one for one in dimensions if one.drawn]
    grid = [one.values for one in dimensions if not one.drawn]
    rows: list[Values] = [()]
    if indices and not drawn:
        problem = Problem("--indices", "needs parameters that are drawn", "--sobol NAME")
        raise ParameterError(problem)
    if drawn:
        if samples < 1 or (indices and samples & (samples - 1)) or (indices and samples < 4):
            raise ParameterError(
                Problem(
                    "--samples",
                    f"{samples} samples",
                    "a power of two from 4 on with --indices" if indices else "1 or more",
                )
            )
        size = samples * (len(drawn) + 2 if indices else 1)
    else:
        size = 1
    total = size * math.prod(len(values) for values in grid)
    if total > MOST_POINTS:
        allowed = f"up to {MOST_POINTS}; fewer values or samples"
        raise ParameterError(Problem("sweep", f"{total} points are too many", allowed))
    if drawn:
        columns = 2 * len(drawn) if indices else len(drawn)
        places = _sobol(columns, samples, seed)
        matrices = [places]
        if indices:
            a, b = places[:, : len(drawn)], places[:, len(drawn) :]
            matrices = [a, b]
            for column in range(len(drawn)):
                mixed = a.copy()
                mixed[:, column] = b[:, column]
                matrices.append(mixed)
        every = np.concatenate(matrices)
        values = [one.at(every[:, column]) for column, one in enumerate(drawn)]
        rows = list(zip(*values, strict=True))
    return [(*fixed, *row) for fixed in itertools.product(*grid) for row in rows]


def _sobol(columns: int, samples: int, seed: int) -> NDArray[np.float64]:
    sequence = qmc.Sobol(columns, scramble=True, rng=np.random.default_rng(seed))
    drawn = sequence.random_base2(max(int(samples - 1).bit_length(), 1))
    return np.asarray(drawn[:samples], np.float64)
