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
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.core.runtime.nrt import rtsys
from numba.core.sigutils import normalize_signature
from numba.core.types import unliteral
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
Library: Any = JITCodeLibrary  # of Numba's compiler, too, they know little
NumbaCompiler: Any = Compiler
Dispatcher: Any = CPUDispatcher
Cache: Any = FunctionCache
signature_of: Any = normalize_signature


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


class _KernelCache(Cache):  # type: ignore[misc]
    """Kernels on disk: loaded without all that Numba needs to compile others, SciPy among it.

    That takes three times as long as the kernels themselves; a compilation still begins with it.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)  # of its needs this alone: it counts references
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


class _PartLibrary(Library):  # type: ignore[misc]
    """Code that is only ever linked into other code: it is optimised and made machine code there.

    Numba does both for every function that another one calls, and again for what it becomes part
    of: without this a first run takes twice as long.
    """

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _PartCompiler(NumbaCompiler):  # type: ignore[misc]
    """Numba's compiler, without machine code at its end."""

    def define_pipelines(self) -> Any:
        self.state.flags.no_compile = True
        library = _PartLibrary(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        library.enable_object_caching()
        self.state.library = library
        return super().define_pipelines()


class _Part(Dispatcher):  # type: ignore[misc]
    """A kernel as other kernels call it."""

    def get_call_template(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        # Numba would compile a kernel anew for every constant that is passed to it.
        return super().get_call_template(tuple(map(unliteral, args)), kws)

    def get_overload(self, sig: Any) -> Any:
        args, _ = signature_of(sig)
        return self.overloads[tuple(args)].fndesc.llvm_func_name

    def add_overload(self, result: Any) -> None:
        self.overloads[tuple(result.signature.args)] = result
        name = result.fndesc.llvm_func_name
        self.targetctx.insert_user_function(name, result.fndesc, [result.library])


class _Kernel(Dispatcher):  # type: ignore[misc]
    """A kernel as Python calls it, kept on disk with all its parts; `part` is for other kernels."""

    part: _Part

    def enable_caching(self) -> None:
        self._cache = _KernelCache(self.py_func)

    def get_call_template(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return self.part.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        return self.part.get_overload(sig)


def kernel(function: F) -> F:
    """Compile `function` with Numba: nopython, strict floating point, nogil, cached.

    Kernels copy one array into a part of another by a loop: ``a[i:j] = b`` brings all of Numba's
    text functions, for the message when sizes differ, which takes 2 s to compile.
    """
    folder = str(cache_folder())  # before the setting is changed
    before = config.CACHE_DIR
    config.CACHE_DIR = folder
    options = {"nopython": True, "nogil": True, "fastmath": False, "no_cfunc_wrapper": True}
    try:
        compiled = _Kernel(function, targetoptions=options)
        compiled.enable_caching()
    finally:
        config.CACHE_DIR = before
    compiled.part = _Part(
        function,
        targetoptions={**options, "no_cpython_wrapper": True},
        pipeline_class=_PartCompiler,
    )
    return cast(F, compiled)
