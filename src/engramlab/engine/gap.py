"""A gap: hours pass in closed form; only rows that hold labile strength are touched."""

from __future__ import annotations

import math

import numpy as np

from engramlab.brain.mechanism import CLOCK, FRESH, NEVER, SETTLED
from engramlab.brain.mechanisms.hebbian_learning import refresh
from engramlab.brain.synapses import entries
from engramlab.engine.assembly import phases
from engramlab.engine.network import mechanism_index, parameter_index, variable_index
from engramlab.kernel import kernel

LABILE_TAU = parameter_index()["labile_tau_hours"]
PROTEIN_CAPTURE = mechanism_index()["protein_capture"]
SYNTHESIS_WAIT = variable_index()["synthesis_wait"]
NEGLIGIBLE = 1e-5  # labile strength below this share of the ceiling is dropped
capture, elapse = phases().capture, phases().elapse


@kernel
def bring_to_date(network):
    """Apply the slow decay of every row up to now."""
    for q in range(network.projection.size):
        for i in range(network.projection[q].cells):
            state = network.rows[network.projection[q].row + i].state
            if state != NEVER:
                refresh(network, q, i)
                network.rows[network.projection[q].row + i].state = state


@kernel
def holds_labile(network, q):
    """Whether any row of projection `q` holds labile strength."""
    for i in range(network.projection[q].cells):
        if network.rows[network.projection[q].row + i].state == FRESH:
            return True
    return False


@kernel
def captured_at(network, hours, forget, survival, rates, shares):
    """Row of `shares` with the captured share under this rate of forgetting, filled once.

    `rates` holds the rate of each row that is filled, then -1.
    """
    row = 0
    while rates[row] != forget:
        if rates[row] < 0.0:
            rates[row] = forget
            shares[row, :] = 0.0
            capture(network, hours, forget, survival, shares[row])
            break
        row += 1
    return shares[row]


@kernel
def pass_time(network, hours):
    """Let `hours` pass: labile strength fades or is captured, slow variables move.

    Protein that was ordered arrives within the gap: there it is cut.
    """
    left = hours
    wait = network.neuron[SYNTHESIS_WAIT]
    while left > 0.0:
        step = left
        for j in range(wait.size if network.on[PROTEIN_CAPTURE] else 0):
            if 0.0 < wait[j] < step:
                step = float(wait[j])
        pass_steadily(network, step)
        left -= step


@kernel
def pass_steadily(network, hours):
    """Let hours pass in which no protein arrives."""
    n = network.neuron.shape[1]
    survival = np.full(n, math.exp(-hours / network.parameter[LABILE_TAU]))
    rates = np.full(2 * network.projection.size, -1.0)  # of forgetting: few differ
    shares = np.empty((rates.size, n))
    network.signal[CLOCK] += hours
    for q in range(network.projection.size):
        if not holds_labile(network, q):
            continue
        forget, forget_more = network.projection[q].forget, network.projection[q].forget_more
        captured = captured_at(network, hours, forget, survival, rates, shares)
        captured_more = captured_at(network, hours, forget_more, survival, rates, shares)
        post = network.region[network.projection[q].post].start
        split = network.projection[q].split
        floor = np.float32(NEGLIGIBLE * network.projection[q].ceiling)
        for i in range(network.projection[q].cells):
            row = network.projection[q].row + i
            if network.rows[row].state != FRESH:
                continue
            age = network.signal[CLOCK] - network.rows[row].stamp
            keep = np.float32(math.exp(-age * network.projection[q].forget))
            keep_more = np.float32(math.exp(-age * network.projection[q].forget_more))
            hold = np.float32(math.exp(-age * network.projection[q].retract))
            most = np.float32(0.0)
            first, last = entries(network, q, i)
            for e in range(first, last):
                synapse = network.learned[e]
                j = post + synapse.to
                labile = synapse.labile
                kept, share = keep, captured[j]
                if synapse.to >= split:
                    kept, share = keep_more, captured_more[j]
                synapse.protected = kept * synapse.protected + np.float32(share) * labile
                synapse.silent *= hold
                synapse.labile = np.float32(survival[j]) * labile
                most = max(most, synapse.labile)
            network.rows[row].stamp = network.signal[CLOCK]
            if most < floor:
                for e in range(first, last):
                    synapse = network.learned[e]
                    synapse.labile = 0.0
                network.rows[row].state = SETTLED
    elapse(network, hours)
