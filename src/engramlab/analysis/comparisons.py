"""Groups of a run against each other, session by session."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engramlab.statistics import animals_for_power, compare_groups, corrected_p
from engramlab.statistics.comparison import EFFECT, GROUPS

KEYS = ["session", "region", "tag", "cells"]
COLUMNS = (
    "measure",
    *KEYS,
    *GROUPS,
    *EFFECT,
    "p_corrected",
    "animals_for_80_percent_power",
)


def compare_run(table: pd.DataFrame, measure: str = "freezing") -> pd.DataFrame:
    """Compare every group of a run with its first one, in every session.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy table of a run (`Experiment.table`).
    measure : str
        One of its measures.

    Returns
    -------
    pandas.DataFrame
        One row a session (region, tag, set of cells) and group: as `compare_groups`, without the
        permutation test; p corrected by Holm over all rows; and how many animals a group an
        experiment needs to see this difference with a power of 80 % (`animals_for_power` with both
        groups' spread; empty: more than 1000). Empty where there is one group only.

        The animals are virtual: p falls with as many of them as one cares to run. What does not is
        the difference, Hedges' g and the number of animals that is needed.
    """
    rows = table[table["measure"] == measure]
    control = next(iter(table["group"]), None)
    parts = []
    for key, part in rows.groupby(KEYS, sort=False, dropna=False):
        groups = set(part["group"])
        if len(groups) < 2 or control not in groups:
            continue
        found = compare_groups(part, against=control, tests="t", correction="none")
        sds = part.groupby("group")["value"].std().to_dict()
        found["animals_for_80_percent_power"] = [
            _needed(row["difference"], sds[row["first"]], sds[row["second"]])
            for row in found.to_dict(orient="records")
        ]
        where: dict[str, Any] = dict(zip(KEYS, key, strict=True))
        parts.append(found.assign(measure=measure, **where))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    result = pd.concat(parts, ignore_index=True)
    return result.assign(p_corrected=corrected_p(result["p"]))[list(COLUMNS)]


def _needed(difference: float, first: float, second: float) -> float:
    if not first + second > 0:  # also where a group has one animal and no spread
        return float("nan")
    found = animals_for_power(difference, (first, second))
    return float("nan") if found is None else float(found)
