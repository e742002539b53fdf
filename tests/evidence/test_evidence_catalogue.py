"""The catalogue: files that are sound, and messages that help to mend those that are not."""

from __future__ import annotations

from importlib.resources import files

import pytest

from engramlab.brain import Brain
from engramlab.errors import ParameterError, ProtocolError
from engramlab.evidence import all_findings, chosen, parse_finding
from engramlab.evidence.expression import parse

LIU = (files("engramlab.evidence") / "findings" / "liu2012.yaml").read_text()


def test_every_finding_is_sound() -> None:
    catalogue = all_findings()
    assert len(catalogue) >= 13
    for finding in catalogue.values():
        assert finding.published_values, f"{finding.id} says nothing of what was published"
        decides = any(not predicate.soft for predicate in finding.predicates)
        assert decides or not finding.counted, f"nothing decides whether {finding.id} holds"
        for predicate in finding.predicates:
            assert parse(predicate.expr).measures(), predicate.expr


def test_every_group_has_a_brain_that_can_be_made() -> None:
    wrong = []
    for finding in all_findings().values():
        for name, group in finding.plan.groups.items():
            try:
                Brain().with_parameters(group.parameters).without(*group.without)
            except ParameterError as error:
                wrong.append(f"{finding.id}, {name}: {error}")
    assert not wrong


def test_findings_are_chosen_by_id_and_topic() -> None:
    assert [finding.id for finding in chosen(("liu2012",))] == ["liu2012"]
    topic = all_findings()["liu2012"].topic
    assert "liu2012" in [finding.id for finding in chosen((topic,))]
    with pytest.raises(ProtocolError, match="did you mean 'liu2012'"):
        chosen(("liu2021",))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: liu2012", "id: other", "the file's name"),
        ("id: liu2012", "id: Liu 2012", "id is 'Liu 2012'"),
        ("topic:", "topik:", "unknown field 'topik'(?s:.)*did you mean 'topic'"),
        ("topic:", "topik:", "'topic' is missing"),
        ("kind: direction", "kind: directoin", "did you mean 'direction'"),
        ("control: true", "contol: true", "unknown field 'contol'(?s:.)*did you mean 'control'"),
        ("provenance: recalled", "provenance: somewhere", "provenance is 'somewhere'"),
        ("protocol: artificial-recall", "protocol: artificial", "did you mean 'artificial-recall'"),
        ('"light-off"] >= 20', '"light-of"] >= 20', "line 9, predicates(?s:.)*mean 'light-off'"),
        ("title:", "title: [", "line 3: not valid YAML"),
        ("id: liu2012", "- x\n- id: liu2012", "not valid YAML"),
    ],
)
def test_a_wrong_finding_is_named_with_line_and_field(old: str, new: str, expected: str) -> None:
    assert parse_finding(LIU, "liu2012.yaml").id == "liu2012"
    assert old in LIU
    with pytest.raises(ProtocolError, match=expected) as caught:
        parse_finding(LIU.replace(old, new, 1), "liu2012.yaml")
    assert all(problem.where.startswith("liu2012.yaml") for problem in caught.value.problems)


def test_a_wrong_protocol_in_a_finding_is_named_with_its_line() -> None:
    text = LIU.replace(
        "protocol: artificial-recall",
        "protocol:\n  engramlab: 1\n  name: x\n  contexts: {A: {}}\n  groups: {fear: {}}\n"
        "  timeline:\n    - {do: session, name: a, at_hour: 0, context: A, minutes: 5}",
    )
    with pytest.raises(ProtocolError, match=r"line 13, timeline\[0\].at_hour.*'at_hour'"):
        parse_finding(text, "liu2012.yaml")


def test_soft_predicates_and_what_is_not_tested_are_read() -> None:
    text = LIU.replace("control: true", "control: true, soft: true", 1)
    finding = parse_finding(f"{text}not_tested: [what light felt like]\n", "liu2012.yaml")
    assert [predicate.soft for predicate in finding.predicates].count(True) == 1
    assert finding.not_tested == ("what light felt like",)
