from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_records import random_records, two_groups

from engramlab.brain import Brain
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.record import assemble, digest


@pytest.fixture(scope="module")
def records() -> list[AnimalRecord]:
    return random_records(two_groups(), 3)


def test_sessions_are_the_union_in_the_order_of_the_engine(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    # At one hour a probe comes before a real session, whatever the order in the file.
    assert list(data["session"].values) == ["training", "probe-at-tag", "test", "exit"]


def test_every_value_is_where_its_animal_and_session_are(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    assert list(zip(data["group"].values, data["animal_number"].values, strict=True)) == [
        (record.group, record.animal) for record in records
    ]
    for a, record in enumerate(records):
        for i, name in enumerate(record.sessions):
            at = data.isel(animal=a).sel(session=name)
            moments = record.freezing_by_moment[i].size
            by_moment = at["freezing_by_moment"].values
            np.testing.assert_array_equal(by_moment[:moments], record.freezing_by_moment[i])
            assert np.isnan(by_moment[moments:]).all()
            expected = np.mean(record.freezing_by_moment[i].astype(float))
            assert at["freezing"].item() == pytest.approx(expected)
            np.testing.assert_array_equal(at["ieg"].values, record.ieg[i])
            np.testing.assert_array_equal(at["rate"].values, record.rate[i])
            np.testing.assert_array_equal(at["strength"].values, record.strength[i, :, 0])
            np.testing.assert_array_equal(at["connectivity"].values, record.strength[i, :, 1])
            np.testing.assert_array_equal(at["strength_to_others"].values, record.strength[i, :, 2])
            halves = at["valence_by_moment"].values
            np.testing.assert_array_equal(halves[:moments], record.valence_by_moment[i])
            assert np.isnan(halves[moments:]).all()
            for number, half in enumerate(("negative", "positive")):
                np.testing.assert_array_equal(
                    at["valence_by_moment"].sel(half=half).values[:moments],
                    record.valence_by_moment[i][:, number],
                )
                mean = np.mean(record.valence_by_moment[i][:, number].astype(float))
                assert at[f"valence_{half}"].item() == pytest.approx(mean)
            for number, name_of_state in enumerate(STATE):
                kept_state = at["neuron_state"].sel(state=name_of_state).values
                np.testing.assert_array_equal(kept_state, record.state[i, number])
        for tag, cells in record.tags.items():
            np.testing.assert_array_equal(data["tagged"].isel(animal=a).sel(tag=tag), cells)
        for name, cells in record.cell_sets.items():
            kept = data["in_cell_set"].isel(animal=a).sel(cell_set=name)
            np.testing.assert_array_equal(kept, cells)


def test_what_an_animal_did_not_do_is_missing(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    safe = data.isel(animal=data["group"].values == "safe").sel(session="probe-at-tag")
    missing = {str(name) for name, variable in data.variables.items() if variable.dtype.kind == "f"}
    assert missing == {
        *("freezing", "freezing_by_moment", "hours", "ieg", "rate", "neuron_state"),
        *("valence_negative", "valence_positive", "valence_by_moment"),
        *("strength", "connectivity", "strength_to_others"),
    }
    for name in missing:
        assert np.isnan(safe[name].values).all(), name
    assert not safe["probe"].values.any()
    assert set(safe["context"].values) == {""}


def test_dimensions_are_named(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    assert data["neuron_state"].dims == ("animal", "session", "state", "neuron")
    assert data["valence_by_moment"].dims == ("animal", "session", "moment", "half")
    assert data["strength_to_others"].dims == ("animal", "session", "projection")
    assert list(data["state"].values) == list(STATE)
    assert list(data["half"].values) == ["negative", "positive"]
    assert list(data["projection"].values) == [p.name for p in Brain().projections]
    assert data.sizes["moment"] == 6  # of the longest session
    assert data["valence_by_moment"].attrs["moment_minutes"] == 0.5


def test_a_session_may_differ_between_groups(records: list[AnimalRecord]) -> None:
    training = assemble(records, two_groups(), Brain()).sel(session="training")
    by_group = dict(zip(training["group"].values, range(len(records)), strict=True))
    fear, safe = (training.isel(animal=by_group[group]) for group in ("fear", "safe"))
    assert (fear["context"].item(), fear["hours"].item()) == ("A", 0.0)
    assert (safe["context"].item(), safe["hours"].item()) == ("B", 5.0)


def test_neurons_know_their_region_and_population(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    region, population = data["region"].values, data["population"].values
    for name, place in Brain().region_slices().items():
        assert set(region[place]) == {name}
    bla = Brain().region_slices()["BLA"]
    assert list(population[bla]).count("negative") == 150
    assert set(population[Brain().region_slices()["DG"]]) == {""}


def test_only_real_sessions_in_the_window_label(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    labels = data["tag_open"].sel(tag="engram").to_pandas()
    fear = data["group"].values == "fear"
    assert labels["training"].to_numpy()[fear].all()
    # The other group was trained after the window; a probe is on a copy.
    assert not labels["training"].to_numpy()[~fear].any()
    assert not labels[["probe-at-tag", "test", "exit"]].to_numpy().any()


def test_sets_chosen_by_a_tag_are_known(records: list[AnimalRecord]) -> None:
    data = assemble(records, two_groups(), Brain())
    chosen = dict(zip(data["cell_set"].values, data["from_tag"].values, strict=True))
    assert chosen == {"virus": False, "tagged": True, "others": True}


def test_records_of_another_brain_or_protocol_are_refused(records: list[AnimalRecord]) -> None:
    with pytest.raises(ValueError, match="no animals"):
        assemble([], two_groups(), Brain())
    with pytest.raises(ValueError, match="shape"):
        assemble([replace(records[0], ieg=records[0].ieg[:, :-1])], two_groups(), Brain())
    other = replace(records[0], sessions=("training", "x", "y", "z"))
    with pytest.raises(ValueError, match="'x'"):
        assemble([other], two_groups(), Brain())


@settings(max_examples=20, deadline=None)
@given(
    variable=st.sampled_from(
        [
            *("freezing", "ieg", "tagged", "strength", "hours", "context"),
            *("neuron_state", "valence_by_moment", "strength_to_others", "half"),
        ]
    ),
    place=st.integers(0, 10**6),
)
def test_the_digest_sees_one_changed_value(variable: str, place: int) -> None:
    data = assemble(random_records(two_groups(), 1), two_groups(), Brain())
    before = digest(data)
    assert digest(data.copy(deep=True).assign_attrs(seed=3)) == before
    changed = data.copy(deep=True)
    values = changed[variable].values.copy()
    at = np.unravel_index(place % values.size, values.shape)
    if values.dtype.kind == "f":
        # The smallest change there is, or from nothing to something.
        values[at] = 0.0 if np.isnan(values[at]) else np.nextafter(values[at], np.inf)
    else:
        values[at] = (
            "B" if values[at] == "A" else "A" if values.dtype.kind == "U" else not values[at]
        )
    changed[variable] = (changed[variable].dims, values)
    assert digest(changed) != before
