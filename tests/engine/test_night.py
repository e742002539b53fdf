"""Nights: nothing to replay, what fits a schema, and what is left as it was."""

# mypy: allow-untyped-calls
from __future__ import annotations

import numpy as np
import pytest
from networks import PROJECTIONS, copy, dense, laid_out, network, parameter, place, row, signal
from plans import protocol

from engramlab.brain import Brain
from engramlab.brain.mechanism import SETTLED
from engramlab.engine.animal import Animal
from engramlab.engine.gap import bring_to_date
from engramlab.engine.network import Network, mechanism_index, parameter_index
from engramlab.engine.night import fit_to_cortex, marked, run_night

KEY = np.uint64(9)
TO_CORTEX = ("CA1-PFC", "EC-PFC")


def evening(brain: Brain | None = None) -> Network:
    """An animal after training, before its first night."""
    animal = Animal(protocol(), "g", 0, 1, brain or Brain())
    animal.live()
    return laid_out(animal.network)


def learned(built: Network, projection: str) -> float:
    return float(dense(built, PROJECTIONS.index(projection), built.labile).sum())


def test_there_is_nothing_to_replay_before_anything_was_learned() -> None:
    built = network()
    before = copy(built)
    assert run_night(built, KEY) == 0
    for name in ("labile", "protected", "silent", "rows"):
        np.testing.assert_array_equal(getattr(built, name), getattr(before, name))


def test_what_was_learned_is_replayed_and_taught_to_cortex() -> None:
    built = evening()
    before = copy(built)
    events = int(parameter("replays_per_night"))
    assert 0.5 * events < run_night(built, KEY) <= events
    for projection in ("CA1-PFC", "EC-PFC", "PFC-PFC", "PFC-BLA"):
        assert learned(built, projection) > learned(before, projection)
    for q, projection in enumerate(PROJECTIONS):  # hippocampus teaches and does not learn
        if not projection.endswith("-PFC") and projection != "PFC-BLA":
            for pool in ("labile", "protected", "silent"):
                now, then = (dense(n, q, getattr(n, pool)) for n in (built, before))
                np.testing.assert_array_equal(now, then, err_msg=projection)
    assert signal(built, "asleep")[0] == 0
    assert not row(built, "rate").any()
    # Nothing of the day's last session lingers, and prefrontal control is that of a night.
    asleep = {"session_novelty": 0.0, "cortex_now": 1.0, "control": parameter("control_rest")}
    for name, value in asleep.items():
        assert signal(built, name)[0] == value
        signal(before, name)[0] = value
    for name in ("raw_negative", "predicted_negative"):  # read anew each moment
        signal(before, name)[0] = signal(built, name)[0]
    np.testing.assert_array_equal(built.signal, before.signal)


def test_prefrontal_cells_that_are_replayed_mature_and_others_do_not() -> None:
    built = evening()
    run_night(built, KEY)
    shown, maturity = row(built, "shown"), row(built, "maturity")
    cortex = place("PFC")
    nights = parameter("maturation_nights")
    np.testing.assert_allclose(maturity[cortex], np.minimum(1, shown[cortex] / nights), rtol=1e-6)
    assert 0.05 < maturity.max() < 0.5
    assert maturity.sum() == pytest.approx(maturity[cortex].sum())


def test_without_replay_a_night_is_nothing() -> None:
    built = evening(Brain().without("replay"))
    before = copy(built)
    assert run_night(built, KEY) == 0
    for part, old in zip(built, before, strict=True):
        np.testing.assert_array_equal(part, old)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 1.0])
