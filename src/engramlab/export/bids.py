"""A folder laid out as BIDS has it: participants, sessions, behaviour and events as TSV with JSON.

BIDS (bids-specification.readthedocs.io, 1.10) knows behaviour (``beh``) but no simulated neurons,
so those are a derivative. Hence "BIDS-like": the names of raw files are valid, what is in them is
not of real animals, and every description says so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from engramlab.export.animals import (
    MOMENT_SECONDS,
    about,
    animals_of,
    labels,
    meaning,
    neuron_table,
    sessions_of,
)
from engramlab.record import Experiment, staged

BIDS_VERSION = "1.10.0"
NEURONS = "derivatives/engramlab"


def export_bids(experiment: Experiment, folder: str | Path) -> Path:
    """Write a BIDS-like data set.

    ``participants.tsv``, for each animal ``sub-X_sessions.tsv``, for each session
    ``sub-X_ses-Y_task-Z_beh.tsv`` (a row a moment) and ``_events.tsv`` (shocks, cues, light), with
    JSON files that describe every column; neurons under ``derivatives/engramlab``.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    ParameterError
        When names of groups or sessions differ in nothing but signs that BIDS does not allow.
    """
    folder = Path(folder)
    task = labels([experiment.protocol.name], "protocol")[experiment.protocol.name]
    animals = animals_of(experiment)
    with staged(folder) as place:
        _describe(place, experiment, task)
        participants = pd.DataFrame(
            {
                "participant_id": [f"sub-{animal.label}" for animal in animals],
                "species": "mus musculus",
                "group": [animal.group for animal in animals],
                "animal": [animal.number for animal in animals],
            }
        )
        _tsv(participants, place / "participants.tsv")
        for animal in animals:
            sessions = sessions_of(experiment, animal)
            sub = f"sub-{animal.label}"
            (place / sub).mkdir()
            _tsv(
                pd.DataFrame(
                    {
                        "session_id": [f"ses-{session.label}" for session in sessions],
                        "name": [session.name for session in sessions],
                        "hours": [session.hours for session in sessions],
                        "context": [session.context for session in sessions],
                        "probe": [str(session.probe).lower() for session in sessions],
                    }
                ),
                place / sub / f"{sub}_sessions.tsv",
            )
            for session in sessions:
                stem = f"{sub}_ses-{session.label}_task-{task}"
                beh = place / sub / f"ses-{session.label}" / "beh"
                beh.mkdir(parents=True)
                _tsv(session.moments(), beh / f"{stem}_beh.tsv")
                events = session.stimuli()
                events = events.assign(trial_type=events["kind"])
                order = ["onset", "duration", "trial_type", "name", "value", "unit"]
                _tsv(events[order], beh / f"{stem}_events.tsv")
                cells = place / NEURONS / sub / f"ses-{session.label}"
                cells.mkdir(parents=True)
                _tsv(neuron_table(animal, session), cells / f"{stem}_desc-neurons_beh.tsv.gz")
    return folder


def _describe(place: Path, experiment: Experiment, task: str) -> None:
    run, protocol = experiment.provenance, experiment.protocol
    generated = [{"Name": "engramlab", "Version": run["version"], "Description": about(experiment)}]
    head: dict[str, Any] = {
        "Name": protocol.title or protocol.name,
        "BIDSVersion": BIDS_VERSION,
        "GeneratedBy": generated,
        "License": "CC0",
    }
    _json(head | {"DatasetType": "raw"}, place / "dataset_description.json")
    derived = place / NEURONS
    derived.mkdir(parents=True)
    _json(
        head | {"Name": "Neurons of the virtual animals", "DatasetType": "derivative"},
        derived / "dataset_description.json",
    )
    columns = neuron_table(animals_of(experiment)[0])
    states = [str(name) for name in experiment.data["state"].values]
    _json(
        {name: _column(str(name)) for name in [*columns, "peak", "rate", *states]},
        derived / f"task-{task}_desc-neurons_beh.json",
    )
    (place / "README.md").write_text(
        f"# {protocol.title or protocol.name}\n\n{protocol.description}\n\n{about(experiment)}\n\n"
        "The layout follows BIDS. A session marked as probe ran on a copy of the animal, so that\n"
        "several may stand at one hour. Neurons are in derivatives/engramlab.\n",
        encoding="utf-8",
    )
    _json(
        {
            "species": {"Description": "species that is modelled; the animals are virtual"},
            "group": {"Description": "group of the protocol", "Levels": _groups(experiment)},
            "animal": {"Description": "number within the group, from 0"},
        },
        place / "participants.json",
    )
    task_head = {"TaskName": protocol.name, "TaskDescription": protocol.title or protocol.name}
    moments = ("onset", "duration", "freezing", "valence_negative", "valence_positive")
    _json(
        task_head | {name: _column(name) for name in moments} | {"MomentSeconds": MOMENT_SECONDS},
        place / f"task-{task}_beh.json",
    )
    _json(
        task_head
        | {
            "trial_type": {
                "Description": "what the animal met",
                "Levels": {
                    "shock": "foot shock",
                    "reward": "reward",
                    "cue": "a cue such as a tone",
                    "light_drive": "light that drives the cells of the set in 'name'",
                    "light_silence": "light that silences them",
                },
            },
            "name": {"Description": "name in the protocol: of the cue, or the lit set of cells"},
            "value": {"Description": "strength, in the unit of the column 'unit'"},
            "unit": {"Description": "mA, or 1 for on"},
        },
        place / f"task-{task}_events.json",
    )


def _groups(experiment: Experiment) -> dict[str, str]:
    return {name: group.title or name for name, group in experiment.protocol.groups.items()}


def _column(name: str) -> dict[str, str]:
    description, unit = meaning(name)
    return {"Description": description} | ({"Units": unit} if unit else {})


def _tsv(table: pd.DataFrame, path: Path) -> None:
    yes_no: dict[str, Any] = {
        str(name): table[name].map({True: "true", False: "false"})
        for name in table
        if table[name].dtype == bool
    }
    table = table.assign(**yes_no)
    gzip = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
    table.replace("", "n/a").to_csv(
        path, sep="\t", index=False, na_rep="n/a", float_format="%.6g", compression=gzip
    )


def _json(content: dict[str, Any], path: Path) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
