"""Figures of an experiment: one module is one figure.

A module holds `FIGURE`, a `FigureKind`; it is found by being here.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engramlab.report.figure import FigureKind


def _found() -> dict[str, FigureKind]:
    modules = (import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__))
    kinds: list[FigureKind] = [module.FIGURE for module in modules]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.place)}


FIGURES = _found()

__all__ = ["FIGURES"]
