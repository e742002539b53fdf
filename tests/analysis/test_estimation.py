"""Estimation plots show what the functions compute; comparisons of a run are by session."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import engramlab as lab
from engramlab.analysis.comparisons import compare_run
from engramlab.errors import DataError
from engramlab.measures import difference
from engramlab.statistics import animals_for_power, compare_groups, corrected_p


def scores(groups: str = "ab", animals: int = 6) -> pd.DataFrame:
    random = np.random.default_rng(1)
    rows = [
        (animal, group, random.normal(40 + 15 * place, 6))
        for place, group in enumerate(groups)
        for animal in range(animals)
    ]
    return pd.DataFrame(rows, columns=["animal", "group", "freezing"])


def drawn(figure: object, x: float, axis: int = 0) -> list[np.ndarray]:
    lines = figure.axes[axis].lines  # type: ignore[attr-defined]
    return [
        np.asarray(line.get_ydata(), float)
        for line in lines
        if len(line.get_xdata()) and np.allclose(line.get_xdata(), x)
    ]


def test_two_groups_are_a_gardner_altman_plot() -> None:
    table = scores()
    figure = lab.estimation_plot(table, "freezing")
    a, b = (table.loc[table["group"] == name, "freezing"] for name in "ab")
    apart = difference(b, a)
    bar, ring = drawn(figure, 2.1)
    # The difference hangs on the control's mean, so the two axes are one scale.
    assert bar == pytest.approx([a.mean() + apart.low, a.mean() + apart.high])
    assert ring == pytest.approx([b.mean()])
    assert figure.axes[0].child_axes[0].get_ylabel() == "difference, b − a"


@pytest.mark.parametrize("paired", [False, True])
def test_more_groups_are_a_cumming_plot(paired: bool) -> None:
    table = scores("abcd")
    figure = lab.estimation_plot(table, "freezing", paired=paired, against="c")
    wide = table.pivot(index="animal", columns="group", values="freezing")
    for place, name in enumerate("abd", 1):
        apart = difference(wide[name], wide["c"], paired=paired)
        bar, ring = drawn(figure, place, axis=1)
        assert bar == pytest.approx([apart.low, apart.high])
        assert ring == pytest.approx([apart.value])


@pytest.mark.filterwarnings("error")
def test_small_and_equal_groups_are_drawn() -> None:
    table = pd.DataFrame({"animal": [1, 2, 3], "group": list("aab"), "value": [5.0, 5.0, 7.0]})
    lab.estimation_plot(table).draw_without_rendering()
    with pytest.raises(DataError, match="at least two"):
        lab.estimation_plot(table[table["group"] == "a"])
    with pytest.raises(DataError, match="group 'z'"):
        lab.estimation_plot(table, against="z")
    with pytest.raises(DataError, match="in every group"):
        lab.estimation_plot(table, paired=True)


def test_groups_of_a_run_are_compared_with_the_first_in_every_session() -> None:
    experiment = lab.run("false-memory", animals=4, workers=1)
    found = compare_run(experiment.table)
    first = str(next(iter(experiment.protocol.groups)))
    assert set(found["second"]) == {first}
    assert found["p_corrected"].to_numpy() == pytest.approx(corrected_p(found["p"]), nan_ok=True)
    row = found.iloc[-1].to_dict()
    rows = experiment.table[
        (experiment.table["measure"] == "freezing")
        & (experiment.table["session"] == row["session"])
    ]
    alone = compare_groups(rows, against=first).set_index("first").loc[row["first"]]
    assert (row["difference"], row["g_low"]) == pytest.approx((alone["difference"], alone["g_low"]))
    sds = [rows.loc[rows["group"] == name, "value"].std() for name in (row["first"], first)]
    expected = animals_for_power(row["difference"], sds)
    assert row["animals_for_80_percent_power"] == pytest.approx(expected or np.nan, nan_ok=True)


def test_one_group_has_nothing_to_be_compared_with() -> None:
    experiment = lab.run("contextual-fear", animals=2, workers=1)
    assert compare_run(experiment.table[experiment.table["group"] == "shock"]).empty
