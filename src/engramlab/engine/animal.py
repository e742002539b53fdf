"""One virtual animal, from birth to the last event of its schedule."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.brain.drugs import DRUGS
from engramlab.brain.mechanism import CLOCK
from engramlab.engine.animal_record import ENGRAM_THRESHOLD, AnimalRecord
from engramlab.engine.assembly import phases
from engramlab.engine.cells import CellSets
from engramlab.engine.features import Features
from engramlab.engine.gap import bring_to_date, pass_time
from engramlab.engine.network import Network, build_network, copy_of, signal_index, variable_index
from engramlab.engine.night import renew_dentate, run_night
from engramlab.engine.session import run_session
from engramlab.engine.state import neuron_state
from engramlab.engine.strength import engram_strength
from engramlab.errors import Problem, ProtocolError
from engramlab.protocol import Protocol, schedule
from engramlab.protocol.schedule import (
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
from engramlab.randomness import derive_key

NIGHT_HOUR = 12.0  # hour 0 is 9:00: replay is put at 21:00
VIRUSES = {"CREB": "virus_creb", "KAT5": "virus_acetylation"}
RE_PATH = "PFC-CA1"  # by nucleus reuniens: see prefrontal_control
_variable, _signal = variable_index(), signal_index()


def run_animal(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain | None = None
) -> AnimalRecord:
    """Run one animal of one group through its whole schedule.

    Parameters
    ----------
    protocol : Protocol
    group : str
        Name of a group of the protocol.
    animal : int
        Number of the animal in its group, from 0.
    seed : int
        Seed of the experiment.
    brain : Brain, optional
        Default: `Brain()`, changed as the group says.

    Returns
    -------
    AnimalRecord
        The same bits for the same arguments, in any process and order.

    Raises
    ------
    ParameterError
        If the group names an unknown mechanism or parameter.
    """
    return born(protocol, group, animal, seed, brain).live()


def run_twin(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain | None = None
) -> AnimalRecord:
    """Run one animal like `run_animal`; the animal of a number is the same in every group.

    Groups of twins differ in what is done to them and in nothing else, so a difference of groups
    is free of the chance of who was put into which (common random numbers).
    """
    return born(protocol, group, animal, seed, brain, twin=True).live()


def born(
    protocol: Protocol,
    group: str,
    animal: int,
    seed: int,
    brain: Brain | None = None,
    *,
    twin: bool = False,
) -> Animal:
    """Make an animal to which nothing has happened yet: as `run_animal`, or `run_twin`, begins."""
    changes = protocol.groups[group]
    own_brain = (brain or Brain()).with_parameters(changes.parameters).without(*changes.without)
    key = derive_key(seed, animal) if twin else derive_key(seed, group, animal)
    return Animal(protocol, group, animal, key, own_brain)


class Happening(NamedTuple):
    """One thing that has happened to an animal; they happen in the order of `hour` and `rank`."""

    hour: float
    rank: tuple[int, int]  # among those of one hour: kind, number in the schedule
    what: Session | Intervention | int  # a session, an intervention, or the number of a night
    act: Callable[[float], None]

    @property
    def key(self) -> tuple[float, tuple[int, int]]:
        """What they are sorted by."""
        return self.hour, self.rank


# The first number of `Happening.rank`. A probe sees the animal before a real session of its hour.
NIGHT, END, BEGIN, PROBE, SESSION = range(5)


class Animal:
    """The state of one animal while its schedule runs.

    `live` runs all of it; `advance` goes up to an hour, and `follow` goes on with a protocol that
    says the same so far and more of what comes.
    """

    def __init__(self, protocol: Protocol, group: str, animal: int, key: int, brain: Brain) -> None:
        self.protocol, self.group, self.number = protocol, group, animal
        self.schedule = schedule(protocol, group)
        self.lived: list[tuple[float, tuple[int, int]]] = []  # keys of what has happened
        self.key = key
        self.brain = brain
        self.network = build_network(brain, self.key)
        phases().initialise(self.network, np.uint64(derive_key(self.key, "birth")))
        neurons = self.network.neuron.shape[1]
        self.tags = {name: np.zeros(neurons, np.bool_) for name in protocol.tags}
        self.open_tags: Counter[str] = Counter()  # how many windows of a tag are open
        self.reached: dict[Intervention, NDArray[np.bool_]] = {}  # cells of one that acts
        self.cells = CellSets(protocol, brain, self.key, self.tags)
        self.features = Features(protocol, brain, self.key)
        self.replay_blocks = 0
        self.housing: list[float] = []  # factors on neurogenesis
        # How many causes silence each projection, and its own decay.
        self.shut = dict.fromkeys((*(p.name for p in brain.projections), RE_PATH), 0)
        decays = ("forget", "forget_more")
        self.forget = {name: self.network.projection[name].copy() for name in decays}
        self.posts = [projection.post for projection in brain.projections]
        self.blocked = np.zeros(neurons, np.int64)  # how many causes silence each cell
        self.present: Network | None = None  # the brain at the hour of the latest probe
        self.ends: float | None = None  # hour at which nothing but probes is left, then no more
        self.engram: NDArray[np.bool_] | None = None
        # Activity in the last moment of the latest session, or mean over the night's replay events.
        self.latest = np.zeros(neurons, np.float32)
        self.replays = 0  # replay events of the latest night that reached a stored pattern
        self.sessions: list[str] = []
        self.freezing: list[NDArray[np.float32]] = []
        self.valence: list[NDArray[np.float32]] = []
        self.ieg: list[NDArray[np.float32]] = []
        self.rate: list[NDArray[np.float32]] = []
        self.strength: list[NDArray[np.float32]] = []
        self.state: list[NDArray[np.float32]] = []

    def live(self) -> AnimalRecord:
        """Run all events in order and return the record; the animal cannot go on after it."""
        last = max(self._happenings(None), key=lambda item: item.key, default=None)
        if last is not None and last.rank[0] == PROBE:
            self.ends = last.hour
        for _ in self.advance():
            pass
        return self.record()

    def advance(self, until_hours: float | None = None) -> Iterator[Happening]:
        """Run what has not happened yet, and yield each thing when it has.

        Parameters
        ----------
        until_hours : float, optional
            Run what starts up to this hour; default all, with the nights before the last session
            ends.

        Raises
        ------
        ValueError
            When the schedule is not a continuation of what has happened.
        """
        happenings = sorted(self._happenings(until_hours), key=lambda item: item.key)
        if [item.key for item in happenings[: len(self.lived)]] != self.lived:
            raise ValueError("the schedule changes what has happened to the animal already")
        for item in happenings[len(self.lived) :]:
            item.act(item.hour)
            self.lived.append(item.key)
            yield item

    def follow(self, protocol: Protocol) -> None:
        """Go on with `protocol`, which says the same of all that has happened."""
        self.protocol, self.schedule = protocol, schedule(protocol, self.group)
        self.cells.protocol = self.features.protocol = protocol
        for name in protocol.tags:
            self.tags.setdefault(name, np.zeros(self.network.neuron.shape[1], np.bool_))

    def fork(self) -> Animal:
        """Make the same animal once more; what happens to one does not touch the other."""
        shared = (self.protocol, self.schedule, self.brain, self.posts)
        return copy.deepcopy(self, {id(part): part for part in shared})

    def network_at(self, hour: float) -> Network:
        """Copy the brain as it would be at this hour if nothing else happened."""
        network = self.network.copy()
        hours = hour - network.signal[CLOCK]
        if hours > 0.0:
            pass_time(network, hours)
        return network

    def record(self) -> AnimalRecord:
        """Everything recorded up to now."""
        return AnimalRecord(
            group=self.group,
            animal=self.number,
            key=self.key,
            sessions=tuple(self.sessions),
            freezing_by_moment=tuple(self.freezing),
            valence_by_moment=tuple(self.valence),
            ieg=np.array(self.ieg, np.float32),
            rate=np.array(self.rate, np.float32),
            tags=dict(self.tags),
            cell_sets={name: self.cells(name) for name in self.protocol.cells},
            strength=np.array(self.strength, np.float32),
            state=np.array(self.state, np.float32),
        )

    def _happenings(self, until_hours: float | None) -> Iterator[Happening]:
        """Everything that happens up to an hour."""
        until = math.inf if until_hours is None else until_hours
        for number, event in enumerate(self.schedule.events):
            start = event.start_hours
            if start > until:
                continue
            if isinstance(event, Session):
                kind, run = (PROBE, self._probe) if event.probe else (SESSION, self._session)
                yield Happening(start, (kind, number), event, partial(run, event))
                continue
            yield Happening(start, (BEGIN, number), event, partial(self._intervene, event, 1))
            end = math.inf if isinstance(event, Lesion) else event.end_hours
            if math.isfinite(end) and end <= until:
                yield Happening(end, (END, number), event, partial(self._intervene, event, -1))
        for number in count():
            night = NIGHT_HOUR + 24.0 * number
            if night > until or (until_hours is None and night >= self.schedule.horizon_hours):
                break
            yield Happening(night, (NIGHT, number), number, partial(self._night, number))

    def _intervene(self, event: Intervention, step: int, hour: float) -> None:
        """Begin (`step` 1) or end (-1) an intervention."""
        self._pass_time_to(hour)
        self.present = None
        match event:
            case TagWindow():
                self.open_tags[event.name] += step
            case Drug():
                self._drug(event, step)
            case Stress():
                self.network.signal[_signal["stress"]] += step * event.intensity
            case Housing():
                (self.housing.append if step > 0 else self.housing.remove)(event.neurogenesis)
                self.network.signal[_signal["housing"]] = math.prod(self.housing)
            case SleepDeprivation():
                self.replay_blocks += step
                self.network.signal[_signal["sleepless"]] += step
            case ReplayBlock():
                self.replay_blocks += step
            case Virus():
                row = _variable[VIRUSES.get(event.what, "virus_chemogenetic")]
                reached = self._reached(event, event.cells)
                self.network.neuron[row, reached] += np.float32(step * event.amount)
            case Lesion() | Silence():
                if event.cells is not None:
                    self.blocked[self._reached(event, event.cells)] += step
                for region in event.regions:
                    self.blocked[self.cells.region(region)] += step
                self.network.neuron[_variable["silenced"]] = self.blocked > 0
                for projection in event.projections if isinstance(event, Silence) else ():
                    self.shut[projection] += step
                self.network.signal[_signal["reuniens_block"]] = float(self.shut[RE_PATH] > 0)
                for number, name in enumerate(self.shut):
                    if name != RE_PATH:
                        self.network.projection[number]["open"] = self.shut[name] == 0

    def _reached(self, event: Intervention, cells: str) -> NDArray[np.bool_]:
        """Cells of an intervention, as they were when it began: a tag may have grown since."""
        return self.reached.setdefault(event, self.cells(cells).copy())

    def _drug(self, event: Drug, step: int) -> None:
        """Add a drug to the signals of the neurons that it reaches, or take it away."""
        reached = np.zeros(self.network.neuron.shape[1], np.bool_)
        for region in event.regions or self.cells.regions:
            reached |= self.cells.region(region)
        for name, amount in DRUGS[event.drug].actions:
            self.network.neuron[_variable[name], reached] += np.float32(
                step * event.amount * amount
            )
            if name == "removal_block":  # decay in closed form: the rate changes from now on
                bring_to_date(self.network)
                given = self.network.neuron[_variable[name]]
                cortex = float(given[self.cells.region("PFC")].mean())
                for number, post in enumerate(self.posts):
                    here = float(given[self.cells.region(post)].mean())
                    for decay, values in self.forget.items():
                        # What extinction taught the amygdala is held up by infralimbic cortex.
                        held = max(here, cortex) if decay == "forget_more" else here
                        keeps = max(0.0, 1.0 - held)
                        self.network.projection[number][decay] = values[number] * keeps

    def _pass_time_to(self, hour: float) -> None:
        hours = hour - self.network.signal[CLOCK]
        if hours > 0.0:
            pass_time(self.network, hours)
            self.present = None

    def _night(self, number: int, hour: float) -> None:
        self._pass_time_to(hour)
        key = np.uint64(derive_key(self.key, "night", number))
        renew_dentate(self.network, key)
        self.replays = 0
        if self.replay_blocks == 0:
            self.replays = int(run_night(self.network, key))
        shown = self.network.neuron[_variable["shown"]]
        self.latest = shown.copy() if self.replays else np.zeros_like(shown)
        self.present = None

    def _session(self, event: Session, hour: float) -> None:
        # What a session starts (synthesis, tags) starts at its end, when a drug can be given.
        self._pass_time_to(hour + event.minutes / 60.0)
        self.present = None
        self._run(event, self.network, hour, learning=True)
        peak = self.network.neuron[_variable["peak"]]
        for name in +self.open_tags:
            self.tags[name] |= peak > self.protocol.tags[name].threshold

    def _probe(self, event: Session, hour: float) -> None:
        """Test a copy, so that the animal itself goes on as if never tested."""
        if hour == self.ends:  # no one needs the brain as it was: half the memory
            self._pass_time_to(hour)
            self.present = self.network
        elif self.present is None or self.present.signal[CLOCK] != max(
            hour, self.network.signal[CLOCK]
        ):
            self.present = self.network_at(hour)
        neuron, signal = copy_of(self.present.neuron), self.present.signal.copy()
        tested = self.present._replace(neuron=neuron, signal=signal)
        self._run(event, tested, hour, learning=False)

    def _lit(self, name: str, event: Session) -> NDArray[np.bool_]:
        """Cells that light falls on; light on nobody is a mistake in the protocol."""
        cells = self.cells(name)
        if not cells.any():
            raise ProtocolError(
                Problem(
                    f"{self.protocol.name}, session '{event.name}', light on '{name}'",
                    f"holds no cell in animal {self.number} of group '{self.group}'",
                    "a tag whose window holds a session in which cells fire, or a larger set",
                )
            )
        return cells

    def _run(self, event: Session, network: Network, hour: float, *, learning: bool) -> None:
        light = np.zeros((len(event.light), network.neuron.shape[1]), np.float32)
        for row, beam in zip(light, event.light, strict=True):
            row[self._lit(beam.cells, event)] = 1.0 if beam.effect == "drive" else -1.0
        on = np.array([beam.moments for beam in event.light], np.bool_)
        state = neuron_state(network)
        freezing, valence = np.zeros(event.moments), np.zeros((event.moments, 2))
        run_session(
            network,
            self.features.session(event.name, event.context, hour, event.cue),
            self.features.part_of(event.context),
            np.array(event.shock_mA, np.float64),
            np.array(event.reward, np.float64),
            light,
            on.reshape(len(event.light), event.moments),
            learning,
            np.uint64(derive_key(self.key, "session", event.name)),
            freezing,
            valence,
        )
        self.latest = network.neuron[_variable["shown"]].copy()
        peak = network.neuron[_variable["peak"]].copy()
        if self.engram is None:
            self.engram = peak > ENGRAM_THRESHOLD
        self.sessions.append(event.name)
        self.freezing.append(freezing.astype(np.float32))
        self.valence.append(valence.astype(np.float32))
        self.ieg.append(peak)
        self.rate.append(network.neuron[_variable["mean_rate"]].copy())
        self.strength.append(engram_strength(network, self.engram))
        self.state.append(state)
