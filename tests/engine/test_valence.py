"""Learning of inputs to the amygdala: its weight changes and what slows them, in NumPy."""

# mypy: allow-untyped-calls
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from networks import (
    PROJECTIONS,
    activate,
    connected,
    copy,
    dense,
    fill,
    network,
    parameter,
    place,
    row,
    rows,
    signal,
)

from engramlab.brain import Brain
from engramlab.brain.mechanism import FRESH, SETTLED
from engramlab.brain.mechanisms.valence_learning import correct, learn
from engramlab.engine.network import Network

RELEASE = 2.0  # how much faster stored strength is unlearned where recall primed


def ready(seed: int = 0) -> Network:
    """Strength and rates everywhere, at hour 48 with rows last touched at hour 24."""
    built = network()
    activate(built, 0, seed)
    fill(built, SETTLED, seed)
    for q in range(len(PROJECTIONS)):
        p = built.projection[q]
        part = slice(p["synapse"], p["synapse"] + p["cells"] * p["fan_out"])
        for pool in (built.labile, built.protected, built.silent):
            pool[part] *= np.float32(0.4 * p["ceiling"])
    built.rows["stamp"] = 24.0
    signal(built, "clock")[0] = 48.0
    return built


@pytest.mark.parametrize("projection", ["CA1-BLA", "EC-BLA", "PFC-BLA"])
@pytest.mark.parametrize("gains", [(0.5, 0.0), (-0.4, 0.3), (3.0, -0.2), (0.0, 0.0)])
@pytest.mark.parametrize("asleep", [False, True])
@pytest.mark.parametrize("primed", [0.0, 0.4])
def test_weights_move_by_the_signed_gain_of_their_half(
    projection: str, gains: tuple[float, float], asleep: bool, primed: float
) -> None:
    built, q = ready(), PROJECTIONS.index(projection)
    before = copy(built)
    pre, post = activate(built, q, 5)
    p = built.projection[q]
    learns = (pre > 0.1)[:, np.newaxis]
    kept = np.exp(-24 * np.where(np.arange(300) < 150, p["forget"], p["forget_more"]))
    protected = dense(before, q, before.protected) * np.where(learns, kept, 1)
    silent = dense(before, q, before.silent) * np.where(learns, np.exp(-24 * p["retract"]), 1)
    labile = dense(before, q, before.labile)
    gain = np.where(np.arange(300) < 150, *gains)
    step = learns * connected(built, q) * np.outer(pre, post) * gain
    ceiling = float(p["ceiling"])
    rise = np.minimum(1, step) * np.maximum(0, ceiling - labile - protected)
    if p["born_silent"] and not asleep:  # grows silently, falls as any other
        silent += np.where(step > 1e-4, np.minimum(1, step) * np.maximum(0, ceiling - silent), 0)
        rise = np.zeros_like(rise)
    fall = np.maximum(-labile, step * ((1 + RELEASE * primed) * labile + 0.3 * ceiling))
    weakened = np.maximum(0, silent + 0.5 * fall)
    silent = np.where(step < -1e-4, weakened, silent)
    labile = labile + np.where(step > 1e-4, rise, 0) + np.where(step < -1e-4, fall, 0)
    # Where recall primed the cell that sends, stored strength is unlearned as well.
    share = np.minimum(1, -step * RELEASE * primed)
    protected = protected * np.where(step < -1e-4, 1 - share, 1)
    row(built, "primed")[:] = primed
    correct(built, np.int64(q), *gains, asleep, row(built, "primed"), RELEASE)
    tolerance = 1e-5 * ceiling
    np.testing.assert_allclose(dense(built, q, built.protected), protected, atol=tolerance)
    np.testing.assert_allclose(dense(built, q, built.labile), labile, atol=tolerance)
    np.testing.assert_allclose(dense(built, q, built.silent), silent, atol=tolerance)
    touched = built.rows[rows(built, q)]["state"] == FRESH
    np.testing.assert_array_equal(touched, pre > 0.1)


def test_only_prefrontal_input_is_born_silent() -> None:
    born = {p.name for p in Brain().projections if p.born_silent}
    assert born == {"PFC-BLA"}
    assert set(np.flatnonzero(network().projection["born_silent"])) == {
        PROJECTIONS.index("PFC-BLA")
    }


@dataclass(frozen=True)
class Moment:
    """What sets the gains of learning in a moment."""

    negative: float
    positive: float
    reward: float = 0.0
    blocked: float = 0.0
    arousal: float = 0.0
    lit_positive: float = 0.0
    inattention: float = 0.0
    eclipsed: float = 0.0
    shock: float = 0.0


