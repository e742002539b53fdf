"""How all figures look: small sans type, few lines, colours that colour-blind people tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

# Okabe & Ito 2008, "Color universal design"; black last, since it is the ink of axes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#000000")
INK, GRID = "#222222", "#dddddd"
RC: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titley": 1.0,  # where they stand anyway: to look for it takes a tenth of all drawing
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.size": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # TrueType: journals want text that can be edited
    "savefig.bbox": "tight",
    "svg.fonttype": "none",
    "svg.hashsalt": "engramlab",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


def new_figure(
    width: float, height: float, *, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Make a styled figure.

    Parameters
    ----------
    width, height : float
        Inches.
    rows, columns : int
        Grid of axes.
    **options
        For `Figure.subplots`.

    Returns
    -------
    tuple of Figure and list of Axes
        The axes in reading order.
    """
    with rc_context(RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, [axis for row in axes for axis in row]


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a figure function under the style, so that what it writes later follows it too."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with rc_context(RC):
            return function(*args, **kwargs)

    return inner


def colours(count: int) -> list[str]:
    """`count` colours that can be told apart, repeating after eight."""
    return [COLOURS[index % len(COLOURS)] for index in range(count)]


def spread(count: int, width: float) -> Sequence[float]:
    """Offsets that lay `count` dots side by side within `width`, the same every time."""
    if count <= 1:
        return [0.0] * count
    # Alternate far and near dots so that neighbours in order do not touch.
    order = [(index * 7) % count if count % 7 else index for index in range(count)]
    return [width * (place / (count - 1) - 0.5) for place in order]
