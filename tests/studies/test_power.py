"""Power analyses: the model's effect, its own and real spread, the page and the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import engramlab as lab
from engramlab.cli import main
from engramlab.errors import DataError, ParameterError
from engramlab.importers import ColumnMap, Scores
from engramlab.statistics import animals_for_power, power_of_difference
from engramlab.studies.power import PowerAnalysis, real_spread


def scores(spread: float = 10.0) -> Scores:
    """Two groups of four with a known pooled SD and means far apart."""
    away = np.array([-1.0, -1.0, 1.0, 1.0]) * spread * np.sqrt(3) / 2
    table = pd.DataFrame(
        {
            "experiment": "all",
            "group": ["a"] * 4 + ["b"] * 4,
            "condition": "training",
            "hours": 24.0,
            "measure": "freezing",
            "animal": [str(n) for n in range(8)],
            "value": np.concatenate([50 + away, 20 + away]),
        }
    )
    return Scores(table, ColumnMap(), "made.csv")


@pytest.fixture(scope="module")
def found() -> PowerAnalysis:
    return lab.power("contextual-fear", animals=5, workers=1, spread_from=scores())


def test_numbers_of_animals_are_those_of_the_effect_and_the_spreads(found: PowerAnalysis) -> None:
    run = lab.run("contextual-fear", animals=5, workers=1)
    freezing = run.freezing
    for row in found.rows.to_dict(orient="records"):
        shock, none = (freezing.loc[name, row["session"]] for name in ("shock", "no-shock"))
        assert row["difference"] == pytest.approx(shock.mean() - none.mean())
        expected = animals_for_power(row["difference"], (shock.std(), none.std()))
        assert row["animals"] == pytest.approx(expected or np.nan, nan_ok=True)
        expected = animals_for_power(row["difference"], (10.0, 10.0))
        assert row["animals_data"] == pytest.approx(expected or np.nan, nan_ok=True)
        if np.isfinite(row["animals_high"]):
            assert row["animals_low"] <= row["animals_high"]


def test_curves_pass_the_wanted_power_at_the_number_of_animals(found: PowerAnalysis) -> None:
    rows = found.rows[found.rows["session"] == "B-day-1"]
    row = rows.to_dict(orient="records")[0]
    curve = found.curves[
        (found.curves["row"].str.startswith("B-day-1")) & (found.curves["spread"] == "data")
    ].set_index("animals")["power"]
    assert curve[row["animals_data"]] >= 0.8
    for animals in (4, 9):
        expected = power_of_difference(row["difference"], (10.0, 10.0), animals)
        assert curve[animals] == pytest.approx(expected)


def test_real_spread_is_pooled_within_groups() -> None:
    spread = real_spread(scores(7.0), "freezing")
    assert spread.sd == pytest.approx(7.0)  # not that of both groups together
    assert (spread.groups, spread.animals) == (2, 8)
    assert spread.samples.mean() == pytest.approx(7.0, rel=0.3)
    with pytest.raises(DataError, match=r"(?s)no spread of 'count'.*--spread-measure"):
        real_spread(scores(), "count")


def test_what_cannot_be_planned_is_said() -> None:
    with pytest.raises(ParameterError, match=r"--groups FIRST,SECOND"):
        lab.power("false-memory")
    with pytest.raises(ParameterError, match=r"(?s)group 'shok'.*is not in"):
        lab.power("contextual-fear", groups=["shok", "shock"])
    with pytest.raises(ParameterError, match=r"session 'A'"):
        lab.power("contextual-fear", sessions=["A"])
    with pytest.raises(ParameterError, match=r"0 < alpha < power < 1"):
        lab.power("contextual-fear", power=1.0)
    with pytest.raises(ParameterError, match=r"(?s)measure 'freezin'.*is not among"):
        lab.power("contextual-fear", measure="freezin", animals=3, workers=1)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_command_writes_a_page_and_prints_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = scores().table
    table.to_csv("real.csv", index=False)
    base = ["power", "contextual-fear", "--animals", "3", "--workers", "1"]
    result = run(*base, "--session", "A-day-1", "--spread-from", "real.csv", "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["spread"]["sd"] == pytest.approx(10.0)
    assert [row["session"] for row in printed["rows"]] == ["A-day-1"]
    folder = tmp_path / "results" / "power-contextual-fear-freezing"
    written = json.loads((folder / "power.json").read_text())
    assert written == {k: v for k, v in printed.items() if k not in ("folder", "report")}
    assert (folder / "figures" / "power-curve.svg").exists()
    assert "made of 8 scores" not in (folder / "report.html").read_text()
    assert pd.read_csv(folder / "power.csv")["animals"].tolist() == [
        row["animals"] for row in printed["rows"]
    ]
    again = run(*base)
    assert again.exit_code == 2
    assert "--out" in again.stderr
    by_cells = run(*base, "--measure", "engram_size", "--region", "BLA", "--out", "cells")
    assert by_cells.exit_code == 0, by_cells.output
    assert "training, BLA" in by_cells.stdout


def test_a_power_curve_is_a_figure(found: PowerAnalysis) -> None:
    assert lab.figures(found) == ("power-curve",)
    figure = lab.plot(found, "power-curve")
    assert figure is not None
    assert len(figure.axes) == 2  # model's and real spread
