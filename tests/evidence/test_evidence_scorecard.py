"""The scorecard: well-formed, loads nothing, runs nobody's text, and says what was found."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handmade import protocol, reading

from engramlab.brain import Brain
from engramlab.evidence import Finding, Outcome, Tally
from engramlab.evidence.verdict import evaluate_all
from engramlab.report.scorecard import write_scorecard

EVIL = '<script>alert("x")</script><img src=http://evil.example/x.png> & {{ 7 * 7 }}'
VOID = {"meta", "br", "img", "input", "hr", "path", "circle", "rect"}
LOADS = {"src", "srcset", "data", "poster", "background", "action", "xlink:href", "style"}


class Page(HTMLParser):
    """Tags in order; raises where they are not nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def finding(name: str, *predicates: dict[str, Any], **fields: Any) -> Finding:
    return Finding.model_validate(
        {
            "id": name,
            "title": f"Title of {name}",
            "claim": EVIL,
            "topic": "fear",
            "citation": {
                "authors": "Nobody N",
                "year": 2000,
                "journal": "None 1:1",
                "doi": "10.1000/xyz",
            },
            "tier": "recalled",
            "protocol": protocol(),
            "predicates": predicates or [HOLDS],
            **fields,
        }
    )


HOLDS = {"expr": 'freezing["one", "test"] > 0', "kind": "direction", "why": EVIL}
FAILS = {"expr": 'freezing["one", "test"] > 200', "kind": "size"}
UNDEFINED = {"expr": 'reactivated_share["two", "test", "DG"] > 2', "kind": "size", "soft": True}
PREFERS = {"expr": 'preference["two", "test"] < 90', "kind": "null", "control": True}


def outcome(wanted: Finding, seed: int = 1, **given: Any) -> Outcome:
    read = reading(seed=seed, tagged=False, **given)
    return Outcome(wanted, seed, 4, evaluate_all(wanted.predicates, read), read.seen)


def page_of(folder: Path, outcomes: list[Outcome]) -> tuple[Page, dict[str, Any]]:
    path = write_scorecard(outcomes, folder, brain=Brain().without("replay"))
    content = json.loads((folder / "scorecard.json").read_text())
    return Page(path.read_text(encoding="utf-8")), content


@pytest.fixture
def outcomes() -> list[Outcome]:
    broken = finding("broken", HOLDS)
    return [
        outcome(finding("good", HOLDS, PREFERS, UNDEFINED)),
        outcome(finding("bad", HOLDS, FAILS)),
        outcome(finding("disputed", HOLDS, tier="contested", topic="debate")),
        Outcome(broken, 1, 4, (), error=EVIL),
    ]


def test_the_page_loads_nothing_and_runs_nobodys_text(
    outcomes: list[Outcome], tmp_path: Path
) -> None:
    page, _ = page_of(tmp_path / "card", outcomes)
    assert {tag for tag, _ in page.tags} & {"img", "link", "iframe", "object", "embed", "base"} == (
        set()
    )
    assert page.all("script") == [{}]
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs), tag
        for name in LOADS & set(attrs):
            assert name == "style"
            assert "url(" not in str(attrs[name])
    links = [str(attrs["href"]) for attrs in page.all("a")]
    assert set(links) == {"https://doi.org/10.1000/xyz"}
    html = (tmp_path / "card" / "scorecard.html").read_text()
    assert not re.search(r"@import|url\((?!#)", html)
    assert EVIL in page.text


def test_every_finding_has_a_card_with_a_picture_for_every_predicate(
    outcomes: list[Outcome], tmp_path: Path
) -> None:
    page, _ = page_of(tmp_path / "card", outcomes)
    cards = {attrs["id"]: attrs["data-status"] for attrs in page.all("article")}
    assert cards == {
        "disputed": "holds contested", "good": "holds", "bad": "fails", "broken": "fails",
    }  # fmt: skip
    margins = [attrs for attrs in page.all("svg") if attrs.get("class") == "margin"]
    assert len(margins) == 5  # of six predicates that were run one has no value
    labels = " ".join(str(attrs.get("aria-label")) for attrs in page.all("svg"))
    assert "freezing, %" in labels
    assert "preference, s" in labels
    assert "1 of 3" in page.text
    assert "without replay" in page.text
    assert "Could not be run" in page.text


def test_every_animal_is_a_dot_and_margins_lie_on_their_side(tmp_path: Path) -> None:
    values = np.array([10.0, 20, 30, 40, 0, 0, 0, 0])[:, None]
    page, _ = page_of(tmp_path / "c", [outcome(finding("bad", HOLDS, FAILS), freezing=values)])
    dots = [str(attrs["d"]) for attrs in page.all("path") if attrs.get("stroke-linecap") == "round"]
    assert [path.count("M") for path in dots] == [4]
    heights = [float(point.split()[1]) for point in re.findall(r"M([^h]*)h0", dots[0])]
    assert heights == [108, 96, 84, 72]  # of 120 for 0 to 100 %
    circle = next(attrs for attrs in page.all("circle") if attrs.get("fill") == "var(--yes)")
    assert float(str(circle["cx"])) > 120  # right of the bound
    diamond = next(
        str(attrs["d"]) for attrs in page.all("path") if attrs.get("stroke") == "var(--no)" and
        "l6 6" in str(attrs["d"])
    )  # fmt: skip
    assert float(diamond[1:].split()[0]) < 120


def test_the_file_holds_everything(outcomes: list[Outcome], tmp_path: Path) -> None:
    _, content = page_of(tmp_path / "card", outcomes)
    assert set(content) == {
        "version", "brain", "seeds", "overall", "contested", "soft_predicates", "topics",
        "findings",
    }  # fmt: skip
    assert content["overall"] == {"held": 1.0, "of": 3, "always": 1}
    assert content["contested"] == {"held": 1.0, "of": 1, "always": 1}
    assert content["soft_predicates"] == {"held": 0.0, "of": 1, "always": 0}
    assert content["topics"]["debate"]["of"] == 0
    assert content["brain"]["switched_off"] == ["replay"]
    by_id = {entry["id"]: entry for entry in content["findings"]}
    assert by_id["bad"]["outcomes"][0]["predicates"][1]["passed"] is False
    assert by_id["good"]["outcomes"][0]["predicates"][2]["margin"] is None
    assert by_id["good"]["citation"]["doi"] == "10.1000/xyz"


def test_with_several_seeds_shares_are_told(tmp_path: Path) -> None:
    wanted = finding("some", {"expr": 'freezing["one", "test"] > 25', "kind": "size"})
    outcomes = [
        outcome(wanted, seed, freezing=np.full((8, 1), value))
        for seed, value in ((1, 30.0), (2, 20.0), (3, 40.0), (4, 50.0))
    ]
    tally = Tally.of(outcomes)
    assert tally.standings[0].share == 0.75
    assert (tally.overall.held, tally.overall.of, tally.overall.always) == (0.75, 1, 0)
    page, content = page_of(tmp_path / "card", outcomes)
    assert content["seeds"] == [1, 2, 3, 4]
    assert content["findings"][0]["share_of_seeds"] == 0.75
    assert page.all("article")[0]["data-status"] == "varies"
    assert "3/4" in page.text
    assert "holds with 3 of 4 seeds" in page.text


def test_the_same_outcomes_give_the_same_files(outcomes: list[Outcome], tmp_path: Path) -> None:
    for name in ("one", "two"):
        page_of(tmp_path / name, outcomes)
    for file in ("scorecard.html", "scorecard.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
