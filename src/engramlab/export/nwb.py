"""NWB 2: a file an animal and session, in folders as DANDI has them.

Core types of pynwb 4 only. Behaviour by moments of 30 s is in the module ``behavior``, what the
animal met in tables of intervals, its neurons (region, tags, activity in this session) in the table
``neurons``. A virtual recording is a `RoiResponseSeries` of the cells in view, whose column
``cell_id`` names the same cell in all sessions.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engramlab.export.animals import (
    MOMENT_SECONDS,
    Animal,
    SessionOf,
    about,
    animals_of,
    meaning,
    neuron_table,
    sessions_of,
)
from engramlab.export.recording import Recording
from engramlab.importers.importer import library
from engramlab.record import Experiment, staged
from engramlab.record.table import regions

SPECIES = "Mus musculus"
WAVELENGTHS_NM = (910.0, 510.0)  # of the virtual microscope: two-photon excitation, GFP
Progress = Callable[[int, int], None]


def export_nwb(
    experiment: Experiment,
    folder: str | Path,
    *,
    recording: Recording | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Write ``sub-ANIMAL/sub-ANIMAL_ses-SESSION.nwb`` for every virtual animal and session.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path
    recording : Recording, optional
        Also a virtual calcium recording of each session.
    on_progress : callable, optional
        Called with numbers of animals: done, all.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataError
        When pynwb is not installed.
    ParameterError
        When the recording makes no sense.
    OutputError
        When the files cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    pynwb = library("pynwb", "nwb", folder)
    if recording is not None:
        recording.check(regions(experiment.data))
    animals = animals_of(experiment)
    with staged(folder) as place:
        for done, animal in enumerate(animals):
            (place / f"sub-{animal.label}").mkdir()
            for session in sessions_of(experiment, animal):
                file = _file(experiment, animal, session, recording)
                name = f"sub-{animal.label}/sub-{animal.label}_ses-{session.label}.nwb"
                with pynwb.NWBHDF5IO(str(place / name), "w") as io:
                    io.write(file)
            if on_progress is not None:
                on_progress(done + 1, len(animals))
    return folder


def _file(
    experiment: Experiment, animal: Animal, session: SessionOf, recording: Recording | None
) -> Any:
    from pynwb import NWBFile
    from pynwb.file import Subject

    run = experiment.provenance
    kind = (
        "a test on a copy of the animal, which does not know of it" if session.probe else "session"
    )
    identity = f"{run['digest']} {animal.label} {session.label} {recording}"
    file = NWBFile(
        session_description=f"{session.name}: {session.plan.minutes:g} min in context "
        f"{session.context}, {session.hours:g} h after 9:00 on day 0 ({kind})",
        identifier=str(uuid.uuid5(uuid.NAMESPACE_URL, f"engramlab:{identity}")),
        session_start_time=session.start,
        session_id=session.label,
        experiment_description=experiment.protocol.title or experiment.protocol.name,
        keywords=["virtual animal", "simulation", "engram", "memory"],
        institution="none: a computer simulation",
        lab="none: a computer simulation",
        experimenter=["engramlab, simulation"],
        notes=about(experiment),
        protocol=experiment.protocol.to_yaml(),
        data_collection=json.dumps(
            {key: run[key] for key in ("version", "seed", "command", "digest", "brain")}
        ),
    )
    file.subject = Subject(
        subject_id=animal.label,
        species=SPECIES,
        sex="U",
        age="P90D/",
        age__reference="birth",
        description=f"virtual animal {animal.number} of group '{animal.group}': simulated, not a "
        "mouse; it has no sex and no age but that of an adult",
    )
    _add_behaviour(file, session)
    _add_stimuli(file, session)
    _add_neurons(file, neuron_table(animal, session))
    if recording is not None:
        _add_recording(file, animal, session, recording, int(run["seed"]))
    return file


def _add_behaviour(file: Any, session: SessionOf) -> None:
    from pynwb import TimeSeries

    module = file.create_processing_module("behavior", "read-outs of behaviour by moments of 30 s")
    moments = session.moments()
    for name in ("freezing", "valence_negative", "valence_positive"):
        description, unit = meaning(name)
        module.add(
            TimeSeries(
                name=name,
                data=moments[name].to_numpy(np.float32),
                unit="a.u." if unit == "1" else unit,
                rate=1.0 / MOMENT_SECONDS,
                starting_time=0.0,
                description=f"{description}, a value every {MOMENT_SECONDS:g} s",
            )
        )


def _add_stimuli(file: Any, session: SessionOf) -> None:
    """A table of intervals a stimulus; the epoch of the whole session tells the context."""
    from pynwb.epoch import TimeIntervals

    file.add_epoch_column("context", "the place where the animal was")
    file.add_epoch(start_time=0.0, stop_time=session.seconds, tags=[session.name],
                   context=session.context)  # fmt: skip
    stimuli = session.stimuli()
    for (kind, name), rows in stimuli.groupby(["kind", "name"], sort=False):
        unit = str(rows["unit"].iloc[0])
        title = str(kind) if kind == name else f"{kind}_{name}"
        what = f"'{name}', as the protocol calls it" if kind != name else "as the protocol says"
        table = TimeIntervals(name=title, description=f"{kind}: {what}")
        table.add_column("value", f"strength [{'relative' if unit == '1' else unit}]")
        for row in rows.to_dict(orient="records"):
            table.add_row(
                start_time=row["onset"],
                stop_time=row["onset"] + row["duration"],
                value=row["value"],
            )
        file.add_time_intervals(table)


def _add_neurons(file: Any, neurons: pd.DataFrame) -> None:
    from hdmf.common import DynamicTable, VectorData

    columns = [
        VectorData(name=name, description=_described(name), data=neurons[name].to_numpy())
        for name in map(str, neurons)
        if name != "neuron" and not (neurons[name] == "").all()
    ]
    file.add_acquisition(
        DynamicTable(
            name="neurons",
            description="every neuron of the virtual brain, with its activity in this session",
            id=neurons["neuron"].tolist(),
            columns=columns,
        )
    )


def _described(column: str) -> str:
    description, unit = meaning(column)
    return (
        f"{description} [0 to 1]"
        if column in ("peak", "rate")
        else description + (f" [{unit}]" if unit not in ("", "1") else "")
    )


def _add_recording(
    file: Any, animal: Animal, session: SessionOf, recording: Recording, seed: int
) -> None:
    from pynwb.ophys import (
        Fluorescence,
        ImageSegmentation,
        OpticalChannel,
        PlaneSegmentation,
        RoiResponseSeries,
    )

    cells = recording.field(animal, seed)
    device = file.create_device(name="microscope", description="a virtual microscope")
    plane = file.create_imaging_plane(
        name="plane",
        optical_channel=OpticalChannel(
            name="green", description="virtual indicator", emission_lambda=WAVELENGTHS_NM[1]
        ),
        description=f"{cells.size} cells of {recording.region}, drawn at random, without a place",
        device=device,
        excitation_lambda=WAVELENGTHS_NM[0],
        imaging_rate=recording.frame_rate_Hz,
        indicator="virtual",
        location=recording.region,
    )
    table = PlaneSegmentation(
        name="cells", description="cells in view; a mask of one pixel each", imaging_plane=plane
    )
    table.add_column("cell_id", "number of the neuron, the same in all sessions of the animal")
    for place, cell in enumerate(cells):
        table.add_roi(pixel_mask=[(place, 0, 1.0)], cell_id=int(cell))
    module = file.create_processing_module("ophys", "a virtual calcium recording")
    fluorescence = Fluorescence()
    module.add([ImageSegmentation(plane_segmentations=[table]), fluorescence])
    series = RoiResponseSeries(
        name="fluorescence",
        data=recording.traces(animal, session, cells, seed),
        rois=table.create_roi_table_region("all cells in view", region=list(range(cells.size))),
        unit="a.u.",
        rate=recording.frame_rate_Hz,
        starting_time=0.0,
        description="virtual recording: random events in proportion to each cell's mean activity "
        "in the session and its liveliness, decaying transients, noise. Its course in time is "
        "chance, not the model's",
    )
    fluorescence.add_roi_response_series(series)
