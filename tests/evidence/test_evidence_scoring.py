"""Scores: honest, the same for any number of workers, and never stopped by one finding."""

from __future__ import annotations

import json
from typing import Any

import pytest

import engramlab as lab
from engramlab.errors import ProtocolError
from engramlab.evidence import Finding, chosen, score

TINY: dict[str, Any] = {
    "engramlab": 1,
    "name": "tiny",
    "contexts": {"A": {}, "B": {}},
    "groups": {"shock": {}, "none": {}},
    "timeline": [
        {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 2,
         "groups": ["shock"], "shocks": {"at_minutes": [1], "shock_mA": 1}},
        {"do": "session", "name": "training", "at_hours": 0, "context": "A", "minutes": 2,
         "groups": ["none"]},
        {"do": "session", "name": "test", "at_hours": 1, "context": "A", "minutes": 1},
    ],
}  # fmt: skip
MORE = 'freezing["shock", "test"] > freezing["none", "test"]'
NEVER = 'freezing["shock", "test"] > 200'


def finding(*predicates: dict[str, Any], protocol: dict[str, Any] = TINY, **fields: Any) -> Finding:
    return Finding.model_validate(
        {
            "id": "tiny",
            "title": "Shock makes fear",
            "claim": "Shocked animals freeze.",
            "topic": "fear",
            "citation": {"authors": "Nobody N", "year": 2000, "journal": "None 1:1"},
            "tier": "recalled",
            "protocol": protocol,
            "animals": 4,
            "predicates": predicates,
            **fields,
        }
    )


def test_outcomes_do_not_depend_on_workers() -> None:
    wanted = [
        finding({"expr": MORE, "kind": "direction"}),
        finding({"expr": NEVER, "kind": "size"}, id="never", animals=5),
    ]
    alone, together = (score(wanted, seeds=2, workers=workers) for workers in (1, 2))
    assert [o.to_dict() for o in alone] == [o.to_dict() for o in together]
    order = [(o.finding.id, o.seed) for o in alone]
    assert order == [("tiny", 1), ("tiny", 2), ("never", 1), ("never", 2)]
    assert [o.passed for o in alone] == [True, True, False, False]
    assert alone[0].to_dict() != alone[1].to_dict()


def test_all_that_decides_is_in_the_outcome() -> None:
    outcome = score([finding({"expr": MORE, "kind": "direction", "why": "w"})], workers=1)[0]
    content = json.loads(json.dumps(outcome.to_dict(), allow_nan=False))
    assert set(content) == {
        "id", "topic", "tier", "counted", "seed", "animals", "passed", "error", "predicates",
        "measures",
    }  # fmt: skip
    predicate = content["predicates"][0]
    assert set(predicate) == {
        "expr", "kind", "control", "soft", "why", "passed", "margin", "interval", "terms", "signs",
    }  # fmt: skip
    shock, none = (predicate["terms"][place]["value"] for place in (0, 1))
    assert predicate["margin"] == pytest.approx(shock - none, abs=1e-5)
    values = content["measures"]['freezing["shock", "test"]']
    assert len(values) == 4
    assert sum(values) / 4 == pytest.approx(shock, abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "passed"),
    [
        ({"soft": True}, True),
        ({"control": True}, False),
        ({}, False),
    ],
)
def test_what_decides_whether_a_finding_holds(fields: dict[str, Any], passed: bool) -> None:
    wanted = finding({"expr": MORE, "kind": "direction"}, {"expr": NEVER, "kind": "size", **fields})
    outcome = score([wanted], workers=1)[0]
    assert [verdict.passed for verdict in outcome.verdicts] == [True, False]
    assert outcome.passed is passed


def test_a_finding_that_cannot_be_run_stops_no_other() -> None:
    protocol = {
        **TINY,
        "cells": {"none": {"region": "DG", "ids": [10**6]}},
        "timeline": [
            *TINY["timeline"],
            {"do": "lesion", "cells": "none", "at_hours": 0.5},
        ],
    }
    predicate = {"expr": MORE, "kind": "size"}
    impossible = finding(predicate, protocol=protocol, id="impossible")
    wanted = [impossible, finding(predicate)]
    first, second = score(wanted, workers=1, strict=False)
    assert not first.passed
    assert "names cell 1000000 of DG" in first.error
    assert first.to_dict()["predicates"] == []
    assert second.passed
    with pytest.raises(ProtocolError, match="names cell 1000000"):
        score(wanted, workers=1)


def test_progress_ends_at_all_animals_whatever_fails() -> None:
    seen: list[tuple[int, int]] = []
    wanted = [
        finding({"expr": MORE, "kind": "size"}),
        finding({"expr": NEVER, "kind": "size"}, id="never"),  # shares the run
        finding({"expr": MORE, "kind": "size"}, id="more", animals=5),
    ]
    score(wanted, workers=1, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 18) for done in range(19)]


def test_switching_off_a_mechanism_brings_a_finding_down() -> None:
    brain = lab.Brain().without("valence_learning")
    outcome = score(chosen(("liu2012",)), animals=4, workers=1, brain=brain)[0]
    assert not outcome.passed
