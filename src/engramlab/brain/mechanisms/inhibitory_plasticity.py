"""Inhibitory plasticity: engram cells gain inhibition in the hours after learning."""

import math

import numpy as np

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="inhibitory_plasticity",
    summary="Inhibition onto engram cells grows over the hours after learning until it balances "
    "their excitability, so that only the trained input still drives them.",
    equation="d(acquired_inhibition)/dt = (max(0, 1 - balance_tau / boost_tau) boost - "
    "acquired_inhibition) / balance_tau: it meets the decaying boost from below;  eps_j -= "
    "boost_drive acquired_inhibition_j",
    maths=(
        r"\frac{\mathrm{d} a_j}{\mathrm{d} t} = "
        r"\frac{\max(0, 1 - \tau_a / \tau_b)\, b_j - a_j}{\tau_a}",
        r"\varepsilon_j \leftarrow \varepsilon_j - \beta_b\, a_j",
    ),
    symbols={
        "acquired_inhibition": "a_j",
        "boost": "b_j",
        "boost_drive": r"\beta_b",
        "balance_tau_hours": r"\tau_a",
        "boost_tau_hours": r"\tau_b",
    },
    sources=("Tome et al. 2024, Nat Neurosci 27:561, doi 10.1038/s41593-023-01551-w",),
    parameters=(Parameter("balance_tau_hours", 6.0, 0.5, 100.0, "h", "by hand: docs/model.md"),),
    variables=("acquired_inhibition",),
)


@kernel
def excite(excitability, acquired_inhibition, boost_drive):
    """Subtract the acquired inhibition from the drive."""
    for j in range(acquired_inhibition.size):
        excitability[j] -= np.float32(boost_drive * acquired_inhibition[j])


@kernel
def elapse(acquired_inhibition, boost, hours, balance_tau_hours, boost_tau_hours):
    """Follow the decaying boost: the solution of the linear equation for the whole gap.

    `boost` is its value at the start of the gap: its own decay runs after this kernel. With the
    factor on the boost, inhibition never outlasts it, so that an engram is not less excitable than
    other cells on the next day.
    """
    own = math.exp(-hours / balance_tau_hours)
    driver = math.exp(-hours / boost_tau_hours)
    # (1 - balance_tau / boost_tau) cancels the divisor of the solution.
    follow = max(0.0, driver - own)
    for j in range(boost.size):
        acquired_inhibition[j] = np.float32(own * acquired_inhibition[j] + follow * boost[j])
