"""The catalogue: files that are sound, expressions that mean what they say, honest scoring."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import engramlab as lab
from engramlab.cli import main
from engramlab.errors import ProtocolError
from engramlab.evidence import Finding, all_findings, chosen, parse_finding, score
from engramlab.evidence.verdict import evaluate
from engramlab.evidence.finding import Predicate
from engramlab.protocol import schedule
from engramlab.record import Experiment


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return lab.run("silent-engram", animals=4, seed=1, workers=1)


def holds(expr: str, experiment: Experiment, kind: Any = "size") -> bool:
    return evaluate(Predicate(expr=expr, kind=kind), experiment).passed


@pytest.mark.parametrize("finding", all_findings().values(), ids=lambda finding: finding.id)
def test_every_finding_names_groups_and_sessions_it_has(finding: Finding) -> None:
    plan = finding.plan
    sessions = {
        (group, session.name) for group in plan.groups for session in schedule(plan, group).sessions
    }
    for predicate in finding.predicates:
        named = [part.split('"')[1::2] for part in predicate.expr.split("[")[1:]]
        assert named, predicate.expr
        for group, session, *_ in named:
            assert (group, session) in sessions or (group in plan.groups and session == "")
    assert finding.published_values
    if finding.tier != "data" and len(finding.predicates) < 5:
        assert any(predicate.control for predicate in finding.predicates)


def test_means_are_means_over_animals(experiment: Experiment) -> None:
    scores = experiment.freezing["recall-A"].xs("saline").to_numpy()
    verdict = evaluate(
        Predicate(expr='freezing["saline", "recall-A"] > 0', kind="direction"), experiment
    )
    assert verdict.margin == pytest.approx(scores.mean())
    assert scores.min() <= verdict.low <= verdict.margin <= verdict.high <= scores.max()


def test_tests_of_one_animal_stay_paired(experiment: Experiment) -> None:
    same = 'freezing["saline", "recall-A"] - freezing["saline", "recall-A"] >= 0'
    verdict = evaluate(Predicate(expr=same, kind="size"), experiment)
    assert verdict.low == verdict.high == 0


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("1 < 2", True),
        ("2 <= 2", True),
        ("2 < 2", False),
        ("1 < 3 < 2", False),
        ("1 < 2 < 3", True),
        ("abs(-3) <= 3", True),
        ("min(1, 2) >= max(0, 1)", True),
        ("2 * 3 - 4 / 2 > 3.9", True),
    ],
)
def test_comparisons_mean_what_they_say(expr: str, expected: bool, experiment: Experiment) -> None:
    assert holds(expr, experiment) is expected


def test_a_direction_needs_more_than_its_mean(experiment: Experiment) -> None:
    slightly = 'freezing["saline", "recall-A"] > {}'
    mean = float(experiment.freezing["recall-A"].xs("saline").mean())
    assert holds(slightly.format(mean - 0.5), experiment)
    assert not holds(slightly.format(mean - 0.5), experiment, "direction")
    assert holds(slightly.format(1.0), experiment, "direction")


def test_measures_of_cells_and_synapses(experiment: Experiment) -> None:
    assert holds('2 <= engram_size["saline", "training", "DG"] <= 8', experiment)
    assert holds('50 <= reactivated_share["saline", "recall-A", "CA1"] <= 100', experiment)
    assert holds('reactivation_over_chance["saline", "recall-A", "CA1"] > 1.5', experiment)
    strength = '["{}", "recall-A", "CA3-CA1"]'
    assert holds(
        "strength" + strength.format("saline") + " > strength" + strength.format("anisomycin"),
        experiment,
    )


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("1 +", "is not an expression"),
        ("1 + 2", "is no comparison"),
        ("1 == 1", "is no comparison"),
        ('freezin["saline", "recall-A"] > 1', "is no measure"),
        ('freezing["saline", "nowhere"] > 1', "holds no value"),
        ('freezing["nobody", "recall-A"] > 1', "holds no value"),
        ("freezing[saline] > 1", "names no group"),
        ("__import__('os') > 1", "holds"),
        ("(lambda: 1)() > 1", "holds"),
        ("True > 0", "holds"),
    ],
)
def test_expressions_outside_the_grammar_are_refused(
    expr: str, expected: str, experiment: Experiment
) -> None:
    with pytest.raises(ProtocolError, match=expected):
        holds(expr, experiment)


def test_scores_repeat_and_share_runs() -> None:
    findings = chosen(("ryan2015",))
    first, second = (score(findings, animals=4, seed=2, workers=1) for _ in range(2))
    assert first[0].to_dict() == second[0].to_dict()
    assert len(first[0].verdicts) == len(findings[0].predicates)


def test_switching_off_a_mechanism_brings_a_finding_down() -> None:
    findings = chosen(("kim1992",))
    outcome = score(findings, animals=4, seed=1, workers=1, brain=lab.Brain().without("replay"))[0]
    remote = outcome.verdicts[4]
    assert "recall-day-28" in remote.predicate.expr
    values = np.array([verdict.margin for verdict in outcome.verdicts])
    assert np.isfinite(values).all()
    assert not outcome.passed


def test_findings_are_chosen_by_id_and_topic() -> None:
    assert [finding.id for finding in chosen(("liu2012",))] == ["liu2012"]
    topic = all_findings()["liu2012"].topic
    assert "liu2012" in [finding.id for finding in chosen((topic,))]
    with pytest.raises(ProtocolError, match="did you mean 'liu2012'"):
        chosen(("liu2021",))


def test_a_wrong_finding_is_named() -> None:
    text = (files("engramlab.evidence") / "findings" / "liu2012.yaml").read_text()
    assert parse_finding(text, "liu2012.yaml").id == "liu2012"
    for change, expected in (
        (("id: liu2012", "id: other"), "the file's name"),
        (("topic:", "topik:"), "unknown field 'topik'"),
        (("provenance: recalled", "provenance: somewhere"), "provenance"),
    ):
        with pytest.raises(ProtocolError, match=expected):
            parse_finding(text.replace(*change), "liu2012.yaml")


def test_commands() -> None:
    run = CliRunner().invoke
    listing = run(main, ["findings"])
    assert all(name in listing.output for name in all_findings())
    shown = run(main, ["findings", "show", "wiltgen2007"])
    assert "found: abstract" in shown.output
    assert "day 36" in shown.output
    scored = run(main, ["evaluate", "--only", "engram_size", "--animals", "4", "--quiet"])
    assert scored.exit_code == 0
    assert "engram_size" in scored.output
    wrong = run(main, ["evaluate", "--only", "engram_sise"])
    assert wrong.exit_code == 2
    assert "did you mean 'engram_size'" in wrong.output
