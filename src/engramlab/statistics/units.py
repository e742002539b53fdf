"""From tidy tables to one number an animal: what is tested is animals, never cells or images."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engramlab.errors import DataError, Problem

SHOWN = 5


def require_columns(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    DataError
    """
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise DataError(
            [
                Problem(
                    f"column '{name}'",
                    "is not in the table",
                    "one of " + ", ".join(str(column) for column in table.columns),
                )
                for name in lacking
            ]
        )


def animal_means(
    table: pd.DataFrame,
    value: str,
    *,
    animal: str = "animal",
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Mean of each animal's rows: the table that tests of animals need.

    Ten cells of one animal are not ten animals: taken as such they make p too small
    (pseudoreplication, Hurlbert 1984, Ecol Monogr 54:187; Lazic 2010, BMC Neurosci 11:5).

    ``mean over rows of an animal``. Chance level: none; it changes no mean of animals with
    equally many rows.

    Parameters
    ----------
    table : pandas.DataFrame
        Several rows an animal: cells, images, moments.
    value : str
        The column to average; NaN is left out.
    animal : str
        The column that names the animal; names need to be unique only within `by`.
    by : sequence of str
        Columns to keep apart: group, session, region.

    Returns
    -------
    pandas.DataFrame
        `by`, `animal`, `value` and ``rows``, how many rows each mean is of.

    Raises
    ------
    DataError
        When a column is missing.

    Examples
    --------
    >>> cells = pd.DataFrame({"animal": ["a", "a", "b"], "dF": [1.0, 3.0, 5.0]})
    >>> animal_means(cells, "dF").values.tolist()
    [['a', 2.0, 2], ['b', 5.0, 1]]
    """
    require_columns(table, [value, animal, *by])
    grouped = table.groupby([*by, animal], sort=False, dropna=False, observed=True)[value]
    means = grouped.agg(["mean", "count"]).reset_index()
    return means.rename(columns={"mean": value, "count": "rows"})


def listed(names: Sequence[object]) -> str:
    """The first few names, and how many more there are."""
    texts = [str(name) for name in names]
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
