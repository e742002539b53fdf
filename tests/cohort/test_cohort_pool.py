"""Cohorts over worker processes: order, resumption, failures, ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cohort_stubs
import pytest
from test_cohort_storage import bits

from engramlab.brain import Brain
from engramlab.cohort import AnimalError, WorkersLostError, run_cohort
from engramlab.cohort.pool import open_pool
from engramlab.cohort.storage import DamagedAnimalWarning
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import ParameterError, ProtocolError
from engramlab.protocol import Protocol
from engramlab.randomness import derive_key

BRAIN = Brain()


def test_results_do_not_depend_on_workers_or_on_who_finishes_first(protocol: Protocol) -> None:
    alone = run_cohort(
        protocol, animals=3, seed=5, workers=1, brain=BRAIN, run_one=cohort_stubs.quick
    )
    together = run_cohort(
        protocol, animals=3, seed=5, workers=3, brain=BRAIN, run_one=cohort_stubs.last_first
    )
    names = [(record.group, record.animal) for record in together]
    assert names == [(group, n) for group in ("fear", "no-shock") for n in range(3)]
    assert [bits(record) for record in together] == [bits(record) for record in alone]


def test_progress_counts_every_animal_once(protocol: Protocol) -> None:
    seen: list[tuple[int, int]] = []
    run_cohort(
        protocol,
        animals=2,
        workers=2,
        brain=BRAIN,
        on_progress=lambda done, total: seen.append((done, total)),
        run_one=cohort_stubs.quick,
    )
    assert seen == [(done, 4) for done in range(5)]


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux only")
def test_workers_are_forks_unless_another_thread_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort_stubs, "learned", ["much"])
    here = threading.Event()
    thread = threading.Thread(target=here.wait)
    alone = threading.active_count() == 1
    # The thread is begun as a progress bar's is: once there are workers.
    with open_pool(2, on_start=thread.start) as pool:
        assert pool.submit(cohort_stubs.what_is_learned).result() == (["much"] if alone else [])
    try:
        with open_pool(2) as pool:
            assert pool.submit(cohort_stubs.what_is_learned).result() == []
    finally:
        here.set()
        thread.join()


def test_finished_animals_are_not_run_again(
    protocol: Protocol, tmp_path: Path, traces: Path
) -> None:
    def run() -> Sequence[AnimalRecord]:
        return run_cohort(
            protocol,
            animals=2,
            workers=1,
            brain=BRAIN,
            folder=tmp_path / "out",
            run_one=cohort_stubs.traced,
        )

    first = run()
    (tmp_path / "out" / "animals" / "no-shock-1.npz").unlink()
    for trace in traces.iterdir():
        trace.unlink()
    assert [bits(record) for record in run()] == [bits(record) for record in first]
    assert [trace.name.rpartition("-")[0] for trace in traces.iterdir()] == ["no-shock-1"]


def test_a_damaged_animal_is_run_again_with_a_warning(protocol: Protocol, tmp_path: Path) -> None:
    def run() -> Sequence[AnimalRecord]:
        return run_cohort(
            protocol, animals=2, workers=1, brain=BRAIN, folder=tmp_path, run_one=cohort_stubs.quick
        )

    first = run()
    path = tmp_path / "animals" / "fear-1.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(DamagedAnimalWarning, match=r"fear-1\.npz is damaged.*run again"):
        again = run()
    assert [bits(record) for record in again] == [bits(record) for record in first]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_animal_is_named(protocol: Protocol, workers: int) -> None:
    key = f"{derive_key(7, 'fear', 1):#018x}"
    with pytest.raises(AnimalError, match=f"(?s)'fear', animal 1.*{key}.*no synapses") as caught:
        run_cohort(
            protocol,
            animals=2,
            seed=7,
            workers=workers,
            brain=BRAIN,
            run_one=cohort_stubs.faulty,
        )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_error_keeps_its_class_and_problems(protocol: Protocol, workers: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        run_cohort(
            protocol, animals=2, workers=workers, brain=BRAIN, run_one=cohort_stubs.impossible
        )
    places = [problem.where for problem in caught.value.problems]
    assert [place.partition(": ")[2] for place in places] == ["light on 'engram'", "session 'x'"]
    assert all(place.startswith("group '") for place in places)
    assert caught.value.problems[0].allowed == "a longer tag window"


def test_a_killed_worker_is_said_and_the_rest_can_be_run(
    protocol: Protocol, tmp_path: Path, traces: Path
) -> None:
    def run() -> Sequence[AnimalRecord]:
        return run_cohort(
            protocol,
            animals=4,
            workers=2,
            brain=BRAIN,
            folder=tmp_path,
            run_one=cohort_stubs.killed_once,
        )

    with pytest.raises(WorkersLostError, match="killed"):
        run()
    expected = run_cohort(protocol, animals=4, workers=1, brain=BRAIN, run_one=cohort_stubs.quick)
    assert [bits(record) for record in run()] == [bits(record) for record in expected]


@pytest.mark.parametrize(("animals", "workers"), [(0, 1), (-1, 1), (10**9, 1), (1, 0)])
def test_senseless_numbers_are_refused(protocol: Protocol, animals: int, workers: int) -> None:
    with pytest.raises(ParameterError, match=r"(?s)animals|workers.*allowed"):
        run_cohort(
            protocol, animals=animals, workers=workers, brain=BRAIN, run_one=cohort_stubs.quick
        )


SCRIPT = """
import sys
from pathlib import Path
import cohort_stubs
from engramlab.brain import Brain
from engramlab.cohort import run_cohort
from engramlab.protocol import load_protocol
# No 'if __name__ == "__main__"': scientists' scripts have none.
records = run_cohort(
    load_protocol(sys.argv[1]), animals=2, workers=2, brain=Brain(),
    run_one=getattr(cohort_stubs, sys.argv[2]),
)
print(len(records), "animals")
"""


@pytest.fixture
def script(tmp_path: Path, protocol: Protocol, traces: Path) -> Callable[[str], list[str]]:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return lambda stub: [sys.executable, str(path), str(tmp_path / "small.yaml"), stub]


def environment() -> dict[str, str]:
    path = [str(Path(cohort_stubs.__file__).parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def test_a_script_without_main_guard_runs_once(script: Callable[[str], list[str]]) -> None:
    done = subprocess.run(
        script("quick"), env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("4 animals\n", "", 0)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie, whom nobody has reaped yet, does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_run(
    script: Callable[[str], list[str]], traces: Path, end: signal.Signals
) -> None:
    run = subprocess.Popen(script("slow"), env=environment(), stderr=subprocess.PIPE, text=True)
    assert wait_for(lambda: len(list(traces.glob("begun-*"))) == 2)
    workers = [int(trace.name.rpartition("-")[2]) for trace in traces.glob("begun-*")]
    run.send_signal(end)
    _, errors = run.communicate(timeout=60)
    assert wait_for(lambda: not any(alive(pid) for pid in workers), 20)
    # The script itself does not catch Ctrl-C; no worker adds a traceback to its one.
    assert errors.count("Traceback") == (end == signal.SIGINT)
