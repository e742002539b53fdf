"""Every measure says what it is and what chance gives, its example runs, and it is on the page."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import engramlab.measures

MODULES = [module.name for module in pkgutil.iter_modules(engramlab.measures.__path__)]
FUNCTIONS = sorted(
    name
    for name in engramlab.measures.__all__
    if inspect.isfunction(getattr(engramlab.measures, name))
)
PAGE = Path(__file__).parents[2] / "docs" / "measures.md"
ROW = re.compile(r"^\| `(\w+)` \|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$", re.MULTILINE)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    module = import_module(f"engramlab.measures.{name}")
    names = {"np": np, **vars(engramlab.measures), **vars(module)}  # as a notebook has them
    assert doctest.testmod(module, globs=names).failed == 0


def module_text(name: str) -> str:
    return inspect.getdoc(inspect.getmodule(getattr(engramlab.measures, name))) or ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_measure_has_its_sections_and_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(engramlab.measures, name)) or ""
    for section in ("Parameters", "Returns", "Examples"):
        assert f"{section}\n---" in text
    assert ">>>" in text
    assert "``" in text, "no formula"
    assert re.search(r"[Cc]hance|null value", text), "no chance level"
    sourced = re.search(r"\b(1[89]|20)\d\d\b|\bours\b", text + (module_text(name)))
    assert sourced, "no source"


def test_the_page_gives_formula_chance_use_and_caveat_of_every_measure() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert sorted(row[0] for row in rows) == FUNCTIONS
    for name, *cells in rows:
        assert all(cell.strip() for cell in cells), name
