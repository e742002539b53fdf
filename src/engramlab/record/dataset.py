"""The records of all animals as one xarray dataset with named dimensions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engramlab.brain import Brain
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.protocol import Protocol, schedule
from engramlab.protocol.schedule import TagWindow
from engramlab.protocol.schema import MOMENT_MINUTES, AsManyCells, SessionStep, TaggedCells


def assemble(
    records: Sequence[AnimalRecord],
    protocol: Protocol,
    brain: Brain,
    attrs: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Put the records of a cohort into one dataset.

    Groups may have different sessions: the session dimension is their union in time order, and
    a value is NaN (False or an empty text) where the animal had no such session. Sessions of one
    name may differ between groups in hour, context and kind, so these coordinates are by animal
    and session.

    Parameters
    ----------
    records : sequence of AnimalRecord
        At least one; gone through once, one animal at a time, so that they may lie in files.
    protocol : Protocol
        The protocol that the animals went through.
    brain : Brain
        Names the neurons' regions and populations, and the projections.
    attrs : mapping, optional
        Attributes of the dataset; numbers and text only, so that they can be stored.

    Returns
    -------
    xarray.Dataset
        Dimensions, coordinates and variables as in ``docs/architecture.md``. ``freezing`` is in per
        cent, ``ieg``, ``rate`` and the valences in [0, 1], ``hours`` since 9:00 on day 0.
        ``tag_open(animal, tag, session)`` says which sessions fell into a tag's window,
        ``from_tag(cell_set)`` which sets of cells were chosen by a tag.

    Raises
    ------
    ValueError
        When there are no records, or when they were not made with `protocol` and `brain`.
    """
    if not records:
        raise ValueError("there are no animals to assemble")
    sessions = sessions_in_order(protocol)
    place = {name: number for number, name in enumerate(sessions)}
    tags, cell_sets = list(protocol.tags), list(protocol.cells)
    neurons = sum(region.cells for region in brain.regions)
    shape = (len(records), len(sessions))

    groups: list[str] = []
    numbers: list[int] = []
    by_moment: dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    by_session = {
        name: np.full(shape, np.nan)
        for name in ("freezing", "valence_negative", "valence_positive")
    }
    by_neuron = {name: np.full((*shape, neurons), np.nan, np.float32) for name in ("ieg", "rate")}
    strength = np.full((*shape, len(brain.projections), 3), np.nan, np.float32)
    state = np.full((*shape, len(STATE), neurons), np.nan, np.float32)
    tagged = np.zeros((len(records), len(tags), neurons), np.bool_)
    in_cell_set = np.zeros((len(records), len(cell_sets), neurons), np.bool_)
    tag_open = np.zeros((len(records), len(tags), len(sessions)), np.bool_)
    hours = np.full(shape, np.nan)
    context = np.full(shape, "", dtype=object)
    probe = np.zeros(shape, np.bool_)
    schedules = {group: schedule(protocol, group) for group in protocol.groups}
    for a, record in enumerate(records):
        groups.append(record.group)
        numbers.append(record.animal)
        events = schedules[record.group]
        if unknown := set(record.sessions) - {session.name for session in events.sessions}:
            raise ValueError(f"group '{record.group}' has no sessions {sorted(unknown)}")
        if record.ieg.shape != (len(record.sessions), neurons):
            raise ValueError(
                f"group '{record.group}', animal {record.animal} has activity of shape "
                f"{record.ieg.shape}, not {(len(record.sessions), neurons)}"
            )
        for i, name in enumerate(record.sessions):
            s, freezing, valence = (
                place[name],
                record.freezing_by_moment[i],
                record.valence_by_moment[i],
            )
            by_moment[a, s] = freezing, valence
            by_session["freezing"][a, s] = freezing.mean(dtype=np.float64)
            by_session["valence_negative"][a, s] = valence[:, 0].mean(dtype=np.float64)
            by_session["valence_positive"][a, s] = valence[:, 1].mean(dtype=np.float64)
            by_neuron["ieg"][a, s] = record.ieg[i]
            by_neuron["rate"][a, s] = record.rate[i]
            strength[a, s], state[a, s] = record.strength[i], record.state[i]
        for t, tag in enumerate(tags):
            if tag in record.tags:
                tagged[a, t] = record.tags[tag]
        for c, cell_set in enumerate(cell_sets):
            if cell_set in record.cell_sets:
                in_cell_set[a, c] = record.cell_sets[cell_set]
        windows = [event for event in events.events if isinstance(event, TagWindow)]
        for session in events.sessions:
            if session.name not in record.sessions:
                continue
            i = place[session.name]
            hours[a, i], probe[a, i] = session.start_hours, session.probe
            context[a, i] = session.context
            for window in windows:
                # A probe runs on a copy of the animal: it labels nothing.
                if (
                    not session.probe
                    and window.start_hours <= session.start_hours < window.end_hours
                ):
                    tag_open[a, tags.index(window.name), i] = True

    moments = max((freezing.size for freezing, _ in by_moment.values()), default=0)
    freezing_by_moment = np.full((*shape, moments), np.nan, np.float32)
    valence_by_moment = np.full((*shape, moments, 2), np.nan, np.float32)
    for (a, s), (freezing, valence) in by_moment.items():
        freezing_by_moment[a, s, : freezing.size] = freezing
        valence_by_moment[a, s, : len(valence)] = valence
    region, population = neuron_names(brain)
    percent, share = {"units": "percent"}, {"units": "1"}
    dataset = xr.Dataset(
        {
            "freezing": (("animal", "session"), by_session["freezing"], percent),
            "freezing_by_moment": (
                ("animal", "session", "moment"),
                freezing_by_moment,
                {**percent, "moment_minutes": MOMENT_MINUTES},
            ),
            "valence_negative": (("animal", "session"), by_session["valence_negative"], share),
            "valence_positive": (("animal", "session"), by_session["valence_positive"], share),
            "valence_by_moment": (
                ("animal", "session", "moment", "half"),
                valence_by_moment,
                {**share, "moment_minutes": MOMENT_MINUTES},
            ),
            "neuron_state": (("animal", "session", "state", "neuron"), state),
            "ieg": (("animal", "session", "neuron"), by_neuron["ieg"], share),
            "rate": (("animal", "session", "neuron"), by_neuron["rate"], share),
            "tagged": (("animal", "tag", "neuron"), tagged),
            "tag_open": (("animal", "tag", "session"), tag_open),
            "in_cell_set": (("animal", "cell_set", "neuron"), in_cell_set),
            "strength": (("animal", "session", "projection"), strength[..., 0], share),
            "connectivity": (("animal", "session", "projection"), strength[..., 1], share),
            "strength_to_others": (("animal", "session", "projection"), strength[..., 2], share),
        },
        coords={
            "group": ("animal", _texts(groups)),
            "animal_number": ("animal", np.array(numbers, np.int64)),
            "session": _texts(sessions),
            "hours": (("animal", "session"), hours, {"units": "h"}),
            "context": (("animal", "session"), _texts(context.tolist())),
            "probe": (("animal", "session"), probe),
            "region": ("neuron", region),
            "population": ("neuron", population),
            "half": ["negative", "positive"],
            "state": list(STATE),
            "tag": _texts(tags),
            "cell_set": _texts(cell_sets),
            "from_tag": (
                "cell_set",
                np.array([_from_tag(protocol, c) for c in cell_sets], np.bool_),
            ),
            "projection": _texts([projection.name for projection in brain.projections]),
        },
        attrs=dict(attrs or {}),
    )
    had = sorted({s for _, s in by_moment})  # all, unless records are those of some groups alone
    return dataset if len(had) == len(sessions) else dataset.isel(session=had)