DEPRESSION_SHARE, RELIEF_RATE, CUE_RELIEF, AROUSAL_BLOCK = 0.1, 0.15, 0.5, 0.9
CORTICAL_DEPRESSION = 0.25


def taught(built: Network, moment: Moment) -> Network:
    row(built, "extinction_block")[place("BLA")] = moment.blocked
    names = (
        *("error_negative", "error_positive", "shock", "reward", "arousal", "lit_positive"),
        *("inattention", "eclipsed"),
    )
    values = (
        moment.negative,
        moment.positive,
        moment.shock,
        moment.reward,
        moment.arousal,
        moment.lit_positive,
        moment.inattention,
        moment.eclipsed,
    )
    for name, value in zip(names, values, strict=True):
        signal(built, name)[0] = value
    learn(
        built,
        signal(built, "error_negative"),
        signal(built, "error_positive"),
        signal(built, "shock"),
        signal(built, "reward"),
        row(built, "extinction_block"),
        signal(built, "arousal"),
        signal(built, "lit_positive"),
        parameter("valence_rate"),
        DEPRESSION_SHARE,
        RELIEF_RATE,
        CUE_RELIEF,
        AROUSAL_BLOCK,
        parameter("silent_birth"),
        CORTICAL_DEPRESSION,
        signal(built, "inattention"),
        signal(built, "eclipsed"),
        row(built, "primed"),
        RELEASE,
    )
    return built


@pytest.mark.parametrize(
    ("moment", "negative", "positive", "by_cue"),
    [
        # (share of the gain on the negative half, on the positive half, the same from a cue)
        (Moment(0.8, 0.0), 1, 1, 1),
        (Moment(-0.5, 0.4), 0.1, 0.15, CUE_RELIEF * 0.15),  # an omitted shock: slow
        (Moment(-0.5, 0.4, blocked=0.25), 0.075, 0.1125, CUE_RELIEF * 0.1125),
        (Moment(-0.5, 0.4, blocked=1), 0, 0, 0),  # AM251: none
        (Moment(-0.5, 0.4, blocked=3), 0, 0, 0),
        (Moment(0.8, 0.0, blocked=1), 1, 0, 0),  # which stops no learning of fear
        (Moment(-0.5, 0.4, arousal=0.5), 0.055, 0.15 * 0.55, CUE_RELIEF * 0.15 * 0.55),
        (Moment(-0.5, 0.4, arousal=4), 0, 0, 0),  # stops it, and turns nothing round
        (Moment(-0.5, 0.4, reward=1, arousal=1, blocked=1), 0, 1, 1),  # a reward is no relief
        (Moment(-0.5, 0.4, lit_positive=0.6, arousal=1), 0.01, 1, 1),  # nor is light
        (Moment(0.8, 0.4, inattention=0.75), 1, 0.15, CUE_RELIEF * 0.15),  # a cue not attended to
        (Moment(0.8, 0.4, eclipsed=0.6), 1, 0.15, CUE_RELIEF * 0.15),  # a place behind a cue
        (Moment(0.8, -0.4, shock=0.8, arousal=1), 1, 1, 1),  # a shock unlearns safety at once
    ],
)
def test_gains_and_what_slows_them(
    moment: Moment, negative: float, positive: float, by_cue: float
) -> None:
    found, expected = taught(ready(), moment), ready()
    rate = parameter("valence_rate")
    speeds = {p.name: p.learning_rate for p in Brain().projections}
    assert speeds["EC-BLA"] != speeds["CA1-BLA"]
    for name, share, speed in (
        ("EC-BLA", by_cue, speeds["EC-BLA"]),
        ("CA1-BLA", positive, speeds["CA1-BLA"]),
        ("PFC-BLA", positive, parameter("silent_birth")),
    ):
        speed *= 1 - (moment.inattention if name == "EC-BLA" else moment.eclipsed)
        fall = CORTICAL_DEPRESSION if name == "PFC-BLA" and moment.negative < 0 else 1.0
        gains = (
            rate * speed * negative * moment.negative * fall,
            rate * speed * share * moment.positive,
        )
        unprimed = row(expected, "primed"), RELEASE
        correct(expected, np.int64(PROJECTIONS.index(name)), *gains, False, *unprimed)
    for pool in ("labile", "protected", "silent"):
        np.testing.assert_allclose(getattr(found, pool), getattr(expected, pool), atol=1e-5)
