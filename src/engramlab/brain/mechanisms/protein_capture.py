"""Synaptic tagging and capture: labile strength lasts only where a neuron makes protein."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="protein_capture",
    summary="Strong, surprising or novel experience makes neurons synthesise plasticity-related "
    "protein; synapses tagged in the last hours capture it and their labile strength becomes "
    "protected. Novelty releases some protein in all cells. Protein is there an hour after the "
    "experience. Anisomycin blocks the synthesis.",
    equation="s = (1 - opening) (1 - exp(-sum over moments max(0, M - protein_threshold) / "
    "protein_scale)), opening: see lability;  at the end of a session message_j += s max(1.5 "
    "peak_j, broadcast), which is protein after synthesis_delay (a later message joins one that "
    "waits), capture_tag_j = max(., peak_j);  d(labile)/dt = -labile / labile_tau - "
    "k p labile;  d(protected)/dt = k p labile;  p = capture_tag (protein (1 - "
    "consolidation_block) + restorage (1 - restorage_block)) synthesis;  synthesis = (1 - "
    "max(synthesis_block, 0.95 acetylation_block)) (1 - sleep_loss sleepless in hippocampus);  "
    "protein and restorage decay with protein_tau, capture_tag with tag_tau",
    maths=(
        r"s = (1 - O) \left(1 - \exp\left(-\frac{1}{\sigma_P} \sum_{\text{moments}} \max(0, M - "
        r"\theta_P)\right)\right)",
        r"\mu_j \leftarrow \mu_j + s \max(1.5\, \hat{r_j}, \beta), \qquad P_j \leftarrow P_j + "
        r"\mu_j \text{ after } \Delta_P, \qquad T_j \leftarrow \max(T_j, "
        r"\hat{r_j}) \quad \text{at the end of a session}",
        r"\frac{\mathrm{d} w^l}{\mathrm{d} t} = -\frac{w^l}{\tau_l} - \kappa\, p_j w^l, \qquad "
        r"\frac{\mathrm{d} w^p}{\mathrm{d} t} = \kappa\, p_j w^l",
        r"p_j = T_j \bigl(P_j (1 - B^c_j) + \rho_j (1 - B^r_j)\bigr)\, Y_j",
        r"Y_j = \bigl(1 - \max(B^s_j, 0.95\, B_j)\bigr)(1 - \zeta Z) \quad (Z: \text{ kept awake; "
        r"hippocampus only})",
        r"P_j, \rho_j \text{ decay with } \tau_P, \quad T_j \text{ with } \tau_T",
    ),
    symbols={
        "modulator": "M",
        "protein": "P_j",
        "protein_message": r"\mu_j",
        "synthesis_delay_hours": r"\Delta_P",
        "restorage": r"\rho_j",
        "capture_tag": "T_j",
        "consolidation_strength": "s",
        "protein_threshold": r"\theta_P",
        "protein_scale": r"\sigma_P",
        "broadcast": r"\beta",
        "labile_tau_hours": r"\tau_l",
        "capture_per_hour": r"\kappa",
        "protein_tau_hours": r"\tau_P",
        "tag_tau_hours": r"\tau_T",
        "sleep_loss": r"\zeta",
        "sleepless": "Z",
        "consolidation_block": "B^c_j",
        "restorage_block": "B^r_j",
        "synthesis_block": "B^s_j",
        "acetylation_block": "B_j",
    },
    sources=(
        "Frey & Morris 1997, Nature 385:533, doi 10.1038/385533a0",
        "Redondo & Morris 2011, Nat Rev Neurosci 12:17, doi 10.1038/nrn2963",
        "Moncada & Viola 2007, J Neurosci 27:7476, doi 10.1523/JNEUROSCI.1083-07.2007",
        "Schafe & LeDoux 2000, J Neurosci 20:RC96 (anisomycin within hours of training)",
        "Maddox et al. 2013, Learn Mem 20:109, doi 10.1101/lm.029157.112 (what is given an hour "
        "later still blocks storage)",
        "Vecsey et al. 2009, Nature 461:1122 (sleep loss impairs synthesis; recalled)",
    ),
    parameters=(
        Parameter("labile_tau_hours", 9.0, 0.5, 24.0, "h", "Nader et al. 2000: intact after 4 h"),
        Parameter("protein_tau_hours", 3.0, 0.5, 24.0, "h", "by hand: docs/model.md"),
        Parameter(
            "synthesis_delay_hours",
            1.1,
            0.01,
            6.0,
            "h",
            "Maddox et al. 2013: blockers still work an hour after training or reminder",
        ),
        Parameter("tag_tau_hours", 2.0, 0.5, 12.0, "h", "Frey & Morris 1997: 1-3 h (recalled)"),
        Parameter("capture_per_hour", 4.7, 0.0, 10.0, "1/h", "by hand: docs/model.md"),
        Parameter("protein_threshold", 0.3, 0.0, 2.0, "1", "by hand: docs/model.md"),
        Parameter("protein_scale", 0.5505, 0.01, 10.0, "1", "fitted: docs/model.md"),
        Parameter("broadcast", 0.5, 0.0, 1.0, "1", "assumed: Moncada & Viola 2007"),
        Parameter("sleep_loss", 0.6, 0.0, 1.0, "1", "assumed: Vecsey et al. 2009"),
    ),
    variables=(
        "protein",
        "restorage",
        "capture_tag",
        "protein_message",
        "restorage_message",
        "synthesis_wait",
    ),
    signals=("salient", "consolidation_strength"),
    after=("lability",),  # a memory that is restored is not stored anew
)


@kernel
def learn(modulator, salient, protein_threshold):
    """Sum up what exceeds the threshold in this session."""
    salient[0] += max(0.0, modulator[0] - protein_threshold)


@kernel
def order(synthesis_wait, j, made, delay_hours):
    """Let what a cell now makes wait for synthesis; it joins what waits already."""
    if made > 0.0 and synthesis_wait[j] <= 0.0:
        synthesis_wait[j] = np.float32(delay_hours)


@kernel
def end_session(
    protein_message,
    synthesis_wait,
    capture_tag,
    peak,
    salient,
    consolidation_strength,
    restorage_strength,
    protein_scale,
    broadcast,
    synthesis_delay_hours,
):
    """Start synthesis as far as the session was strong or novel; tag what was active."""
    strength = (1.0 - restorage_strength[0]) * (1.0 - math.exp(-salient[0] / protein_scale))
    consolidation_strength[0] = strength
    salient[0] = 0.0
    for j in range(protein_message.size):
        made = strength * max(min(1.0, 1.5 * peak[j]), broadcast)
        order(synthesis_wait, j, made, synthesis_delay_hours)
        protein_message[j] = min(np.float32(1.0), protein_message[j] + np.float32(made))
        capture_tag[j] = max(capture_tag[j], min(np.float32(1.0), np.float32(1.5) * peak[j]))


@kernel
def captured_share(made, hours, loss_rate, protein_tau, per_hour):
    """Shares of labile strength that survive a gap as labile and that become protected.

    Labile strength is lost at `loss_rate` (1/h; 0: none is lost, it only waits for protein). With
    protein p(t) = made exp(-t / protein_tau) the labile pool decays as
    exp(-loss_rate t - b (1 - u)), u = exp(-t / protein_tau), b = per_hour made protein_tau, and
    the captured share is b exp(-b) times the integral of u^a exp(b u) du over [u(hours), 1] with
    a = protein_tau loss_rate. The series of that integral in b converges for every b.
    """
    u = math.exp(-hours / protein_tau)
    b = per_hour * made * protein_tau
    a = protein_tau * loss_rate
    survival = math.exp(-hours * loss_rate - b * (1.0 - u))
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
    network,
    survival,
    captured,
    hours,
    forget,
    protein,
    restorage,
    capture_tag,
    synthesis_block,
    acetylation_block,
    consolidation_block,
    restorage_block,
    sleepless,
    labile_tau_hours,
    protein_tau_hours,
    tag_tau_hours,
    capture_per_hour,
    sleep_loss,
):
    """Fate of labile strength onto every neuron over the gap.

    Protein and tag decay exponentially, so does their product. What is captured is forgotten at the
    rate `forget` (1/h) from then on: captured = exp(-forget hours) times the share that would be
    captured if labile strength decayed slower by `forget`.
    """
    loss = 1.0 / labile_tau_hours
    tau = 1.0 / (1.0 / protein_tau_hours + 1.0 / tag_tau_hours)
    # Loss of sleep acts on hippocampus: DG, CA3 and CA1, the regions after the input.
    first, last = network.region[1].start, network.region[3].stop
    for j in range(protein.size):
        made = protein[j] * max(0.0, 1.0 - consolidation_block[j])
        made += restorage[j] * max(0.0, 1.0 - restorage_block[j])
        blocked = max(float(synthesis_block[j]), 0.95 * acetylation_block[j])
        made *= capture_tag[j] * max(0.0, 1.0 - blocked)
        if first <= j < last:
            made *= 1.0 - sleep_loss * sleepless[0]
        if made > 1e-4:
            survival[j], _ = captured_share(float(made), hours, loss, tau, capture_per_hour)
            _, share = captured_share(float(made), hours, loss - forget, tau, capture_per_hour)
            captured[j] = math.exp(-forget * hours) * share


@kernel
def elapse(
    protein,
    restorage,
    capture_tag,
    protein_message,
    restorage_message,
    synthesis_wait,
    hours,
    protein_tau_hours,
    tag_tau_hours,
):
    """Protein is degraded, tags are lost; what was ordered arrives (a gap ends at that time)."""
    decay = np.float32(math.exp(-hours / protein_tau_hours))
    loss = np.float32(math.exp(-hours / tag_tau_hours))
    for j in range(protein.size):
        protein[j] *= decay
        restorage[j] *= decay
        capture_tag[j] *= loss
        if synthesis_wait[j] > 0.0:
            synthesis_wait[j] -= np.float32(hours)
            if synthesis_wait[j] <= 1e-5:
                synthesis_wait[j] = 0.0
                protein[j] = min(np.float32(1.0), protein[j] + protein_message[j])
                restorage[j] = max(restorage[j], restorage_message[j])
                protein_message[j] = 0.0
                restorage_message[j] = 0.0
