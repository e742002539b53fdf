"""Every measure on records whose values are known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from handmade import POPULATION, REGION, cells, protocol, reading, record
from hypothesis import given
from hypothesis import strategies as st

from engramlab.errors import ProtocolError
from engramlab.evidence.checking import problems_in
from engramlab.evidence.expression import parse
from engramlab.evidence.reading import Reading

ACTIVE, SILENT = 0.9, 0.1


def value(text: str, read: Reading) -> list[float]:
    """Value of a measure in each animal."""
    comparison = f"{text} > 0"
    assert problems_in(comparison, read.protocol) == []
    return list(read(parse(comparison).measures()[0]))


def activity(*numbers: int) -> np.ndarray:
    return np.where(cells(*numbers), ACTIVE, SILENT)


def in_sessions(training: np.ndarray, test: np.ndarray, other: np.ndarray) -> np.ndarray:
    """An array whose second axis is the session, in the order of the protocol."""
    return np.stack([training, test, other])[None]


MOMENTS = np.array([10.0, 20.0, 30.0, 40.0])  # tone in the second and fourth, noise in the third


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ('"test"', 25.0),
        ('"test", "tone"', 30.0),
        ('"test", "noise"', 30.0),
        ('"test:tone"', 30.0),
        ('"test", "0-1"', 15.0),
        ('"test:0-1.5"', 20.0),
        ('"test:tone:1-2"', 40.0),
        ('"test:tone", "0-1"', 20.0),
        ('"test", "0-1", "tone"', 20.0),
    ],
)
def test_freezing_in_windows(names: str, expected: float) -> None:
    read = reading(freezing_by_moment=MOMENTS, freezing=MOMENTS.mean())
    assert value(f'freezing["one", {names}]', read) == [expected] * 4


def test_valences_and_preference_in_windows() -> None:
    negative, positive = np.array([0.0, 0.2, 0.4, 0.6]), np.array([0.0, 0.4, 0.8, 0.6])
    read = reading(
        valence_by_moment=np.stack([negative, positive], axis=-1),
        valence_negative=negative.mean(),
        valence_positive=positive.mean(),
    )
    assert value('valence_negative["one", "test", "tone"]', read) == pytest.approx([0.4] * 4)
    assert value('valence_positive["one", "test", "1-2"]', read) == pytest.approx([0.7] * 4)
    assert value('valence_positive["one", "test"]', read) == pytest.approx([0.45] * 4)
    by_moment = 180 * (1 / (1 + np.exp(-2 * (positive - negative))) - 0.5)
    assert value('preference["one", "test"]', read) == pytest.approx([by_moment.mean()] * 4)
    noise = value('preference["one", "test", "noise"]', read)
    assert noise == pytest.approx([by_moment[2]] * 4)


def test_preference_from_means_of_a_record_without_moments() -> None:
    plan = protocol()
    data = record(plan, valence_negative=0.5, valence_positive=0.5).drop_vars("valence_by_moment")
    read = Reading(data, plan)
    assert value('preference["one", "test"]', read) == [0.0] * 4
    with pytest.raises(ProtocolError, match="does not hold valence_by_moment"):
        value('preference["one", "test", "tone"]', read)


def test_discrimination_is_made_in_each_animal() -> None:
    by_session = np.array([0.0, 60.0, 20.0])
    by_moment = np.stack([np.zeros(4), MOMENTS, 2 * MOMENTS])
    read = reading(freezing=by_session, freezing_by_moment=by_moment)
    assert value('discrimination["one", "test", "other"]', read) == [0.5] * 4
    assert value('discrimination["one", "other"]', read) == [0.5] * 4  # its partner is in A
    expected = [(30 - 25) / 55] * 4
    assert value('discrimination["one", "test:tone", "test:0-2"]', read) == pytest.approx(expected)


def test_engram_and_tag_size() -> None:
    tagged, members = cells(0, 1, 4)[None], np.stack([cells(4, 7), cells()])
    read = reading(ieg=activity(0, 4, 5, 7), tagged=tagged, in_cell_set=members)
    assert value('engram_size["one", "test", "DG"]', read) == [25.0] * 4
    assert value('engram_size["one", "test", "BLA:negative"]', read) == pytest.approx([200 / 3] * 4)
    assert value('engram_size["one", "test", "BLA:positive"]', read) == pytest.approx([100 / 3] * 4)
    assert value('engram_size["one", "test", "chosen"]', read) == [100.0] * 4
    assert value('tag_size["one", "engram", "DG"]', read) == [50.0] * 4


def test_reactivation() -> None:
    read = reading(ieg=activity(1, 2, 3), tagged=cells(0, 1)[None])
    part = '["one", "test", "DG"]'
    assert value(f"reactivated_share{part}", read) == [50.0] * 4
    assert value(f"new_share{part}", read) == pytest.approx([200 / 3] * 4)
    assert value(f"reactivation_over_chance{part}", read) == pytest.approx([1 / (2 * 3 / 4)] * 4)
    named = value('reactivated_share["one", "test", "DG", "engram"]', read)
    assert named == [50.0] * 4


def test_two_sessions() -> None:
    ieg = in_sessions(activity(0, 1), activity(1, 2), activity(3))
    rate = in_sessions(np.eye(10)[0], np.eye(10)[0] + np.eye(10)[1], np.eye(10)[2])
    read = reading(ieg=ieg, rate=rate)
    assert value('overlap_over_chance["one", "training", "test", "DG"]', read) == [1.0] * 4
    assert value('overlap_over_chance["one", "test", "other", "DG"]', read) == [0.0] * 4
    cosine = value('similarity["one", "training", "test", "DG"]', read)
    assert cosine == pytest.approx([1 / np.sqrt(2)] * 4)


def test_sets_are_compared_with_the_cells_that_they_were_drawn_from() -> None:
    members = np.stack([cells(4), cells()])  # one of the three negative cells of BLA
    read = reading(ieg=activity(4, 5, 7, 8, 9), tagged=cells(4, 7, 8, 9)[None], in_cell_set=members)
    # One tagged cell of three in the negative half, and the set holds it.
    assert value('over_representation["one", "", "chosen"]', read) == [3.0] * 4
    assert value('over_representation["one", "", "chosen", "engram"]', read) == [3.0] * 4
    assert value('recruitment["one", "test", "chosen"]', read) == [2.0] * 4


def test_states_of_neurons() -> None:
    state = np.arange(10.0) * np.array([1, 10, 100, 1000, 10000])[:, None]
    read = reading(neuron_state=state, tagged=cells(0, 1, 4)[None])
    for text, expected in {
        'excitability["one", "test", "DG"]': 1.5,
        'protein["one", "test", "BLA:negative"]': 50,
        'chromatin["one", "test", "engram@DG"]': 50,
        'chromatin["one", "test", "!engram@DG"]': 250,
        'input_strength["one", "test", "tagged@BLA"]': 4000,
        'feedforward["one", "test", "untagged@BLA"]': 70000,
        'excitability["one", "test", "engram@BLA:negative"]': 4,
    }.items():
        assert value(text, read) == pytest.approx([expected] * 4), text


def test_synapses() -> None:
    strength = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    read = reading(strength=strength, connectivity=0.5, strength_to_others=0.25)
    assert value('strength["one", "other", "CA1-BLA"]', read) == [6.0] * 4
    assert value('connectivity["one", "test", "CA3-CA1"]', read) == [0.5] * 4
    assert value('strength_to_others["one", "test", "CA3-CA1"]', read) == [0.25] * 4


def test_a_measure_belongs_to_the_animals_of_its_group() -> None:
    freezing = np.arange(8.0)[:, None]
    read = reading(freezing=freezing)
    assert value('freezing["one", "test"]', read) == [0, 1, 2, 3]
    assert value('freezing["two", "test"]', read) == [4, 5, 6, 7]


def test_what_an_old_record_does_not_hold_is_named() -> None:
    plan = protocol()
    read = Reading(record(plan).drop_vars(["neuron_state", "strength_to_others"]), plan)
    for text, missing in (
        ('chromatin["one", "test", "DG"]', "neuron_state"),
        ('strength_to_others["one", "test", "CA3-CA1"]', "strength_to_others"),
        ('strength["one", "test", "PFC-BLA"]', "strength of projection 'PFC-BLA'"),
    ):
        with pytest.raises(ProtocolError, match=f"does not hold {missing}"):
            value(text, read)


def test_shares_of_no_cells_are_not_defined() -> None:
    read = reading(ieg=SILENT, tagged=False)
    for name in ("reactivated_share", "new_share", "reactivation_over_chance"):
        assert np.isnan(value(f'{name}["one", "test", "DG"]', read)).all()
    assert np.isnan(value('recruitment["one", "test", "chosen"]', read)).all()


@given(st.integers(0, 2**32 - 1), st.permutations(range(REGION.size)))
def test_measures_do_not_depend_on_the_order_of_cells(seed: int, order: list[int]) -> None:
    plan = protocol()
    data = record(plan, seed=seed, in_cell_set=np.stack([cells(4, 5), cells(0)]))
    shuffled = data.isel(neuron=order)
    assert set(POPULATION) == set(shuffled["population"].values)
    for text in (
        'engram_size["one", "test", "BLA:negative"]',
        'reactivation_over_chance["one", "test", "BLA"]',
        'overlap_over_chance["one", "test", "other", "BLA"]',
        'similarity["one", "test", "other", "BLA"]',
        'over_representation["two", "", "chosen"]',
        'recruitment["two", "test", "chosen"]',
        'chromatin["two", "test", "!engram@BLA"]',
    ):
        one, two = (value(text, Reading(d, plan)) for d in (data, shuffled))
        np.testing.assert_allclose(one, two, rtol=1e-6, err_msg=text)


@given(st.integers(0, 2**32 - 1))
def test_shares_add_up(seed: int) -> None:
    read = reading(seed=seed)
    tagged, active = (
        np.array(value(text, read))
        for text in ('tag_size["one", "engram", "DG"]', 'engram_size["one", "test", "DG"]')
    )
    again = np.array(value('reactivated_share["one", "test", "DG"]', read))
    new = np.array(value('new_share["one", "test", "DG"]', read))
    both = np.nan_to_num(tagged * again)  # tagged cells that are active, counted in two ways
    np.testing.assert_allclose(both, np.nan_to_num(active * (100 - new)), atol=1e-6)


def test_reading_uses_the_numbers_of_the_tidy_table() -> None:
    """The same protocol, by the table that users see."""
    import engramlab as lab

    experiment = lab.run("silent-engram", animals=2, seed=3, workers=1)
    read = Reading(experiment.data, experiment.protocol)
    table = experiment.table[experiment.table["group"] == "saline"].set_index("measure")
    assert isinstance(experiment.data, xr.Dataset)
    for measure, region in (("engram_size", "CA1"), ("reactivation_over_chance", "BLA")):
        rows = table.loc[measure]
        rows = rows[(rows["session"] == "recall-A") & (rows["region"] == region)]
        text = f'{measure}["saline", "recall-A", "{region}"]'
        np.testing.assert_allclose(value(text, read), rows["value"])
