"""Networks for tests: a built brain, its weights as matrices, its parts by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.mechanism import NEVER, RATE
from engramlab.brain.synapses import LEARNED
from engramlab.engine.network import (
    Network,
    build_network,
    parameter_index,
    signal_index,
    variable_index,
)

REGIONS = [region.name for region in Brain().regions]
PROJECTIONS = [projection.name for projection in Brain().projections]
SCHAFFER = PROJECTIONS.index("CA3-CA1")


def network(key: int = 1, brain: Brain | None = None) -> Network:
    """A brain before any experience, `laid_out`."""
    return laid_out(build_network(brain or Brain(), key))


def laid_out(built: Network) -> Network:
    """The same state with an entry for every synapse, in order of wiring.

    So `built.learned["labile"]` stands beside `built.target` and `built.base`.
    """
    learned = np.zeros(built.target.size, LEARNED)
    learned["to"] = built.target
    rows = built.rows.copy()
    for p in built.projection:
        own = rows[p["row"] : p["row"] + p["cells"]]
        first = p["synapse"] + p["fan_out"] * np.arange(p["cells"])
        for i in np.flatnonzero(own["count"]):
            part = learned[first[i] : first[i] + p["fan_out"]]
            place = {j: k for k, j in enumerate(part["to"])}
            for entry in built.learned[own[i]["first"] : own[i]["first"] + own[i]["count"]]:
                part[place[entry["to"]]] = entry
        own["first"], own["count"], own["capacity"] = first, p["fan_out"], p["fan_out"]
    return built._replace(
        rows=rows,
        learned=learned,
        unmet=np.zeros_like(built.unmet),
        used=np.array([learned.size, learned.size]),
    )


def copy(built: Network) -> Network:
    """A network of the same state that shares nothing with it."""
    parts: list[Any] = [part.copy() for part in built]
    return Network(*parts)


def row(built: Network, name: str) -> NDArray[np.float32]:
    """A neuron variable of all neurons."""
    values: NDArray[np.float32] = built.neuron[variable_index()[name]]
    return values


def signal(built: Network, name: str) -> NDArray[np.float64]:
    """A signal, as the array of one that kernels write to."""
    index = signal_index()[name]
    return built.signal[index : index + 1]


def parameter(name: str, built: Network | None = None) -> float:
    """A parameter of a network, or of the default brain."""
    if built is None:
        return Brain().parameters[name]
    return float(built.parameter[parameter_index()[name]])


def place(name: str) -> slice:
    """The neurons of a region."""
    return Brain().region_slices()[name]


def synapses(built: Network, q: int) -> slice:
    """The synapses of a projection."""
    p = built.projection[q]
    return slice(int(p["synapse"]), int(p["synapse"] + p["cells"] * p["fan_out"]))


def rows(built: Network, q: int) -> slice:
    """The rows of a projection."""
    p = built.projection[q]
    return slice(int(p["row"]), int(p["row"] + p["cells"]))


def dense(built: Network, q: int, pool: NDArray[np.float32]) -> NDArray[np.float64]:
    """A projection's weights as a matrix (pre, post)."""
    p = built.projection[q]
    posts = built.region[p["post"]]["stop"] - built.region[p["post"]]["start"]
    matrix = np.zeros((p["cells"], posts))
    for i in range(p["cells"]):
        z = p["synapse"] + i * p["fan_out"]
        part = slice(z, z + p["fan_out"])
        matrix[i, built.target[part]] = pool[part]
    return matrix


def connected(built: Network, q: int) -> NDArray[np.bool_]:
    """Which pairs of a projection have a synapse, shape (pre, post)."""
    return dense(built, q, np.ones_like(built.base)) > 0


def activate(
    built: Network, q: int, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Set random rates in all regions; return those before and after a projection."""
    random = np.random.default_rng(seed)
    rates = built.neuron[RATE]
    rates[:] = random.random(rates.size) * (random.random(rates.size) < 0.2)
    p = built.projection[q]
    pre, post = built.region[p["pre"]], built.region[p["post"]]
    first = pre["start"] + p["first_cell"]
    return rates[first : first + p["cells"]], rates[post["start"] : post["stop"]]


def fill(built: Network, state: int, seed: int = 0) -> None:
    """Random strength in all pools of all synapses, in rows of this state."""
    random = np.random.default_rng(seed)
    for pool in (built.labile, built.protected, built.silent):
        pool[:] = 0.0 if state == NEVER else random.random(pool.size, dtype=np.float32)
    built.rows["state"] = state
