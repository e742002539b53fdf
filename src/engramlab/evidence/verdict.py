"""Whether a predicate holds: on the means over animals, and on bootstrap samples of animals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import ProtocolError
from engramlab.evidence.checking import problems_in
from engramlab.evidence.expression import (
    Measure,
    Number,
    Operation,
    Term,
    parse,
)
from engramlab.evidence.finding import Predicate
from engramlab.evidence.reading import Reading
from engramlab.randomness import derive_key
from engramlab.record import Experiment

RESAMPLES = 2000
PERCENTILES = (2.5, 97.5)  # of the 95 % interval
Array = NDArray[np.float64]
OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "negative": np.negative,
    "abs": np.abs,
    "min": lambda *terms: reduce(np.minimum, terms),
    "max": lambda *terms: reduce(np.maximum, terms),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A value on the means with its 95 % bootstrap interval over animals; NaN where undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one predicate.

    Parameters
    ----------
    predicate : Predicate
    passed : bool
    terms : tuple of Interval
        Value of each side of the comparison; a bound that is a number has no width.
    signs : tuple of str
        What stands between them.
    margin : Interval
        By how much the comparison holds (negative: by how much it fails); of a chain its tightest.
    """

    predicate: Predicate
    passed: bool
    terms: tuple[Interval, ...]
    signs: tuple[str, ...]
    margin: Interval


def evaluate(predicate: Predicate, experiment: Experiment) -> Verdict:
    """Evaluate one predicate on an experiment: see `evaluate_all`."""
    return evaluate_all((predicate,), Reading(experiment.data, experiment.protocol))[0]


def evaluate_all(predicates: Sequence[Predicate], reading: Reading) -> tuple[Verdict, ...]:
    """Evaluate predicates on the record of one run.

    Animals are resampled within their groups, the same ones for all measures of a group, so
    that tests of the same animals stay paired.

    Parameters
    ----------
    predicates : sequence of Predicate
    reading : Reading

    Returns
    -------
    tuple of Verdict
        In order. What has no value in any animal (a share of no cells) does not hold.

    Raises
    ------
    ProtocolError
        For an expression outside the grammar or a measure the record does not hold.
    """
    problems = [
        problem
        for predicate in predicates
        for problem in problems_in(predicate.expr, reading.protocol)
    ]
    if problems:
        raise ProtocolError(problems)
    sampler = _Sampler(reading)
    with warnings.catch_warnings():  # animals without a value are left out of means
        warnings.simplefilter("ignore", RuntimeWarning)
        return tuple(_verdict(predicate, sampler) for predicate in predicates)


@dataclass(frozen=True, slots=True)
class _Sampled:
    """A term's value on the means over animals, and on each bootstrap sample of them."""

    value: float
    samples: Array

    def interval(self) -> Interval:
        low, high = np.nanpercentile(self.samples, PERCENTILES)
        return Interval(self.value, float(low), float(high))


class _Sampler:
    """Evaluates terms; keeps the same draws of animals for every term of a group."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._draws: dict[int, NDArray[np.int64]] = {}

    def __call__(self, term: Term) -> _Sampled:
        match term:
            case Number(value=value):
                return _Sampled(value, np.full(RESAMPLES, value))
            case Measure():
                values = self._reading(term)
                draws = values[self._drawn(values.size)]
                return _Sampled(float(np.nanmean(values)), np.nanmean(draws, axis=1))
            case Operation(what="corr"):
                return self._correlation(term)
        act, terms = OPERATIONS[term.what], [self(part) for part in term.terms]
        return _Sampled(
            float(act(*(np.float64(part.value) for part in terms))),
            np.asarray(act(*(part.samples for part in terms)), np.float64),
        )

    def _drawn(self, animals: int) -> NDArray[np.int64]:
        if animals not in self._draws:  # twins: one draw of animals serves all groups
            random = np.random.Generator(np.random.Philox(derive_key("bootstrap", animals)))
            self._draws[animals] = random.integers(0, animals, (RESAMPLES, animals))
        return self._draws[animals]

    def _correlation(self, term: Operation) -> _Sampled:
        """Pearson's correlation over the animals of a group."""
        x, y = (self._by_animal(part) for part in term.terms)
        draws = self._drawn(x.size)
        return _Sampled(float(_pearson(x[None], y[None])[0]), _pearson(x[draws], y[draws]))

    def _by_animal(self, term: Term) -> Array:
        """Value of a term in each animal."""
        match term:
            case Number(value=value):
                return np.asarray(value, np.float64)
            case Measure():
                return self._reading(term)
        parts = (self._by_animal(part) for part in term.terms)
        return np.asarray(OPERATIONS[term.what](*parts), np.float64)


def _pearson(x: Array, y: Array) -> Array:
    """Pearson's correlation along the last axis; NaN without spread; NaN pairs are left out."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = (np.where(known, values, np.nan) for values in (x, y))
    x, y = (values - np.nanmean(values, axis=-1, keepdims=True) for values in (x, y))
    spread = np.sqrt(np.nansum(x * x, axis=-1) * np.nansum(y * y, axis=-1))
    product = np.nansum(x * y, axis=-1)
    return np.where(spread > 1e-12, product / np.where(spread > 1e-12, spread, 1.0), np.nan)


def _verdict(predicate: Predicate, sampler: _Sampler) -> Verdict:
    comparison = parse(predicate.expr)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [sampler(term) for term in comparison.terms]
        margins, holds = [], True
        for left, sign, right in zip(terms, comparison.signs, terms[1:], strict=False):
            high, low = (left, right) if sign[0] == ">" else (right, left)
            margin = _Sampled(high.value - low.value, high.samples - low.samples).interval()
            margins.append(margin)
            holds &= margin.value > 0 or (margin.value == 0 and sign in ("<=", ">="))
            holds &= predicate.kind != "direction" or margin.low > 0
        tightest = min(margins, key=lambda margin: _or_least(margin.value))
        intervals = tuple(term.interval() for term in terms)
    return Verdict(predicate, bool(holds), intervals, comparison.signs, tightest)


def _or_least(value: float) -> float:
    return -np.inf if np.isnan(value) else value
