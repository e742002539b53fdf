"""Splits: disjoint, whole, the same each time, of every topic alike; the space of a fit."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_stubs import catalogue

from engramlab.brain import Brain
from engramlab.brain.brain import declared_parameters
from engramlab.errors import ParameterError
from engramlab.evidence import Finding
from engramlab.studies import split_by_name, split_by_share
from engramlab.studies.space import DIGITS, Axis, axes_named, brain_at, free_parameters, places_of


def many(topics: dict[str, int]) -> list[Finding]:
    one = next(iter(catalogue().values()))
    return [
        one.model_copy(update={"id": f"{topic}_{n}", "topic": topic})
        for topic, count in topics.items()
        for n in range(count)
    ]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=2),
    st.floats(0.01, 0.99),
    st.integers(0, 2**40),
)
def test_a_split_is_disjoint_whole_and_stratified(
    topics: dict[str, int], share: float, seed: int
) -> None:
    findings = many(topics)
    fitted, held = split_by_share(findings, share, seed)
    assert (fitted, held) == split_by_share(findings, share, seed)
    assert sorted([*fitted, *held]) == sorted(finding.id for finding in findings)
    assert fitted
    assert held
    total = len(findings)
    counts = Counter(id.split("_")[0] for id in held)
    for topic, size in topics.items():
        assert abs(counts[topic] - len(held) * size / total) < 1
    assert abs(len(held) - share * total) <= max(1, 0.5)


def test_another_seed_draws_others_and_a_new_finding_moves_none_of_its_topic() -> None:
    findings = many({"a": 10, "b": 10})
    draws = {split_by_share(findings, 0.3, seed)[1] for seed in range(10)}
    assert len(draws) > 5
    _, held = split_by_share(findings, 0.3, 1)
    _, with_more = split_by_share([*findings, *many({"c": 10})], 0.3, 1)
    assert set(held) <= set(with_more)


def test_what_the_fit_sees_anyhow_is_never_held_out() -> None:
    findings = many({"a": 4, "b": 4})
    seen = ("a_0", "a_1", "b_3")
    for seed in range(20):
        fitted, held = split_by_share(findings, 0.5, seed, seen=seen)
        assert not {*seen} & {*held}
        assert len(held) == 2  # half of the five that are free, rounded to even
        assert sorted([*fitted, *held]) == sorted(finding.id for finding in findings)


def test_named_sides_take_ids_and_topics() -> None:
    findings = many({"a": 2, "b": 2})
    assert split_by_name(findings, ("a",), ()) == (("a_0", "a_1"), ("b_0", "b_1"))
    assert split_by_name(findings, (), ("a_1",)) == (("a_0", "b_0", "b_1"), ("a_1",))
    assert split_by_name(findings, ("a_0",), ("b_1",)) == (("a_0",), ("b_1",))


@pytest.mark.parametrize(
    ("fit_on", "hold_out", "expected"),
    [
        (("a_0",), ("a",), "both fitted and held out"),
        (("a", "b"), (), "no finding held out"),
        ((), ("a", "b"), "no finding to fit on"),
        (("c",), (), "none of the findings"),
    ],
)
def test_impossible_sides_are_refused(
    fit_on: tuple[str, ...], hold_out: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(ParameterError, match=expected):
        split_by_name(many({"a": 2, "b": 2}), fit_on, hold_out)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(share: float) -> None:
    with pytest.raises(ParameterError, match="hold-out share"):
        split_by_share(many({"a": 5}), share, 1)


def test_one_finding_cannot_be_split() -> None:
    with pytest.raises(ParameterError, match="at least two"):
        split_by_share(many({"a": 1}), 0.3, 1)


@pytest.mark.parametrize("name", list(declared_parameters()))
def test_places_go_there_and_back_inside_the_range(name: str) -> None:
    axis = axes_named((name,))[0]
    first, last = (
        min(max(float(f"{end:.{DIGITS}g}"), axis.low), axis.high) for end in (axis.low, axis.high)
    )
    assert axis.value(0.0) == axis.value(-3.0) == first
    assert axis.value(1.0) == axis.value(7.0) == last
    for place in (0.013, 0.25, 0.5, 0.777, 0.99):
        value = axis.value(place)
        assert axis.low <= value <= axis.high
        assert float(f"{value:.{DIGITS}g}") == value
        assert axis.place(value) == pytest.approx(place, abs=2e-3)


def test_time_constants_move_by_factors_and_shares_by_steps() -> None:
    assert axes_named(("boost_tau_hours",))[0].scale == "logarithmic"
    assert axes_named(("silent_share",))[0].scale == "linear"
    rate = axes_named(("PFC-BLA.learning_rate",))[0]
    assert rate.scale == "logarithmic from 0"
    linear = rate.default / rate.high
    assert rate.place(rate.default) > 5 * linear  # not squeezed against the lower end


def test_what_no_experiment_gives_is_fitted_by_default() -> None:
    free = free_parameters()
    declared = declared_parameters()
    assert "boost_drive" in free
    assert "CA1-PFC.learning_rate" in free
    assert "DG-CA3.learning_rate" not in free  # a projection that does not learn
    assert all(declared[name][1].source.startswith(("fitted", "by hand")) for name in free)
    assert [axis.name for axis in axes_named(())] == list(free)


def test_a_mechanism_or_a_projection_stands_for_its_parameters() -> None:
    names = [axis.name for axis in axes_named(("CA1-PFC", "novelty", "CA1-PFC.learning_rate"))]
    assert names[:2] == ["CA1-PFC.learned_drive", "CA1-PFC.learning_rate"]
    assert "novelty_gain" in names
    assert len(names) == len(set(names))


def test_an_unknown_parameter_gets_a_hint() -> None:
    with pytest.raises(ParameterError, match="did you mean 'boost_gain'"):
        axes_named(("bost_gain",))


def test_a_brain_is_found_where_it_was_put() -> None:
    axes = axes_named(("boost_gain", "labile_tau_hours", "CA3-CA1.learning_rate"))
    start = Brain().with_parameters(replay_quality=0.2)
    brain = brain_at(axes, [0.2, 0.5, 0.8], start)
    assert places_of(axes, brain) == pytest.approx([0.2, 0.5, 0.8], abs=2e-3)
    assert brain.parameters["replay_quality"] == 0.2
    assert isinstance(axes[0], Axis)
