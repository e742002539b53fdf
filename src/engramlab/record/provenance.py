"""Where a result comes from: enough to judge it, cite it and make it again."""

from __future__ import annotations

import json
import platform
import shlex
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from engramlab.brain import Brain
from engramlab.errors import OutputError, Problem, ProtocolError
from engramlab.protocol import Protocol, load_protocol
from engramlab.record.files import staged

FORMAT = 1
FILE = "provenance.json"
LIBRARIES = ("numpy", "numba", "scipy", "xarray")


def describe_run(
    protocol: Protocol,
    brain: Brain,
    *,
    animals: int,
    seed: int,
    status: Literal["running", "complete"] = "complete",
) -> dict[str, Any]:
    """Return the provenance of a run: plain values that JSON can hold.

    Parameters
    ----------
    protocol : Protocol
    brain : Brain
    animals : int
        Animals in each group.
    seed : int
    status : {"running", "complete"}

    Returns
    -------
    dict
        ``brain.changed`` and ``brain.switched_off`` with `seed`, `animals` and the protocol make
        the run again; ``command`` is the command line that does.
    """
    columns = ("mechanism", "name", "value", "unit", "range", "source")
    return {
        "format": FORMAT,
        "status": status,
        "version": version("engramlab"),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "protocol": {"name": protocol.name, "title": protocol.title, "citation": protocol.citation},
        "groups": list(protocol.groups),
        "animals": animals,
        "seed": seed,
        "brain": {
            "digest": brain.digest(),
            "changed": dict(brain.changed),
            "switched_off": list(brain.switched_off),
            "size": brain.size,
        },
        "command": _command(protocol, brain, animals, seed),
        "parameters": [dict(zip(columns, row, strict=True)) for row in brain.parameter_table()],
        "software": {
            "python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
        "platform": platform.platform(),
    }


def _command(protocol: Protocol, brain: Brain, animals: int, seed: int) -> str:
    """The command line that makes the run again, in the results folder."""
    try:
        source = protocol.name if load_protocol(protocol.name) == protocol else "protocol.yaml"
    except ProtocolError:  # not a built-in paradigm
        source = "protocol.yaml"
    words = ["engramlab", "run", source, "--animals", str(animals), "--seed", str(seed)]
    for name, value in brain.changed:
        words += ["--set", f"{name}={value!r}"]
    if brain.size != "standard":
        words += ["--brain", brain.size]
    for name in brain.switched_off:
        words += ["--without", name]
    return shlex.join(words)


def write_provenance(folder: Path, provenance: dict[str, Any]) -> None:
    """Write ``provenance.json`` whole or not at all.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    with staged(folder) as place:
        text = json.dumps(provenance, indent=2, ensure_ascii=False)
        (place / FILE).write_text(text + "\n", encoding="utf-8")


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read ``provenance.json`` of a results folder.

    Raises
    ------
    OutputError
        When there is none, it is damaged, or a newer engramlab wrote it.
    """
    path = folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise OutputError(
            Problem(
                str(folder),
                f"is no results folder: it has no {FILE}",
                "a folder that 'engramlab run' made",
            )
        ) from error
    except OSError as error:
        raise OutputError(
            Problem(
                str(path), f"cannot be read ({error.strerror or error})", "a file that you may read"
            )
        ) from error
    except ValueError as error:
        raise OutputError(
            Problem(str(path), f"is damaged ({error})", "a copy that is whole, or run again")
        ) from error
    check_format(path, found.get("format") if isinstance(found, dict) else None, FORMAT)
    return dict(found)


def check_format(path: Path, found: object, known: int) -> None:
    """Raise OutputError unless a file's format version is the known one."""
    if found != known:
        raise OutputError(
            Problem(
                str(path),
                f"has format version {found!r}, which engramlab {version('engramlab')} cannot read",
                f"format version {known}; a newer version is read by a newer engramlab",
            )
        )
