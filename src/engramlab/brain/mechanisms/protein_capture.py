"""Synaptic tagging and capture: labile strength lasts only where a neuron makes protein."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="protein_capture",
    summary="Strong or novel experience makes neurons synthesise plasticity-related protein; with "
    "it their labile strength becomes protected. Anisomycin blocks the synthesis.",
    equation="d(labile)/dt = -labile / labile_tau - k protein labile;  d(protected)/dt = k protein "
    "labile;  d(protein)/dt = -protein / protein_tau;  no capture while synthesis is blocked",
    sources=(
        "Frey & Morris 1997, Nature 385:533, doi 10.1038/385533a0",
        "Redondo & Morris 2011, Nat Rev Neurosci 12:17, doi 10.1038/nrn2963",
        "Schafe & LeDoux 2000, J Neurosci 20:RC96 (anisomycin within hours of training)",
    ),
    parameters=(
        Parameter("labile_tau_hours", 5.0, 0.5, 24.0, "h", "by hand: docs/model.md"),
        Parameter("protein_tau_hours", 3.0, 0.5, 24.0, "h", "by hand: docs/model.md"),
        Parameter("capture_per_hour", 2.0, 0.0, 10.0, "1/h", "by hand: docs/model.md"),
        Parameter("protein_threshold", 0.5, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter("protein_slope", 0.3, 0.01, 2.0, "1", "assumed: graded onset of synthesis"),
    ),
    variables=("protein",),
    signals=("strongest_modulator",),
)


@kernel
def learn(modulator, strongest_modulator):
    """Keep the strongest modulation of the session."""
    strongest_modulator[0] = max(strongest_modulator[0], modulator[0])


@kernel
def end_session(protein, peak, strongest_modulator, protein_threshold, protein_slope):
    """Start synthesis in the cells that were active, as far as the session was strong or novel."""
    strength = (strongest_modulator[0] - protein_threshold) / protein_slope
    strength = min(1.0, max(0.0, strength))
    for j in range(protein.size):
        protein[j] = max(protein[j], np.float32(strength * min(1.0, 1.5 * peak[j])))
    strongest_modulator[0] = 0.0


@kernel
def captured_share(made, hours, labile_tau, protein_tau, per_hour):
    """Shares of labile strength that survive a gap as labile and that become protected.

    With protein p(t) = made exp(-t / protein_tau) the labile pool decays as
    exp(-t / labile_tau - b (1 - u)), u = exp(-t / protein_tau), b = per_hour made protein_tau, and
    the captured share is b exp(-b) times the integral of u^a exp(b u) du over [u(hours), 1] with
    a = protein_tau / labile_tau. The series of that integral in b converges for every b.
    """
    u = math.exp(-hours / protein_tau)
    b = per_hour * made * protein_tau
    a = protein_tau / labile_tau
    survival = math.exp(-hours / labile_tau - b * (1.0 - u))
    total = 0.0
    term = 1.0
    power = u ** (a + 1.0)
    for n in range(200):
        added = term * (1.0 - power) / (a + n + 1.0)
        total += added
        if added < 1e-12 * total:
            break
        term *= b / (n + 1.0)
        power *= u
    return survival, b * math.exp(-b) * total


@kernel
def capture(
    survival,
    captured,
    hours,
    protein,
    synthesis,
    labile_tau_hours,
    protein_tau_hours,
    capture_per_hour,
):
    """Fate of labile strength onto every neuron over the gap."""
    if synthesis[0] < 0.5:
        return
    for j in range(protein.size):
        if protein[j] > 1e-4:
            survival[j], captured[j] = captured_share(
                float(protein[j]), hours, labile_tau_hours, protein_tau_hours, capture_per_hour
            )


@kernel
def elapse(protein, hours, protein_tau_hours):
    """Protein is degraded."""
    decay = np.float32(math.exp(-hours / protein_tau_hours))
    for j in range(protein.size):
        protein[j] *= decay
