"""Figures show the values of the record, for every built-in paradigm."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engramlab as lab
from engramlab.measures import mean_estimate, overlap_over_chance
from engramlab.protocol import Protocol, schedule
from engramlab.record import Experiment
from engramlab.record.overlap import mean_overlap
from engramlab.report.figure import day_text
from engramlab.report.figures import FIGURES
from engramlab.report.figures.timeline import time_axis

PARADIGMS = lab.paradigm_names()


@cache
def experiment_of(name: str) -> Experiment:
    return lab.run(name, animals=2, workers=1)


def plain(**changes: Any) -> Protocol:
    """One animal's minute in a box, without tags."""
    fields: dict[str, Any] = {
        "name": "plain",
        "contexts": {"A": {}},
        "groups": {"one": {}},
        "timeline": [
            {"do": "session", "name": "s", "context": "A", "minutes": 1, "at_hours": 0},
        ],
    }
    return Protocol.create(**{**fields, **changes})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", PARADIGMS)
@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_of_every_paradigm_is_drawn(figure: str, name: str) -> None:
    experiment = experiment_of(name)
    drawn = FIGURES[figure](experiment)
    if figure == "differences" and len(experiment.protocol.groups) == 1:
        assert FIGURES[figure].why_not(experiment)
        return
    assert drawn is not None
    drawn.draw_without_rendering()  # warns where the layout fails


def test_what_does_not_apply_is_none_with_a_reason() -> None:
    experiment = lab.run(plain(), animals=1, workers=1)
    for name in ("reactivation", "overlap"):
        assert FIGURES[name](experiment) is None
        assert FIGURES[name].why_not(experiment)
    for name in ("timeline", "freezing", "freezing_by_moment", "engram_size"):
        assert FIGURES[name](experiment) is not None


def test_freezing_shows_every_animal_and_the_group_s_mean() -> None:
    experiment = experiment_of("contextual-fear")
    figure = FIGURES["freezing"](experiment)
    assert figure is not None
    lines = figure.axes[0].get_lines()
    heights = {
        size: np.concatenate([line.get_ydata() for line in lines if line.get_markersize() == size])
        for size in (4.0, 6.5)
    }
    wide = experiment.freezing
    np.testing.assert_allclose(np.sort(heights[4.0]), np.sort(wide.to_numpy().ravel()))
    means = [
        mean_estimate(part[name]).value
        for _, part in wide.groupby(level="group", sort=False)
        for name in wide
    ]
    np.testing.assert_allclose(heights[6.5], np.array(means))
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == list(wide.columns)


def test_overlap_matrix_is_the_mean_of_the_measure_over_animals() -> None:
    experiment = experiment_of("creb-allocation")
    sessions, matrices = mean_overlap(experiment.data, "creb", ["CA1", "BLA"])
    data = experiment.data.isel(animal=experiment.data["group"].values == "creb")
    here = data["region"].values == "CA1"
    i, j = sessions.index("training"), sessions.index("recall")
    pairs = [
        (data["ieg"].sel(session=name).values[:, here] > 0.3) for name in ("training", "recall")
    ]
    expected = np.mean([overlap_over_chance(*pair) for pair in zip(*pairs, strict=True)])
    assert matrices[0, i, j] == pytest.approx(expected)
    assert matrices[0, j, i] == matrices[0, i, j]
    assert np.isnan(matrices[:, i, i]).all()


def test_names_with_dollar_signs_are_not_mathematics() -> None:
    protocol = plain(groups={"one": {"title": r"$\frac{ $5 & <b>"}}, title=r"$\broken{")
    experiment = lab.run(protocol, animals=1, workers=1)
    for kind in FIGURES.values():
        figure = kind(experiment)
        if figure is not None:
            figure.draw_without_rendering()


@pytest.mark.filterwarnings("error")
def test_the_longest_names_leave_room_for_data() -> None:
    long = "x" * 62
    protocol = plain(
        contexts={f"C{long}": {}},
        tags={"engram": {}},
        groups={f"{number}{long}": {"title": 4 * long} for number in range(3)},
        timeline=[
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 1},
            *(
                {
                    "do": "session",
                    "name": f"{day}{long}",
                    "context": f"C{long}",
                    "minutes": 1,
                    "at_days": day,
                }
                for day in range(4)
            ),
        ],
    )
    experiment = lab.run(protocol, animals=1, workers=1)
    for kind in FIGURES.values():
        figure = kind(experiment)
        assert figure is not None
        figure.draw_without_rendering()
        width, height = figure.axes[0].get_position().size * figure.get_size_inches()
        assert min(width, height) > 0.5, kind.name


def test_drawing_leaves_matplotlib_s_settings_alone() -> None:
    before = dict(matplotlib.rcParams)
    FIGURES["freezing"](experiment_of("contextual-fear"))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", PARADIGMS)
def test_alternative_texts_say_what_is_seen(name: str) -> None:
    for kind in FIGURES.values():
        assert len(kind.alt_text(experiment_of(name))) > 60
    group = next(iter(experiment_of(name).protocol.groups))
    last = experiment_of(name).freezing.xs(group).to_numpy()[:, -1]
    session = experiment_of(name).freezing.columns[-1]
    text = FIGURES["freezing"].alt_text(experiment_of(name))
    assert f"{session}, {group}: {last.mean():.0f} %" in text


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "day 0"),
        (24, "day 1"),
        (28 * 24, "day 28"),
        (5, "day 0 + 5 h"),
        (29.5, "day 1 + 5.5 h"),
        (0.5, "day 0 + 30 min"),
        (24 * 7 + 1 / 60, "day 7 + 1 min"),
        (24 * (1 / 3) * 3, "day 1"),
    ],
)
def test_hours_in_words(hours: float, text: str) -> None:
    assert day_text(hours) == text


@settings(max_examples=60, deadline=None)
@given(
    starts=st.lists(
        st.tuples(st.floats(0, 24 * 60), st.sampled_from(["a", "b"])), min_size=1, max_size=12
    ),
    window=st.tuples(st.floats(0, 24 * 60), st.floats(0.01, 500)),
)
def test_time_on_the_axis_rises_and_boxes_do_not_touch(
    starts: list[tuple[float, str]], window: tuple[float, float]
) -> None:
    """Whatever the times: minutes or weeks apart, at once, or overlapping between groups."""
    steps = [
        {
            "do": "session",
            "name": f"s{number}",
            "context": "A",
            "minutes": 30,
            "at_hours": at,
            "groups": [group],
            "probe": True,  # probes of one group may overlap
        }
        for number, (at, group) in enumerate(starts)
    ]
    groups: dict[str, dict[str, str]] = {group: {} for _, group in starts}
    steps.append({"do": "replay_block", "at_hours": window[0], "hours": window[1]})
    protocol = plain(groups=groups, timeline=steps)
    axis = time_axis([schedule(protocol, group) for group in protocol.groups])
    assert all(a <= b for a, b in pairwise(axis.hours))
    assert all(a < b for a, b in pairwise(axis.x))
    edges = sorted(axis.boxes.values())
    assert len(edges) == len(starts)
    assert all(b - a >= 1 - 1e-9 for a, b in pairwise(edges))
    for (hour, _), left in axis.boxes.items():
        column = next(column for column in axis.columns if column[0] == hour)
        assert column[1] - 1e-9 <= left < column[2]
        assert axis.place(hour) <= left + 1e-9
    assert axis.place(window[0]) < axis.place(window[0] + window[1])
