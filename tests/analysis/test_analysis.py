"""Analysis of tables: real numbers of Tome et al. 2024, and small tables counted by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import engramlab as lab
from engramlab.analysis import Analysis, analyze, compare, scores_of_run
from engramlab.analysis.figures import FIGURES, model_beside_data
from engramlab.errors import DataError
from engramlab.importers import ColumnMap, Scores, read_columns, read_scores
from engramlab.statistics import anova, corrected_p

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("ENGRAMLAB_DATA", REPOSITORY.parent / "shared" / "data"))
TOME = DATA / "tome2024" / "experimental-data.csv"
needs_data = pytest.mark.skipif(
    not TOME.exists(), reason=f"real data not found at {TOME} (set ENGRAMLAB_DATA to its folder)"
)


@pytest.fixture(scope="module")
def tome() -> Analysis:
    columns = read_columns(REPOSITORY / "examples" / "tome2024-columns.yaml")
    return analyze(read_scores(TOME, columns))


def table(rows: list[tuple[str, str, float, str, float]]) -> Scores:
    frame = pd.DataFrame(rows, columns=["group", "condition", "hours", "animal", "value"])
    frame = frame.assign(experiment="all", measure="freezing")
    order = ["experiment", "group", "condition", "hours", "measure", "animal", "value"]
    return Scores(frame[order], ColumnMap(), "test")


SMALL = [
    ("g", "training", 1.0, "1", 60.0),
    ("g", "training", 1.0, "2", 40.0),
    ("g", "novel", 1.0, "1", 20.0),
    ("g", "novel", 1.0, "2", 40.0),
    ("h", "training", 1.0, "1", 10.0),
    ("h", "training", 1.0, "2", 30.0),
]


@needs_data
def test_tome_freezing_is_as_published(tome: Analysis) -> None:
    # Means of experiment A, shared/evidence/findings.md (tome2024_selectivity, measured from data).
    expected = {1: (45, 43), 5: (48, 40), 12: (52, 16), 18: (51, 16), 24: (56, 10)}
    rows = tome.freezing[tome.freezing["experiment"] == "A"]
    means = rows.set_index(["condition", "hours"])["mean"]
    for hours, (training, novel) in expected.items():
        assert round(float(means["recall-training", hours])) == training
        assert round(float(means["recall-novel", hours])) == novel


@needs_data
def test_tome_discrimination_is_the_authors_own(tome: Analysis) -> None:
    """The file brings the authors' index for each animal: ours must be the same number."""
    raw = tome.scores.table
    theirs = raw[raw["condition"] == "recall-discrimination"]
    keys = ["experiment", "group", "hours", "animal"]
    both = tome.discrimination_by_animal.merge(theirs, on=keys)
    assert len(both) == len(theirs) == len(tome.discrimination_by_animal)
    np.testing.assert_allclose(both["discrimination"], both["value"], atol=1e-4)


@needs_data
def test_tome_discrimination_rises_and_cck_inhibition_blocks_it(tome: Analysis) -> None:
    rows = tome.discrimination.set_index(["experiment", "group", "hours"])["mean"]
    course = [rows["A", "behavior", hours] for hours in (1, 5, 12, 24)]
    assert course == sorted(course)
    assert rows["B", "cck-inhibition", 24] < 0.3 < rows["B", "control", 24]
    assert rows["D", "pv-inhibition", 24] > 0.4


@needs_data
def test_tome_counts_fall_after_five_hours(tome: Analysis) -> None:
    counts = tome.other[tome.other["measure"] == "c-Fos+EGFP+ofEGFP+"]
    rows = counts[counts["experiment"] == "A"].set_index(["condition", "hours"])["mean"]
    assert rows["recall-training", 5] > rows["recall-training", 12]
    for hours in (12, 24):
        assert rows["recall-training", hours] > rows["recall-novel", hours]
        assert rows["recall-novel", hours] > rows["home-cage", hours]


@needs_data
def test_tome_figures_and_summary(tome: Analysis) -> None:
    for name, draw in FIGURES.items():
        figure = draw(tome)
        assert figure is not None, name
        assert any(axis.has_data() for axis in figure.axes)
    assert max(len(line) for line in tome.summary().splitlines()) <= 100
    assert json.loads(json.dumps(tome.to_dict(), allow_nan=False))


def test_means_and_indices_by_hand() -> None:
    result = analyze(table(SMALL))
    means = result.freezing.set_index(["group", "condition"])["mean"]
    assert means["g", "training"] == 50
    assert means["h", "training"] == 20
    assert result.discrimination_by_animal["discrimination"].tolist() == [0.5, 0.0]
    assert result.discrimination["mean"].tolist() == [0.25]


def test_effects_pair_the_same_animal_and_no_other() -> None:
    effects = analyze(table(SMALL)).effects.set_index("where")
    assert effects.loc["group g", "difference"] == 20
    assert bool(effects.loc["group g", "paired"])
    assert effects.loc["condition training", "difference"] == -30
    assert not effects.loc["condition training", "paired"]


