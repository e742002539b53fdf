"""The table against numbers worked out by hand on a brain of eight cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from random_records import random_experiment, two_groups

from engramlab.record.table import COLUMNS, make_table

NAN = np.nan


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    """One animal with three sessions and one with two; regions DG (4 cells) and BLA (4 cells)."""
    on, off = 0.9, 0.3  # 0.3 itself is not above the threshold
    ieg = np.array(
        [
            [
                [on, on, off, off, on, off, off, off],
                [on, off, off, off, on, on, off, off],
                [off, off, off, off, off, off, on, off],
            ],
            [
                [on, off, off, off, off, off, off, off],
                [NAN] * 8,
                [off, off, on, off, off, off, off, off],
            ],
        ]
    )
    tagged = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]], [[0] * 8]], bool)
    virus = np.array([[[0, 0, 0, 0, 1, 0, 0, 0]], [[0, 0, 0, 0, 0, 1, 0, 0]]], bool)
    return xr.Dataset(
        {
            "freezing": (("animal", "session"), [[20.0, 60.0, 20.0], [10.0, NAN, 0.0]]),
            "valence_negative": (("animal", "session"), [[0.1, 0.2, 0.3], [0.4, NAN, 0.5]]),
            "valence_positive": (("animal", "session"), [[0.6, 0.7, 0.8], [0.9, NAN, 1.0]]),
            "ieg": (("animal", "session", "neuron"), ieg.astype(np.float32)),
            "tagged": (("animal", "tag", "neuron"), tagged),
            "tag_open": (("animal", "tag", "session"), [[[True, False, False]]] * 2),
            "in_cell_set": (("animal", "cell_set", "neuron"), virus),
        },
        coords={
            "group": ("animal", ["g", "h"]),
            "animal_number": ("animal", [0, 0]),
            "session": ["train", "test-A", "test-B"],
            "hours": (("animal", "session"), [[0.0, 24.0, 24.0], [0.0, NAN, 24.0]]),
            "context": (("animal", "session"), [["A", "A", "B"], ["A", "", "B"]]),
            "probe": (("animal", "session"), [[False, True, True], [False, False, True]]),
            "region": ("neuron", ["DG"] * 4 + ["BLA"] * 4),
            "population": ("neuron", [""] * 4 + ["negative"] * 2 + ["positive"] * 2),
            "tag": ["engram"],
            "cell_set": ["virus"],
            "from_tag": ("cell_set", [False]),
        },
    )


def values(table: pd.DataFrame, **where: Any) -> dict[tuple[str, str], float]:
    for name, value in where.items():
        table = table[table[name] == value]
    return dict(
        zip(zip(table["group"], table["session"], strict=True), table["value"], strict=True)
    )


def test_freezing_and_valence(data: xr.Dataset) -> None:
    table = make_table(data)
    assert tuple(table.columns) == COLUMNS
    assert values(table, measure="freezing") == {
        ("g", "train"): 20,
        ("g", "test-A"): 60,
        ("g", "test-B"): 20,
        ("h", "train"): 10,
        ("h", "test-B"): 0,
    }
    assert values(table, measure="valence_negative", group="h") == {
        ("h", "train"): 0.4,
        ("h", "test-B"): 0.5,
    }
    row = table[(table["measure"] == "freezing") & (table["session"] == "test-B")].iloc[0]
    assert (row["hours"], row["context"], row["probe"], row["unit"]) == (24, "B", True, "percent")


def test_engram_size_is_the_share_of_cells_above_threshold(data: xr.Dataset) -> None:
    assert values(make_table(data), measure="engram_size", region="DG") == {
        ("g", "train"): 50,
        ("g", "test-A"): 25,
        ("g", "test-B"): 0,
        ("h", "train"): 25,
        ("h", "test-B"): 25,
    }


def test_tag_size_belongs_to_no_session(data: xr.Dataset) -> None:
    assert values(make_table(data), measure="tag_size", region="BLA") == {
        ("g", ""): 50,
        ("h", ""): 0,
    }


def test_reactivation_leaves_out_what_labelled_and_what_is_undefined(data: xr.Dataset) -> None:
    table = make_table(data)
    # DG, test-A: 1 common of 2 tagged and 1 active among 4: 1 * 4 / (2 * 1) = 2. No cell of DG is
    # active in test-B; the other animal's tag is empty; training made the tag.
    assert values(table, measure="reactivation_over_chance", region="DG") == {("g", "test-A"): 2}
    # BLA: test-A 2 common of 2 and 2 among 4: 2; test-B none common: 0.
    assert values(table, measure="reactivation_over_chance", region="BLA") == {
        ("g", "test-A"): 2,
        ("g", "test-B"): 0,
    }


def test_over_representation_is_within_the_population_drawn_from(data: xr.Dataset) -> None:
    # Both negative cells are tagged, so the one with the virus is tagged no more than by chance;
    # among all of BLA it would seem to be, by a factor of two.
    table = make_table(data)
    assert values(table, measure="over_representation") == {("g", ""): 1}
    row = table[table["measure"] == "over_representation"].iloc[0]
    assert (row["cells"], row["tag"], row["region"]) == ("virus", "engram", "BLA")


def test_sets_made_from_a_tag_are_not_compared_with_it(data: xr.Dataset) -> None:
    made = data.assign_coords(from_tag=("cell_set", [True]))
    assert values(make_table(made), measure="over_representation") == {}


def test_discrimination_needs_a_test_of_the_first_context_at_the_same_hour(
    data: xr.Dataset,
) -> None:
    # (60 - 20) / (60 + 20); the other animal was not tested in A.
    assert values(make_table(data), measure="discrimination") == {("g", "test-B"): 0.5}


def test_rows_are_complete_and_unique() -> None:
    table = random_experiment(two_groups(), 2).table
    assert not table.drop(columns="hours").isna().any().any()
    keys = ["group", "animal", "session", "measure", "region", "tag", "cells"]
    assert not table.duplicated(keys).any()
    assert table["hours"].isna().equals(table["session"] == "")
