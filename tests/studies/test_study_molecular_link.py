"""Molecular links: planted relations are found, and what is said follows from the numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from engramlab.brain import Brain
from engramlab.studies import molecular_link
from engramlab.studies.molecular_link_tables import (
    HOURS,
    TIMES,
    Measured,
    compare_arms,
    courses,
    lags,
    leads,
    links,
    viruses,
)
from engramlab.studies.molecular_link_words import conclusion
from engramlab.studies.question import REGIONS, Answer, Setting, rows_where

CELLS, ANIMALS = 120, 5


def planted(own_protein: float = 0.0, kept: float = 0.9) -> Measured:
    """Gain follows IEG, protein is IEG and something of its own, the share kept follows protein."""
    random = np.random.default_rng(4)
    shape = (ANIMALS, CELLS * len(REGIONS))
    ieg = np.maximum(random.normal(0.2, 0.4, shape), 0.0).clip(0, 1)
    protein = np.minimum(1.5 * ieg, 1.0) * (1 + own_protein * random.random(shape))
    early = 0.5 * ieg
    share = kept * (1 + 0.1 * protein) / (1 + 0.1 * protein.max())
    course = np.array([0.0, 1.0, 1, 1, 1, 1, 1, 0.9, 0.8, 0.7])
    gain = early[:, np.newaxis] * course[np.newaxis, :, np.newaxis]
    gain[:, 7] = early * share
    decay = np.array([0.0, *np.exp(-np.array(HOURS) / 3.0)])
    still = np.ones((1, len(TIMES), 1))
    number = np.repeat(np.arange(len(REGIONS)), CELLS)
    return Measured(
        region={name: number == place for place, name in enumerate(REGIONS)},
        ieg=ieg,
        before=random.random(shape),
        series={
            "ieg": ieg[:, np.newaxis] * still,
            "excitability": (0.3 * random.normal(size=shape) + ieg)[:, np.newaxis] * still,
            "protein": protein[:, np.newaxis] * decay[np.newaxis, :, np.newaxis],
            "chromatin": np.zeros((ANIMALS, len(TIMES), shape[1])),
            "input_strength": gain,
        },
        virus=random.random(shape) < 0.1,
        freezing=np.full((ANIMALS, len(TIMES)), 50.0),
    )


def link(table: pd.DataFrame, name: str, cells: str) -> pd.DataFrame:
    return rows_where(table, link=name, cells=cells)


def test_protein_that_is_a_function_of_ieg_is_not_told_from_it() -> None:
    table = links("intact", planted())
    given = link(table, "protein - share kept", "given IEG")
    assert (link(table, "protein - share kept", "engram")["value"] > 0.8).all()
    assert given["value"].isna().all()
    assert (given["variance left"] < 0.05).all()
    assert not table["link"].str.contains("chromatin").any()  # this brain has none


def test_protein_of_its_own_is_told_from_ieg() -> None:
    given = link(links("intact", planted(own_protein=0.5)), "protein - share kept", "given IEG")
    assert (given["variance left"] > 0.05).all()
    assert (given["low"] > 0.5).all()
    gain = link(links("intact", planted(own_protein=0.5)), "protein - gain at 24 h", "given IEG")
    assert gain["value"].mean() < given["value"].mean()


def test_intervals_come_from_animals() -> None:
    arm = planted()
    rows = link(links("intact", arm), "IEG - gain at 24 h", "all")
    assert (rows["animals"] == ANIMALS).all()
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


def test_arms_are_compared_within_animals() -> None:
    intact, blocked = planted(), planted(kept=0.45)
    table = compare_arms({"intact": intact, "anisomycin": blocked})
    own = rows_where(table, arm="anisomycin", region="all")
    early, kept = (rows_where(own, measure=f"gain at {h} h").iloc[0] for h in ("0.5", "24"))
    assert early["value"] == pytest.approx(100.0)
    assert early["difference value"] == pytest.approx(0.0)
    assert kept["value"] == pytest.approx(50.0)
    assert kept["difference value"] == pytest.approx(-50.0)
    # The same animals in both arms: what differs between animals is no noise in the difference.
    assert early["high"] - early["low"] > 1
    assert early["difference high"] - early["difference low"] == pytest.approx(0.0)


def test_courses_tell_engram_from_other_cells() -> None:
    table = courses(planted())
    late = rows_where(table[table["hour"] == 0.5], signal="input_strength", region="CA1")
    engram, other = (rows_where(late, cells=c)["value"].iloc[0] for c in ("engram", "other"))
    assert engram > 3 * other


def test_a_signal_that_leads_is_seen_to_lead() -> None:
    arm = planted()
    random = np.random.default_rng(1)
    series = dict(arm.series)
    driver = random.normal(size=arm.series["ieg"].shape)
    series["excitability"] = driver
    series["input_strength"] = np.concatenate([driver[:, :1], driver[:, :-1]], axis=1)
    moved = replace(arm, series=series)
    rows = rows_where(leads(moved), first="excitability")
    assert (rows["low"] > 0.05).all()
    table = rows_where(lags(moved), first="excitability", region="DG")
    earlier = table[(table["hour of first"] == 1.0) & (table["hour of second"] == 2.0)]
    assert earlier["value"].iloc[0] == pytest.approx(1.0, abs=1e-5)


def test_virus_is_compared_with_the_same_cells_without_it() -> None:
    intact = planted()
    raised = replace(intact, ieg=np.where(intact.virus, np.maximum(intact.ieg, 0.35), intact.ieg))
    table = viruses({"intact": intact, "creb": raised})
    joined, more = (rows_where(table, measure=m) for m in ("joined", "joined more"))
    assert (joined["value"] == 100).all()
    assert (more["low"] > 10).all()
    assert viruses({"intact": intact}).empty


@cache
def run() -> Answer:
    """A small real run."""
    return molecular_link.study(Setting(animals=3, seed=5, workers=1))


def test_arms_follow_the_brain() -> None:
    assert "no-capture" in molecular_link.arms_of(Brain())
    assert "no-capture" not in molecular_link.arms_of(Brain().without("protein_capture"))
    assert "kat5" not in molecular_link.arms_of(Brain().without("chromatin"))


def test_real_run_loses_strength_without_synthesis_and_recruits_by_creb() -> None:
    tables = run().tables
    blocked = rows_where(tables["arms"], arm="anisomycin", region="all")
    assert rows_where(blocked, measure="gain at 0.5 h")["value"].iloc[0] > 80
    assert rows_where(blocked, measure="gain at 24 h")["value"].iloc[0] < 60
    more = rows_where(tables["viruses"], arm="creb", measure="joined more")
    assert more["value"].mean() > 5


def test_protein_that_is_gone_counts_as_gone() -> None:
    table = run().tables["lags"]
    protein = table[(table["first"] == "protein") & (table["region"] == "DG")]
    before, there, late = (protein[protein["hour of first"] == hour] for hour in (0.5, 2.0, 168.0))
    assert before["value"].isna().all()  # synthesis takes 1.1 h
    assert there["value"].notna().any()
    assert late["value"].isna().all()


def test_conclusion_follows_the_numbers() -> None:
    tables = dict(run().tables)
    before = conclusion(tables)
    assert any("Blocking protein synthesis leaves" in sentence for sentence in before)
    arms = tables["arms"].copy()
    chosen = (arms["arm"] == "anisomycin") & (arms["measure"] == "gain at 24 h")
    arms.loc[chosen & (arms["region"] == "all"), ["value", "low", "high"]] = [97.0, 95.0, 99.0]
    after = conclusion({**tables, "arms": arms})
    assert any("97 % [95, 99] at 24 h" in sentence for sentence in after)
    assert not any("does not see" in sentence for sentence in after)
    without = tables["viruses"][tables["viruses"]["arm"] != "kat5"]
    assert any("no chromatin" in s for s in conclusion({**tables, "viruses": without}))


def test_summary_fits_a_screen() -> None:
    lines = run().summary().splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 79
    assert "Limits:" in lines


def test_a_brain_without_protein_and_chromatin_is_answered_for(
    recwarn: pytest.WarningsRecorder,
) -> None:
    brain = Brain().without("protein_capture", "chromatin", "hebbian_learning")
    answer = molecular_link.study(Setting(animals=2, seed=5, brain=brain, workers=1))
    said = " ".join(answer.conclusion)
    assert "no chromatin mechanism" in said
    assert "nan" not in said
    assert "hardly anything is left of" not in said
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]
