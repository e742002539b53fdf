"""What the names in a measure's brackets stand for: parts of sessions, parts of the brain."""

from __future__ import annotations

import re
from dataclasses import dataclass

MINUTES = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class When:
    """A session, or the moments of it in which a cue is on, between two minutes, or both.

    Parameters
    ----------
    session : str
    cue : str
        Empty for all moments.
    minutes : tuple of (float, float), or None
        From and to; None for the whole session.
    """

    session: str
    cue: str = ""
    minutes: tuple[float, float] | None = None


def when(text: str, *windows: str) -> When:
    """Read ``"test"``, ``"test:tone"``, ``"test:0-3"``, with further windows behind it.

    Raises
    ------
    ValueError
        For two cues or two ranges of minutes.
    """
    session, *parts = text.split(":")
    cue, minutes = "", None
    for part in (*parts, *windows):
        if match := MINUTES.fullmatch(part):
            if minutes is not None:
                raise ValueError(f"names minutes twice: '{part}'")
            minutes = (float(match[1]), float(match[2]))
        elif cue:
            raise ValueError(f"names two cues: '{cue}' and '{part}'")
        else:
            cue = part
    return When(session, cue, minutes)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of the brain.

    Parameters
    ----------
    part : str
        A region or the name of a set of cells.
    population : str
        Of the region; empty for all.
    tag : str or None
        Only cells with (or without) this tag; empty for any tag; None whatever their tags.
    tagged : bool
        With the tag, or without.
    """

    part: str
    population: str = ""
    tag: str | None = None
    tagged: bool = True


def cells(text: str) -> Cells:
    """Read ``"DG"``, ``"BLA:positive"``, ``"set"``, ``"engram@DG"``, ``"!engram@DG"``, ..."""
    tag, at, part = text.rpartition("@")
    region, _, population = part.partition(":")
    if not at:
        return Cells(region, population)
    if tag in ("tagged", "untagged"):
        return Cells(region, population, "", tag == "tagged")
    return Cells(region, population, tag.removeprefix("!"), not tag.startswith("!"))
