"""The one decorator under which every compiled function of engramlab stands.

Strict floating point (no fast-math), so that a freshly compiled kernel, a kernel loaded from the
cache and a kernel in another process give the same bits; the GIL is released; machine code is
cached on disk. Numba's own cache notices a change in a function's file but not in the files of the
functions it calls, so the cache folder carries a digest of all of engramlab's compiled sources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from platformdirs import user_cache_path

F = TypeVar("F", bound=Callable[..., Any])
PACKAGE = Path(__file__).parent


@cache
def sources_digest() -> str:
    """Digest of every source that ends up in machine code, with the compiler's versions."""
    digest = hashlib.sha256()
    for version in (numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(version.encode())
    compiled = [PACKAGE / "kernel.py", PACKAGE / "randomness.py"]
    for folder in ("brain", "engine"):
        compiled += sorted((PACKAGE / folder).rglob("*.py"))
    for path in compiled:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


config: Any = numba.config  # its settings are set at run time, which type stubs do not know


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernels of this version (``NUMBA_CACHE_DIR`` moves it)."""
    root = Path(config.CACHE_DIR) if config.CACHE_DIR else user_cache_path("engramlab")
    return root / f"kernels-{sources_digest()}"


def kernel(function: F) -> F:
    """Compile `function` with Numba: nopython, strict floating point, nogil, cached."""
    folder = str(cache_folder())  # before the setting is changed
    before = config.CACHE_DIR
    config.CACHE_DIR = folder
    try:
        compiled = numba.njit(cache=True, nogil=True, fastmath=False)(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, compiled)
