"""One finished animal as a file: what `engramlab resume` goes on from.

A file is an ``.npz`` with one JSON text ``about`` and plain arrays, so it is read without
executing anything (``allow_pickle=False``); the zip's checksums show damage. It carries the digest
of the run it belongs to, so animals of another run are never mixed in.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
import zipfile
from collections.abc import Iterable, Iterator, MutableMapping
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.format import read_array
from numpy.typing import NDArray

from engramlab.cohort.interrupts import interrupts_held
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.errors import OutputError, Problem
from engramlab.kernel import sources_digest

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.protocol import Protocol

FORMAT = 2


class DamagedAnimalError(Exception):
    """An animal's file that cannot be read back whole; the animal has to be run again."""


class DamagedAnimalWarning(UserWarning):
    """A finished animal's file was damaged and the animal is run again."""


class KeptAnimals(MutableMapping[tuple[str, int], AnimalRecord]):
    """Animals of one run by group and number, each in a file: memory holds none of them.

    Parameters
    ----------
    folder : Path
        Results folder. What an earlier, interrupted run left there is found; a damaged file is
        not counted, with a `DamagedAnimalWarning`.
    names : iterable of (str, int)
        Animals to look for.
    digest : str
        The run's `run_digest`.

    Raises
    ------
    OutputError
        When the folder holds animals of another run.
    """

    def __init__(self, folder: Path, names: Iterable[tuple[str, int]], digest: str) -> None:
        self._folder, self._digest = folder, digest
        self._names = {name: None for name in names if self._whole(name)}  # a set in order

    def _whole(self, name: tuple[str, int]) -> bool:
        path = animal_path(self._folder, *name)
        if not path.exists():
            return False
        try:
            load_animal(path, self._digest)
        except DamagedAnimalError as error:
            warnings.warn(f"{error}; this animal is run again", DamagedAnimalWarning, stacklevel=4)
            return False
        return True

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: tuple[str, int]) -> AnimalRecord:
        if name not in self._names:
            raise KeyError(name)
        return load_animal(animal_path(self._folder, *name), self._digest)

    def __setitem__(self, name: tuple[str, int], record: AnimalRecord) -> None:
        save_animal(record, animal_path(self._folder, *name), self._digest)
        self._names[name] = None

    def __delitem__(self, name: tuple[str, int]) -> None:
        animal_path(self._folder, *name).unlink()
        del self._names[name]


def run_digest(protocol: Protocol, seed: int, brain: Brain) -> str:
    """Sixteen hex digits that differ whenever one animal of the run could differ.

    They cover the protocol, the seed, the brain and engramlab's compiled sources.
    """
    parts = (protocol.model_dump_json(), str(seed), brain.digest(), sources_digest())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def animal_path(folder: Path, group: str, animal: int) -> Path:
    """File of one animal in a results folder."""
    return folder / "animals" / f"{group}-{animal}.npz"


def save_animal(record: AnimalRecord, path: Path, digest: str) -> None:
    """Write one animal whole or not at all.

    Parameters
    ----------
    record : AnimalRecord
    path : Path
        ``.npz`` to write; its folder is made.
    digest : str
        The run's `run_digest`.

    Raises
    ------
    OutputError
        When the file cannot be written (disk full, no permission); nothing is left behind.
    """
    about = {
        "format": FORMAT,
        "digest": digest,
        "group": record.group,
        "animal": record.animal,
        "key": record.key,
        "sessions": list(record.sessions),
        "tags": list(record.tags),
        "cell_sets": list(record.cell_sets),
    }
    arrays: dict[str, NDArray[Any]] = {
        "about": np.array(json.dumps(about)),
        "ieg": record.ieg,
        "rate": record.rate,
        "strength": record.strength,
        "state": record.state,
    }
    for i in range(len(record.sessions)):
        arrays[f"freezing_{i}"] = record.freezing_by_moment[i]
        arrays[f"valence_{i}"] = record.valence_by_moment[i]
    arrays |= {f"tag_{i}": cells for i, cells in enumerate(record.tags.values())}
    arrays |= {f"cell_set_{i}": cells for i, cells in enumerate(record.cell_sets.values())}
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Stopped half-way, savez raises an error of its own in place of the interrupt.
        with interrupts_held():
            with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
                temporary = Path(file.name)
                # mypy: savez_compressed's other keyword, allow_pickle, is no name of ours.
                np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
    except OSError as error:
        raise OutputError(
            Problem(
                str(path),
                f"could not be written: {error.strerror or error}",
                "a folder that may be written, with free space",
            )
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def load_animal(path: Path, digest: str) -> AnimalRecord:
    """Read one animal back, bit for bit.

    Parameters
    ----------
    path : Path
    digest : str
        The `run_digest` of the run that the animal should belong to.

    Raises
    ------
    DamagedAnimalError
        When the file is not whole.
    OutputError
        When the file is whole but belongs to another run, or cannot be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            # All of it, whose checksums this compares, before anything believes a header.
            parts = {name: archive.read(name) for name in archive.namelist()}
        arrays = {
            name.removesuffix(".npy"): read_array(BytesIO(part), allow_pickle=False)
            for name, part in parts.items()
        }
        about = json.loads(str(arrays["about"]))
        if about["format"] == FORMAT and about["digest"] == digest:
            record = _record(about, arrays)
            _check(record)
            return record
    except PermissionError as error:
        raise OutputError(
            Problem(str(path), "may not be read", "give yourself permission to read it")
        ) from error
    except Exception as error:  # bytes that are not what was written can fail in any way
        raise DamagedAnimalError(f"{path} is damaged ({error})") from error
    raise OutputError(
        Problem(
            str(path),
            "belongs to another run: another protocol, seed, brain or version of engramlab",
            "choose another folder, or delete this one",
        )
    )


def _record(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> AnimalRecord:
    sessions = tuple(about["sessions"])
    return AnimalRecord(
        group=about["group"],
        animal=about["animal"],
        key=about["key"],
        sessions=sessions,
        freezing_by_moment=tuple(arrays[f"freezing_{i}"] for i in range(len(sessions))),
        valence_by_moment=tuple(arrays[f"valence_{i}"] for i in range(len(sessions))),
        ieg=arrays["ieg"],
        rate=arrays["rate"],
        tags={name: arrays[f"tag_{i}"] for i, name in enumerate(about["tags"])},
        cell_sets={name: arrays[f"cell_set_{i}"] for i, name in enumerate(about["cell_sets"])},
        strength=arrays["strength"],
        state=arrays["state"],
    )


def _check(record: AnimalRecord) -> None:
    """Raise ValueError where shapes do not fit each other."""
    sessions, neurons = record.ieg.shape
    cells = [*record.tags.values(), *record.cell_sets.values()]
    moments = [
        freezing.shape == valence.shape[:1] and valence.shape[1:] == (2,)
        for freezing, valence in zip(
            record.freezing_by_moment, record.valence_by_moment, strict=True
        )
    ]
    if not (
        len(record.sessions) == sessions == len(record.strength)
        and record.state.shape == (sessions, len(STATE), neurons)
        and record.rate.shape == (sessions, neurons)
        and all(set_of_cells.shape == (neurons,) for set_of_cells in cells)
        and all(moments)
    ):
        raise ValueError("its arrays do not fit each other")
