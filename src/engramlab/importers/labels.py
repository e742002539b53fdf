"""Which animal, group, region, ... a row is about: told, from a column, or from a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.columns import COUNT_LABELS, SCORE_LABELS
from engramlab.importers.importer import ANIMAL, GROUP, NAMES, Ask, Options
from engramlab.importers.names import NameTemplate
from engramlab.importers.tables import Header, hint

CONDITION = Ask("condition", "training", "the test that these rows are about")
HOURS = Ask("hours", "24", "hours after training at which it was")
EXPERIMENT = Ask("experiment", "A", "name of the experiment")
REGION = Ask("region", "CA1", "which brain region it is", "neither column nor name says it")
MARKER = Ask("marker", "cFos", "what the counted cells are", "neither column nor name says it")
SCORE_LABEL_ASKS = (NAMES, ANIMAL, GROUP, CONDITION, HOURS, EXPERIMENT)
COUNT_LABEL_ASKS = (*SCORE_LABEL_ASKS, REGION, MARKER)
ASK_OF = {ask.name: ask for ask in COUNT_LABEL_ASKS}


def label_columns(
    path: Path, header: Header, options: Options, labels: tuple[str, ...], usual: Mapping[str, str]
) -> dict[str, str]:
    """Find the columns that hold labels: as told with ``--column``, else the usual ones.

    Parameters
    ----------
    path : Path
    header : Header
    options : Options
    labels : tuple of str
        Labels that a row of this format may have.
    usual : mapping of str to str
        Label -> the column in which the format has it, for those that it has.

    Raises
    ------
    DataError
        When a told label means nothing here, or a told column is not there.
    """
    told = options.columns.columns
    problems = [
        Problem(f"--column {name}={told[name]}", f"'{name}' has no meaning here", ", ".join(labels))
        for name in told
        if name not in labels
    ]
    problems += [
        Problem(
            f"{path}, row {header.row}",
            f"there is no column '{theirs}' for '{name}'",
            hint(theirs, header.columns) + "the file has " + ", ".join(header.columns),
        )
        for name, theirs in told.items()
        if theirs not in header.columns
    ]
    if problems:
        raise DataError(problems)
    return {**{k: v for k, v in usual.items() if v in header.columns}, **told}


def labelled(
    path: Path,
    raw: pd.DataFrame,
    options: Options,
    columns: Mapping[str, str],
    *,
    named_by: str | None,
    labels: tuple[str, ...],
    needed: tuple[str, ...],
) -> pd.DataFrame:
    """Give every row its labels.

    A label is what was told (``--tell animal=m1``), else what a told column holds (``--column
    animal=Mouse``), else a part of the name (``--tell names={animal}_{region}``), else what the
    format's usual column holds.

    Parameters
    ----------
    path : Path
    raw : pandas.DataFrame
        Text; the index is the row in the file.
    options : Options
    columns : mapping of str to str
        From `label_columns`.
    named_by : str or None
        The column with the file or image name; None: the name of `path`.
    labels, needed : tuple of str
        Labels to give, and those that must not be missing; others become ``all``.

    Returns
    -------
    pandas.DataFrame
        One column a label, the index of `raw`.

    Raises
    ------
    DataError
        When a needed label is neither told nor found, or a name has another form.
    """
    template = options.text(NAMES)
    named = _named(path, raw, NameTemplate(template, labels), named_by) if template else {}
    told_columns = options.columns.columns
    table = pd.DataFrame(index=raw.index)
    for label in labels:
        ask = ASK_OF[label]
        constant = options.text(ask)
        if constant is not None:
            _refuse_merging(path, raw, label, constant, columns.get(label))
            table[label] = constant
        elif label in told_columns:
            table[label] = raw[told_columns[label]]
        elif label in named:
            table[label] = named[label]
        elif label in columns:
            table[label] = raw[columns[label]]
        elif label in needed:
            raise _unsaid(path, ask, named_by)
        else:
            table[label] = "" if label == "hours" else "all"
    problems = [
        Problem(
            f"{path}, row {row}",
            f"the {label} is empty",
            f"a name in column '{columns[label]}'" if label in columns else ASK_OF[label].flag,
        )
        for label in needed
        for row in table.index[table[label] == ""]
    ]
    if problems:
        raise DataError(problems[:20])
    return table


def _refuse_merging(
    path: Path, raw: pd.DataFrame, label: str, constant: str, column: str | None
) -> None:
    """One name must not hide that a column tells rows apart."""
    found = list(dict.fromkeys(raw[column])) if column else []
    if len(found) > 1:
        raise DataError(
            Problem(
                f"--tell {label}={constant}",
                f"{path}, column '{column}' holds several: " + ", ".join(found[:20]),
                f"leave it out; --where {label}=NAME keeps one of them",
            )
        )


def _named(
    path: Path, raw: pd.DataFrame, template: NameTemplate, named_by: str | None
) -> dict[str, pd.Series]:
    if named_by is None:
        parts = template.parts(path.name, str(path))
        return {name: pd.Series(text, index=raw.index) for name, text in parts.items()}
    found = {
        name: template.parts(name, f"{path}, row {row}, column '{named_by}'")
        for name, row in zip(
            *_first_rows(raw[named_by]),
            strict=True,
        )
    }
    return {
        field: raw[named_by].map({name: parts[field] for name, parts in found.items()})
        for field in template.fields
    }


def _first_rows(names: pd.Series) -> tuple[list[str], list[int]]:
    once = names[~names.duplicated()]
    return list(once), list(once.index)


def _unsaid(path: Path, ask: Ask, named_by: str | None) -> DataError:
    source = f"column '{named_by}'" if named_by else "its name"
    return DataError(
        Problem(
            str(path),
            f"does not say {ask.what}",
            f"{ask.flag}, or --column {ask.name}=COLUMN, or from {source} with "
            f"--tell {NAMES.name}=... such as {{animal}}_{{{ask.name}}}"
            if ask.name != "animal"
            else f"{ask.flag}, or --column animal=COLUMN, or from {source} with "
            f"--tell {NAMES.name}=... such as {{animal}}_{{condition}}",
        )
    )


__all__ = [
    "COUNT_LABELS",
    "COUNT_LABEL_ASKS",
    "SCORE_LABELS",
    "SCORE_LABEL_ASKS",
    "label_columns",
    "labelled",
]
