"""Activity: from input through hippocampus and cortex to the amygdala, within one moment."""

from __future__ import annotations

import math

import numpy as np

from engramlab.brain.activity import summed
from engramlab.brain.anatomy import REGIONS
from engramlab.brain.mechanism import CLOCK, NEVER, RATE
from engramlab.brain.mechanisms.competition import settle
from engramlab.brain.mechanisms.feedforward_inhibition import feedforward_input
from engramlab.brain.mechanisms.glucocorticoids import mean_level
from engramlab.brain.mechanisms.heterosynaptic_depression import turn_away
from engramlab.brain.synapses import span, wire_targets, wire_weights
from engramlab.engine.assembly import phases
from engramlab.engine.network import (
    mechanism_index,
    parameter_index,
    signal_index,
    variable_index,
)
from engramlab.kernel import kernel
from engramlab.randomness import noise, substream

_names = [region.name for region in REGIONS]
# np.int64, since Numba compiles a function anew for every Python int that is passed as a constant.
EC, DG, CA3, CA1, PFC, BLA = (
    np.int64(_names.index(name)) for name in ("EC", "DG", "CA3", "CA1", "PFC", "BLA")
)
_variable, _parameter = variable_index(), parameter_index()
EXCITABILITY = _variable["excitability"]
LIGHT, SILENCED = _variable["light"], _variable["silenced"]
OUTCOME_DRIVE = _variable["outcome_drive"]
PREDICTED, MATURITY = _variable["predicted"], _variable["maturity"]
GLUCOCORTICOID, FEEDFORWARD = _variable["glucocorticoid"], _variable["feedforward"]
ENDOCANNABINOID_BLOCK = _variable["endocannabinoid_block"]
_signal, _mechanism = signal_index(), mechanism_index()
ASLEEP, STRESS_LOAD = _signal["asleep"], _signal["stress_load"]
RAW_NEGATIVE = _signal["raw_negative"]
PREDICTED_NEGATIVE = _signal["predicted_negative"]
SESSION_NOVELTY, CORTEX_NOW = _signal["session_novelty"], _signal["cortex_now"]
CONTROL, REUNIENS_BLOCK = _signal["control"], _signal["reuniens_block"]
NOISE, LIGHT_DRIVE = _parameter["drive_noise"], _parameter["light_drive"]
SHOCK_DRIVE, OUTCOME_SLOPE = _parameter["shock_drive"], _parameter["outcome_slope"]
OUTCOME_GATE = _parameter["outcome_gate"]
POSITIVE_ON_NEGATIVE = _parameter["positive_on_negative"]
NEGATIVE_ON_POSITIVE = _parameter["negative_on_positive"]
RECRUITMENT = _parameter["recruitment"]
LIGHT_RATE = _parameter["light_rate"]
COINCIDENCE_POWER = _parameter["coincidence_power"]
DISINHIBITION, RECALL_IMPAIRMENT = _parameter["disinhibition"], _parameter["recall_impairment"]
BLUNTING, CONTROL_LOSS = _parameter["blunting"], _parameter["control_loss"]
CONTROL_REST = _parameter["control_rest"]
FEEDFORWARD_SHARE = _parameter["feedforward_share"]
WEAKENED, HETEROSYNAPTIC_SHARE = _variable["weakened"], _parameter["heterosynaptic_share"]
COMPETITION, GLUCOCORTICOIDS = _mechanism["competition"], _mechanism["glucocorticoids"]
FEEDFORWARD_INHIBITION = _mechanism["feedforward_inhibition"]
HETEROSYNAPTIC_DEPRESSION = _mechanism["heterosynaptic_depression"]
PREFRONTAL_CONTROL = _mechanism["prefrontal_control"]
CORTICAL_MATURATION = _mechanism["cortical_maturation"]
VALENCE_PASSES = 4  # passes of mutual inhibition between the halves of the amygdala
SILENT_RATE = np.float32(0.02)  # a neuron below this rate sends nothing
excite = phases().excite


