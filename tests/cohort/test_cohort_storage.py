"""An animal's file: the same bits back, or an error; never something else."""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cohort_stubs import quick
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engramlab.brain import Brain
from engramlab.cohort.storage import DamagedAnimalError, load_animal, run_digest, save_animal
from engramlab.engine.animal_record import STATE, AnimalRecord
from engramlab.errors import OutputError
from engramlab.protocol import Protocol

DIGEST = "0123456789abcdef"


def bits(record: AnimalRecord) -> object:
    """Everything in a record, floats by their bits (nan equals nan, -0 differs from 0)."""

    def plain(value: object) -> object:
        if isinstance(value, np.ndarray):
            return value.dtype.str, value.shape, value.tobytes()
        if isinstance(value, dict):
            return [(name, plain(item)) for name, item in value.items()]
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return value

    return [plain(getattr(record, field.name)) for field in dataclasses.fields(record)]


@pytest.fixture
def saved(tmp_path: Path, protocol: Protocol) -> tuple[AnimalRecord, Path]:
    record = quick(protocol, "fear", 3, 1, Brain())
    path = tmp_path / "animals" / "fear-3.npz"
    save_animal(record, path, DIGEST)
    return record, path


def test_a_saved_animal_comes_back_bit_for_bit(saved: tuple[AnimalRecord, Path]) -> None:
    record, path = saved
    assert bits(load_animal(path, DIGEST)) == bits(record)
    assert [file.name for file in path.parent.iterdir()] == ["fear-3.npz"]


def test_ctrl_c_while_an_animal_is_kept_waits_until_it_is(
    tmp_path: Path, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, path, write = quick(protocol, "fear", 3, 1, Brain()), tmp_path / "a.npz", np.savez

    def interrupted(file: Any, **arrays: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        write(file, **arrays)

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_animal(record, path, DIGEST)
    assert bits(load_animal(path, DIGEST)) == bits(record)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_off_file_is_damaged(saved: tuple[AnimalRecord, Path], share: float) -> None:
    _, path = saved
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DamagedAnimalError, match="fear-3"):
        load_animal(path, DIGEST)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_flipped_bit_is_found_or_harmless(
    saved: tuple[AnimalRecord, Path], data: st.DataObject
) -> None:
    record, path = saved
    whole = path.read_bytes()
    content = bytearray(whole)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        path.write_bytes(content)
        read = load_animal(path, DIGEST)
    except DamagedAnimalError:
        pass
    else:
        assert bits(read) == bits(record)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("field", "shape"),
    [
        ("state", (2, len(STATE) - 1, 11)),
        ("state", (2, len(STATE), 10)),
        ("state", (1, len(STATE), 11)),
        ("strength", (1, 3, 3)),
        ("rate", (2, 10)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_damage(
    tmp_path: Path, protocol: Protocol, field: str, shape: tuple[int, ...]
) -> None:
    record = quick(protocol, "fear", 3, 1, Brain())
    changes: dict[str, Any] = {field: np.zeros(shape, np.float32)}
    odd = dataclasses.replace(record, **changes)
    save_animal(odd, tmp_path / "fear-3.npz", DIGEST)
    with pytest.raises(DamagedAnimalError, match="do not fit"):
        load_animal(tmp_path / "fear-3.npz", DIGEST)


def test_valence_has_two_halves_in_every_moment(tmp_path: Path, protocol: Protocol) -> None:
    record = quick(protocol, "fear", 3, 1, Brain())
    first, second = record.valence_by_moment
    for odd in ((first[:-1], second), (first, second[:, :1])):
        save_animal(
            dataclasses.replace(record, valence_by_moment=odd), tmp_path / "fear-3.npz", DIGEST
        )
        with pytest.raises(DamagedAnimalError, match="do not fit"):
            load_animal(tmp_path / "fear-3.npz", DIGEST)


def test_pickled_content_is_never_executed(tmp_path: Path) -> None:
    path = tmp_path / "evil.npz"
    np.savez(path, about=np.array([object()], dtype=object))
    with pytest.raises(DamagedAnimalError):
        load_animal(path, DIGEST)


def test_an_animal_of_another_run_is_refused(saved: tuple[AnimalRecord, Path]) -> None:
    with pytest.raises(OutputError, match="another run"):
        load_animal(saved[1], "another digest")


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "animals" / "fear-0.npz"
    with pytest.raises(OutputError, match=r"(?s)fear-0\.npz.*No space left.*allowed"):
        save_animal(quick(protocol, "fear", 0, 1, Brain()), path, DIGEST)
    assert list(path.parent.iterdir()) == []


def test_the_digest_tells_runs_apart(protocol: Protocol) -> None:
    brain = Brain()
    others = [
        run_digest(protocol.model_copy(update={"title": "other"}), 1, brain),
        run_digest(protocol, 2, brain),
        run_digest(protocol, 1, brain.without("replay")),
    ]
    assert len({run_digest(protocol, 1, brain), *others}) == 4
    assert run_digest(protocol, 1, Brain()) == run_digest(protocol, 1, brain)
