"""What predicates may say, and what is said of those that cannot be evaluated."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from handmade import protocol
from hypothesis import given
from hypothesis import strategies as st

from engramlab.errors import ProtocolError
from engramlab.evidence.checking import problems_in
from engramlab.evidence.expression import (
    MEASURES,
    Comparison,
    Measure,
    Number,
    Operation,
    Term,
    parse,
    text_of,
)

PLAN = protocol()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1 +", "is not an expression"),
        ("", "is not an expression"),
        ("a\0b > 1", "is not an expression"),
        ("(" * 900 + "1" + ")" * 900 + " > 0", "is not an expression"),
        ("1 + " * 600 + "1 > 0", "is too long"),
        ("1 + 2", "is no comparison"),
        ("1 == 1", "is no comparison"),
        ("1 in 2", "is no comparison"),
        ("freezing[one] > 1", "names no group and session"),
        ('freezing["one", 3] > 1', "names no group and session"),
        ("__import__('os') > 1", "holds '__import__"),
        ("(lambda: 1)() > 1", "holds '(lambda"),
        ("True > 0", "holds 'True'"),
        ('freezing["one", "test"].real > 0', "holds 'freezing"),
        ("2 ** 3 > 0", "holds '2 ** 3'"),
        ("abs(1, 2) > 0", "gives abs() 2 terms"),
        ("max(1) > 0", "gives max() 1 terms"),
        ("sum(1, 2) > 0", "holds 'sum(1, 2)'"),
        ("min(a=1) > 0", "holds 'min(a=1)'"),
        ('freezing["one"] > 1', "has 1 names in its brackets"),
        ('freezing["one", "test", "tone", "0-1", "x"] > 1', "has 5 names in its brackets"),
        ('corr(freezing["one", "test"], freezing["two", "test"]) > 0', "of 2 groups"),
        ('corr(freezing["one", "test"], 1) > 0', "corr() holds a term without a measure"),
        (
            'corr(2 * corr(tag_size["g", "t", "DG"], freezing["g", "a"]), freezing["g", "a"]) > 0',
            "within",
        ),
    ],
)
def test_expressions_outside_the_grammar_are_refused(text: str, what: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(what)):
        parse(text)


@pytest.mark.parametrize(
    ("measure", "what", "allowed"),
    [
        ('freezin["one", "test"]', "'freezin' is no measure", "did you mean 'freezing'?"),
        ('freezing["onne", "test"]', "no group 'onne'", "did you mean 'one'? one of one, two"),
        ('freezing["one", "tests"]', "no session 'tests'", "did you mean 'test'?"),
        ('freezing["one", "test", "tine"]', "no cue 'tine'", "did you mean 'tone'?"),
        ('freezing["one", "other", "tone"]', "no cue 'tone'", "minutes as in 0-2"),
        ('freezing["one", "test", "1-3"]', "minutes 1-3 are no part", "within 0-2"),
        ('freezing["one", "test", "1-1"]', "minutes 1-1 are no part", "within 0-2"),
        ('freezing["one", "test", "0.2-1"]', "minutes 0.2-1 are no part", "steps of 0.5"),
        ('freezing["one", "test:tone:0-0.5"]', "'tone' is not on", "minutes with the cue"),
        ('freezing["one", "test:tone", "noise"]', "names two cues", "one cue"),
        ('freezing["one", "test:0-1", "0-2"]', "names minutes twice", "one range"),
        ('engram_size["one", "test:tone", "DG"]', "part of a session", "a whole session"),
        ('engram_size["one", "test", "CA2"]', "set of cells 'CA2'", "one of EC, DG, CA3"),
        ('engram_size["one", "test", "BLA:nagative"]', "'nagative'", "did you mean 'negative'?"),
        ('engram_size["one", "test", "DG:negative"]', "no population 'negative'", "none"),
        ('tag_size["one", "engran", "DG"]', "no tag 'engran'", "did you mean 'engram'?"),
        ('chromatin["one", "test", "!engran@DG"]', "no tag 'engran'", "did you mean 'engram'?"),
        ('chromatin["one", "test", "engram@XX"]', "set of cells 'XX'", "one of EC"),
        ('strength["one", "test", "CA3-CA2"]', "projection 'CA3-CA2'", "did you mean 'CA3-CA3'?"),
        ('recruitment["one", "test", "chosn"]', "no set of cells 'chosn'", "'chosen'"),
        ('over_representation["one", "test", "chosen"]', "no session is needed", "an empty text"),
        ('over_representation["one", "", "engram-DG"]', "itself chosen by a tag", "otherwise"),
        ('reactivated_share["one", "training", "DG"]', "itself gave the cells", "outside"),
        ('discrimination["one", "training"]', "at the same hour", "both sessions"),
    ],
)
def test_measures_that_a_protocol_does_not_have(measure: str, what: str, allowed: str) -> None:
    problems = problems_in(f"{measure} > 1", PLAN, "x.yaml, line 7, predicates[2].expr")
    assert len(problems) == 1
    assert problems[0].where == "x.yaml, line 7, predicates[2].expr"
    assert what in problems[0].what
    assert allowed in problems[0].allowed


def test_every_problem_is_told_once() -> None:
    text = 'freezing["one", "a"] > freezing["two", "b"] > freezing["one", "a"]'
    assert len(problems_in(text, PLAN)) == 2


def test_numbers_alone_prove_nothing() -> None:
    assert "numbers only" in problems_in("1 < 2", PLAN)[0].what


def test_sessions_and_tags_are_those_of_the_group() -> None:
    timeline = [
        {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1, "groups": ["one"]},
        {"do": "tag", "name": "late", "at_hours": 0, "hours": 1, "groups": ["one"]},
        {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 2},
        {"do": "session", "name": "test", "at_hours": 24, "context": "A", "minutes": 2,
         "groups": ["one"]},
    ]  # fmt: skip
    plan = protocol(timeline=timeline, tags={"engram": {}, "late": {}})
    assert "no session 'test'" in problems_in('freezing["two", "test"] > 1', plan)[0].what
    assert "no tag 'engram'" in problems_in('tag_size["two", "engram", "DG"] > 1', plan)[0].what
    unclear = problems_in('reactivated_share["one", "test", "DG"] > 1', plan)[0]
    assert "has 2 tags (engram, late); say which" in unclear.what
    assert problems_in('reactivated_share["one", "test", "DG", "late"] > 1', plan) == []
    tagged = 'chromatin["two", "training", "untagged@DG"] > 1'
    assert "has no tag" in problems_in(tagged, plan)[0].what


def test_every_measure_can_be_named() -> None:
    example = {
        "when": "test",
        "window": "tone",
        "session": "test",
        "part": "BLA:negative",
        "cells": "untagged@BLA",
        "tag": "engram",
        "set": "chosen",
        "projection": "CA3-CA1",
        "": "",
    }
    for name, signature in MEASURES.items():
        for may in range(len(signature.may) + 1):
            if name == "discrimination" and may == 0:
                continue
            kinds = (*signature.needs, *signature.may[:may])
            names = [example[kind] for kind in kinds]
            if kinds.count("window") == 2:
                names[-1] = "0-1"
            text = f"{Measure(name, 'one', tuple(names))} > 1"
            assert problems_in(text, PLAN) == [], text


names = st.sampled_from(['freezing["one", "test"]', 'engram_size["two", "test", "DG"]'])
leaves = st.one_of(
    st.integers(0, 1000).map(lambda number: Number(float(number))),
    names.map(lambda name: parse(f"{name} > 0").terms[0]),
)


def operations(terms: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    two, one = st.tuples(terms, terms), st.tuples(terms)
    return st.one_of(
        st.builds(Operation, st.sampled_from("+-*/"), two),
        st.builds(Operation, st.sampled_from(["min", "max"]), two),
        st.builds(Operation, st.sampled_from(["abs", "negative"]), one),
    )


@given(st.recursive(leaves, operations, max_leaves=12), st.sampled_from(["<", "<=", ">", ">="]))
def test_a_term_is_written_as_it_is_read(term: Term, sign: str) -> None:
    assert parse(f"{text_of(term)} {sign} 1") == Comparison((term, Number(1.0)), (sign,))


@given(st.text(max_size=60))
def test_no_text_does_more_than_raise_our_error(text: str) -> None:
    for expr in (text, f"{text} > 1", f'freezing["one", "test{text}'):
        with suppress(ProtocolError):
            parse(expr)