@kernel
def unlearned_drive(network, q, base):
    """Add the drive through the unlearned weights of projection `q` to `base`."""
    rate = network.neuron[RATE]
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    fan_out, stride = network.projection[q].fan_out, network.projection[q].stride
    # As local variables: Numba counts references at every access to a field where a loop has calls.
    cells, synapse = network.projection[q].cells, network.projection[q].synapse
    if network.projection[q].stored:
        targets, weights = network.target, network.base
        for i in range(cells):
            r = rate[pre + i]
            if r > SILENT_RATE:
                first = synapse + i * fan_out
                if stride == 1:  # so that the compiler need not reckon with others
                    for z in range(first, first + fan_out):
                        base[targets[z]] += r * weights[z]
                else:
                    for z in range(first, first + fan_out, stride):
                        base[targets[z]] += r * weights[z]
        return
    arc = network.projection[q].arc
    arcs, quantile = network.arcs[arc : arc + fan_out + 1], network.quantile
    key, mean = network.projection[q].key, np.float32(network.projection[q].mean_weight)
    post = network.region[network.projection[q].post]
    own = network.generation[pre : pre + cells]
    generation = network.generation[post.start : post.stop]
    target, weight = np.empty(fan_out, np.uint32), np.empty(fan_out, np.float32)
    for i in range(cells):
        r = rate[pre + i]
        if r > SILENT_RATE:
            row_key = substream(key, i)
            wire_targets(row_key, arcs, post.stop - post.start, target)
            wire_weights(row_key, own[i], generation, stride, mean, quantile, target, weight)
            for k in range(0, fan_out, stride):
                base[target[k]] += r * weight[k]


@kernel
def drive(network, q, base, learned):
    """Add the drive through projection `q` to `base` and `learned`; only active rows are read.

    Silent synapses pass what comes in synchrony, as under light, and nothing else: see
    `silent_synapses`. Learned strength from cortex counts as far as its cells are mature: see
    `cortical_maturation`; that onto cortex is weighed where cortex responds.
    """
    if not network.projection[q].open:
        return
    if network.projection[q].base_drive > 0.0:
        unlearned_drive(network, q, base)
    rate, maturity = network.neuron[RATE], network.neuron[MATURITY]
    projection, rows, synapses = network.projection[q], network.rows, network.learned
    clock = network.signal[CLOCK]
    forget, forget_more, retract = projection.forget, projection.forget_more, projection.retract
    awake = network.signal[ASLEEP] == 0.0
    synchrony = network.region[network.projection[q].pre].synchrony if awake else 0.0
    opened = synchrony ** network.parameter[COINCIDENCE_POWER] if synchrony > 0.0 else 0.0
    pre = network.region[network.projection[q].pre].start + network.projection[q].first_cell
    split, first_row = projection.split, projection.row
    matures = awake and projection.pre == PFC and network.on[CORTICAL_MATURATION]
    mature = np.float32(1.0)
    last_age, keep, keep_more, hold = -1.0, np.float32(1.0), np.float32(1.0), np.float32(0.0)
    for i in range(projection.cells):
        r = rate[pre + i]
        if r <= SILENT_RATE:
            continue
        row = rows[first_row + i]
        if row.state != NEVER:
            age = clock - row.stamp
            if age != last_age:  # rows that learned together share their age
                last_age = age
                keep = np.float32(math.exp(-age * forget))
                keep_more = keep
                if forget_more != forget:
                    keep_more = np.float32(math.exp(-age * forget_more))
                if synchrony > 0.0:
                    hold = np.float32(opened * math.exp(-age * retract))
            first, last = span(row)
            if matures:
                mature = maturity[pre + i]
            heard = r * mature
            if synchrony > 0.0:
                for e in range(first, last):
                    synapse = synapses[e]
                    kept = keep if synapse.to < split else keep_more
                    strength = mature * (synapse.labile + kept * synapse.protected)
                    learned[synapse.to] += r * max(strength, hold * synapse.silent)
            elif forget_more > forget:
                for e in range(first, last):
                    synapse = synapses[e]
                    kept = keep if synapse.to < split else keep_more
                    learned[synapse.to] += heard * (synapse.labile + kept * synapse.protected)
            else:
                for e in range(first, last):
                    synapse = synapses[e]
                    learned[synapse.to] += heard * (synapse.labile + keep * synapse.protected)


