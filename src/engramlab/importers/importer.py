"""What an importer is, what it asks for, and what it may be told.

An importer is one module in `engramlab.importers.formats`, or an `Importer` that an installed
plug-in offers under the entry-point group ``engramlab.importers``. Nothing that a file does not say
is assumed: it is an `Ask`, answered with ``--tell NAME=VALUE`` (in Python ``read_data(path,
told={NAME: VALUE})``), and a file that needs an answer it did not get is refused, naming the flag.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeAlias, Union

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import ColumnMap

if TYPE_CHECKING:
    from engramlab.importers.cell_map import CellMap
    from engramlab.importers.counts import CellCounts
    from engramlab.importers.imaging import Imaging
    from engramlab.importers.scores import Scores

Kind: TypeAlias = Literal["scores", "cell counts", "imaging", "cell map"]
Data: TypeAlias = Union["Scores", "CellCounts", "Imaging", "CellMap"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a file may not say.

    Parameters
    ----------
    name : str
        What it is called in ``--tell NAME=VALUE``; ends with its unit where it has one.
    example : str
        An answer, as it is written.
    what : str
        What it means.
    when : str
        When it has to be told; empty: never, it only adds something.
    """

    name: str
    example: str
    what: str
    when: str = ""

    @property
    def flag(self) -> str:
        """The flag to give."""
        return f"--tell {self.name}={self.example}"


@dataclass(frozen=True, slots=True)
class Options:
    """What a user said about a file.

    Parameters
    ----------
    columns : ColumnMap
        Which column means what, which rows to keep.
    told : mapping of str to str
        Answers to an importer's asks, by name.
    """

    columns: ColumnMap = field(default_factory=ColumnMap)
    told: Mapping[str, str] = field(default_factory=dict)

    def text(self, ask: Ask) -> str | None:
        """The answer to `ask`, or None."""
        return self.told.get(ask.name)

    def number(self, ask: Ask) -> float | None:
        """The answer to `ask` as a number above 0, or None.

        Raises
        ------
        DataError
            When it is no such number.
        """
        text = self.text(ask)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number > 0):
            raise DataError(
                Problem(f"--tell {ask.name}={text}", f"'{text}' is no number above 0", ask.flag)
            )
        return number

    def choice(self, ask: Ask, allowed: Sequence[str]) -> str | None:
        """The answer to `ask` as one of `allowed`, or None.

        Raises
        ------
        DataError
            When it is another.
        """
        text = self.text(ask)
        if text is not None and text not in allowed:
            raise DataError(
                Problem(
                    f"--tell {ask.name}={text}",
                    f"'{text}' is not one of the possible answers",
                    "one of " + ", ".join(allowed),
                )
            )
        return text

    def listed(self, ask: Ask) -> tuple[str, ...]:
        """The answer to `ask` as names between commas; empty when it was not told."""
        text = self.text(ask) or ""
        return tuple(part.strip() for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Importer:
    """One file format.

    Parameters
    ----------
    name : str
        What it is called in ``--format NAME``.
    title : str
        What it reads, in a line for a bench scientist.
    reads : str
        The kind of result: ``scores``, ``cell counts``, ``imaging`` or ``cell map``.
    extensions : tuple of str
        How the names of its files end; ``folder/`` where it reads a folder.
    recognise : callable
        Whether a path looks like this format; cheap, and False for what cannot be read.
    read : callable
        The result of the kind that `reads` says, given a path and `Options`.
    asks : tuple of Ask
        All it can be told.
    """

    name: str
    title: str
    reads: Kind
    extensions: tuple[str, ...]
    recognise: Callable[[Path], bool]
    read: Callable[[Path, Options], Data]
    asks: tuple[Ask, ...] = ()


def missing(where: Path | str, ask: Ask, why: str = "") -> DataError:
    """The error for something that the file does not say and nobody told."""
    flag = f"--tell {ask.name}=... (such as {ask.example})"
    more = f": {ask.what}" if why else ""
    return DataError(Problem(str(where), why or f"does not say {ask.what}", flag + more))


def require_told(path: Path, options: Options, *asks: Ask) -> None:
    """Refuse a file whose format never says these things, when they were not told: all in one go.

    Raises
    ------
    DataError
    """
    unsaid = [ask for ask in asks if options.text(ask) is None]
    problems = [problem for ask in unsaid for problem in missing(path, ask).problems]
    if problems:
        raise DataError(problems)


def library(name: str, extra: str, path: Path) -> ModuleType:
    """Import a library that only some formats need.

    Raises
    ------
    DataError
        When it is not installed, with how to install it.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise DataError(
            Problem(
                str(path),
                f"needs the Python package '{name.split('.')[0]}', which is not installed",
                f"pip install 'engramlab[{extra}]'",
            )
        ) from None


ENCODING = Ask(
    "encoding", "cp1252", "how the text is stored", "the file is not UTF-8 (or UTF-16 with a mark)"
)
SHEET = Ask("sheet", "Sheet1", "which sheet of a workbook to read", "the workbook has several")
DECIMAL = Ask("decimal", "comma", "how decimals are written", "they are written with a comma")
TABLE_ASKS = (ENCODING, SHEET, DECIMAL)

NAMES = Ask(
    "names",
    "{animal}_{condition}",
    "what the parts of a file or image name mean; {} is a part to ignore",
    "the table has no column for something",
)
ANIMAL = Ask("animal", "m1", "which animal it is", "neither file nor its name says it")
GROUP = Ask("group", "control", "the animal's group")

FRAME_RATE = Ask("frame_rate_Hz", "20", "frames per second", "the file does not hold it")
SESSIONS = Ask(
    "sessions",
    "hc0,cfc,test1",
    "which sessions to take, in the order in which they were recorded",
    "there are several and the files do not tell their order",
)
ACTIVITY = Ask(
    "kind",
    "traces",
    "what the numbers are: 'traces' (fluorescence, dF/F) or 'events' (deconvolved or detected)",
    "the file does not say it",
)
ACTIVITY_KINDS = ("traces", "events")
NAN = Ask("nan", "keep", "leave values that are no numbers as they are (else they are refused)")
CELL_MAP = Ask(
    "cell_map",
    "cellRegistered.mat",
    "file that says which cells are the same in the sessions (CellReg, or CSV with a column a "
    "session)",
    "several sessions number their cells each on its own",
)
MAP_COUNTS = Ask(
    "map_counts",
    "accepted",
    "whether the cell map counts only 'accepted' cells or 'all' that were found",
    "a cell map is given and some cells were rejected",
)