def test_effects_carry_intervals_tests_and_p_corrected_within_a_measure() -> None:
    random = np.random.default_rng(4)
    rows = [
        (group, condition, hours, f"{animal}", random.normal(50 - 20 * (condition == "novel"), 9))
        for group in ("g", "h")
        for condition in ("training", "novel")
        for hours in (1.0, 24.0)
        for animal in range(6)
    ]
    result = analyze(table(rows))
    effects = result.effects
    assert len(effects) == 8  # at each hour: two groups in pairs, two conditions between groups
    assert effects["p_corrected"].to_numpy() == pytest.approx(corrected_p(effects["p"]))
    assert (effects["g_low"] < effects["hedges_g"]).all()
    frame = result.scores.table
    here = frame[(frame["group"] == "g") & (frame["hours"] == 24.0)]
    wide = here.pivot(index="animal", columns="condition", values="value")
    expected = stats.ttest_rel(wide["training"], wide["novel"])
    row = effects[(effects["where"] == "group g") & (effects["hours"] == 24.0)].iloc[0]
    assert (row["t"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))

    variance = result.variance.set_index("term")
    expected_variance = anova(frame, between=["group", "hours"], within=["condition"])
    assert list(variance.index) == expected_variance["term"].tolist()
    assert variance["F"].to_numpy() == pytest.approx(expected_variance["F"].to_numpy())
    assert variance.loc["condition", "df_error"] == 20  # 24 animals in 4 groups


def test_a_design_with_empty_combinations_has_no_analysis_of_variance() -> None:
    rows = [*SMALL, ("h", "training", 24.0, "1", 5.0), ("h", "novel", 24.0, "1", 1.0)]
    assert analyze(table(rows)).variance.empty


def test_counts_of_the_same_number_are_other_animals() -> None:
    scores = table(SMALL[:4])
    scores = Scores(scores.table.assign(measure="count"), scores.columns, "test")
    assert not analyze(scores).effects["paired"].any()


def test_results_repeat_for_a_seed() -> None:
    first, second = analyze(table(SMALL), seed=3), analyze(table(SMALL), seed=3)
    for name, result in first.tables.items():
        pd.testing.assert_frame_equal(result, second.tables[name])


def test_a_table_without_conditions_is_still_summed_up() -> None:
    scores = table([("g", "all", np.nan, str(i), 10.0 * i) for i in range(4)])
    result = analyze(scores)
    assert result.freezing["mean"].tolist() == [15.0]
    assert result.discrimination.empty
    assert all(draw(result) is None for draw in FIGURES.values())


def run_table() -> pd.DataFrame:
    rows = [
        ("g", animal, session, hours, context, probe, "freezing", 10.0 * animal + shift)
        for animal in (1, 2)
        for session, hours, context, probe, shift in (
            ("training", 24.0, "A", False, 0.0),
            ("test-A", 25.0, "A", True, 40.0),
            ("test-B", 25.0, "B", True, 10.0),
        )
    ]
    names = ["group", "animal", "session", "hours", "context", "probe", "measure", "value"]
    return pd.DataFrame(rows, columns=names)


def test_model_beside_data() -> None:
    contexts = {"training": ["A"], "novel": ["B"]}
    model = analyze(scores_of_run(run_table(), contexts))
    assert model.freezing["hours"].unique().tolist() == [1.0]
    result = compare(analyze(table(SMALL)), model).set_index(["group_data", "condition"])
    assert result.loc[("g", "training"), "mean_model"] == 55
    assert result.loc[("g", "training"), "difference"] == 5
    assert result.loc[("g", "novel"), "difference"] == -5
    assert bool(result.loc[("g", "training"), "within"])
    assert not result.loc[("h", "training"), "within"]
    assert model_beside_data(result.reset_index()).axes


def test_model_and_data_without_anything_in_common() -> None:
    contexts = {"training": ["A"], "novel": ["B"]}
    model = analyze(scores_of_run(run_table(), contexts))
    other = analyze(table([(g, c, 99.0, a, v) for g, c, _, a, v in SMALL]))
    with pytest.raises(DataError, match="hours 99"):
        compare(other, model)
    with pytest.raises(DataError, match="no probe in context C"):
        scores_of_run(run_table(), {"training": ["A"], "novel": ["C"]})


def test_one_call_analyses_scores_and_counts_of_any_format(tmp_path: Path) -> None:
    rows = [("m1", "A", 60.0), ("m1", "B", 20.0), ("m2", "A", 50.0), ("m2", "B", 30.0)]
    frame = pd.DataFrame(rows, columns=["animal", "condition", "value"])
    tidy, book = tmp_path / "scores.csv", tmp_path / "scores.xlsx"
    frame.to_csv(tidy, index=False)
    frame.to_excel(book, index=False)
    means = lab.analyze(tidy).freezing.set_index("condition")["mean"]
    assert means.to_dict() == {"A": 55.0, "B": 25.0}
    pd.testing.assert_frame_equal(lab.analyze(book).freezing, lab.analyze(tidy).freezing)
    named = frame.rename(columns={"value": "percent"})
    named.to_csv(tmp_path / "other.csv", index=False)
    columns = ColumnMap.model_validate({"columns": {"value": "percent"}})
    found = lab.analyze(tmp_path / "other.csv", columns=columns)
    pd.testing.assert_frame_equal(found.freezing, lab.analyze(tidy).freezing)


def test_one_call_says_what_it_cannot_analyse(tmp_path: Path) -> None:
    tidy = tmp_path / "scores.dat"
    tidy.write_text("animal,value\nm1,60\nm2,50\n")
    with pytest.raises(DataError, match="is of no known format"):
        lab.analyze(tidy)
    assert lab.analyze(tidy, format="scores").freezing["mean"].tolist() == [55.0]
    with pytest.raises(DataError, match="No such file or directory"):
        lab.analyze(tmp_path / "none.csv")
    traces = tmp_path / "traces.csv"
    traces.write_text("time,c1,c2\n0,1.0,2.0\n1,1.5,2.5\n")
    told = {"kind": "traces", "animal": "m1", "frame_rate_Hz": 1, "time_column": "time"}
    with pytest.raises(DataError, match="holds no scores"):
        lab.analyze(traces, format="imaging-csv", told=told)