@kernel
def mean_hormone(network):
    """Take the mean level of stress hormone in each region, which lasts for a moment."""
    for region in range(network.region.size):
        level, freed = mean_level(
            network.neuron[GLUCOCORTICOID],
            network.neuron[ENDOCANNABINOID_BLOCK],
            network.region[region].start,
            network.region[region].stop,
        )
        network.region[region].stress_hormone = level
        network.region[region].disinhibiting = freed


@kernel
def begin_moment(network):
    """Sum up the excitability of every neuron; read the prefrontal control of the last moment."""
    network.neuron[EXCITABILITY][:] = 0.0
    excite(network)
    mean_hormone(network)
    start, stop = network.region[PFC].start, network.region[PFC].stop
    blocked = 0.0
    for j in range(start, stop):
        blocked += network.neuron[SILENCED][j]
    silent = network.signal[REUNIENS_BLOCK] > 0.0 or blocked >= stop - start
    network.signal[CONTROL] = 0.0
    if not silent:
        network.signal[CONTROL] = network.parameter[CONTROL_REST] * network.signal[CORTEX_NOW]


@kernel
def jitter(network, region, key):
    """Noise on the drive of the region's cells, which lasts for all passes of a moment."""
    n = network.region[region].stop - network.region[region].start
    spread = network.parameter[NOISE]
    out = np.empty(n, np.float32)
    for j in range(n):
        out[j] = np.float32(spread * noise(key, j))
    return out


@kernel
def fire(network, region, base, learned, extra, threshold, slope, recruited, noisy):
    """Compete: write the region's rates for this drive (plus `extra` and `noisy` drive by cell).

    `recruited` multiplies the sum of rates that inhibition allows.
    """
    start, stop = network.region[region].start, network.region[region].stop
    n = stop - start
    h = np.empty(n, np.float32)
    light = network.neuron[LIGHT][start:stop]
    silenced = network.neuron[SILENCED][start:stop]
    excitability = network.neuron[EXCITABILITY][start:stop]
    heard = 1.0  # share of what was learned that is heard
    if network.on[GLUCOCORTICOIDS]:
        level, freed = network.region[region].stress_hormone, network.region[region].disinhibiting
        if region in (DG, CA1, BLA):
            freed *= network.signal[SESSION_NOVELTY]
            recruited *= 1.0 + network.parameter[DISINHIBITION] * freed
        if region in (CA3, CA1) and network.signal[ASLEEP] == 0.0:
            heard = 1.0 - network.parameter[RECALL_IMPAIRMENT] * min(1.0, level)
    if region in (CA3, CA1) and network.on[PREFRONTAL_CONTROL]:
        loss = network.parameter[CONTROL_LOSS] * (1.0 - network.signal[CONTROL])
        recruited *= 1.0 + loss * network.signal[SESSION_NOVELTY]
    share, by_light = np.float32(heard), np.float32(network.parameter[LIGHT_DRIVE])
    lit = 0
    for j in range(n):
        driven = base[j] + share * learned[j] + extra[j] + excitability[j] + noisy[j]
        driven += by_light if light[j] > 0.0 else np.float32(0.0)
        h[j] = np.float32(-1e3) if (light[j] < 0.0) | (silenced[j] > 0.0) else driven
        lit += (light[j] > 0.0) & (silenced[j] == 0.0)
    active = network.region[region].active * recruited
    if not network.on[COMPETITION]:
        active = float(n)
    rate = network.neuron[RATE][start:stop]
    settle(h, threshold, slope, active, rate)
    if lit > 0:
        for j in range(n):
            if light[j] > 0.0 and silenced[j] == 0.0:
                rate[j] = np.float32(network.parameter[LIGHT_RATE])  # whatever inhibition does
    network.region[region].synchrony = max(
        min(1.0, lit / network.region[region].active), network.region[region].synchrony
    )


