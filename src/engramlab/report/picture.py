"""Matplotlib figures as files, and as pictures inside a page that loads nothing."""

from __future__ import annotations

import re
import warnings
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from engramlab.analysis.style import GRID, INK, RC
from engramlab.errors import OutputError, ParameterError, Problem

LARGEST_SVG = 1_000_000  # bytes; larger ones are put into the page as PNG
PNG_DPI = 160
PNG_LEVEL = 3  # files a tenth larger than at Pillow's 6, written in two thirds of the time
PAPER_DPI = 300
FORMATS = ("svg", "pdf", "png")
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
# The page's style sheet gives these a value for light and for dark screens.
PAGE_COLOURS = {INK: "currentColor", GRID: "var(--grid)"}
REFERENCE = re.compile(r"url\(#|^#")


@dataclass(frozen=True)
class Picture:
    """A figure on the page.

    Parameters
    ----------
    name : str
        Also the name of its files.
    title, caption : str
    alt : str
        For who cannot see it.
    html : Markup
        The picture itself.
    """

    name: str
    title: str
    caption: str
    alt: str
    html: Markup


def save_figure(
    figure: Figure, path: str | Path, *, width_mm: float | None = None, dpi: int = PAPER_DPI
) -> Path:
    """Write a figure for a paper; the ending of the name is the format.

    SVG and PDF keep text as text (TrueType in PDF, as journals ask), PNG has a white ground.
    Colours are those of Okabe & Ito, which colour-blind readers tell apart. The same figure gives
    the same bytes: no date is written.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `engramlab.plot`, `engramlab.estimation_plot`, or any other.
    path : str or Path
        Ends with .svg, .pdf or .png.
    width_mm : float, optional
        Width of the figure, its height in proportion: 85 to 90 for a column of most journals, 180
        for a page. Text keeps its size in points, so a figure that is made much smaller gets
        crowded.
    dpi : int
        Of PNG.

    Returns
    -------
    Path

    Raises
    ------
    ParameterError
        For another ending or a width that is none.
    OutputError
        When it cannot be written.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        endings = ", ".join(f".{one}" for one in FORMATS)
        raise ParameterError(
            Problem(str(path), "is no format for figures", f"a name with {endings}")
        )
    if width_mm is not None and not 20 <= width_mm <= 1000:
        raise ParameterError(Problem(f"width_mm {width_mm}", "is no width", "20 to 1000"))
    if width_mm is not None:
        width, height = figure.get_size_inches()
        figure.set_size_inches(width_mm / 25.4, height * width_mm / 25.4 / width)
    dates: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    try:
        # A figure cut to what is drawn has no width that one could ask for.
        cut: dict[Any, Any] = {"savefig.bbox": "tight" if width_mm is None else None}
        with matplotlib.rc_context({**RC, **cut}), _no_warning_of_glyphs():
            figure.savefig(path, dpi=dpi, metadata=dates.get(kind), transparent=kind != "png")
    except OSError as error:
        raise OutputError(
            Problem(str(path), f"cannot be written ({error.strerror or error})", "another place")
        ) from error
    return path


def make_picture(
    figure: Figure, folder: Path, name: str, title: str, caption: str, alt: str
) -> Picture:
    """Write a figure as ``name.svg`` and ``name.png`` into `folder` and make it part of a page."""
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    with matplotlib.rc_context(RC), _no_warning_of_glyphs():
        cut = _laid_out(figure)
        # Transparent, so that it takes the colour of the page or the slide it is put on.
        figure.savefig(svg, metadata={"Date": None}, transparent=True, bbox_inches=cut)
        how = {"compress_level": PNG_LEVEL}
        figure.savefig(png, dpi=PNG_DPI, facecolor="white", bbox_inches=cut, pil_kwargs=how)
    html = inline_svg(svg.read_bytes(), name, alt)
    if len(html) > LARGEST_SVG:
        data = b64encode(png.read_bytes()).decode()
        html = Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, alt)
    return Picture(name, title, caption, alt, html)


def _laid_out(figure: Figure) -> Bbox:
    """Lay a figure out for good and say where it ends, in inches: each takes as long as drawing."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)  # with "none" Matplotlib would draw twice to save once
    return figure.get_tightbbox().padded(matplotlib.rcParams["savefig.pad_inches"])


def inline_svg(content: bytes, name: str, alt: str) -> Markup:
    """Turn an SVG file into an element that several on one page do not disturb one another.

    Parameters
    ----------
    content : bytes
        SVG as Matplotlib writes it.
    name : str
        Put before all its ids, so that they stay unique on the page.
    alt : str
        Text for who cannot see it.

    Returns
    -------
    Markup
        Fits the width of the page, takes its colours of text and grid from it.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(content)  # our own file, not a stranger's
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    width = float(root.attrib.pop("width").removesuffix("pt"))
    root.attrib.pop("height")
    root.set("style", f"width:{width * 4 / 3:.0f}px")
    root.set("role", "img")
    root.set("aria-label", alt)
    seen: Counter[str] = Counter()  # Matplotlib gives the same id to images of the same content
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                seen[value] += 1
                again = f"-{seen[value]}" if seen[value] > 1 else ""
                element.set(key, f"{name}-{value}{again}")
            elif key != "aria-label":
                value = REFERENCE.sub(lambda found: f"{found.group()}{name}-", value)
                for colour, of_page in PAGE_COLOURS.items():
                    value = value.replace(colour, of_page)
                element.set(key, value)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


@contextmanager
def _no_warning_of_glyphs() -> Iterator[None]:
    """Names in a script that the font lacks show as boxes in PNG, and rightly in a browser."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield
