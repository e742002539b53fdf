"""Data as a target: the model's own scores are at no distance, others are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import engramlab as lab
from engramlab.analysis import scores_of_run
from engramlab.brain import Brain
from engramlab.errors import DataError
from engramlab.importers import ColumnMap, Scores
from engramlab.importers.columns import CANONICAL
from engramlab.protocol import load_protocol
from engramlab.studies import Target, target_of
from engramlab.studies.jobs import Job, run_job

CONTEXTS: dict[str, tuple[str, ...]] = {"training": ("A",), "novel": ("novel",)}


def scores(rows: list[tuple[str, float, float]]) -> Scores:
    table = pd.DataFrame(
        {
            "experiment": "e",
            "group": "g",
            "condition": [condition for condition, _, _ in rows],
            "hours": [hours for _, hours, _ in rows],
            "measure": "freezing",
            "animal": [str(n) for n in range(len(rows))],
            "value": [value for _, _, value in rows],
        }
    )
    return Scores(table[list(CANONICAL)], ColumnMap(), "test")


@pytest.fixture(scope="module")
def own() -> Scores:
    experiment = lab.run("engram-selectivity", animals=3, seed=5, workers=1)
    return scores_of_run(experiment.table, CONTEXTS, ColumnMap(), source="model")


def test_means_and_standard_errors_are_those_of_the_animals() -> None:
    data = scores(
        [
            ("training", 1, 10),
            ("training", 1, 20),
            ("training", 1, 30),
            ("novel", 5, 4),
            ("novel", 5, 8),
            ("training", 7, 1),  # no probe at 7 h
            ("training", 7, 2),
            ("training", 24, 50),  # one animal has no spread
            ("elsewhere", 1, 1),
            ("elsewhere", 1, 2),
        ]
    )
    target = target_of(data, load_protocol("engram-selectivity"), CONTEXTS)
    means = {(mean.condition, mean.hours): mean for mean in target.means}
    assert set(means) == {("training", 1.0), ("novel", 5.0)}
    assert means["training", 1.0].value == 20
    assert means["training", 1.0].error == pytest.approx(10 / np.sqrt(3))
    assert means["training", 1.0].animals == 3
    assert Target.model_validate_json(target.model_dump_json()) == target


def test_the_model_is_at_no_distance_from_itself(own: Scores) -> None:
    target = target_of(own, load_protocol("engram-selectivity"), CONTEXTS)
    assert len(target.means) == 10
    within, loss = target.distance(Brain(), seed=5, animals=3)
    assert within
    assert loss == pytest.approx(0, abs=1e-9)


def test_a_brain_that_never_learns_is_far_from_it(own: Scores) -> None:
    target = target_of(own, load_protocol("engram-selectivity"), CONTEXTS)
    job = Job("k", Brain().without("valence_learning"), (), 5, 3, target)
    result = run_job(job)[0]
    assert result.finding == "data"
    assert not result.passed
    assert 0.5 < result.loss < 1


def test_data_at_other_hours_are_refused() -> None:
    with pytest.raises(DataError, match="1, 5, 12, 18, 24"):
        target_of(
            scores([("training", 2, 10), ("training", 2, 20)]),
            load_protocol("engram-selectivity"),
            CONTEXTS,
        )