@kernel
def amygdala(network, base, learned, shock, reward, key):
    """Let the two halves of the amygdala compete; return their read-outs in [0, 1]."""
    start = network.region[BLA].start
    middle, stop = start + network.region[BLA].boundary, network.region[BLA].stop
    n = stop - start
    extra = np.zeros(n, np.float32)
    outcome = network.neuron[OUTCOME_DRIVE]
    rate = network.neuron[RATE]
    gain = network.parameter[SHOCK_DRIVE]
    blunted = 0.0
    if network.on[GLUCOCORTICOIDS]:
        blunted = network.parameter[BLUNTING] * min(1.0, network.signal[STRESS_LOAD])
    noisy = jitter(network, BLA, key)
    slope = network.region[BLA].slope
    if shock > 0.0 or reward > 0.0:
        slope = network.parameter[OUTCOME_SLOPE]
        learned = learned * np.float32(network.parameter[OUTCOME_GATE])
    negative = positive = 0.0
    sum_negative = sum_positive = 0.0
    unmoved = shock == 0.0 and reward == 0.0
    if unmoved and network.signal[ASLEEP] == 0.0:  # what the negative half, let alone, predicts
        for j in range(middle, stop):
            extra[j - start] = np.float32(-1e3)
        fire(network, BLA, base, learned, extra, network.region[BLA].threshold, slope, 1.0, noisy)
        predicted = network.neuron[PREDICTED]
        for j in range(start, stop):
            predicted[j] = rate[j]
        sum_negative = summed(rate, start, middle)
        network.signal[PREDICTED_NEGATIVE] = min(1.0, sum_negative / network.region[BLA].active)
    for step in range(VALENCE_PASSES):
        on_negative = -network.parameter[POSITIVE_ON_NEGATIVE] * positive
        on_positive = -network.parameter[NEGATIVE_ON_POSITIVE] * negative
        for j in range(start, stop):
            if j < middle:
                extra[j - start] = np.float32(gain * shock * outcome[j] + on_negative)
            else:
                extra[j - start] = np.float32(gain * reward * outcome[j] + on_positive - blunted)
        fire(network, BLA, base, learned, extra, network.region[BLA].threshold, slope, 1.0, noisy)
        sum_negative, sum_positive = summed(rate, start, middle), summed(rate, middle, stop)
        negative = 0.5 * negative + 0.5 * sum_negative / network.region[BLA].active
        positive = 0.5 * positive + 0.5 * sum_positive / network.region[BLA].active
        if step == 0 and unmoved:  # nothing inhibits yet
            network.signal[RAW_NEGATIVE] = min(1.0, sum_negative / network.region[BLA].active)
    full = network.region[BLA].active
    return min(1.0, sum_negative / full), min(1.0, sum_positive / full)


@kernel
def feed_forward(network, region, base, learned):
    """Sum the drive from all other regions that reach this one while awake.

    The region takes over their synchrony, which light has caused, each by its share of the drive:
    what reaches it along other paths is not in step.
    """
    before = in_step = 0.0
    for q in range(network.projection.size):
        pre = network.projection[q].pre
        if (
            network.projection[q].post == region
            and pre != region
            and not network.projection[q].sleep_only
        ):
            drive(network, q, base, learned)
            total = 0.0
            for j in range(base.size):
                total += base[j] + learned[j]
            in_step += network.region[pre].synchrony * (total - before)
            before = total
    network.region[region].synchrony = in_step / before if before > 0.0 else 0.0


