"""Puts the mechanisms' kernels together, phase by phase, without Python in between.

For each phase a short module is written that calls every mechanism's kernel of that phase, in
order, with the arguments its signature names and only where the mechanism is switched on. It reads
like what one would write by hand; being generated, adding a mechanism touches one file.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from types import ModuleType

from engramlab.brain import mechanisms
from engramlab.brain.brain import all_mechanisms
from engramlab.brain.mechanism import PHASES, Mechanism
from engramlab.engine import in_kernels
from engramlab.engine.network import (
    mechanism_index,
    parameter_index,
    signal_index,
    variable_index,
)
from engramlab.kernel import cache_folder

MODULE_NAME = "engramlab_phases"


def in_order() -> tuple[Mechanism, ...]:
    """Mechanisms so that each comes after those named in its `after`, else by name."""
    by_name = {mechanism.name: mechanism for mechanism in all_mechanisms()}
    sorter = TopologicalSorter({name: sorted(m.after) for name, m in sorted(by_name.items())})
    return tuple(by_name[name] for name in sorter.static_order())


def _argument(name: str, phase: str, owner: str) -> str:
    if name == "network":
        return "network"
    if name in PHASES[phase]:
        return name
    if name in variable_index():
        return f"variable(network, {variable_index()[name]})"
    if name in signal_index():
        return f"signal(network, {signal_index()[name]})"
    if name in parameter_index():
        return f"parameter(network, {parameter_index()[name]})"
    raise TypeError(
        f"mechanism '{owner}', phase '{phase}': argument '{name}' is no variable, signal, "
        f"parameter or name of the phase {PHASES[phase]}"
    )


def _source() -> Iterator[str]:
    yield '"""Written by engramlab.engine.assembly."""\n'
    yield f"from {in_kernels.__name__} import is_on, parameter, signal, variable\n"
    yield "from engramlab.kernel import kernel\n"
    for mechanism in all_mechanisms():
        yield f"from {mechanisms.__name__} import {mechanism.name}\n"
    kernels = {
        (phase, mechanism.name): getattr(
            import_module(f"{mechanisms.__name__}.{mechanism.name}"), phase, None
        )
        for phase in PHASES
        for mechanism in all_mechanisms()
    }
    # Numba resolves module attributes, but a plain global name caches more simply.
    for (phase, name), function in kernels.items():
        if function is not None:
            yield f"{name}_{phase} = {name}.{phase}\n"
    for phase, own in PHASES.items():
        yield f"\n\n@kernel\ndef {phase}({', '.join(('network', *own))}):\n    pass\n"
        for mechanism in in_order():
            function = kernels[phase, mechanism.name]
            if function is None:
                continue
            names = inspect.signature(function).parameters
            arguments = ", ".join(_argument(name, phase, mechanism.name) for name in names)
            yield f"    if is_on(network, {mechanism_index()[mechanism.name]}):\n"
            yield f"        {mechanism.name}_{phase}({arguments})\n"


@cache
def phases() -> ModuleType:
    """Return the module whose functions run one phase of all mechanisms that are switched on."""
    source = "".join(_source())
    path = cache_folder() / f"{MODULE_NAME}.py"
    if not path.is_file() or path.read_text() != source:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(source)
        partial.replace(path)
    spec = importlib.util.spec_from_file_location(MODULE_NAME, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    spec.loader.exec_module(module)
    return module
