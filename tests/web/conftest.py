"""A laboratory that runs, a browser before it, and a finished run in its results folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from laboratories import PROTOCOL, Laboratory
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from engramlab.cli import main

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder on one worker: they share one server and one browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("web"))


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results folder of a small run of the command line."""
    place = tmp_path_factory.mktemp("finished")
    (place / "small.yaml").write_text(PROTOCOL)
    folder = place / "small-seed1"
    command = ["run", str(place / "small.yaml"), "--animals", "3", "--seed", "1", "--workers", "1"]
    main([*command, "--quiet", "--out", str(folder)], standalone_mode=False)
    return folder


@pytest.fixture(scope="session")
def laboratory(
    tmp_path_factory: pytest.TempPathFactory, finished_run: Path
) -> Iterator[Laboratory]:
    """``engramlab lab`` in a process of its own, with one finished run."""
    results = tmp_path_factory.mktemp("laboratory") / "results"
    shutil.copytree(finished_run, results / finished_run.name)
    running = Laboratory(results)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or another one that is installed."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("no Chromium on this machine; 'python3 tasks.py test' installs it on Debian")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _complaint(message: ConsoleMessage) -> list[str]:
    """What a page logs as an error; tests themselves ask for what there is not."""
    ours = message.type == "error" and "Failed to load resource" not in message.text
    return [message.text] if ours else []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past; what its pages complain about fails the test."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    made.set_default_timeout(60_000)  # the machine may be busy
    complaints: list[str] = []
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.on("console", lambda message: complaints.extend(_complaint(message)))
    yield made
    made.close()
    assert not complaints


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One page."""
    return context.new_page()