def sessions_in_order(protocol: Protocol) -> list[str]:
    """Names of all groups' sessions in the order of the engine: at one hour probes come first."""
    steps = [step for step in protocol.timeline if isinstance(step, SessionStep)]
    steps.sort(key=lambda step: (step.start_hours, not step.probe))
    return list(dict.fromkeys(step.name for step in steps))


def _from_tag(protocol: Protocol, cell_set: str) -> bool:
    """Whether membership of a cell set was decided by a tag (not its size alone)."""
    match protocol.cells[cell_set]:
        case TaggedCells():
            return True
        case AsManyCells(outside=str() as outside):
            return _from_tag(protocol, outside)
    return False


def neuron_names(brain: Brain) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Region and population (or an empty text) of every neuron, in order."""
    region = np.repeat(
        [region.name for region in brain.regions], [region.cells for region in brain.regions]
    )
    population = np.full(region.size, "", dtype=object)
    start = 0
    for part in brain.regions:
        for name, (first, end) in part.populations.items():
            population[start + first : start + end] = name
        start += part.cells
    return region, _texts(population.tolist())


def digest(data: xr.Dataset) -> str:
    """Sixteen hex digits over all coordinates and variables; attributes do not count.

    It is the same for a dataset and for the dataset loaded back from its file, and differs
    whenever one bit of one value differs.
    """
    total = hashlib.sha256()
    for name in sorted(str(name) for name in data.variables):
        variable = data.variables[name]
        values = np.asarray(variable.values)
        if values.dtype.kind in "OUT":
            content = json.dumps(values.astype(np.str_).tolist()).encode()
            kind = "text"
        else:
            content = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
            kind = values.dtype.str[1:]
        head = [name, kind, [str(dim) for dim in variable.dims], values.shape]
        total.update(json.dumps(head).encode() + b"\0" + content + b"\0")
    return total.hexdigest()[:16]


def _texts(values: Sequence[str] | Sequence[Sequence[str]]) -> NDArray[np.str_]:
    return np.array(values, np.str_)
