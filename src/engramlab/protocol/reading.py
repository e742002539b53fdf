"""Reads protocols from YAML files and from the built-in paradigms."""

from __future__ import annotations

import io
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from engramlab.errors import Problem, ProtocolError
from engramlab.protocol.checks import check
from engramlab.protocol.messages import did_you_mean, problems_of
from engramlab.protocol.schema import Protocol

MAX_BYTES = 1_000_000


def _paradigms() -> dict[str, Traversable]:
    folder = files("engramlab.protocol") / "paradigms"
    found = {
        entry.name.removesuffix(".yaml"): entry
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))


def paradigm_names() -> tuple[str, ...]:
    """Names of the built-in paradigms."""
    return tuple(_paradigms())


def paradigm_text(name: str) -> str:
    """YAML text of a built-in paradigm.

    Raises
    ------
    ProtocolError
        If there is none of that name.
    """
    known = _paradigms()
    if name not in known:
        raise ProtocolError(
            Problem(
                name,
                "there is no built-in paradigm of this name",
                did_you_mean(name, known) + "one of " + ", ".join(known),
            )
        )
    return known[name].read_text(encoding="utf-8")


def load_protocol(source: str | Path) -> Protocol:
    """Read and check a protocol.

    Parameters
    ----------
    source : str or Path
        Path of a YAML file, or the name of a built-in paradigm. A string without a path separator
        and suffix is looked up among the paradigms first.

    Returns
    -------
    Protocol

    Raises
    ------
    ProtocolError
        If it cannot be read, or with every problem found, each with file, line and field.
    """
    if isinstance(source, str) and source in _paradigms():
        return parse_protocol(paradigm_text(source), source)
    return parse_protocol(_read(Path(source)), str(source))


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise ProtocolError(Problem(str(path), "is a folder", "a YAML file in it"))
        size = path.stat().st_size
        with path.open("rb") as stream:
            # Not all of it at once: a device or a pipe does not say its size.
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ProtocolError(
                Problem(
                    str(path),
                    f"has {max(size, len(content)):,} bytes, which is no protocol",
                    f"a YAML file of at most {MAX_BYTES:,} bytes",
                )
            )
        return content.decode("utf-8")
    except FileNotFoundError:
        known = paradigm_names()
        raise ProtocolError(
            Problem(
                str(path),
                "there is no such file and no built-in paradigm of this name",
                f"{did_you_mean(path.name, known)}a YAML file, or one of {', '.join(known)}",
            )
        ) from None
    except UnicodeDecodeError as error:
        raise ProtocolError(
            Problem(str(path), f"byte {error.start} is not UTF-8 text", "a YAML text file in UTF-8")
        ) from None
    except OSError as error:
        raise ProtocolError(
            Problem(str(path), f"cannot be read: {error.strerror}", "a file you may read")
        ) from None
    except ValueError:  # a NUL byte in the path
        raise ProtocolError(Problem(repr(str(path)), "is no path", "a YAML file")) from None


def parse_protocol(text: str, source: str = "protocol") -> Protocol:
    """Check the YAML text of a protocol.

    Parameters
    ----------
    text : str
    source : str
        What to call the text in messages.

    Raises
    ------
    ProtocolError
    """
    content = read_yaml(text, source)
    try:
        protocol = Protocol.model_validate(content)
    except ValidationError as error:
        raise ProtocolError(problems_of(error, content, source)) from None
    check(protocol, source, content)
    return protocol


def read_yaml(text: str, source: str = "protocol") -> CommentedMap:
    """Read YAML that holds fields with values, which know their lines.

    Raises
    ------
    ProtocolError
        For anything else; whether the fields are those of a protocol is not looked at.
    """
    try:
        content = YAML(typ="rt", pure=True).load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        what = (error.problem or "cannot be read").split("\n")[0]
        raise ProtocolError(Problem(f"{source}{line}", f"not valid YAML: {what}")) from None
    except ReaderError as error:
        where = f"{source}, line {text.count(chr(10), 0, error.position) + 1}"
        raise ProtocolError(Problem(where, f"not valid YAML: {error.reason}")) from None
    except Exception as error:  # the parser lets its own IndexError and TypeError out on odd input
        first = str(error).split("\n", maxsplit=1)[0]
        raise ProtocolError(Problem(source, f"not valid YAML: {first}")) from None
    if content is None:
        raise ProtocolError(
            Problem(source, "is empty", "a protocol; 'engramlab paradigms' shows examples")
        )
    if not isinstance(content, CommentedMap):
        raise ProtocolError(
            Problem(
                source,
                f"holds a {type(content).__name__}, not fields with values",
                "fields such as 'engramlab: 1', 'name: ...', 'timeline: ...'",
            )
        )
    return content
