"""Predicates: comparisons of measures, evaluated on means and on bootstrap samples of animals.

Grammar: one comparison (``<``, ``<=``, ``>``, ``>=``, may be chained) of sums, differences,
products, quotients, ``abs()``, ``min()``, ``max()``, numbers and measures. A measure is
``name["group", "session", ...]``; what follows the session names region, tag or cell set:

- ``freezing["shock", "A-day-1"]`` (percent), ``valence_positive[...]``, ``discrimination[...]``
- ``engram_size["shock", "training", "DG"]`` (percent of cells)
- ``reactivation_over_chance["shock", "A-day-1", "CA1"]``
- ``reactivated_share["shock", "A-day-1", "CA1"]`` (percent of the tagged cells that are active)
- ``over_representation["creb", "", "creb"]`` (cell set among the tagged)
- ``strength["saline", "recall-A", "CA3-CA1"]``, ``connectivity[...]`` (share of the largest)
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.errors import Problem, ProtocolError
from engramlab.evidence.finding import Predicate
from engramlab.randomness import derive_key
from engramlab.record import Experiment
from engramlab.record.table import ENGRAM_THRESHOLD

RESAMPLES = 2000
COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
}
IN_TABLE = (
    "freezing",
    "valence_negative",
    "valence_positive",
    "discrimination",
    "engram_size",
    "tag_size",
    "reactivation_over_chance",
    "over_representation",
)
IN_DATA = ("strength", "connectivity", "reactivated_share")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one predicate.

    Parameters
    ----------
    predicate : Predicate
    passed : bool
    margin : float
        By how much the comparison holds on the means (negative: by how much it fails).
    low, high : float
        95 % bootstrap interval of the margin over animals.
    """

    predicate: Predicate
    passed: bool
    margin: float
    low: float
    high: float


def evaluate(predicate: Predicate, experiment: Experiment) -> Verdict:
    """Evaluate a predicate on an experiment.

    Animals are resampled within their groups, the same ones for all measures of a group, so
    that tests of the same animals stay paired.

    Parameters
    ----------
    predicate : Predicate
    experiment : Experiment

    Returns
    -------
    Verdict

    Raises
    ------
    ProtocolError
        For an expression outside the grammar or a measure the experiment does not hold.
    """
    reader = _Reader(predicate.expr, experiment)
    margins = reader.margins()
    tightest = min(range(len(margins)), key=lambda index: margins[index][0])
    margin, samples = margins[tightest]
    low, high = (float(value) for value in np.nanpercentile(samples, [2.5, 97.5]))
    holds = all(value > 0 or (value == 0 and not strict) for (value, _), strict in reader.strict)
    if predicate.kind == "direction":
        holds = holds and low > 0
    return Verdict(predicate, holds, margin, low, high)


