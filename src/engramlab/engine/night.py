"""A night: CA3 falls into stored patterns, which reinstate input and teach the cortex."""

from __future__ import annotations

import numpy as np

from engramlab.brain.activity import active_share, weighted
from engramlab.brain.anatomy import PROJECTIONS
from engramlab.brain.brain import all_mechanisms
from engramlab.brain.mechanism import HEBBIAN, NEVER, RATE
from engramlab.brain.mechanisms.competition import settle
from engramlab.brain.mechanisms.cortical_maturation import mature
from engramlab.brain.mechanisms.hebbian_learning import potentiate
from engramlab.brain.mechanisms.neurogenesis import remodel, replace_cells
from engramlab.brain.mechanisms.replay import seed_pattern
from engramlab.brain.mechanisms.valence_learning import correct
from engramlab.brain.synapses import entries
from engramlab.engine.circuit import (
    BLA,
    CA1,
    CA3,
    DG,
    EC,
    PFC,
    SILENCED,
    amygdala,
    begin_moment,
    drive,
    fire,
    jitter,
    mean_of_active,
    recurrent,
    respond,
)
from engramlab.engine.network import (
    mechanism_index,
    parameter_index,
    signal_index,
    variable_index,
)
from engramlab.engine.session import full_learned_drive
from engramlab.kernel import kernel
from engramlab.randomness import substream

_parameter, _mechanism = parameter_index(), mechanism_index()
SEED, SEED_SD = _parameter["replay_seed"], _parameter["replay_seed_sd"]
SEED_SHARE, RECURRENCE = _parameter["replay_seed_share"], _parameter["replay_recurrence"]
THRESHOLD, QUALITY = _parameter["replay_threshold"], _parameter["replay_quality"]
REPLAYS, HEBBIAN_RATE = _parameter["replays_per_night"], _parameter["hebbian_rate"]
CORTICAL_RATE, RIPPLE_GAIN = _parameter["cortical_rate"], _parameter["ripple_gain"]
VALENCE_RATE = _parameter["cortical_valence_rate"]
REPLAY, HEBBIAN_LEARNING = _mechanism["replay"], _mechanism["hebbian_learning"]
SCHEMA, SCHEMA_GAIN = _mechanism["schema"], _parameter["schema_gain"]
RELIEF_REPLAY = _parameter["relief_replay"]
SCHEMA_FULL = _parameter["schema_full"]
NEUROGENESIS, BIRTHS = _mechanism["neurogenesis"], _parameter["neurogenesis_per_day"]
REMODELLING = _parameter["neurogenesis_remodelling"]
HOUSING, REMOVAL_BLOCK = signal_index()["housing"], variable_index()["removal_block"]
SESSION_NOVELTY, CORTEX_NOW = signal_index()["session_novelty"], signal_index()["cortex_now"]
REPLAY_TAG = variable_index()["replay_tag"]
SHOWN, MATURITY = variable_index()["shown"], variable_index()["maturity"]
CORTICAL_MATURATION = _mechanism["cortical_maturation"]
MATURATION_NIGHTS = _parameter["maturation_nights"]
# A new granule cell starts without what experience wrote into the old one.
CLEARED = np.array(
    [
        variable_index()[name]
        for mechanism in all_mechanisms()
        for name in mechanism.variables
        if name not in mechanism.innate
    ]
)
VALENCE_LEARNING = _mechanism["valence_learning"]
ASLEEP = signal_index()["asleep"]
PROTEIN_CAPTURE, PROTEIN = _mechanism["protein_capture"], variable_index()["protein"]
CAPTURE_TAG = variable_index()["capture_tag"]
PRIMED = variable_index()["primed"]
REPLAY_HELD = variable_index()["replay_held"]
_names = [projection.name for projection in PROJECTIONS]
RECURRENT_CA3, REINSTATE, CORTEX_TO_BLA, HIPPOCAMPUS_TO_BLA = (
    np.int64(_names.index(name)) for name in ("CA3-CA3", "CA1-EC", "PFC-BLA", "CA1-BLA")
)
PASSES = 8  # recurrent passes in which the external seed fades to a fifth
REINSTATED_THRESHOLD = 0.45
REPLAY_PROTEIN = np.float32(0.6)  # share of full synthesis in replayed cortical cells


