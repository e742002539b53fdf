"""How often Python looks for garbage in cycles."""

from __future__ import annotations

import gc

SELDOM = 50_000  # new objects


def look_seldom() -> None:
    """Look through all objects more seldom than Python's default of 700 new ones.

    Imports and figures make hundreds of thousands that stay: looking through them again and again
    takes an eighth of their time.
    """
    gc.set_threshold(SELDOM)