class _Reader:
    """Reads one expression against one experiment."""

    def __init__(self, text: str, experiment: Experiment) -> None:
        self.text, self.experiment = text, experiment
        self.strict: list[tuple[tuple[float, NDArray[np.float64]], bool]] = []
        self._draws: dict[str, NDArray[np.int64]] = {}

    def _error(self, what: str, allowed: str = "") -> ProtocolError:
        return ProtocolError(Problem(f"predicate '{self.text}'", what, allowed))

    def margins(self) -> list[tuple[float, NDArray[np.float64]]]:
        """How far each comparison of the chain holds: on the means, and on bootstrap samples."""
        try:
            tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise self._error(f"is not an expression: {error.msg}") from None
        if not isinstance(tree, ast.Compare) or any(type(o) not in COMPARISONS for o in tree.ops):
            raise self._error("is no comparison", "one of < <= > >= between two terms")
        terms = [self._value(node) for node in (tree.left, *tree.comparators)]
        for left, comparison, right in zip(terms, tree.ops, terms[1:], strict=False):
            upward = isinstance(comparison, ast.Gt | ast.GtE)
            high, low = (left, right) if upward else (right, left)
            pair = (float(high[0] - low[0]), np.asarray(high[1] - low[1], np.float64))
            self.strict.append((pair, isinstance(comparison, ast.Gt | ast.Lt)))
        return [pair for pair, _ in self.strict]

    def _value(self, node: ast.expr) -> tuple[float, NDArray[np.float64]]:
        """Value of a term on the means, and on each bootstrap sample."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number), np.full(RESAMPLES, float(number))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value, samples = self._value(operand)
                return -value, -samples
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                one, two = self._value(left), self._value(right)
                act = ARITHMETIC[type(op)]
                with np.errstate(divide="ignore", invalid="ignore"):
                    return float(act(np.float64(one[0]), np.float64(two[0]))), act(one[1], two[1])
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
                name in FUNCTIONS and arguments
            ):
                values = [self._value(argument) for argument in arguments]
                return (
                    float(FUNCTIONS[name](*(value for value, _ in values))),
                    FUNCTIONS[name](*(samples for _, samples in values)),
                )
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self._measure(name, self._names(index))
        raise self._error(f"holds '{ast.unparse(node)}'", "measures, numbers, + - * / abs min max")

    def _names(self, index: ast.expr) -> list[str]:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        names = [part.value for part in parts if isinstance(part, ast.Constant)]
        if len(names) != len(parts) or not all(isinstance(name, str) for name in names):
            raise self._error("names no group and session", 'names in quotes: ["group", "session"]')
        return [str(name) for name in names]

    def _measure(self, name: str, names: list[str]) -> tuple[float, NDArray[np.float64]]:
        values = self._animals(name, names)
        if values.size == 0 or not np.isfinite(values).any():
            raise self._error(f"{name}{names} holds no value", "a group, session and part it has")
        group = names[0]
        if group not in self._draws:
            key = derive_key("bootstrap", group, int(values.size))
            random = np.random.Generator(np.random.Philox(key))
            self._draws[group] = random.integers(0, values.size, (RESAMPLES, values.size))
        with warnings.catch_warnings():  # a sample of animals without a value is left out below
            warnings.simplefilter("ignore", RuntimeWarning)
            return float(np.nanmean(values)), np.nanmean(values[self._draws[group]], axis=1)

    def _animals(self, name: str, names: list[str]) -> NDArray[np.float64]:
        """Value of each animal of a group, in order; NaN where it has none."""
        group, session, part = (*names, "", "")[:3]
        data = self.experiment.data
        here = data["group"].values == group
        numbers = data["animal_number"].values[here]
        if name == "reactivated_share":
            return np.asarray(self._reactivated_share(session, part)[here], np.float64)
        if name in IN_DATA:
            if session not in data["session"].values or part not in data["projection"].values:
                return np.empty(0)
            values = data[name].sel(session=session, projection=part).values
            return np.asarray(values[here], np.float64)
        if name not in IN_TABLE:
            raise self._error(f"'{name}' is no measure", ", ".join((*IN_TABLE, *IN_DATA)))
        table = self.experiment.table
        rows = table[(table["measure"] == name) & (table["group"] == group)]
        if session:
            rows = rows[rows["session"] == session]
        if part:
            rows = rows[(rows["region"] == part) | (rows["cells"] == part) | (rows["tag"] == part)]
        means = rows.groupby("animal")["value"].mean()
        return np.asarray(means.reindex(numbers), np.float64)

    def _reactivated_share(self, session: str, region: str) -> NDArray[np.float64]:
        """Percent of each animal's tagged cells of a region that are active in a session."""
        data = self.experiment.data
        if session not in data["session"].values or data.sizes["tag"] == 0:
            return np.full(data.sizes["animal"], np.nan)
        cells = data["region"].values == region
        tagged = data["tagged"].values[:, :, cells].any(axis=1)
        ieg = data["ieg"].sel(session=session).values[:, cells]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = 100 * (tagged & (ieg > ENGRAM_THRESHOLD)).sum(axis=1) / tagged.sum(axis=1)
        return np.where(np.isnan(ieg).all(axis=1), np.nan, share)