@kernel
def learned_in_strength(network, q):
    """Learned input of every postsynaptic cell of `q`, as a share of the saturated drive."""
    post = network.projection[q].post
    n = network.region[post].stop - network.region[post].start
    total = np.zeros(n, np.float32)
    for i in range(network.projection[q].cells):
        if network.rows[network.projection[q].row + i].state != NEVER:
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                total[synapse.to] += synapse.labile + synapse.protected
    return total / np.float32(max(1e-9, full_learned_drive(network, q)))


@kernel
def attract(network, seed, key):
    """Let CA3 fall into an attractor from `seed`; return the quality of what it fell into."""
    n = seed.size
    p = network.parameter
    none, zero = np.zeros(n, np.float32), np.zeros(n, np.float32)
    noisy = jitter(network, CA3, substream(key, CA3))
    slope = network.region[CA3].slope
    fire(network, CA3, seed, none, zero, network.region[CA3].threshold, slope, 1.0, noisy)
    base, learned = np.zeros(n, np.float32), np.zeros(n, np.float32)
    for step in range(PASSES):
        learned[:] = 0.0
        recurrent(network, CA3, base, learned)
        external = np.float32(max(0.2, 1.0 - 0.25 * step))
        fire(
            network,
            CA3,
            seed * external,
            learned * np.float32(p[RECURRENCE]),
            zero,
            p[THRESHOLD],
            slope,
            1.0,
            noisy,
        )
    quality = mean_of_active(network, CA3, learned)
    return quality / max(1e-9, full_learned_drive(network, RECURRENT_CA3))


@kernel
def reinstate_input(network):
    """CA1 reinstates the features of the replayed experience in EC."""
    start, stop = network.region[EC].start, network.region[EC].stop
    base, learned = np.zeros(stop - start, np.float32), np.zeros(stop - start, np.float32)
    drive(network, REINSTATE, base, learned)
    for j in range(stop - start):
        if network.neuron[SILENCED][start + j] > 0.0:
            learned[j] = np.float32(-1e3)
    rate = network.neuron[RATE][start:stop]
    settle(learned, REINSTATED_THRESHOLD, 0.4, network.region[EC].active, rate)


@kernel
def teach_cortex(network, known, key):
    """Learn in cortex what was replayed, and let it predict the valence by itself.

    `known` multiplies the rate: above 1 for what fits a schema.
    """
    p = network.parameter
    start, stop = network.region[BLA].start, network.region[BLA].stop
    n = stop - start
    bla_key = substream(key, BLA)
    base, learned = np.zeros(n, np.float32), np.zeros(n, np.float32)
    drive(network, CORTEX_TO_BLA, base, learned)
    alone_negative, alone_positive = amygdala(network, base, learned, 0.0, 0.0, bla_key)
    base, learned = np.zeros(n, np.float32), np.zeros(n, np.float32)
    drive(network, HIPPOCAMPUS_TO_BLA, base, learned)
    learned *= np.float32(p[RIPPLE_GAIN])
    negative, positive = amygdala(network, base, learned, 0.0, 0.0, bla_key)
    if network.on[HEBBIAN_LEARNING]:
        for q in range(network.projection.size):
            if network.projection[q].post == PFC and network.projection[q].rule == HEBBIAN:
                gain = p[HEBBIAN_RATE] * p[CORTICAL_RATE] * network.projection[q].learning_rate
                potentiate(network, q, gain * known)
    if network.on[VALENCE_LEARNING]:
        rate = p[VALENCE_RATE] * network.projection[CORTEX_TO_BLA].learning_rate
        correct(
            network,
            CORTEX_TO_BLA,
            rate * known * max(0.0, negative - alone_negative),
            rate * known * p[RELIEF_REPLAY] * max(0.0, positive - alone_positive),
            True,
            network.neuron[PRIMED],
            0.0,
        )
    if network.on[PROTEIN_CAPTURE]:
        protein, rates = network.neuron[PROTEIN], network.neuron[RATE]
        tag = network.neuron[CAPTURE_TAG]
        for j in range(network.region[PFC].start, stop):
            protein[j] = max(protein[j], REPLAY_PROTEIN * rates[j])
            tag[j] = max(tag[j], rates[j])


