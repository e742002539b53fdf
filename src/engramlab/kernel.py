"""The one decorator under which every compiled function of engramlab stands.

Strict floating point (no fast-math), so that a freshly compiled kernel, a kernel loaded from the
cache and a kernel in another process give the same bits; the GIL is released; machine code is
cached on disk. Numba's own cache notices a change in a function's file but not in the files of the
functions it calls, so the cache folder carries a digest of all of engramlab's compiled sources.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from platformdirs import user_cache_path

from engramlab.errors import OutputError, Problem

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
    """Folder of the compiled kernels of this version (``NUMBA_CACHE_DIR`` moves it).

    Where the user's cache folder cannot be written (a read-only home), a folder for temporary
    files serves; kernels are then compiled again when that is emptied.
    """
    first = Path(config.CACHE_DIR) if config.CACHE_DIR else user_cache_path("engramlab")
    spare = Path(tempfile.gettempdir()) / f"engramlab-{getpass.getuser()}"
    for root in (first, spare):
        folder = root / f"kernels-{sources_digest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OutputError(
        Problem(
            str(first),
            "cannot hold the compiled kernels, and neither can the folder for temporary files",
            "a writable folder in the environment variable NUMBA_CACHE_DIR",
        )
    )


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
