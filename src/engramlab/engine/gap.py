"""A gap: hours pass in closed form; only rows that hold labile strength are touched."""

from __future__ import annotations

import math

import numpy as np

from engramlab.brain.mechanism import CLOCK, FRESH, NEVER, SETTLED
from engramlab.brain.mechanisms.hebbian_learning import refresh
from engramlab.brain.synapses import span
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
    clock, rows, synapses = network.signal[CLOCK], network.rows, network.learned
    for q in range(network.projection.size):
        if not holds_labile(network, q):
            continue
        forget, forget_more = network.projection[q].forget, network.projection[q].forget_more
        captured = captured_at(network, hours, forget, survival, rates, shares)
        captured_more = captured_at(network, hours, forget_more, survival, rates, shares)
        post = network.region[network.projection[q].post].start
        split = network.projection[q].split
        floor = np.float32(NEGLIGIBLE * network.projection[q].ceiling)
        retract = network.projection[q].retract
        first_row, cells = network.projection[q].row, network.projection[q].cells
        for w in range(first_row, first_row + cells):
            row = rows[w]
            if row.state != FRESH:
                continue
            age = clock - row.stamp
            keep = np.float32(math.exp(-age * forget))
            keep_more = np.float32(math.exp(-age * forget_more))
            hold = np.float32(math.exp(-age * retract))
            most = np.float32(0.0)
            first, last = span(row)
            for e in range(first, last):
                synapse = synapses[e]
                j = post + synapse.to
                labile = synapse.labile
                kept, share = keep, captured[j]
                if synapse.to >= split:
                    kept, share = keep_more, captured_more[j]
                synapse.protected = kept * synapse.protected + np.float32(share) * labile
                synapse.silent *= hold
                synapse.labile = np.float32(survival[j]) * labile
                most = max(most, synapse.labile)
            row.stamp = clock
            if most < floor:
                for e in range(first, last):
                    synapse = synapses[e]
                    synapse.labile = 0.0
                row.state = SETTLED
    elapse(network, hours)