@kernel
def marked(network):
    """Mean mark of the CA3 cells that are replayed, weighted by their activity."""
    first, last = network.region[CA3].start, network.region[CA3].stop
    return weighted(network.neuron[REPLAY_TAG], network.neuron[RATE], first, last)


@kernel
def hold_marks(network):
    """What hippocampus and cortex replay together stays marked."""
    share = np.float32(active_share(network, PFC))
    held = network.neuron[REPLAY_HELD]
    for j in range(network.region[CA3].start, network.region[CA3].stop):
        held[j] = max(held[j], share * min(np.float32(1.0), network.neuron[RATE][j]))


@kernel
def fit_to_cortex(network, key):
    """Let PFC respond to what is replayed; return how well it knows the pattern, [0, 1]."""
    learned = respond(network, PFC, PFC + 1, key)
    full = 0.0
    for q in range(network.projection.size):
        if network.projection[q].post == PFC:
            full += full_learned_drive(network, q)
    return min(1.0, learned / max(1e-9, network.parameter[SCHEMA_FULL] * full))


@kernel
def renew_dentate(network, key):
    """Replace the granule cells of a day and remodel their circuits; returns their number."""
    if not network.on[NEUROGENESIS]:
        return 0
    share = network.parameter[BIRTHS] * network.signal[HOUSING]
    if share > 0.0:
        remodel(network, network.parameter[REMODELLING] * share, network.neuron[REMOVAL_BLOCK])
    return replace_cells(network, substream(key, 7), DG, share, CLEARED)


@kernel
def run_night(network, key):
    """One night of replay; returns the number of replay events that reached a stored pattern."""
    if not network.on[REPLAY]:
        return 0
    p = network.parameter
    n = network.region[CA3].stop - network.region[CA3].start
    network.signal[ASLEEP] = 1.0
    network.signal[SESSION_NOVELTY] = 0.0  # nothing of the day's last session lingers
    network.signal[CORTEX_NOW] = 1.0
    in_strength = learned_in_strength(network, RECURRENT_CA3)
    replayed = 0
    rate, shown = network.neuron[RATE], network.neuron[SHOWN]
    shown[:] = 0.0
    seed = np.empty(n, np.float32)
    begin_moment(network)
    for event in range(int(p[REPLAYS])):
        event_key = substream(key, event)
        rate[:] = 0.0
        seed_pattern(event_key, in_strength, p[SEED], p[SEED_SD], p[SEED_SHARE], seed)
        if attract(network, seed, event_key) < p[QUALITY]:
            continue
        respond(network, CA1, CA1 + 1, event_key)
        reinstate_input(network)
        known = marked(network)
        if network.on[SCHEMA]:
            known *= 1.0 + p[SCHEMA_GAIN] * fit_to_cortex(network, event_key)
        else:
            respond(network, PFC, PFC + 1, event_key)
        hold_marks(network)
        teach_cortex(network, known, event_key)
        for j in range(rate.size):
            shown[j] += rate[j]
        replayed += 1
    for j in range(rate.size if replayed > 0 else 0):
        shown[j] /= np.float32(replayed)
    if network.on[CORTICAL_MATURATION]:
        first, last = network.region[PFC].start, network.region[PFC].stop
        mature(network.neuron[MATURITY], shown, first, last, p[MATURATION_NIGHTS])
    rate[:] = 0.0
    network.signal[ASLEEP] = 0.0
    return replayed
