"""Predicates and what became of them in words, for people who do not read expressions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engramlab.evidence.expression import (
    FUNCTIONS,
    MEASURES,
    Measure,
    Number,
    Operation,
    Term,
    parse,
    text_of,
)
from engramlab.evidence.places import cells, when

if TYPE_CHECKING:
    from engramlab.evidence.verdict import Interval, Verdict

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
KINDS = {
    "direction": "with its 95 % interval",
    "size": "on the means",
    "null": "no difference beyond this, on the means",
}
SMALLEST = 1e-4  # what is written as more than 0
# What each measure is, with {0}, {1}, ... for its names after the group.
WORDS = {
    "freezing": "freezing of {group} in {0}",
    "preference": "preference of {group} in {0}",
    "valence_negative": "harm that {group} expects in {0}",
    "valence_positive": "reward that {group} expects in {0}",
    "discrimination": "discrimination of {0} from {1} by {group}",
    "engram_size": "active share of {1} in {group}, {0}",
    "tag_size": "share of {1} with tag '{0}' in {group}",
    "reactivation_over_chance": "reactivation over chance of {1} in {group}, {0}",
    "reactivated_share": "share of tagged {1} active again in {group}, {0}",
    "new_share": "share of active {1} without tag in {group}, {0}",
    "overlap_over_chance": "overlap over chance of {2} active in {0} and in {1}, {group}",
    "similarity": "similarity of activity in {2} between {0} and {1}, {group}",
    "over_representation": "share of {1} among tagged cells over chance in {group}",
    "recruitment": "active share of {1} over that of other cells in {group}, {0}",
    "excitability": "excitability of {1} in {group} before {0}",
    "protein": "plasticity proteins of {1} in {group} before {0}",
    "chromatin": "histone acetylation of {1} in {group} before {0}",
    "input_strength": "learned input strength of {1} in {group} before {0}",
    "feedforward": "contacts of {1} on interneurons in {group} before {0}",
    "strength": "strength of {1} within the engram of {group} before {0}",
    "connectivity": "connectivity of {1} within the engram of {group} before {0}",
    "strength_to_others": "strength of {1} from the engram to other cells in {group} before {0}",
}


def in_words(text: str) -> str:
    """An expression in words.

    Examples
    --------
    >>> in_words('abs(freezing["drug", "test", "tone"] - 20) <= 10')
    '|freezing of drug in test during tone − 20| ≤ 10'
    """
    comparison = parse(text)
    words = [_term(comparison.terms[0])]
    for sign, term in zip(comparison.signs, comparison.terms[1:], strict=True):
        words += [SIGNS[sign], _term(term)]
    return " ".join(words)


def _term(term: Term) -> str:
    match term:
        case Measure():
            return _measure(term)
        case Operation(what="abs", terms=(part,)):
            return f"|{_term(part)}|"
        case Operation(what="corr", terms=(x, y)):
            return f"correlation of ({_term(x)}) and ({_term(y)})"
        case Operation(what=what, terms=terms) if what in FUNCTIONS:
            return f"{what} of ({'; '.join(map(_term, terms))})"
    return text_of(term, _term, {"-": "−", "*": "×"})


def _measure(measure: Measure) -> str:
    signature = MEASURES[measure.name]
    kinds = (*signature.needs, *signature.may)
    names = list(measure.names)
    if kinds[-1] == "window":
        names = [_when(*names)]
    pairs = zip(kinds, names, strict=False)
    words = [_when(name) if kind == "when" else _place(kind, name) for kind, name in pairs]
    if measure.name == "discrimination" and len(words) == 1:
        words.insert(0, "the first context")
    text = WORDS[measure.name].format(*words, group=measure.group)
    tag = measure.names[len(signature.needs) :] if kinds[-1] == "tag" else ()
    return text + (f" (tag '{tag[0]}')" if tag else "")


def measure_place(measure: Measure) -> str:
    """What a measure names after its group, in short."""
    return " · ".join(name for name in measure.names if name)


def _when(*names: str) -> str:
    place = when(*names)
    text = place.session
    if place.cue:
        text += f" during {place.cue}"
    if place.minutes:
        text += f" (minutes {place.minutes[0]:g}–{place.minutes[1]:g})"
    return text


def _place(kind: str, name: str) -> str:
    if kind == "set":
        return f"'{name}' cells"
    if kind == "part":
        return f"{name} cells"
    if kind != "cells":
        return name
    wanted = cells(name)
    part = f"{wanted.part}:{wanted.population}" if wanted.population else wanted.part
    if wanted.tag is None:
        return f"{part} cells"
    tag = f"tag '{wanted.tag}'" if wanted.tag else "any tag"
    return f"{part} cells {'with' if wanted.tagged else 'without'} {tag}"


def unit_of(text: str) -> str:
    """Unit of an expression's sides; empty for ratios and mixtures."""
    units = {_unit(term) for term in parse(text).terms} - {None}
    return str(units.pop()) if len(units) == 1 else ""


def _unit(term: Term) -> str | None:
    """Unit of a term; None for a number, which takes that of its neighbour."""
    match term:
        case Number():
            return None
        case Measure(name=name):
            return MEASURES[name].unit
        case Operation(what="corr" | "/"):
            return ""
    units = {_unit(part) for part in term.terms} - {None}
    if term.what == "*" and len(units) > 1:
        return ""
    return units.pop() if len(units) == 1 else ("" if units else None)


def effect(verdict: Verdict) -> str:
    """What was found beside what is needed, e.g. ``34 [21, 47] ≥ 20 %``."""
    words = [_interval(verdict.terms[0])]
    for sign, term in zip(verdict.signs, verdict.terms[1:], strict=True):
        words += [SIGNS[sign], _interval(term)]
    return f"{' '.join(words)} {unit_of(verdict.predicate.expr)}".rstrip()


def margin(verdict: Verdict) -> str:
    """By how much it holds or fails, e.g. ``+14 [1, 27] %``."""
    sign = "+" if verdict.margin.value > 0 else ""
    return f"{sign}{_interval(verdict.margin)} {unit_of(verdict.predicate.expr)}".rstrip()


def _interval(interval: Interval) -> str:
    if math.isnan(interval.value):
        return "no value"
    if interval.low == interval.high == interval.value:
        return number(interval.value)
    return f"{number(interval.value)} [{number(interval.low)}, {number(interval.high)}]"


def number(value: float) -> str:
    """A number as short as it is clear."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if abs(value) < SMALLEST:
        return "0"
    text = f"{value:.0f}" if abs(value) >= 20 else f"{value:.2g}"
    return text.replace("-", "−")
