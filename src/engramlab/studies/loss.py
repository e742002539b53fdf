"""How far a brain is from a finding: a bounded violation, the same scale for all measures.

A predicate's margin (positive: it holds) is divided by a unit of its measure, so that ten points
of freezing weigh like a quarter of a ratio. With ``x`` the scaled margin,

    h = log(1 + exp(-3 x)) / 3,    violation = h / (1 + h)

which is 0.19 at the bound, below 0.02 one unit inside, 0.5 one unit outside, and below 1 however
far outside: never flat, so that what is far away still pulls, and never so large that one
hopeless predicate decides. For a *direction* the margin is the lower end of its 95 % interval,
which is what has to be above zero; a size or a null is judged on the means.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Sequence
from functools import cache

from engramlab.studies.result import Line

WORST = 1.0  # no verdict at all
SHARPNESS = 3.0  # of the hinge
RATIO = 0.25
CORRELATION = 0.2
UNITS: dict[str, float] = {
    "freezing": 10.0,  # percent points
    "reactivated_share": 10.0,
    "new_share": 10.0,
    "preference": 20.0,  # seconds of 180
    "engram_size": 1.0,  # percent of a region's cells, of 2 to 20
    "tag_size": 1.0,
    "discrimination": 0.1,
    "similarity": 0.1,
    "valence_negative": 0.1,
    "valence_positive": 0.1,
    "strength": 0.1,
    "strength_to_others": 0.1,
    "connectivity": 0.1,
    "excitability": 0.1,
    "protein": 0.1,
    "chromatin": 0.1,
    "input_strength": 0.1,
    "feedforward": 0.1,
    "reactivation_over_chance": RATIO,
    "overlap_over_chance": RATIO,
    "over_representation": RATIO,
    "recruitment": RATIO,
}


def finding_loss(lines: Sequence[Line]) -> float:
    """Mean violation over the predicates of a finding; controls weigh like the rest.

    A finding so counts once, however many predicates it has. Soft predicates are left out.

    Parameters
    ----------
    lines : sequence of Line

    Returns
    -------
    float
        In [0, 1].
    """
    return mean(
        violation(line.low if line.kind == "direction" else line.margin, unit_of(line.expr))
        for line in lines
        if not line.soft
    )


def violation(margin: float | None, unit: float) -> float:
    """How badly a predicate fails, in [0, 1]; 1 without a value.

    Examples
    --------
    >>> round(violation(0.0, 10.0), 2), round(violation(-10.0, 10.0), 2)
    (0.19, 0.5)
    """
    if margin is None or not math.isfinite(margin):
        return WORST
    x = -SHARPNESS * margin / unit
    hinge = (max(x, 0.0) + math.log1p(math.exp(-abs(x)))) / SHARPNESS
    return hinge / (1.0 + hinge)


@cache
def unit_of(expr: str) -> float:
    """Size of a margin of this expression that counts as one unit.

    Parameters
    ----------
    expr : str
        A predicate's comparison.

    Examples
    --------
    >>> unit_of('freezing["a", "s"] - freezing["b", "s"] >= 20')
    10.0
    >>> unit_of('freezing["a", "s"] / freezing["b", "s"] > 1.5')
    0.25
    """
    tree = ast.parse(expr, mode="eval").body
    terms = [tree.left, *tree.comparators] if isinstance(tree, ast.Compare) else [tree]
    return _largest(_unit(term) for term in terms) or 1.0


def _unit(node: ast.expr) -> float:
    """Unit of a term; 0 for one without measures."""
    match node:
        case ast.Subscript(value=ast.Name(id=name)):
            return UNITS.get(name, RATIO)
        case ast.Call(func=ast.Name(id="corr")):
            return CORRELATION
        case ast.Call(args=arguments):
            return _largest(map(_unit, arguments))
        case ast.UnaryOp(operand=operand):
            return _unit(operand)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return RATIO if _unit(right) else _unit(left) / _factor(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _largest((_unit(left) * _factor(right), _unit(right) * _factor(left)))
        case ast.BinOp(left=left, right=right):
            return _largest((_unit(left), _unit(right)))
    return 0.0


def _factor(node: ast.expr) -> float:
    """By how much a number stretches what it multiplies; 1 for what is no plain number."""
    match node:
        case ast.Constant(value=int() | float() as number) if number:
            return abs(float(number))
        case ast.UnaryOp(operand=operand):
            return _factor(operand)
    return 1.0


def _largest(values: Iterable[float]) -> float:
    return max(values, default=0.0)


def mean(values: Iterable[float]) -> float:
    """Mean of the values; 0 of none."""
    listed = list(values)
    return math.fsum(listed) / len(listed) if listed else 0.0
