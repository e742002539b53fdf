"""Engram size and reactivation from counts of cells: tagged, active, both, all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engramlab.errors import DataError, ParameterError, Problem
from engramlab.importers import Scores
from engramlab.importers.columns import CANONICAL
from engramlab.importers.counts import BY_ANIMAL, CellCounts
from engramlab.importers.scores import shown
from engramlab.measures import ratio_interval, reactivation_from_counts

ROLES = {
    "tag": "cells with the tag",
    "active": "cells active at the test (c-Fos)",
    "both": "cells with both",
    "all": "all cells (DAPI)",
}
KEYS = [name for name in BY_ANIMAL if name != "marker"]


@dataclass(frozen=True)
class CountedOverlap:
    """Reactivation by animal and region, and the same as scores to be compared.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an animal and region: the four counts, engram sizes (``tagged_percent``,
        ``active_percent``), ``of_tagged_percent``, ``of_active_percent``, ``expected`` common
        cells, ``ratio`` over chance with the exact interval ``low``, ``high`` and ``p_more``
        (`reactivation_from_counts`, `ratio_interval`), Jaccard and Dice.
    scores : Scores
        Engram sizes, reactivation over chance and shares as scores of the animals.
    """

    table: pd.DataFrame
    scores: Scores


def overlap_of_counts(counts: CellCounts, roles: Mapping[str, str]) -> CountedOverlap:
    """Compute reactivation from counts of cells that carry one label, the other, both, any or none.

    Images of an animal are taken together first. The interval and p of an animal have its cells as
    replicates and say how well it was counted; for groups of animals compare the ratios (`scores`).

    Parameters
    ----------
    counts : CellCounts
    roles : dict with the keys ``tag``, ``active``, ``both``, ``all``
        Which marker is which. Cells with both labels are counted in ``tag`` and ``active`` too.

    Returns
    -------
    CountedOverlap
        Chance level of the ratio: 1 where every cell is as likely as any other; cells that are
        lively in general push it up, so compare with a home-cage group.

    Raises
    ------
    ParameterError
        For a role that is missing or unknown, or a marker that was not counted.
    DataError
        Where an animal lacks a count, or counts are impossible.
    """
    markers = list(dict.fromkeys(counts.table["marker"]))
    problems = [
        Problem(f"--overlap {role}={roles.get(role, '')}", f"is needed: {what}", ", ".join(markers))
        for role, what in ROLES.items()
        if roles.get(role) not in markers
    ]
    problems += [
        Problem(f"--overlap {role}={roles[role]}", "is unknown", ", ".join(ROLES))
        for role in roles
        if role not in ROLES
    ]
    if problems:
        raise ParameterError(problems)
    by_animal = counts.by_animal()
    wide = by_animal.pivot(index=KEYS, columns="marker", values="count").reset_index()
    rows, wrong = [], []
    for record in wide.to_dict(orient="records"):
        numbers = {role: record[roles[role]] for role in ROLES}
        where = f"{counts.source}, animal '{record['animal']}', region '{record['region']}'"
        lacking = [roles[role] for role, number in numbers.items() if np.isnan(number)]
        if lacking:
            wrong.append(
                Problem(where, f"has no count of {', '.join(lacking)}", "all four in every region")
            )
            continue
        both, tag, active, cells = (int(numbers[r]) for r in ("both", "tag", "active", "all"))
        try:
            rows.append({key: record[key] for key in KEYS} | _measured(both, tag, active, cells))
        except ValueError as error:
            wrong.append(
                Problem(where, str(error), "cells with both labels are in each of the two")
            )
    if wrong:
        raise DataError(shown(Path(counts.source), wrong))
    table = pd.DataFrame(rows)
    return CountedOverlap(table, Scores(_scores(table), counts.columns, counts.source))


def _measured(both: int, tag: int, active: int, cells: int) -> dict[str, Any]:
    found = reactivation_from_counts(both, tag, active, cells)
    low, high = ratio_interval(both, tag, active, cells)
    any_label = tag + active - both
    return {
        "tag": tag,
        "active": active,
        "both": both,
        "all": cells,
        "tagged_percent": 100.0 * tag / cells if cells else np.nan,
        "active_percent": 100.0 * active / cells if cells else np.nan,
        "of_tagged_percent": 100.0 * both / tag if tag else np.nan,
        "of_active_percent": 100.0 * both / active if active else np.nan,
        "expected": found.expected,
        "ratio": found.ratio,
        "low": low,
        "high": high,
        "p_more": found.p_more,
        "jaccard": both / any_label if any_label else np.nan,
        "dice": 2.0 * both / (tag + active) if tag + active else np.nan,
    }


MEASURES = {
    "tagged_percent": "tagged, % of cells",
    "active_percent": "active, % of cells",
    "of_tagged_percent": "active among tagged, %",
    "ratio": "reactivation over chance",
}


def _scores(table: pd.DataFrame) -> pd.DataFrame:
    parts = [
        table.assign(measure=title + ", " + table["region"].astype(str), value=table[name])
        for name, title in MEASURES.items()
    ]
    scores = pd.concat(parts, ignore_index=True).dropna(subset="value")
    return scores[list(CANONICAL)]
