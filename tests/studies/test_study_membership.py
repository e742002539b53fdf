"""Membership: planted causes of exit and entry are found, in animals that were held back too."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.errors import ParameterError
from engramlab.studies import membership
from engramlab.studies.hazards import calibrations, hazards, predictions, varying
from engramlab.studies.membership_tables import TIMES, Members, Risk, arm_table, course, risks
from engramlab.studies.membership_words import conclusion
from engramlab.studies.question import REGIONS, Answer, Setting, rows_where

ANIMALS, CELLS = 9, 100


def planted(effect: float, seed: int = 2) -> Members:
    """Members leave, and others enter, with log-odds that strength and excitability decide."""
    random = np.random.default_rng(seed)
    size = (ANIMALS, len(TIMES), CELLS * len(REGIONS))
    strength, excitability = random.normal(size=size), random.normal(size=size)
    active = np.empty(size, np.bool_)
    active[:, 0] = random.random(size[::2]) < 0.5
    for k in range(1, len(TIMES)):
        leave = 1 / (1 + np.exp(0.5 + effect * strength[:, k - 1]))
        enter = 1 / (1 + np.exp(1.0 - effect * excitability[:, k - 1]))
        now = active[:, k - 1]
        change = random.random(size[::2]) < np.where(now, leave, enter)
        active[:, k] = now ^ change
    number = np.repeat(np.arange(len(REGIONS)), CELLS)
    return Members(
        region={name: number == place for place, name in enumerate(REGIONS)},
        active=active,
        again=active[:, 1:],
        ieg=active.astype(np.float64),
        states={
            "excitability": excitability,
            "input_strength": strength,
            "chromatin": np.zeros(size),
        },
    )


@cache
def strong() -> dict[str, Risk]:
    return risks(planted(1.0))


def test_rows_of_exit_and_entry_by_hand() -> None:
    active = np.zeros((1, len(TIMES), len(REGIONS)), bool)
    active[0, :3, 0] = True  # DG's only cell: a member on the first three days
    active[0, 3, 1] = True  # CA3's only cell: a member on the fourth only
    members = Members(
        region={name: np.arange(len(REGIONS)) == place for place, name in enumerate(REGIONS)},
        active=active,
        again=active[:, 1:],
        ieg=active.astype(np.float64),
        states={
            name: np.arange(float(active.size)).reshape(active.shape)
            for name in ("excitability", "input_strength", "chromatin")
        },
    )
    found = risks(members)
    exits = found["exit"]
    assert exits.region.tolist() == [0, 0, 0, 1]
    assert exits.interval.tolist() == [0, 1, 2, 3]
    assert exits.event.tolist() == [False, False, True, True]
    # Days of unbroken membership: 0, 1, 3 and 0.
    np.testing.assert_allclose(exits.covariates["history"], np.log1p([0, 1, 3, 0]))
    assert exits.covariates["excitability"].tolist() == [0, 5, 10, 16]
    assert exits.hindsight["change of excitability"].tolist() == [5, 5, 5, 5]
    entries = found["entry"]
    assert entries.event.sum() == 1
    assert entries.event.size == 6 * len(REGIONS) - 4
    of_first = (entries.region == 0) & (entries.interval == 3)
    assert entries.covariates["history"][of_first].tolist() == [3.0]


def test_planted_odds_ratios_are_found() -> None:
    table = rows_where(hazards(strong()), region="all")
    exits = rows_where(table, kind="exit").set_index("covariate")
    entries = rows_where(table, kind="entry").set_index("covariate")
    for row, truth in (
        (exits.loc["input_strength"], np.exp(-1.0)),
        (exits.loc["excitability"], 1.0),
        (entries.loc["excitability"], np.exp(1.0)),
        (entries.loc["input_strength"], 1.0),
    ):
        assert row["value"] == pytest.approx(truth, rel=0.15)
        assert row["low"] <= row["value"] <= row["high"]
        # statsmodels' errors by cluster agree with the bootstrap over animals.
        assert row["robust low"] == pytest.approx(row["low"], rel=0.15)
    assert "chromatin" not in exits.index  # it does not vary


def test_held_back_animals_are_foretold_by_what_matters_only() -> None:
    rows = rows_where(predictions(strong()), kind="exit")
    area = rows_where(rows, measure="auc")
    value, low = (
        dict(zip(area["model"], map(float, area[name]), strict=True)) for name in ("value", "low")
    )
    assert value["region and day only"] == pytest.approx(0.5, abs=0.04)
    assert value["excitability"] == pytest.approx(0.5, abs=0.05)
    assert low["input strength"] > 0.7
    assert value["all four"] >= value["input strength"] - 0.01
    skill = rows_where(rows, measure="brier skill", model="input strength").iloc[0]
    assert skill["low"] > 0.1


def test_nothing_is_foretold_where_nothing_is_planted() -> None:
    nothing = risks(planted(0.0))
    table = rows_where(predictions(nothing), measure="auc", model="all four")
    assert table["value"].to_numpy() == pytest.approx(0.5, abs=0.05)
    rows = rows_where(hazards(nothing), region="all")
    clear = (rows["low"] > 1.15) | (rows["high"] < 1 / 1.15)
    assert not clear.any()


def test_no_row_is_foretold_by_a_model_that_saw_its_animal() -> None:
    # An animal whose cells behave the other way round is foretold wrongly only if it is held back.
    members = planted(2.0)
    turned = {**members.states, "input_strength": members.states["input_strength"].copy()}
    turned["input_strength"][0] *= -1
    odd = risks(Members(members.region, members.active, members.again, members.ieg, turned))
    table = rows_where(predictions(odd), measure="auc", kind="exit", model="input strength")
    assert table["low"].iloc[0] < 0.8
    assert table["animals"].iloc[0] == ANIMALS


def test_foretold_shares_happen() -> None:
    table = calibrations(strong())
    np.testing.assert_allclose(table["observed"], table["predicted"], atol=0.06)
    assert (table["low"] <= table["high"]).all()


def test_course_and_arms_by_hand() -> None:
    members = planted(0.0)
    table = course(members)
    first = rows_where(table[table["day"] == 0], region="CA1")
    assert rows_where(first, measure="retention")["value"].iloc[0] == 100
    last = rows_where(table[table["day"] == 28], region="CA1", measure="retention")
    mask = members.active[:, :, members.region["CA1"]]
    expected = [100 * (a[0] & a[-1]).sum() / a[0].sum() for a in mask]
    assert last["value"].iloc[0] == pytest.approx(np.mean(expected))
    assert (rows_where(table, measure="missing in repeat")["value"] == 0).all()
    arms = arm_table({"intact": members, "other": members})
    other = rows_where(arms, arm="other")
    assert (other["difference value"] == 0).all()
    assert set(other["region"]) == {"all", *REGIONS}


def test_too_few_animals_are_refused() -> None:
    with pytest.raises(ParameterError, match="6 or more"):
        membership.study(Setting(animals=5))


def test_arms_follow_the_brain() -> None:
    assert "no-replay" in membership.arms_of(Brain())
    assert "no-replay" not in membership.arms_of(Brain().without("replay"))


@cache
def run() -> Answer:
    """A small real run."""
    return membership.study(Setting(animals=6, seed=3, workers=1))


def test_real_run_is_complete_and_sensible() -> None:
    tables = run().tables
    last = tables["course"][tables["course"]["day"] == 28]
    retention = rows_where(last, measure="retention").set_index("region")["value"]
    chance = rows_where(last, measure="active").set_index("region")["value"]
    assert (retention > chance).all()
    survival = rows_where(last, measure="survival").set_index("region")["value"]
    assert (survival <= retention + 1e-9).all()
    assert set(tables["hazards"]["kind"]) == {"exit", "entry"}
    summary = run().summary().splitlines()
    assert len(summary) <= 22
    assert max(map(len, summary)) <= 79


def test_conclusion_follows_the_numbers() -> None:
    tables = dict(run().tables)
    hazard = tables["hazards"].copy()
    whole = (hazard["kind"] == "exit") & (hazard["region"] == "all")
    bounds = ["value", "low", "high"]
    hazard.loc[whole, bounds] = [1.0, 0.9, 1.1]
    said = conclusion({**tables, "hazards": hazard})
    assert any("Members leave independently" in sentence for sentence in said)
    chosen = whole & (hazard["covariate"] == "excitability")
    hazard.loc[chosen, bounds] = [2.5, 2.0, 3.0]
    said = conclusion({**tables, "hazards": hazard})
    assert any("leave more with higher excitability (2.50)" in sentence for sentence in said)


def test_a_covariate_that_does_not_vary_is_left_out() -> None:
    def values(number: float) -> NDArray[np.float64]:
        return np.full(4, number)

    rows = pd.Series([True, False, True, False]).to_numpy()
    zeros = np.zeros(4, np.int64)
    risk = Risk(rows, zeros, zeros, zeros, {"a": values(1.0), "b": np.arange(4.0)}, {})
    assert varying(risk, ("a", "b")) == ("b",)
