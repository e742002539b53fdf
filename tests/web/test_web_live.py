"""See, Live and Learn in a real browser: what they show is what Python gives."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from laboratories import PROTOCOL, Laboratory
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engramlab import LiveAnimal, film
from engramlab.engine import run_animal
from engramlab.protocol import parse_protocol
from engramlab.tours import all_tours

expect.set_options(timeout=60_000)
IMAGES = Path(__file__).parents[2] / "docs" / "images"
TRAINING: list[dict[str, Any]] = [
    {"do": "open_tag"},
    {"do": "enter", "place": "A"},
    {"do": "stay", "moments": 1},
    {"do": "stay", "moments": 4},
    {"do": "stay", "shock_mA": 0.75},
    {"do": "stay", "shock_mA": 0.75},
    {"do": "close_tag"},
    {"do": "wait", "nights": 1},
]


def pixels(page: Page) -> str:
    """The picture of the brain, once it rests."""
    page.wait_for_timeout(450)
    return str(page.locator(".brain-canvas").evaluate("canvas => canvas.toDataURL()"))


def ready(page: Page, laboratory: Laboratory, name: str) -> None:
    page.goto(f"{laboratory.address}#/{name}")
    expect(page.locator(".brain-what")).not_to_be_empty()


def train(page: Page) -> None:
    page.get_by_role("button", name="Tag window").click()
    expect(page.get_by_text("tag open")).to_be_visible()
    steps = [page.get_by_role("button", name="A", exact=True), page.get_by_text("+ 2 min")]
    shock = page.get_by_role("button", name="⚡ Shock")
    tag = page.get_by_role("button", name="Tag window")
    night = page.get_by_role("button", name="1 night", exact=True)
    for number, button in enumerate([*steps, shock, shock, tag, night]):
        button.click()
        # Entering is two actions: the place, and the first 30 s in it.
        expect(page.locator(".live-log li")).to_have_count(number + 3)
        expect(page.locator(".live-controls[aria-busy]")).to_have_count(0)


def test_see_shows_the_neurons_of_a_run(page: Page, laboratory: Laboratory) -> None:
    ready(page, laboratory, "see/small-seed1/shock/1")
    seen = film(parse_protocol(PROTOCOL), "shock", 1, 1)
    row = page.get_by_role("row", name="DG")
    place = seen.brain.region_slices()["DG"]
    last, trained = seen.frames[-1], seen.sessions["training"].engram[place]
    active = last.engram[place]
    expect(row.get_by_role("cell").nth(0)).to_have_text(str(active.sum()))
    expect(row.get_by_role("cell").nth(2)).to_have_text(
        f"{(active & trained).sum()} / {trained.sum()}"
    )
    picture = page.locator(".brain-canvas")
    described = re.compile(f"DG: {active.sum()} of 800 cells active")
    expect(picture).to_have_attribute("aria-label", described)
    shown = pixels(page)
    page.get_by_label("Colour", exact=True).select_option("excitability")
    assert pixels(page) != shown
    slider = page.get_by_role("slider", name="Time")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".brain-what")).to_contain_text("before anything is done")
    expect(page.get_by_text("Overlap of ensembles, × chance")).to_be_visible()


def test_a_neuron_is_followed_and_pictures_are_saved(page: Page, laboratory: Laboratory) -> None:
    ready(page, laboratory, "see/small-seed1/shock/0")
    neuron = page.get_by_role("region", name="One neuron")
    neuron.get_by_label("Region", exact=True).select_option("BLA")
    neuron.get_by_label("Cell", exact=True).fill("7")
    neuron.get_by_label("Cell", exact=True).press("Enter")
    expect(neuron.get_by_text("BLA 7 (negative)")).to_be_visible()
    expect(neuron.locator("figure svg").first).to_be_visible()
    page.locator(".brain-canvas").press("ArrowRight")
    expect(neuron.get_by_text("BLA 7 (negative)")).to_have_count(0)
    page.locator(".brain-canvas").press("Escape")
    expect(neuron.locator("figure")).to_be_hidden()
    for kind, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        page.get_by_label("Save the picture of the brain").click()
        with page.expect_download() as saved:
            page.locator(".brain-bar").get_by_role("button", name=kind).click()
        content = Path(saved.value.path()).read_bytes()
        assert content.startswith(begins)
        if kind == "SVG":
            dots = ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}circle")
            assert sum(1 for _ in dots) > 2000
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".brain-what")).to_contain_text("training")


def test_live_is_the_animal_of_python(
    context: BrowserContext, page: Page, laboratory: Laboratory
) -> None:
    ready(page, laboratory, "live")
    mouse = LiveAnimal(1, TRAINING)
    train(page)
    page.get_by_role("button", name="Probe, 3 min").click()
    natural = mouse.do("probe", place="A").freezing
    expect(page.locator(".brain-what")).to_contain_text(f"freezing {round(natural)} %")

    # Light on the tagged cells in a place that has nothing in common with A.
    page.get_by_label("on, in places and probes").check()
    page.get_by_label("Place of the probe").select_option("D")
    page.get_by_role("button", name="Probe, 3 min").click()
    light = [{"cells": {"region": "DG", "tagged": "engram"}}]
    lit = mouse.do("probe", place="D", light=light).freezing
    assert lit > 40
    expect(page.locator(".brain-what")).to_contain_text(f"freezing {round(lit)} %")
    expect(page.get_by_text("light drives", exact=True)).to_be_visible()

    # What was done is a protocol, and this protocol gives this animal.
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export as protocol").click()
    plan = parse_protocol(Path(saved.value.path()).read_text())
    record = run_animal(plan, "mouse", 0, 1)
    assert np.allclose(record.freezing_by_moment[-1].mean(), lit, atol=1e-4)

    # Another tab has another animal; this one survives a reload, and the server its own end.
    other = context.new_page()
    ready(other, laboratory, "live")
    expect(other.get_by_text("Nothing yet")).to_be_visible()
    other.close()
    page.goto("about:blank")
    laboratory.stop()
    laboratory.start()
    ready(page, laboratory, "live")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".brain-what")).to_contain_text(f"freezing {round(natural)} %")
    page.reload()
    expect(page.locator(".live-log li")).to_have_count(len(TRAINING) + 1)
    expect(page.locator(".brain-what")).to_contain_text(f"freezing {round(natural)} %")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("Nothing yet")).to_be_visible()


def test_what_cannot_be_done_is_said_beside_the_controls(
    page: Page, laboratory: Laboratory
) -> None:
    ready(page, laboratory, "live")
    page.get_by_label("on, in places and probes").check()
    page.get_by_role("button", name="Probe, 3 min").click()
    expect(page.get_by_role("alert")).to_contain_text("no tag 'engram'")
    page.get_by_label("on, in places and probes").uncheck()
    page.get_by_role("button", name="Probe, 3 min").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".live-log li")).to_have_count(1)
    for _ in range(5):
        page.get_by_role("button", name="28 nights").click()
        expect(page.locator(".live-controls[aria-busy]")).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("at most 120 days")


def test_a_tour_from_start_to_end(page: Page, laboratory: Laboratory) -> None:
    tour = all_tours()["silent"]
    page.goto(f"{laboratory.address}#/learn")
    expect(page.locator(".learn-list li")).to_have_count(len(all_tours()))
    page.get_by_role("link", name=f"Start the tour {tour.title}").click()
    for number, step in enumerate(tour.steps, 1):
        expect(page.get_by_role("heading", name=step.title, exact=True)).to_be_visible()
        expect(page.get_by_text(f"Step {number} of {len(tour.steps)}")).to_be_visible()
        shown = page.get_by_role("group", name="Animal shown").get_by_role("button", pressed=True)
        if number > 1:
            expect(shown).to_have_text(step.look.animal)
        if step.question:
            page.get_by_role("button", name=step.question.choices[0]).click()
            expect(page.get_by_text("Not so.")).to_be_visible()
        if step.title == "Natural recall":
            page.get_by_role("button", name="Try it with 8 animals").click()
            expect(page.get_by_text("In 8 model animals:")).to_be_visible()
        page.get_by_role("button", name="Finish" if number == len(tour.steps) else "Next").click()
    expect(page.get_by_text(tour.sources[0].title)).to_be_visible()
    expect(page.get_by_role("link", name=f"doi:{tour.sources[0].citation.doi}")).to_be_visible()
    page.get_by_role("link", name="All tours").first.click()
    expect(page.get_by_text("✓ done")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("runs/none/film?group=shock&animal=0", 404, "no run 'none'"),
        ("runs/small-seed1/film?group=shock&animal=3", 422, "is not in this run"),
        ("runs/small-seed1/film?group=x&animal=0", 422, "is not in this run"),
        ("tours/none", 404, "no tour 'none'"),
    ],
)
def test_what_there_is_not_is_said(
    laboratory: Laboratory, path: str, status: int, message: str
) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        response = client.get(f"{laboratory.address}api/{path}")
    assert response.status_code == status
    assert message in response.json()["problems"][0]["what"]


def test_screenshots(browser: Browser, laboratory: Laboratory, tmp_path: Path) -> None:
    """Pictures of the pages; with ENGRAMLAB_SCREENSHOTS they become those of the README."""
    folder = IMAGES if os.environ.get("ENGRAMLAB_SCREENSHOTS") else tmp_path
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    for name in ("live", "learn/engram/6"):
        ready(page, laboratory, name)
        if name == "live":
            train(page)
            page.get_by_role("button", name="Probe, 3 min").click()
            expect(page.locator(".brain-what")).to_contain_text("freezing")
        page.wait_for_timeout(600)
        picture = folder / f"lab-{name.partition('/')[0]}.png"
        page.screenshot(path=picture)
        assert len(picture.read_bytes()) > 60_000
    context.close()
