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
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from engramlab.analysis.style import GRID, INK, RC

LARGEST_SVG = 1_000_000  # bytes; larger ones are put into the page as PNG
PNG_DPI = 160
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


def make_picture(
    figure: Figure, folder: Path, name: str, title: str, caption: str, alt: str
) -> Picture:
    """Write a figure as ``name.svg`` and ``name.png`` into `folder` and make it part of a page."""
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    with matplotlib.rc_context(RC), _no_warning_of_glyphs():
        # Transparent, so that it takes the colour of the page or the slide it is put on.
        figure.savefig(svg, metadata={"Date": None}, transparent=True)
        figure.set_layout_engine("none")  # it is laid out: that takes as long as drawing
        figure.savefig(png, dpi=PNG_DPI, facecolor="white")
    html = inline_svg(svg.read_bytes(), name, alt)
    if len(html) > LARGEST_SVG:
        data = b64encode(png.read_bytes()).decode()
        html = Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, alt)
    return Picture(name, title, caption, alt, html)


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
