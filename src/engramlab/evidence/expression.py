"""The language of predicates: comparisons of measures, read into terms without evaluating them.

One comparison (``<``, ``<=``, ``>``, ``>=``, may be chained) of sums, differences, products,
quotients, ``abs()``, ``min()``, ``max()``, ``corr()``, numbers and measures. A measure is
``name["group", "session", ...]``; `MEASURES` says what each takes after the group:

- ``when``: a session, or part of it: ``"test"``, ``"test:tone"`` (moments with that cue on),
  ``"test:0-3"`` (minutes 0 to 3), ``"test:tone:0-3"`` (both)
- ``window``: a cue or minutes, as above, on their own: ``freezing["g", "test", "tone"]``
- ``part``: a region, one of its populations (``"BLA:positive"``) or a set of cells
- ``cells``: a part, or cells by tag: ``"engram@DG"`` carry the tag 'engram', ``"!engram@DG"`` do
  not; ``"tagged@DG"`` and ``"untagged@DG"`` go by any tag
- ``""``: stands where a session would, for what belongs to none

``corr(x, y)`` is the correlation over the animals of one group.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.messages import did_you_mean, one_of

COMPARISONS: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
FUNCTIONS = {"abs": (1, 1), "min": (2, 9), "max": (2, 9), "corr": (2, 2)}  # fewest, most arguments
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3}
MAX_CHARACTERS = 2000  # of an expression; far more than any needs


@dataclass(frozen=True, slots=True)
class Signature:
    """What a measure takes after the group, and its unit.

    Parameters
    ----------
    needs, may : tuple of str
        Kinds of arguments, in order: those it needs, then those it may have.
    unit : str
    """

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    unit: str = ""

    def __str__(self) -> str:
        names = ['"group"', *(f'"{kind}"' for kind in self.needs)]
        return f"[{', '.join(names)}" + "".join(f'[, "{kind}"]' for kind in self.may) + "]"


_TIMED = (("when",), ("window", "window"))
_TAGGED = (("session", "part"), ("tag",))
MEASURES = {
    "freezing": Signature(*_TIMED, "%"),
    "preference": Signature(*_TIMED, "s"),
    "valence_negative": Signature(*_TIMED),
    "valence_positive": Signature(*_TIMED),
    "discrimination": Signature(("when",), ("when",)),
    "engram_size": Signature(("session", "part"), (), "%"),
    "tag_size": Signature(("tag", "part"), (), "%"),
    "reactivation_over_chance": Signature(*_TAGGED, "x chance"),
    "reactivated_share": Signature(*_TAGGED, "%"),
    "new_share": Signature(*_TAGGED, "%"),
    "overlap_over_chance": Signature(("session", "session", "part"), (), "x chance"),
    "similarity": Signature(("session", "session", "part")),
    "over_representation": Signature(("", "set"), ("tag",), "x chance"),
    "recruitment": Signature(("session", "set"), (), "x others"),
    "excitability": Signature(("session", "cells")),
    "protein": Signature(("session", "cells")),
    "chromatin": Signature(("session", "cells")),
    "input_strength": Signature(("session", "cells")),
    "feedforward": Signature(("session", "cells")),
    "strength": Signature(("session", "projection")),
    "connectivity": Signature(("session", "projection")),
    "strength_to_others": Signature(("session", "projection")),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a group; `names` are the arguments after the group."""

    name: str
    group: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        quoted = ", ".join(f'"{name}"' for name in (self.group, *self.names))
        return f"{self.name}[{quoted}]"


@dataclass(frozen=True, slots=True)
class Operation:
    """Terms put together by + - * / (two terms), negation (one), or one of `FUNCTIONS`."""

    what: str
    terms: tuple[Term, ...]


Term = Number | Measure | Operation


@dataclass(frozen=True, slots=True)
class Comparison:
    """Terms with a sign between each and the next."""

    terms: tuple[Term, ...]
    signs: tuple[str, ...]

    def measures(self) -> tuple[Measure, ...]:
        """Every measure that it names, once, in order."""
        found = (measure for term in self.terms for measure in measures_of(term))
        return tuple(dict.fromkeys(found))


def parse(text: str, where: str = "") -> Comparison:
    """Read an expression.

    Parameters
    ----------
    text : str
    where : str
        Place of the expression, for messages; by default its text.

    Raises
    ------
    ProtocolError
        For an expression outside the grammar.
    """
    where = where or f"predicate '{text}'"
    try:
        if len(text) > MAX_CHARACTERS:
            raise _WrongError("is too long", f"at most {MAX_CHARACTERS} characters")
        with warnings.catch_warnings():  # of escapes in its texts: they are no names anyway
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
        if not isinstance(tree, ast.Compare) or any(type(o) not in COMPARISONS for o in tree.ops):
            raise _WrongError("is no comparison", "one of < <= > >= between two terms")
        terms = tuple(_term(node) for node in (tree.left, *tree.comparators))
    except SyntaxError as error:
        what = f"is not an expression: {error.msg}"
        raise ProtocolError(Problem(where, what, 'as in freezing["g", "s"] > 20')) from None
    except (ValueError, RecursionError, MemoryError):  # NUL bytes, thousands of brackets
        raise ProtocolError(Problem(where, "is not an expression", "plain text")) from None
    except _WrongError as error:
        raise ProtocolError(Problem(where, *error.args)) from None
    return Comparison(terms, tuple(COMPARISONS[type(o)] for o in tree.ops))


def measures_of(term: Term) -> tuple[Measure, ...]:
    """Every measure that a term names, in order."""
    match term:
        case Measure():
            return (term,)
        case Operation(terms=terms):
            return tuple(measure for part in terms for measure in measures_of(part))
    return ()


def text_of(
    term: Term,
    write: Callable[[Term], str] | None = None,
    signs: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A term as it is written, brackets only where they matter.

    Parameters
    ----------
    term : Term
    write : callable, optional
        Writes the parts of an operation; default this function.
    signs : dict of str to str
        Other signs for some of + - * /.

    Examples
    --------
    >>> text_of(parse('2 * (freezing["g", "s"] - 1) > 3').terms[0])
    '2 * (freezing["g", "s"] - 1)'
    """
    write = write or text_of
    match term:
        case Number(value=value):
            return f"{value:g}"
        case Measure():
            return str(term)
        case Operation(what=what, terms=terms) if what in FUNCTIONS:
            return f"{what}({', '.join(write(part) for part in terms)})"
        case Operation(what="negative", terms=(part,)):
            return f"-{_bracketed(part, BINDS['negative'], write)}"
    first, second = term.terms
    least, sign = BINDS[term.what], signs.get(term.what, term.what)
    return f"{_bracketed(first, least, write)} {sign} {_bracketed(second, least + 1, write)}"


def _bracketed(term: Term, least: int, write: Callable[[Term], str]) -> str:
    """A term in brackets if it binds less than `least`."""
    loose = isinstance(term, Operation) and BINDS.get(term.what, least) < least
    return f"({write(term)})" if loose else write(term)


class _WrongError(Exception):
    """What is wrong in an expression, and what is allowed."""


def _term(node: ast.expr) -> Term:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Number(float(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("negative", (_term(operand),))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return Operation(ARITHMETIC[type(op)], (_term(left), _term(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return _function(name, arguments)
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            return _measure(name, index)
    raise _WrongError(
        f"holds '{ast.unparse(node)}'",
        f'measures such as freezing["group", "session"], numbers, + - * /, {", ".join(FUNCTIONS)}',
    )


def _function(name: str, arguments: list[ast.expr]) -> Operation:
    fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        takes = str(fewest) if fewest == most else f"{fewest} or more"
        raise _WrongError(f"gives {name}() {len(arguments)} terms", f"{takes} of them")
    operation = Operation(name, tuple(_term(argument) for argument in arguments))
    if name == "corr":
        _check_correlation(operation)
    return operation


def _check_correlation(operation: Operation) -> None:
    allowed = "corr(x, y) of measures of the same group: it runs over that group's animals"
    if not all(measures_of(term) for term in operation.terms):
        raise _WrongError("corr() holds a term without a measure", allowed)
    groups = {measure.group for measure in measures_of(operation)}
    if len(groups) != 1:
        raise _WrongError(f"correlates measures of {len(groups)} groups", allowed)
    if any(_correlates(term) for term in operation.terms):
        raise _WrongError("holds a corr() within a corr()", allowed)


def _correlates(term: Term) -> bool:
    return isinstance(term, Operation) and (
        term.what == "corr" or any(_correlates(part) for part in term.terms)
    )


def _measure(name: str, index: ast.expr) -> Measure:
    if name not in MEASURES:
        raise _WrongError(
            f"'{name}' is no measure", did_you_mean(name, MEASURES) + one_of(MEASURES)
        )
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    names = [part.value for part in parts if isinstance(part, ast.Constant)]
    texts = tuple(name for name in names if isinstance(name, str))
    if len(texts) != len(parts):
        raise _WrongError(
            f"'{name}[{ast.unparse(index)}]' names no group and session",
            f"names in quotes: {name}{MEASURES[name]}",
        )
    needs, may = MEASURES[name].needs, MEASURES[name].may
    if not len(needs) < len(texts) <= 1 + len(needs) + len(may):
        raise _WrongError(
            f"'{name}' has {len(texts)} names in its brackets", f"{name}{MEASURES[name]}"
        )
    return Measure(name, texts[0], texts[1:])