def test_fit_is_the_learned_drive_to_cortex_over_that_of_a_known_world(share: float) -> None:
    built = network(brain=Brain().with_parameters(drive_noise=0))
    for region, cells in (("CA1", 45), ("EC", 60)):
        row(built, "rate")[place(region)][:cells] = 1.0
    signal(built, "asleep")[0] = 1.0  # as in replay, in which cortex hears its immature cells
    full = 0.0
    for q, projection in enumerate(Brain().projections):
        if projection.post == "PFC":
            p = built.projection[q]
            part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
            built.protected[part] = share * p["ceiling"]
            built.rows["state"][p["row"] : p["row"] + p["cells"]] = SETTLED
            full += projection.learned_drive
    found = fit_to_cortex(built, KEY)
    drive = np.zeros(400)
    for name in TO_CORTEX:
        q = PROJECTIONS.index(name)
        before = row(built, "rate")[place(name.partition("-")[0])].astype(float)
        drive += before @ dense(built, q, built.protected)
    active = row(built, "rate")[place("PFC")] > 0.2
    expected = min(1.0, drive[active].mean() / (parameter("schema_full") * full))
    assert found == pytest.approx(expected, rel=1e-4)
    assert (share == 0) == (found == 0)
    assert (share == 1) == (found == 1)


def test_cortex_learns_faster_what_fits() -> None:
    start = evening()
    taught = {}
    for gain in (0.0, 3.0):
        built = copy(start)
        built.parameter[parameter_index()["schema_gain"]] = gain
        run_night(built, KEY)
        taught[gain] = built
    built = copy(start)
    built.on[mechanism_index()["schema"]] = False
    run_night(built, KEY)
    np.testing.assert_array_equal(built.labile, taught[0.0].labile)
    assert learned(taught[3.0], "EC-PFC") > learned(taught[0.0], "EC-PFC")


@pytest.mark.parametrize(("cells", "share"), [(slice(None), 0.5), (slice(0, 150), None)])
def test_cortex_learns_as_the_replayed_cells_are_marked(cells: slice, share: float | None) -> None:
    built = network()
    marks, rates = row(built, "replay_tag"), row(built, "rate")
    rates[place("CA3")] = np.random.default_rng(2).random(300)
    rates[place("CA1")] = 1.0
    marks[place("CA1")] = 1.0  # of other regions, marks do not count
    assert marked(built) == 0
    marks[place("CA3")][cells] = 0.5
    firing = rates[place("CA3")].astype(float)
    expected = 0.5 if share else 0.5 * firing[cells].sum() / firing.sum()
    assert marked(built) == pytest.approx(expected, rel=1e-5)
    rates[place("CA3")] = 0.0
    assert marked(built) == 0  # nothing is replayed


def test_what_is_not_marked_is_replayed_and_taught_nothing() -> None:
    start = evening()
    built = copy(start)
    row(built, "replay_tag")[:] = 0.0
    assert run_night(built, KEY) > 0
    for either in (built, start):  # a night brings to date what it looks at
        bring_to_date(either)
    for name in ("labile", "protected", "silent"):
        np.testing.assert_allclose(getattr(built, name), getattr(start, name), rtol=1e-5)


def test_a_fainter_mark_teaches_cortex_less() -> None:
    start = evening()
    assert row(start, "replay_tag")[place("CA3")].max() > 0.3  # training marked its cells
    taught = []
    for factor in (0.25, 0.5, 1.0):
        built = copy(start)
        row(built, "replay_tag")[:] *= np.float32(factor)
        run_night(built, KEY)
        taught.append([learned(built, name) - learned(start, name) for name in TO_CORTEX])
    assert np.all(np.diff(taught, axis=0) > 0)


def test_silenced_cells_stay_silent_in_sleep() -> None:
    built = evening()
    row(built, "silenced")[place("PFC")] = 1.0
    before = copy(built)
    run_night(built, KEY)
    for projection in ("CA1-PFC", "EC-PFC", "PFC-PFC", "PFC-BLA"):
        assert learned(built, projection) == learned(before, projection)


def test_marks_are_held_where_hippocampus_and_cortex_replay_together() -> None:
    for silent in (False, True):
        built = evening()
        row(built, "replay_held")[:] = 0.0
        row(built, "silenced")[place("PFC")] = float(silent)
        assert run_night(built, KEY) > 0
        held = row(built, "replay_held")
        assert (held[place("CA3")].max() > 0.5) is not silent
        assert not np.delete(held, place("CA3")).any()
