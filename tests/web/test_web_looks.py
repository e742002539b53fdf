"""What a page looks like: to a screen reader, to a keyboard, on a phone, and for the README."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from laboratories import Laboratory
from playwright.sync_api import Browser, Page, TimeoutError, expect

from engramlab.cli import main

PAGES = {
    "design": ".block",
    "run": ".run-card",
    "run/small-seed1": "figcaption:has-text('Overlap')",
    "see/small-seed1": ".brain-overlap figure",
    "live": ".live-place",
    "learn": ".learn-list",
    "learn/silent/4": ".learn-box",
    "analyse": ".drop",
    "evidence": ".topic",
    "evidence/finding/ryan2015": ".predicates",
}
IMAGES = Path(__file__).parents[2] / "docs" / "images"


def arrive(page: Page, address: str, there: str) -> None:
    """Go to a page and wait for what it is known by; say what it shows where that does not come."""
    page.goto(address)
    try:
        page.locator(there).first.wait_for()
    except TimeoutError as error:
        raise AssertionError(f"no {there} on {address}: {page.inner_text('body')}") from error


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, laboratory: Laboratory, scheme: str) -> None:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        bypass_csp=True,  # axe is injected
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(60_000)
    found = []
    for name, there in PAGES.items():
        page = context.new_page()
        arrive(page, f"{laboratory.address}#/{name}", there)
        if name == "design":
            page.locator(".block").first.click()
        result = Axe().run(page, options={"resultTypes": ["violations"]})
        found += [
            f"{name}: {violation['id']}: {node['html'][:120]}"
            for violation in result.response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        page.close()
    context.close()
    assert not found, "\n".join(found)


def test_a_phone_shows_every_page_without_scrolling_sideways(
    browser: Browser, laboratory: Laboratory
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    for name, there in PAGES.items():
        arrive(page, f"{laboratory.address}#/{name}", there)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    context.close()


def test_the_keyboard_reaches_the_content_and_the_tabs(page: Page, laboratory: Laboratory) -> None:
    arrive(page, f"{laboratory.address}#/design", PAGES["design"])
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#/design")
    page.get_by_role("link", name="Run", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Run", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Run", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def test_light_and_dark_are_kept(page: Page, laboratory: Laboratory) -> None:
    page.goto(laboratory.address)
    page.get_by_role("button", name="Dark colours").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    page.get_by_role("button", name="Light colours").click()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark


def test_screenshots(browser: Browser, laboratory: Laboratory, tmp_path: Path) -> None:
    """Pictures of the pages; with ENGRAMLAB_SCREENSHOTS they become those of the README."""
    run, folder = "small-seed1", tmp_path
    if os.environ.get("ENGRAMLAB_SCREENSHOTS"):
        run, folder = "contextual-fear-seed1", IMAGES
        command = ["run", "contextual-fear", "--out", str(laboratory.results / run), "--quiet"]
        main(command, standalone_mode=False)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    for name, address, there in (
        ("design", "design", ".block"),
        ("run", f"run/{run}", "figcaption:has-text('Overlap')"),
        ("see", f"see/{run}", "canvas"),
    ):
        arrive(page, f"{laboratory.address}#/{address}", there)
        page.wait_for_timeout(500)  # charts are drawn in the next frames
        picture = folder / f"lab-{name}.png"
        page.screenshot(path=picture)
        assert len(picture.read_bytes()) > 30_000  # an empty page has about 10 kB
    context.close()
