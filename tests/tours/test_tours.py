"""Every tour can be gone through, and says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from engramlab.engine import run_animal
from engramlab.errors import ProtocolError
from engramlab.evidence import all_findings
from engramlab.live import Comparison, LiveAnimal
from engramlab.live.plan import GROUP, Plan
from engramlab.tours import Claim, all_tours
from engramlab.tours.tour import _read

ASKED = {"allocation", "linking", "silent", "consolidation", "fear-spreads", "reconsolidation"}


def test_there_is_a_tour_of_everything_that_was_asked_for() -> None:
    assert all_tours().keys() >= ASKED | {"valence", "therapy"}


@pytest.mark.parametrize("id", list(all_tours()))
def test_a_tour_runs_from_start_to_end(id: str) -> None:
    tour = all_tours()[id]
    for step in range(len(tour.steps)):
        for name, actions in tour.actions(step).items():
            plan = Plan(places=tour.contexts, without=tour.without)
            for action in actions:
                plan = plan.after(action)
            if step == len(tour.steps) - 1:
                record = run_animal(plan.protocol(), GROUP, 0, tour.seed)
                assert record.sessions, name


@pytest.mark.parametrize("id", list(all_tours()))
def test_what_a_step_asks_to_look_at_is_there(id: str) -> None:
    tour = all_tours()[id]
    for number, step in enumerate(tour.steps):
        actions = tour.actions(number)[step.look.animal]
        plan = Plan(places=tour.contexts)
        for action in actions:
            plan = plan.after(action)
        names = [one["name"] for one in [*plan.steps, *plan._visit()] if one["do"] == "session"]
        assert step.look.engram is None or step.look.engram in names
        assert step.look.tag is None or step.look.tag in plan.tags


def test_a_tour_can_be_played() -> None:
    tour = all_tours()["silent"]
    played = list(tour.play())
    assert [step for step, _ in played] == list(tour.steps)
    recall = {step.title: animals for step, animals in played}
    assert recall["Natural recall"]["anisomycin"].frame.freezing < 20
    assert recall["Light on the engram"]["light"].frame.freezing > 40
    # Animals of an earlier step stay as they were.
    assert played[0][1]["mouse"].hours < played[-1][1]["mouse"].hours


def test_a_claim_is_judged_by_interval_and_size() -> None:
    claim = Claim(text="", higher="a", lower="b", by=20, animals=3)
    far = Comparison("freezing", {"a": (60.0, 70.0, 65.0), "b": (20.0, 30.0, 28.0)})
    near = Comparison("freezing", {"a": (60.0, 70.0, 65.0), "b": (50.0, 63.0, 55.0)})
    assert claim.holds(far)
    assert not claim.holds(near)
    alike = Claim(text="", higher="a", lower="b", by=20, equal=True, animals=3)
    assert (alike.holds(far), alike.holds(near)) == (False, True)
    assert "65.0 % freezing (a) and 26.0 (b)" in claim.words(far)
    measured = Claim(text="", higher="a", lower="b", by=0, animals=2).measured(
        {
            name: LiveAnimal(1, [{"do": "probe", "place": place}])
            for name, place in (("a", "A"), ("b", "D"))
        }
    )
    assert measured.difference("a", "b").animals == 2


def test_texts_fit_beside_a_picture_and_name_their_sources() -> None:
    for tour in all_tours().values():
        assert set(tour.findings) <= set(all_findings())
        assert tour.limits
        assert any(step.claim for step in tour.steps)
        assert any(step.question for step in tour.steps)
        assert all(len(step.text) < 600 for step in tour.steps)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("findings: [ryan2015, roy2016]", "findings: [ryan2051]"), "no finding 'ryan2051'"),
        (("id: silent", "id: loud"), "named as its tour"),
        (("do: open_tag", "do: open_tags"), "open_tags"),
        (("answer: 1", "answer: 7"), "of 3 choices"),
    ],
)
def test_a_wrong_tour_is_refused(change: tuple[str, str], message: str) -> None:
    import engramlab.tours

    text = (Path(engramlab.tours.__file__).parent / "silent.yaml").read_text()
    assert change[0] in text
    with pytest.raises(ProtocolError, match=message):
        _read("silent.yaml", text.replace(*change))


def test_a_step_cannot_speak_of_an_animal_that_is_not_there() -> None:
    tour = all_tours()["silent"]
    wrong = tour.steps[0].model_copy(
        update={"look": tour.steps[0].look.model_copy(update={"animal": "x"})}
    )
    broken = tour.model_copy(update={"steps": (wrong, *tour.steps[1:])})
    with pytest.raises(ProtocolError, match="no animal 'x' yet"):
        broken.actions(0)
