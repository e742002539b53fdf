"""Reactivation from tables of counts, by hand and by command; damaged tables."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import hypergeom

from engramlab.analysis import analyze, overlap_of_counts
from engramlab.cli import main
from engramlab.errors import DataError, ParameterError
from engramlab.importers import read_data
from engramlab.importers.counts import CellCounts

ROLES = {"tag": "EGFP", "active": "cFos", "both": "both", "all": "DAPI"}
WIDE = """\
animal,group,region,EGFP,cFos,both,DAPI
1,light,DG,40,50,12,1000
2,light,DG,45,60,11,1100
3,home,DG,41,20,1,1000
4,home,DG,39,25,2,1050
"""


def counts(path: Path, text: str = WIDE) -> CellCounts:
    path.write_text(text, encoding="utf-8")
    found = read_data(path, "counts", told={"markers": "EGFP,cFos,both,DAPI"})
    assert isinstance(found, CellCounts)
    return found


def test_reactivation_by_hand(tmp_path: Path) -> None:
    found = overlap_of_counts(counts(tmp_path / "c.csv"), ROLES)
    row = found.table.set_index("animal").loc["1"]
    assert row["expected"] == pytest.approx(40 * 50 / 1000)
    assert row["ratio"] == pytest.approx(6.0)
    assert row["p_more"] == pytest.approx(hypergeom.sf(11, 1000, 40, 50))
    assert (row["tagged_percent"], row["of_tagged_percent"]) == (4.0, 30.0)
    assert row["jaccard"] == pytest.approx(12 / 78)
    assert row["dice"] == pytest.approx(24 / 90)
    assert row["low"] < 6.0 < row["high"]
    effects = analyze(found.scores).effects
    effects = effects[effects["measure"] == "reactivation over chance, DG"]
    light, home = (6.0 + 11 * 1100 / 45 / 60) / 2, (1000 / 820 + 2 * 1050 / 39 / 25) / 2
    assert effects["comparison"].tolist() == ["light - home"]
    assert effects["difference"].tolist() == pytest.approx([light - home])


def test_a_row_a_marker_says_the_same_and_images_add_up(tmp_path: Path) -> None:
    wide = counts(tmp_path / "c.csv")
    long = wide.table.assign(
        count=[(n + 1) // 2 for n in wide.table["count"]], image="one", area_mm2=0.5
    )
    other = long.assign(count=wide.table["count"] // 2, image="two")
    both = pd.concat([long, other])[["animal", "group", "region", "marker", "image", "count",
                                     "area_mm2"]]  # fmt: skip
    both.to_csv(tmp_path / "long.csv", index=False)
    found = read_data(tmp_path / "long.csv")
    assert isinstance(found, CellCounts)
    ours, theirs = (overlap_of_counts(one, ROLES).table for one in (found, wide))
    pd.testing.assert_frame_equal(ours, theirs)
    assert found.by_animal()["per_mm2"].notna().all()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (WIDE.replace("12,1000", "60,1000"), r"animal '1', region 'DG'.*impossible"),
        (WIDE.replace("12,1000", ",1000"), r"row 2, column 'both'.*missing"),
        (WIDE.replace("12,1000", "1.5,1000"), r"row 2, column 'both'.*whole number"),
        (WIDE.replace("12,1000", "nan,1000"), r"row 2, column 'both'"),
        (WIDE + "1,light,DG,40,50,12,1000\n", r"row 6.*counts the same as a row before"),
        (WIDE.replace("2,light", "1,home"), r"animal '1'.*is in the groups light and home"),
        (WIDE.replace("cFos", "Fos"), r"row 1.*no column 'cFos'.*did you mean 'Fos'"),
        ("animal,region\n", r"no column 'EGFP'"),
        ("", r"is empty"),
    ],
)
def test_damaged_tables_are_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=f"(?s){problem}"):
        overlap_of_counts(counts(tmp_path / "c.csv", text), ROLES)


def test_roles_and_lacking_counts_are_named(tmp_path: Path) -> None:
    found = counts(tmp_path / "c.csv")
    with pytest.raises(ParameterError, match=r"--overlap all=GFP: is needed.*\n.*EGFP, cFos"):
        overlap_of_counts(found, {**ROLES, "all": "GFP"})
    with pytest.raises(ParameterError, match=r"--overlap fos=cFos: is unknown"):
        overlap_of_counts(found, {**ROLES, "fos": "cFos"})
    lacking = found.table.drop(index=found.table.index[0])
    with pytest.raises(DataError, match=r"animal '1'.*no count of EGFP"):
        overlap_of_counts(CellCounts(lacking, found.columns, "made"), ROLES)


def test_the_command_gives_reactivation_and_group_comparisons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text(WIDE)
    flags = [f"--overlap={role}={marker}" for role, marker in ROLES.items()]
    arguments = ["analyze", "c.csv", "--format=counts", "--tell=markers=EGFP,cFos,both,DAPI"]
    result = CliRunner().invoke(main, [*arguments, *flags, "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert [row["ratio"] for row in printed["reactivation"]][-2] == pytest.approx(6.0)
    out = tmp_path / "results" / "analysis-c"
    assert "reactivation over chance, DG" in (out / "report.html").read_text(encoding="utf-8")
    assert len(pd.read_csv(out / "reactivation.csv")) == 4
    Path("s.csv").write_text("animal,value\n1,5\n2,6\n")
    refused = CliRunner().invoke(main, ["analyze", "s.csv", *flags, "--out", "new"])
    assert (refused.exit_code, "counts" in refused.stderr) == (2, True)
