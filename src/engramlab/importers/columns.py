"""Which column of a user's file means what."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from engramlab.errors import DataError, Problem

CANONICAL = ("experiment", "group", "condition", "hours", "measure", "animal", "value")
REQUIRED = ("animal", "value")
SCORE_LABELS = ("experiment", "group", "condition", "hours", "animal")
COUNT_LABELS = (*SCORE_LABELS, "region", "marker")
KNOWN = (*CANONICAL, "region", "marker")
MAX_BYTES = 100_000


class ColumnMap(BaseModel):
    """The meaning of a file's columns and names; nothing of any one file is assumed.

    Parameters
    ----------
    columns : dict of str to str
        Our name -> the file's name, for those of `CANONICAL` (in cell counts, of `COUNT_LABELS`)
        that differ.
    where : dict of str to str
        Rows to keep: our column name -> the value it must have.
    freezing : str
        The measure that is freezing, in percent; its values must lie in 0 to 100.
    training, novel : str
        The conditions that are a test in the training context and in another one.
    discrimination : str
        The condition whose rows hold a discrimination index that the file brings along.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = Field(default_factory=dict)
    where: dict[str, str] = Field(default_factory=dict)
    freezing: str = "freezing"
    training: str = "training"
    novel: str = "novel"
    discrimination: str = "discrimination"

    def theirs(self, name: str) -> str:
        """The file's name of one of our columns."""
        return self.columns.get(name, name)

    def updated(self, **changes: Any) -> ColumnMap:
        """A checked copy with these fields changed; dictionaries are merged.

        Raises
        ------
        DataError
            For an unknown field or column name.
        """
        merged = self.model_dump()
        for name, value in changes.items():
            merged[name] = {**merged[name], **value} if isinstance(value, dict) else value
        return check_columns(merged, "column mapping")


def check_columns(content: Any, source: str) -> ColumnMap:
    """Check a column mapping.

    Parameters
    ----------
    content : mapping
    source : str
        Where it comes from, for messages.

    Raises
    ------
    DataError
    """
    try:
        mapping = ColumnMap.model_validate(content)
    except ValidationError as error:
        raise DataError(
            [
                Problem(
                    f"{source}, {'.'.join(str(part) for part in detail['loc'])}",
                    detail["msg"].lower(),
                    "fields " + ", ".join(ColumnMap.model_fields),
                )
                for detail in error.errors()
            ]
        ) from None
    unknown = [
        Problem(f"{source}, {part}", f"unknown column '{name}'", "one of " + ", ".join(KNOWN))
        for part in ("columns", "where")
        for name in getattr(mapping, part)
        if name not in KNOWN
    ]
    if unknown:
        raise DataError(unknown)
    return mapping


def read_columns(path: str | Path) -> ColumnMap:
    """Read a column mapping from a small YAML file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ColumnMap

    Raises
    ------
    DataError
        If it cannot be read or is no mapping.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(
                Problem(str(path), "is too large for a column mapping", f"{MAX_BYTES:,} bytes")
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DataError(
            Problem(str(path), f"the column mapping cannot be read: {why}", "a small YAML file")
        ) from None
    try:
        content = YAML(typ="safe", pure=True).load(io.StringIO(text))
    except YAMLError as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise DataError(Problem(str(path), f"not valid YAML: {first}")) from None
    return check_columns(content if content is not None else {}, str(path))
