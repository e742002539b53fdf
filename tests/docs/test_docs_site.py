"""The documentation site is built as a reader gets it: without a warning, notebooks executed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from shell_blocks import DOCS

from engramlab.brain import Brain
from engramlab.evidence import finding_ids

NOTEBOOKS = ("bench-scientist", "analyst", "modeller", "teacher")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it with every warning an error."""
    out = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", str(out / "trees")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(DOCS), str(out / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return out / "html"


def test_the_site_holds_what_it_promises_and_fetches_nothing(site: Path) -> None:
    for notebook in NOTEBOOKS:
        page = (site / "tutorials" / f"{notebook}.html").read_text(encoding="utf-8")
        assert "cell_output" in page, notebook
    mechanisms = (site / "generated" / "mechanisms.html").read_text(encoding="utf-8")
    assert mechanisms.count("<math") > 3 * len(Brain().mechanisms)
    findings = (site / "findings.html").read_text(encoding="utf-8")
    assert [
        name for name in finding_ids() if f'id="{name.replace("_", "-")}"' not in findings
    ] == []
    fetched = [
        f"{page.relative_to(site)}: {where}"
        for page in site.rglob("*.html")
        for where in re.findall(
            r'<(?:script|img|link rel="stylesheet")[^>]*?(?:src|href)="(https?:[^"]*)"',
            page.read_text(encoding="utf-8"),
        )
    ]
    assert fetched == []


def test_every_page_of_ours_is_reached_from_the_front_page(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.glob("*.md")]
    assert [page for page in pages if page != "index.html" and f'href="{page}"' not in front] == []
