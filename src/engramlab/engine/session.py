"""A session: the animal is in a place for some minutes, in moments of 30 s."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engramlab.brain.activity import active_share
from engramlab.brain.anatomy import PROJECTIONS
from engramlab.brain.mechanism import RATE
from engramlab.brain.mechanisms.freezing import freezing_percent, unconditioned_stimulus
from engramlab.engine.assembly import phases
from engramlab.engine.circuit import (
    BLA,
    EC,
    LIGHT,
    PFC,
    SILENCED,
    SILENT_RATE,
    amygdala,
    amygdala_input,
    begin_moment,
    respond,
)
from engramlab.engine.network import (
    Network,
    mechanism_index,
    parameter_index,
    signal_index,
    variable_index,
)
from engramlab.kernel import kernel
from engramlab.randomness import normal, substream

MOMENT_HOURS = 1.0 / 120.0
_signal, _parameter, _mechanism = signal_index(), parameter_index(), mechanism_index()
PEAK, MEAN_RATE = variable_index()["peak"], variable_index()["mean_rate"]
SHOWN, PREDICTED = variable_index()["shown"], variable_index()["predicted"]
CURRENT = _signal["current_mA"]
SHOCK_FLOOR, SHOCK_SCALE = _parameter["shock_floor_mA"], _parameter["shock_scale_mA"]
SHOCK, REWARD, RELIEF = _signal["shock"], _signal["reward"], _signal["relief"]
NEGATIVE, POSITIVE = _signal["valence_negative"], _signal["valence_positive"]
FAMILIARITY, MODULATOR = _signal["familiarity"], _signal["modulator"]
RECOGNISED, RECOGNITION = _signal["recognised"], _parameter["recognition"]
SENSITIVITY, FREEZING_TRAIT = _signal["shock_sensitivity"], _signal["freezing_trait"]
MODULATOR_BASE, RELIEF_GAIN = _parameter["modulator_base"], _parameter["relief_gain"]
BASE, TOP = _parameter["freezing_base"], _parameter["freezing_top"]
HALF, POWER = _parameter["freezing_half"], _parameter["freezing_power"]
SCATTER = _parameter["freezing_scatter"]
VALENCE_LEARNING, FREEZING = _mechanism["valence_learning"], _mechanism["freezing"]
CUE_ON, CORTICAL_SHARE = _signal["cue_on"], _signal["cortical_share"]
CORTEX_NOW, SESSION_NOVELTY = _signal["cortex_now"], _signal["session_novelty"]
LIT_NEGATIVE, LIT_POSITIVE = _signal["lit_negative"], _signal["lit_positive"]
REWARD_VALUE = _parameter["reward_value"]
EXPRESSION_BLOCK = variable_index()["expression_block"]
SCHAFFER = np.int64([projection.name for projection in PROJECTIONS].index("CA3-CA1"))
FULL_FAMILIARITY = 0.6  # share of the saturated learned drive that counts as fully familiar
modulate, learn, end_session = phases().modulate, phases().learn, phases().end_session


@kernel
def freezing_score(network, key):
    """Percent of this moment spent freezing."""
    p = network.parameter
    if not network.on[FREEZING]:
        return p[BASE]
    start, n = network.region[BLA].start, network.region[BLA].boundary
    blocked = 0.0
    for j in range(start, start + n):
        blocked += min(1.0, float(network.neuron[EXPRESSION_BLOCK][j])) / n
    shown = network.signal[NEGATIVE] * (1.0 - blocked)
    expected = freezing_percent(shown, p[BASE], p[TOP], p[HALF], p[POWER])
    odds = math.log(expected / (100.0 - expected))
    odds += network.signal[FREEZING_TRAIT] + p[SCATTER] * normal(key, 1)
    return 100.0 / (1.0 + math.exp(-odds))


@kernel
def full_learned_drive(network, q):
    """Drive through projection `q` if all its synapses were saturated."""
    post = network.projection[q].post
    n = network.region[post].stop - network.region[post].start
    density = network.projection[q].fan_out / n
    return (
        network.projection[q].ceiling * density * network.region[network.projection[q].pre].active
    )


@kernel
def lit_shares(network):
    """Light on the two halves of the amygdala, as a share of a whole natural activity."""
    start, stop = network.region[BLA].start, network.region[BLA].stop
    boundary = start + network.region[BLA].boundary
    negative = positive = 0.0
    for j in range(start, stop):
        if network.neuron[LIGHT][j] > 0.0 and network.neuron[SILENCED][j] == 0.0:
            if j < boundary:
                negative += 1.0
            else:
                positive += 1.0
    full = 0.5 * network.region[BLA].active  # one half holds about half of an engram
    return min(1.0, negative / full), min(1.0, positive / full)


@kernel
def perceive(network, key):
    """Let hippocampus and cortex respond to the input; set how familiar it is."""
    learned_CA1 = respond(network, EC + 1, BLA, key)
    full = FULL_FAMILIARITY * full_learned_drive(network, SCHAFFER)
    network.signal[FAMILIARITY] = min(1.0, learned_CA1 / full) if full > 0.0 else 0.0


@kernel
def complete_place(network, place, met):
    """Put the rest of a recognised place into EC: see `exploration`; True if there is a rest."""
    first, level = network.region[EC].start, np.float32(network.signal[RECOGNISED])
    light, silenced = network.neuron[LIGHT], network.neuron[SILENCED]
    completed = False
    for j in range(place.size if level > SILENT_RATE else 0):
        unmet = place[j] and met[j] == 0.0
        if unmet and light[first + j] == 0.0 and silenced[first + j] == 0.0:
            network.neuron[RATE][first + j] = level
            completed = True
    return completed


@kernel
def moment(network, place, met, entering, shock, reward, learning, key):
    """One moment of 30 s with the input set in EC.

    Parameters
    ----------
    network : Network
    place : bool array (EC cells,)
        Features of the place, met or not.
    met : float32 array (EC cells,)
        Rates of the input.
    entering : bool
        Whether this is the first moment, in which the place is recognised or not.
    shock, reward : float
    learning : bool
        False in a probe.
    key : uint64
    """
    signal, p = network.signal, network.parameter
    begin_moment(network)
    if entering:  # by what is met at once
        perceive(network, key)
        signal[RECOGNISED] = min(1.0, p[RECOGNITION] * signal[FAMILIARITY])
    if complete_place(network, place, met) or not entering:
        perceive(network, key)

    start, stop = network.region[BLA].start, network.region[BLA].stop
    base, learned = np.zeros(stop - start, np.float32), np.zeros(stop - start, np.float32)
    signal[CORTICAL_SHARE] = amygdala_input(network, base, learned)
    bla_key = substream(key, BLA)
    shown_negative, shown_positive = amygdala(network, base, learned, 0.0, 0.0, bla_key)
    recalled = network.neuron[RATE][start:stop].copy()
    negative, positive = shown_negative, shown_positive
    lit_negative, lit_positive = lit_shares(network)
    if lit_negative + lit_positive > 0.0:  # what the input alone predicts
        lit, rate = network.neuron[LIGHT], network.neuron[RATE]
        light = lit[start:stop].copy()
        for j in range(start, stop):
            lit[j] = min(lit[j], np.float32(0.0))
        negative, positive = amygdala(network, base, learned, 0.0, 0.0, bla_key)
        for j in range(start, stop):
            lit[j], rate[j] = light[j - start], recalled[j - start]
    signal[LIT_NEGATIVE], signal[LIT_POSITIVE] = lit_negative, lit_positive
    signal[NEGATIVE], signal[POSITIVE] = negative, positive
    signal[CORTEX_NOW] = active_share(network, PFC)
    signal[SHOCK] = shock * signal[SENSITIVITY]
    signal[REWARD] = reward
    signal[RELIEF] = 0.0
    if shock == 0.0 and network.on[VALENCE_LEARNING]:
        signal[RELIEF] = p[RELIEF_GAIN] * negative
    gain = p[REWARD_VALUE] * reward + signal[RELIEF]
    if shock > 0.0 or gain > 0.05:
        amygdala(network, base, learned, signal[SHOCK], gain, bla_key)

    rate, peak, mean = network.neuron[RATE], network.neuron[PEAK], network.neuron[MEAN_RATE]
    shown, outcome = network.neuron[SHOWN], shock > 0.0 or reward > 0.0
    for j in range(rate.size):
        r = rate[j]
        if not outcome and start <= j < stop:
            r = recalled[j - start]  # relief alone is not what the cells report
        r = min(r, np.float32(1.0))  # light drives cells beyond what a read-out can show
        peak[j] = max(peak[j], r)
        mean[j] += r
        shown[j] = r
    if learning:
        signal[MODULATOR] = p[MODULATOR_BASE]
        modulate(network)
        middle = start + network.region[BLA].boundary
        if shock + lit_negative == 0.0:  # what was predicted is unlearned, shown or not
            predicted = network.neuron[PREDICTED]
            for j in range(start, middle):
                rate[j] = predicted[j]
        if shock > 0.0:  # safety is unlearned by the cells that expected it, which a shock silences
            for j in range(middle, stop):
                rate[j] = recalled[j - start]
        learn(network)
    signal[NEGATIVE], signal[POSITIVE] = shown_negative, shown_positive


@kernel
def run_moments(
    network, features, place, shock_mA, reward, light, light_on, learning, key, freezing, valence
):
    """Run the moments of a session: see `run_session`."""
    moments = shock_mA.size
    p = network.parameter
    cues = network.region[EC].stop - network.region[EC].cues
    first, last = network.region[EC].start, network.region[EC].stop
    rate, silenced = network.neuron[RATE], network.neuron[SILENCED]
    network.neuron[PEAK][:] = 0.0
    network.neuron[MEAN_RATE][:] = 0.0
    rate[:] = 0.0  # nothing lingers from the last session
    network.signal[SESSION_NOVELTY] = 0.0  # nothing is known to be new before it is met
    known = 0.0
    network.signal[CORTEX_NOW] = 1.0
    for m in range(moments):
        network.neuron[LIGHT][:] = 0.0
        for i in range(light.shape[0]):
            if light_on[i, m]:
                for j in range(light.shape[1]):
                    if light[i, j] != 0.0:
                        network.neuron[LIGHT][j] = light[i, j]
        for j in range(first, last):
            shone = network.neuron[LIGHT][j]
            r = features[m, j - first]
            r = max(r, np.float32(1.0)) if shone > 0.0 else r
            rate[j] = np.float32(0.0) if silenced[j] > 0.0 or shone < 0.0 else r
        network.region[EC].synchrony = 0.0
        network.signal[CUE_ON] = 0.0
        for j in range(features.shape[1] - cues, features.shape[1]):
            if features[m, j] > 0.0:
                network.signal[CUE_ON] = 1.0
        moment_key = substream(key, m)
        network.signal[CURRENT] = shock_mA[m]
        shock = unconditioned_stimulus(shock_mA[m], p[SHOCK_FLOOR], p[SHOCK_SCALE])
        moment(network, place, features[m], m == 0, shock, reward[m], learning, moment_key)
        if m < 2:
            known = max(known, network.signal[FAMILIARITY])
            network.signal[SESSION_NOVELTY] = 1.0 - known
        freezing[m] = freezing_score(network, moment_key)
        valence[m, 0] = network.signal[NEGATIVE]
        valence[m, 1] = network.signal[POSITIVE]
    mean = network.neuron[MEAN_RATE]
    for j in range(mean.size):
        mean[j] /= np.float32(moments)
    network.neuron[LIGHT][:] = 0.0


def run_session(
    network: Network,
    features: NDArray[np.float32],
    place: NDArray[np.bool_],
    shock_mA: NDArray[np.float64],
    reward: NDArray[np.float64],
    light: NDArray[np.float32],
    light_on: NDArray[np.bool_],
    learning: bool,
    key: np.uint64,
    freezing: NDArray[np.float64],
    valence: NDArray[np.float64],
) -> None:
    """Run a session.

    Parameters
    ----------
    network : Network
    features : float32 array (moments, EC cells)
        Rates of the input.
    place : bool array (EC cells,)
        Features of the place, whether met yet or not.
    shock_mA : float64 array (moments,)
        Current of the shock in each moment; 0 for none.
    reward : float64 array (moments,)
        In [0, 1].
    light : float32 array (lights, neurons)
        1 where light drives, -1 where it silences.
    light_on : bool array (lights, moments)
    learning : bool
        False in a probe: no synapse changes.
    key : uint64
        Key of this session's random streams.
    freezing : float64 array (moments,), written
        Percent of each moment.
    valence : float64 array (moments, 2), written
        Read-out of the negative and positive half before the outcome.
    """
    run_moments(
        network,
        features,
        place,
        shock_mA,
        reward,
        light,
        light_on,
        learning,
        key,
        freezing,
        valence,
    )
    if learning:  # a kernel of its own, so that two processes can share a first run's compilation
        end_session(network)
