"""What a study keeps of one finding with one brain, in memory and as a line of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engramlab.errors import OutputError, Problem
from engramlab.evidence import Finding


@dataclass(frozen=True)
class Line:
    """What became of one predicate: as `engramlab.evidence` says, and no more than JSON holds.

    Parameters
    ----------
    expr, kind : str
    control, soft, passed : bool
    margin, low, high : float or None
        By how much it holds, with its interval; None where the brain gave no value.
    """

    expr: str
    kind: str
    control: bool
    soft: bool
    passed: bool
    margin: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Result:
    """What became of one finding with one brain.

    Parameters
    ----------
    key : str
        What the study varied; with the finding it names the result.
    finding : str
    digest : str
        Of what the finding asks (`digest_of`): a kept result is void when it differs.
    passed : bool
    loss : float
        0 (holds with room) to 1 (far from it): see `engramlab.studies.loss`.
    lines : tuple of Line
    error : str
        Why there is no verdict; empty otherwise.
    """

    key: str
    finding: str
    digest: str
    passed: bool
    loss: float
    lines: tuple[Line, ...] = ()
    error: str = ""

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Result:
        """Take back what `dataclasses.asdict` gave."""
        return cls(**{**content, "lines": tuple(Line(**line) for line in content["lines"])})


def digest_of(finding: Finding) -> str:
    """Twelve hex digits that differ whenever what a finding runs or demands differs."""
    asked = [finding.plan, *finding.predicates]
    text = "\n".join([str(finding.animals), *(one.model_dump_json() for one in asked)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def append_results(path: Path, results: Iterable[Result]) -> None:
    """Add results to a file of JSON lines; what is there survives whatever happens.

    Raises
    ------
    OutputError
        When they cannot be written.
    """
    append_lines(path, (asdict(result) for result in results))


def append_lines(path: Path, contents: Iterable[dict[str, Any]]) -> None:
    """Add one line of JSON for each content, at once."""
    text = "".join(json.dumps(content, ensure_ascii=False) + "\n" for content in contents)
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(
            Problem(
                str(path),
                f"cannot be written ({error.strerror or error})",
                "free space; then the same command goes on where it stopped",
            )
        ) from error


def read_results(path: Path) -> dict[tuple[str, str], Result]:
    """Read kept results by key and finding.

    Raises
    ------
    OutputError
        When the file cannot be read or holds something else.
    """
    names = {field.name for field in fields(Result)}
    found = {}
    for number, content in enumerate(read_lines(path), start=1):
        if set(content) != names:
            raise _damaged(path, number)
        result = Result.from_dict(content)
        found[result.key, result.finding] = result
    return found


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines; a last line torn by a kill is taken away.

    Raises
    ------
    OutputError
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole, _, torn = text.rpartition("\n")
        if torn:
            path.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(
            Problem(str(path), f"cannot be read ({error})", "a file you may read, or a new folder")
        ) from error
    contents = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            content = json.loads(line)
        except ValueError:
            raise _damaged(path, number) from None
        if not isinstance(content, dict):
            raise _damaged(path, number)
        contents.append(content)
    return contents


def _damaged(path: Path, number: int) -> OutputError:
    return OutputError(
        Problem(f"{path}, line {number}", "is damaged", "delete the line, or use a new folder")
    )