@kernel
def amygdala_input(network, base, learned):
    """Sum the drive to the amygdala; return the share of cortex in what negative cells learned."""
    boundary = network.region[BLA].boundary
    cortical = total = 0.0
    for q in range(network.projection.size):
        if network.projection[q].post == BLA:
            before = total
            drive(network, q, base, learned)
            total = 0.0
            for j in range(boundary):
                total += learned[j]
            if network.projection[q].pre == PFC:
                cortical += total - before
    return cortical / total if total > 0.0 else 0.0


@kernel
def recruitment(network, region, base):
    """Factor on the activity that inhibition allows, above 1 for more than natural input."""
    natural = 0.0
    for q in range(network.projection.size):
        if network.projection[q].post == region and not network.projection[q].sleep_only:
            natural += network.projection[q].base_drive
    total = 0.0
    for j in range(base.size):
        total += base[j]
    if natural <= 0.0 or total <= natural * base.size:
        return 1.0
    return (total / (natural * base.size)) ** network.parameter[RECRUITMENT]


@kernel
def recurrent(network, region, base, learned):
    """Sum the drive from the region itself."""
    for q in range(network.projection.size):
        if network.projection[q].post == region and network.projection[q].pre == region:
            drive(network, q, base, learned)


@kernel
def respond(network, first, last, key):
    """Let the regions `first` to `last` (exclusive) respond in turn to those before them.

    Returns the mean learned drive to active cells of CA1, the basis of familiarity, or of the only
    region.
    """
    learned_last = 0.0
    for region in range(first, last):
        start = network.region[region].start
        n = network.region[region].stop - start
        base, learned = np.zeros(n, np.float32), np.zeros(n, np.float32)
        none = np.zeros(n, np.float32)
        noisy = jitter(network, region, substream(key, region))
        threshold = network.region[region].threshold
        passed = 1.0  # share of the learned recurrent drive that inhibition lets pass
        if region == CA3 and network.on[FEEDFORWARD_INHIBITION]:
            dentate = network.region[DG]
            level = feedforward_input(
                network.neuron[RATE],
                network.neuron[FEEDFORWARD],
                dentate.start,
                dentate.stop,
                dentate.active,
            )
            passed = 1.0 - network.parameter[FEEDFORWARD_SHARE] * level / (level + 0.25)
        feed_forward(network, region, base, learned)
        recruited = recruitment(network, region, base)
        if region == DG and network.on[HETEROSYNAPTIC_DEPRESSION]:
            weakened = network.neuron[WEAKENED][start : start + n]
            turn_away(base, weakened, network.parameter[HETEROSYNAPTIC_SHARE])
        awake = network.signal[ASLEEP] == 0.0
        maturing = awake and region == PFC and network.on[CORTICAL_MATURATION]
        if maturing:
            learned *= network.neuron[MATURITY][start : start + n]
        slope = network.region[region].slope
        fire(network, region, base, learned, none, threshold, slope, recruited, noisy)
        for _ in range(network.region[region].passes):
            again_base, again_learned = base.copy(), np.zeros(n, np.float32)
            recurrent(network, region, again_base, again_learned)
            if maturing:
                again_learned *= network.neuron[MATURITY][start : start + n]
            again_learned = learned + np.float32(passed) * again_learned
            fire(
                network,
                region,
                again_base,
                again_learned,
                none,
                threshold,
                slope,
                recruited,
                noisy,
            )
        if region == CA1 or last == first + 1:
            learned_last = mean_of_active(network, region, learned)
    return learned_last


@kernel
def mean_of_active(network, region, values):
    """Mean of `values` over the region's cells that fire above 0.2; 0 if none does."""
    start = network.region[region].start
    total, count = 0.0, 0
    for j in range(values.size):
        if network.neuron[RATE][start + j] > 0.2:
            total += values[j]
            count += 1
    return total / count if count > 0 else 0.0
