"""The commands that README and documentation tell a reader to type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
MARK = re.compile(r"#\s*long: (?P<note>.+)$")


@dataclass(frozen=True)
class Command:
    """One command: page and line where it stands, its words, and the note if it is marked long."""

    page: str
    line: int
    text: str
    note: str = ""

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """README and every page that we write; what is made from the code holds no commands."""
    made = ("_build", "generated", "jupyter_execute")
    written = (p for p in DOCS.rglob("*.md") if not set(p.relative_to(DOCS).parts) & {*made})
    return [REPOSITORY / "README.md", *sorted(written)]


def commands(page: Path) -> list[Command]:
    """Commands of the blocks fenced as ``sh``, in order, with continued lines joined."""
    name = page.relative_to(REPOSITORY).as_posix()
    found, inside, begun, first = [], False, "", 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if not inside:
            inside = line.strip() in ("```sh", "```{code-block} sh")
            continue
        if line.strip() == "```":
            inside = False
            continue
        first = first if begun else number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        whole, begun = begun + line, ""
        mark = MARK.search(whole)
        text = " ".join(re.sub(r"\s#\s.*$|^#.*$", "", whole).split())
        if text:
            found.append(Command(name, first, text, mark["note"] if mark else ""))
    return found
