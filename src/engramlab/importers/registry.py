"""Which file formats there are, and which of them a file has."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import ColumnMap
from engramlab.importers.importer import ANIMAL, Data, Importer, Options
from engramlab.importers.tables import SUFFIXES

ENTRY_POINTS = "engramlab.importers"
FALLBACK = "scores"  # a table that no format knows: its columns are asked for


@cache
def importers() -> dict[str, Importer]:
    """All importers by name: those of engramlab, then those of installed plug-ins.

    A plug-in that cannot be loaded, or takes a name that is taken, is left out with a warning.
    """
    from engramlab.importers import formats

    modules = sorted(info.name for info in iter_modules(formats.__path__))
    built_in = (import_module(f"{formats.__name__}.{name}").IMPORTER for name in modules)
    found: dict[str, Importer] = {importer.name: importer for importer in built_in}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            importer = point.load()
        except Exception as error:  # a plug-in's fault must not stop what does not need it
            warnings.warn(f"importer plug-in '{point.value}' left out: {error!r}", stacklevel=2)
            continue
        if not isinstance(importer, Importer):
            warnings.warn(f"'{point.value}' left out: it is no Importer", stacklevel=2)
        elif importer.name in found:
            warnings.warn(
                f"'{point.value}' left out: there is a format '{importer.name}'", stacklevel=2
            )
        else:
            found[importer.name] = importer
    return found


def choose(path: Path, name: str | None = None) -> Importer:
    """The importer for a file: the one that was named, else the one that recognises it.

    Raises
    ------
    DataError
        When the name is unknown, or none or several recognise it.
    """
    known = importers()
    if name is not None:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise DataError(
                Problem(f"--format {name}", "is no known format", hint + ", ".join(known))
            )
        return known[name]
    found = [importer for importer in known.values() if importer.recognise(path)]
    if len(found) == 1:
        return found[0]
    if found:
        choices = "; ".join(f"--format {one.name} ({one.title})" for one in found)
        raise DataError(Problem(str(path), "may be of several formats", choices))
    if not path.is_dir() and (path.name.lower().endswith(SUFFIXES) or not path.suffix):
        return known[FALLBACK]
    if not path.exists():
        raise DataError(Problem(str(path), "cannot be read: there is no such file", "a data file"))
    raise DataError(
        Problem(
            str(path),
            "is a folder of no known format" if path.is_dir() else "is of no known format",
            "--format with one of " + ", ".join(known) + " ('engramlab formats' tells about them)",
        )
    )


def read_data(
    path: str | Path,
    format: str | None = None,
    columns: ColumnMap | None = None,
    told: Mapping[str, object] | None = None,
) -> Data:
    """Read a file of any known format.

    Parameters
    ----------
    path : str or Path
        File, or folder for formats that are one.
    format : str, optional
        Name of the format; default: the one that recognises it.
    columns : ColumnMap, optional
        Which column means what, which rows to keep.
    told : mapping, optional
        What the file does not say, for example ``{"frame_rate_Hz": 20}``; each format has its own
        list (``engramlab formats NAME``).

    Returns
    -------
    Scores, CellCounts, Imaging or CellMap

    Raises
    ------
    DataError
        With what is wrong, where, and the flag to give.
    """
    path = Path(path)
    importer = choose(path, format)
    told = told or {}
    asked = {ask.name for ask in importer.asks}
    problems = [
        Problem(
            f"--tell {name}={value}",
            f"'{name}' is not asked for by the format '{importer.name}'",
            ", ".join(sorted(asked)) or "nothing",
        )
        for name, value in told.items()
        if name not in asked
    ]
    if problems:
        raise DataError(problems)
    answers = {name: str(value) for name, value in told.items()}
    return importer.read(path, Options(columns or ColumnMap(), answers))


def read_animals(
    paths: Sequence[str | Path],
    format: str | None = None,
    columns: ColumnMap | None = None,
    told: Mapping[str, object] | None = None,
) -> list[Data]:
    """Read several files or folders, one an animal, or several animals of one folder.

    Parameters
    ----------
    paths : sequence of str or Path
    format, columns
        As for `read_data`.
    told : mapping, optional
        As for `read_data`; an ``animal`` of several names between commas is read once for each, in
        every path if there is one, else one name a path.

    Returns
    -------
    list of Scores, CellCounts, Imaging or CellMap

    Raises
    ------
    DataError
        Also when there are as few as several names but another number of paths.
    """
    told = dict(told or {})
    names = [name.strip() for name in str(told.get(ANIMAL.name, "")).split(",") if name.strip()]
    places = list(paths)
    if len(names) < 2:
        return [read_data(path, format, columns, told) for path in places]
    if len(places) == 1:
        places = places * len(names)
    if len(places) != len(names):
        raise DataError(
            Problem(
                f"--tell {ANIMAL.name}={told[ANIMAL.name]}",
                f"names {len(names)} animals, but there are {len(places)} files or folders",
                "one name for each, in their order",
            )
        )
    return [
        read_data(path, format, columns, {**told, ANIMAL.name: name})
        for path, name in zip(places, names, strict=True)
    ]
