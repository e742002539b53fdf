"""Reports are one file that loads nothing, says where it comes from and runs nobody's code."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import engramlab as lab
from engramlab.analysis import analyze
from engramlab.brain import Brain
from engramlab.errors import OutputError
from engramlab.importers import ColumnMap, Scores
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.report import FIGURES, picture, write_analysis_report, write_report
from engramlab.report import page as page_module

EVIL = (
    '<script>alert("x")</script><img src=http://evil.example/x.png onerror=alert(1)>'
    " & \"' {{ 7 * 7 }}"
)
LOADS = {"src", "srcset", "data", "poster", "background", "action", "xlink:href", "href"}


class Page(HTMLParser):
    """Everything in a page that could load something or run something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("aria-label", "alt"):
                self.labels.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name in LOADS:
                (self.links if value and value.startswith("#") else self.loads).append(value or "")
            self.links += re.findall(r"url\((#[^)]*)\)", value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def check_self_contained(html: str) -> Page:
    page = Page(html)
    assert not page.tags & {"script", "iframe", "object", "embed", "link", "base", "form"}
    assert page.handlers == []
    assert [value for value in page.loads if not value.startswith("data:image/png;base64,")] == []
    assert not re.search(r"@import|url\((?!#)", html)
    assert len(page.ids) == len(set(page.ids)), "ids of figures collide"
    assert {link[1:] for link in page.links} <= set(page.ids)
    return page


@cache
def evil_experiment() -> Experiment:
    protocol = Protocol.create(
        name="evil",
        title=EVIL,
        description=EVIL,
        citation=EVIL,
        contexts={"A": {}},
        tags={"engram": {}},
        groups={"one": {"title": EVIL}, "two": {"without": ["replay"]}},
        timeline=[
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            {
                "do": "session",
                "name": "training",
                "context": "A",
                "minutes": 1,
                "at_hours": 0,
                "shocks": {"at_minutes": [0.5], "shock_mA": 1},
            },
            {"do": "session", "name": "test", "context": "A", "minutes": 1, "at_days": 1},
        ],
    )
    brain = Brain().with_parameters(boost_gain=2.5).without("creb")
    return lab.run(protocol, animals=2, seed=3, workers=1, brain=brain)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(evil_experiment(), tmp_path_factory.mktemp("report"))


def test_the_page_is_self_contained_and_escapes_what_users_write(report: Path) -> None:
    html = report.read_text(encoding="utf-8")
    page = check_self_contained(html)
    assert EVIL in page.text  # as text, whole
    assert "<img src=http" not in html
    assert 'lang="en"' in html
    assert "prefers-color-scheme: dark" in html


def test_the_page_shows_the_results_and_where_they_come_from(report: Path) -> None:
    experiment = evil_experiment()
    page = Page(report.read_text(encoding="utf-8"))
    mean = experiment.freezing.xs("two")["test"].to_numpy().mean()
    assert f"{mean:.1f} ± " in page.text
    run = experiment.provenance
    for text in (
        run["version"],
        run["digest"],
        run["brain"]["digest"],
        run["command"],
        "boost_gain = 2.5",
        "creb",
        "without replay",
        *(row["name"] for row in run["parameters"]),
        *(row["source"] for row in run["parameters"]),
    ):
        assert str(text) in page.text


def test_every_figure_is_on_the_page_and_beside_it(report: Path) -> None:
    html = report.read_text(encoding="utf-8")
    page = Page(html)
    drawn = [name for name, kind in FIGURES.items() if not kind.why_not(evil_experiment())]
    assert set(drawn) >= {"timeline", "freezing", "engram_size", "reactivation", "overlap"}
    assert set(drawn) <= set(page.ids)
    assert html.count('role="img"') == len(drawn)
    for name in drawn:
        assert FIGURES[name].alt_text(evil_experiment()) in page.labels
    files = {path.name for path in (report.parent / "figures").iterdir()}
    assert files == {f"{name}.{ending}" for name in drawn for ending in ("svg", "png")}
    written = {path.name for path in report.parent.iterdir()}
    assert written - {"comparisons.csv"} == {"report.html", "figures"}


def test_figures_take_the_colours_of_the_page(report: Path) -> None:
    svg = re.findall(r"<svg.*?</svg>", report.read_text(encoding="utf-8"), re.DOTALL)
    for content in svg:
        assert "currentColor" in content
        assert "#222222" not in content  # the ink of paper is invisible on a dark page


def test_what_was_not_drawn_is_said(tmp_path: Path) -> None:
    protocol = Protocol.create(
        name="plain",
        contexts={"A": {}},
        groups={"one": {}},
        timeline=[{"do": "session", "name": "s", "context": "A", "minutes": 1, "at_hours": 0}],
    )
    path = write_report(lab.run(protocol, animals=1, workers=1), tmp_path)
    text = Page(path.read_text(encoding="utf-8")).text
    assert "no tag labelled cells" in text
    assert "no animal had two sessions" in text


def test_a_very_large_figure_becomes_a_bitmap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "LARGEST_SVG", 1000)
    monkeypatch.setattr(page_module, "FIGURES", {"freezing": FIGURES["freezing"]})
    html = write_report(evil_experiment(), tmp_path).read_text(encoding="utf-8")
    page = check_self_contained(html)
    assert "svg" not in page.tags
    assert len(page.loads) == html.count('<img src="data:image/png;base64,') == 1
    assert FIGURES["freezing"].alt_text(evil_experiment()) in page.labels


def test_a_page_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(self: Path, *arguments: Any, **options: Any) -> int:
        if self.name == "report.html":
            raise OSError(28, "No space left on device")
        return write(self, *arguments, **options)

    monkeypatch.setattr(page_module, "FIGURES", {"freezing": FIGURES["freezing"]})
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(evil_experiment(), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_the_report_of_an_analysis(tmp_path: Path) -> None:
    rows = [
        {
            "experiment": "all",
            "group": "<b>&",
            "condition": condition,
            "hours": hours,
            "measure": "freezing",
            "animal": str(animal),
            "value": 10.0 * animal + (30 if condition == "training" else 0) + hours / 24,
        }
        for condition in ("training", "novel")
        for hours in (1.0, 24.0)
        for animal in range(4)
    ]
    columns = ColumnMap(freezing="freezing", training="training", novel="novel")
    analysis = analyze(Scores(pd.DataFrame(rows), columns, f"{EVIL}.csv"))
    path = write_analysis_report(analysis, tmp_path / "out")
    page = check_self_contained(path.read_text(encoding="utf-8"))
    assert EVIL in page.text
    mean = analysis.freezing["mean"].iloc[0]
    assert f"{mean:.3g}" in page.text
    assert {"freezing-by-hours", "discrimination-by-hours", "effect-sizes"} <= set(page.ids)
    assert (path.parent / "figures" / "freezing-by-hours.png").stat().st_size > 1000
