"""Predicates and results in words."""

from __future__ import annotations

import pytest
from handmade import reading

from engramlab.evidence import all_findings, out_of_scope
from engramlab.evidence.finding import Citation, OutOfScope, Predicate
from engramlab.evidence.markdown import catalogue_markdown
from engramlab.evidence.verdict import evaluate_all
from engramlab.evidence.words import effect, in_words, margin, number, unit_of


@pytest.mark.parametrize(
    ("expr", "words", "unit"),
    [
        (
            'freezing["one", "test:tone", "0-2"] - freezing["two", "test"] >= 20',
            "freezing of one in test during tone (minutes 0–2) − freezing of two in test ≥ 20",
            "%",
        ),
        (
            'abs(engram_size["one", "test", "DG"] / engram_size["two", "test", "DG"] - 1) <= 0.25',
            "|active share of DG cells in one, test / active share of DG cells in two, test − 1|"
            " ≤ 0.25",
            "",
        ),
        (
            '2 * preference["one", "test"] > 3',
            "2 × preference of one in test > 3",
            "s",
        ),
        (
            'discrimination["one", "other"] > discrimination["one", "test:tone", "other"]',
            "discrimination of the first context from other by one > "
            "discrimination of test during tone from other by one",
            "",
        ),
        (
            'chromatin["one", "test", "!engram@BLA:negative"] > 0',
            "histone acetylation of BLA:negative cells without tag 'engram' in one before test > 0",
            "",
        ),
        (
            'reactivated_share["one", "test", "DG", "late"] > 5',
            "share of tagged DG cells active again in one, test (tag 'late') > 5",
            "%",
        ),
        (
            'corr(freezing["one", "test"], engram_size["one", "test", "DG"]) > 0',
            "correlation of (freezing of one in test) and (active share of DG cells in one, test)"
            " > 0",
            "",
        ),
    ],
)
def test_predicates_in_words(expr: str, words: str, unit: str) -> None:
    assert in_words(expr) == words
    assert unit_of(expr) == unit


def test_every_predicate_of_the_catalogue_has_words() -> None:
    for finding in all_findings().values():
        for predicate in finding.predicates:
            words = in_words(predicate.expr)
            assert '"' not in words, predicate.expr
            assert "[" not in words, predicate.expr


def test_results_in_words() -> None:
    read = reading(freezing=34.2)
    firm = Predicate(expr='freezing["one", "test"] >= 20', kind="size")
    paired = Predicate(expr='freezing["one", "test"] * 2 < freezing["two", "test"]', kind="size")
    one, two = evaluate_all([firm, paired], read)
    assert effect(one) == "34 ≥ 20 %"
    assert margin(one) == "+14 %"
    assert effect(two) == "68 < 34 %"
    assert margin(two) == "−34 %"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (2e-16, "0"), (0.0033, "0.0033"), (2.85, "2.9"), (-19.4, "−19"),
        (123456.7, "123457"), (float("nan"), "–"), (float("-inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_the_page_of_documentation_shows_all_and_escapes_markup() -> None:
    findings = list(all_findings().values())
    other = OutOfScope(
        id="x",
        title="A | B",
        citation=Citation(authors="N", year=2000, journal="J", doi="10.1/x"),
        reason="No <variable>.",
    )
    page = catalogue_markdown(findings, [other])
    for finding in findings:
        assert f'<a id="{finding.id}"></a>' in page
    assert "**A \\| B** (`x`). No \\<variable\\>." in page
    assert "https://doi.org/10.1/x" in page


def test_the_page_of_documentation_is_that_of_the_files() -> None:
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "findings.md"
    made = catalogue_markdown(list(all_findings().values()), out_of_scope())
    assert page.read_text(encoding="utf-8") == made, (
        "make it again: engramlab findings --markdown > docs/findings.md"
    )
