"""One animal at one time: what every neuron does and is like."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engramlab.engine.animal import NIGHT, Animal, Happening
from engramlab.engine.animal_record import ENGRAM_THRESHOLD, STATE
from engramlab.engine.network import Network
from engramlab.engine.state import neuron_state
from engramlab.engine.strength import engram_strength
from engramlab.protocol.quantities import to_nanohour
from engramlab.protocol.schedule import (
    Beam,
    Drug,
    Housing,
    Intervention,
    Lesion,
    ReplayBlock,
    Session,
    Silence,
    SleepDeprivation,
    Stress,
    TagWindow,
    Virus,
)

MAX_ENGRAMS = 8  # sessions whose cells are followed: their strength costs time in every frame


@dataclass(frozen=True)
class Frame:
    """What there is to see of one animal after something has happened.

    Neurons of all regions are concatenated in the order of `Brain.regions`.

    Parameters
    ----------
    kind : str
        ``birth``, ``session``, ``probe``, ``night``, ``begin`` or ``end`` (of an intervention), or
        ``wait``.
    hour : float
        Hours since 9:00 on day 0.
    title : str
        What happened, in words.
    session : str
        Name of the session or probe, else empty.
    freezing_by_moment : float32 array, shape (moment,)
        Percent; empty where there was no session.
    valence_by_moment : float32 array, shape (moment, 2)
        Read-out of the negative and the positive half of BLA, in [0, 1].
    activity : float32 array, shape (neuron,)
        In the last moment of a session; in a night the mean over its replay events; else 0.
    peak : float32 array, shape (neuron,)
        Highest activity in the session, what an immediate early gene shows; else 0.
    lit : int8 array, shape (neuron,)
        1 where light drives in the last moment, -1 where it silences.
    silenced : bool array, shape (neuron,)
        Cells that cannot fire: lesioned or inactivated.
    state : float32 array, shape (state, neuron)
        In the order of `engramlab.engine.animal_record.STATE`.
    tags : dict of str to bool array, shape (neuron,)
    strength : dict of str to float32 array, shape (projection, 3)
        For the cells of each session so far (at most the first eight): mean strength and
        connectivity of the synapses between them, and strength to other cells, as a share of the
        largest.
    replays : int
        Replay events of a night that reached a stored pattern.
    """

    kind: str
    hour: float
    title: str
    activity: NDArray[np.float32]
    peak: NDArray[np.float32]
    lit: NDArray[np.int8]
    silenced: NDArray[np.bool_]
    state: NDArray[np.float32]
    session: str = ""
    context: str = ""
    freezing_by_moment: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    valence_by_moment: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((0, 2), np.float32)
    )
    tags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    strength: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    replays: int = 0

    @property
    def freezing(self) -> float:
        """Mean freezing in percent; NaN where there was no session."""
        moments = self.freezing_by_moment
        return float(moments.mean(dtype=np.float64)) if moments.size else float("nan")

    @property
    def engram(self) -> NDArray[np.bool_]:
        """Cells that were active in the session."""
        return np.asarray(self.peak > ENGRAM_THRESHOLD)

    def neuron(self, name: str) -> NDArray[np.float32]:
        """One row of `state` by its name."""
        row: NDArray[np.float32] = self.state[STATE.index(name)]
        return row


def ensembles(animal: Animal) -> dict[str, NDArray[np.bool_]]:
    """Cells active in each real session so far; a probe leaves no trace."""
    probes = {session.name for session in animal.schedule.sessions if session.probe}
    return {
        name: peak > ENGRAM_THRESHOLD
        for name, peak in zip(animal.sessions, animal.ieg, strict=True)
        if name not in probes
    }


def observe(animal: Animal, happening: Happening) -> Frame:
    """Look at an animal at which something has just happened, without touching it."""
    network = animal.network
    what, kind = happening.what, happening.rank[0]
    neurons = network.neuron.shape[1]
    none = np.zeros(neurons, np.float32)
    if isinstance(what, Session):
        return _frame(
            animal,
            "probe" if what.probe else "session",
            happening.hour if what.probe else to_nanohour(what.end_hours),
            session_in_words(what),
            network,
            activity=animal.latest,
            peak=animal.ieg[-1],
            lit=_lit(animal, what),
            session=what,
        )
    if kind == NIGHT:
        title = f"night {happening.rank[1] + 1}: "
        title += f"{animal.replays} replay events" if animal.replays else "no replay"
        return _frame(
            animal,
            "night",
            happening.hour,
            title,
            network,
            animal.latest,
            none,
        )
    assert not isinstance(what, int)
    begins = kind == 2
    title = intervention_in_words(what) + ("" if begins else " ends")
    return _frame(animal, "begin" if begins else "end", happening.hour, title, network, none, none)


def at_rest(animal: Animal, kind: str, hour: float, title: str) -> Frame:
    """An animal in its home cage at this hour, which it may not have reached yet."""
    network = animal.network_at(hour)
    none = np.zeros(network.neuron.shape[1], np.float32)
    return _frame(animal, kind, hour, title, network, none, none)


def _frame(
    animal: Animal,
    kind: str,
    hour: float,
    title: str,
    network: Network,
    activity: NDArray[np.float32],
    peak: NDArray[np.float32],
    lit: NDArray[np.int8] | None = None,
    session: Session | None = None,
) -> Frame:
    # Reading the state brings excitability to date, so it is read off a copy.
    seen = network._replace(neuron=network.neuron.copy(), signal=network.signal.copy())
    followed = list(ensembles(animal).items())[:MAX_ENGRAMS]
    return Frame(
        kind=kind,
        hour=hour,
        title=title,
        activity=activity.copy(),
        peak=peak.copy(),
        lit=np.zeros(activity.size, np.int8) if lit is None else lit,
        silenced=animal.blocked > 0,
        state=neuron_state(seen),
        session="" if session is None else session.name,
        context="" if session is None else session.context,
        freezing_by_moment=animal.freezing[-1] if session else np.zeros(0, np.float32),
        valence_by_moment=animal.valence[-1] if session else np.zeros((0, 2), np.float32),
        tags={name: cells.copy() for name, cells in animal.tags.items()},
        strength={name: engram_strength(seen, cells) for name, cells in followed},
        replays=animal.replays if kind == "night" else 0,
    )


def _lit(animal: Animal, session: Session) -> NDArray[np.int8]:
    lit = np.zeros(animal.network.neuron.shape[1], np.int8)
    for beam in session.light:
        if beam.moments[-1]:
            lit[animal.cells(beam.cells)] = _sign(beam)
    return lit


def _sign(beam: Beam) -> int:
    return 1 if beam.effect == "drive" else -1


def session_in_words(session: Session) -> str:
    """What happens in a session, in a few words."""
    parts = [f"{'probe in' if session.probe else 'in'} {session.context}, {session.minutes:g} min"]
    shocks = [mA for mA in session.shock_mA if mA > 0]
    if shocks:
        parts.append(f"{len(shocks)} × {shocks[0]:g} mA")
    parts += sorted({cue for cue in session.cue if cue is not None})
    if any(session.reward):
        parts.append("reward")
    lights = {f"light {beam.effect}s {beam.cells}" for beam in session.light}
    return ", ".join(parts + sorted(lights))


def intervention_in_words(event: Intervention) -> str:
    """What an intervention is, in a few words."""
    match event:
        case TagWindow():
            return f"tag '{event.name}' open"
        case Drug():
            return f"{event.drug} in {', '.join(event.regions) or 'the whole brain'}"
        case Stress():
            return "stress"
        case Housing():
            return f"housing, neurogenesis × {event.neurogenesis:g}"
        case SleepDeprivation():
            return "kept awake"
        case ReplayBlock():
            return "replay blocked"
        case Virus():
            return f"{event.what} in {event.cells}"
        case Lesion():
            return f"lesion of {event.cells or ', '.join(event.regions)}"
        case Silence():
            return f"{event.cells or ', '.join((*event.regions, *event.projections))} silenced"
