"""Cohorts on a Dask cluster of separate processes: the same bits, deaths, bounds, Ctrl-C."""

from __future__ import annotations

import gc
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import cohort_stubs
import dask
import distributed
import pytest
from test_cohort_storage import bits

import engramlab as lab
from engramlab.brain import Brain
from engramlab.cohort import WorkersLostError, cluster, run_cohort, run_cohorts
from engramlab.cohort.cluster import NoWorkersWarning
from engramlab.cohort.cohort import Cohort
from engramlab.cohort.pool import AHEAD
from engramlab.cohort.worker import WorkersDifferError
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import ParameterError, ProtocolError
from engramlab.evidence import chosen, score
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.studies.jobs import Job, job_runner

BRAIN = Brain()
ENGRAMLAB = Path(sys.executable).with_name("engramlab")
WORKERS, THREADS = 2, 2  # processes, and threads in each: both run animals side by side
DEATHS = 1  # of workers, for which an animal is forgiven


@contextmanager
def cluster_of(workers: int, **options: Any) -> Iterator[Any]:
    start: Any = distributed.LocalCluster
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}),
        start(
            n_workers=workers, threads_per_worker=THREADS, dashboard_address=":0", **options
        ) as local,
    ):
        yield local


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a cluster of two worker processes, each with a nanny that replaces it."""
    with pytest.MonkeyPatch.context() as patch:
        # Inherited by the workers, which live as long as all these tests.
        patch.setenv(cohort_stubs.TRACES, str(tmp_path_factory.mktemp("traces")))
        with cluster_of(WORKERS) as local:
            yield local.scheduler_address


@pytest.fixture
def traces() -> Path:
    """Emptied folder in which stubs leave one file a call."""
    folder = Path(os.environ[cohort_stubs.TRACES])
    for trace in folder.iterdir():
        trace.unlink()
    return folder


def test_a_cluster_gives_the_same_bits(protocol: Protocol, scheduler: str) -> None:
    """Of the engine itself, not a stand-in."""
    here, there = (
        run_cohort(protocol, animals=3, seed=5, workers=workers, brain=BRAIN)
        for workers in (1, scheduler)
    )
    assert [bits(record) for record in there] == [bits(record) for record in here]


def test_several_cohorts_come_back_whole(protocol: Protocol, scheduler: str) -> None:
    cohorts = [Cohort(protocol, animals, seed, BRAIN) for animals, seed in ((3, 1), (1, 2), (2, 1))]
    here, there = (
        dict(run_cohorts(cohorts, workers=workers, run_one=cohort_stubs.quick))
        for workers in (1, scheduler)
    )
    assert sorted(there) == sorted(here) == [0, 1, 2]
    for number, records in there.items():
        expected = here[number]
        assert isinstance(records, list)
        assert isinstance(expected, list)
        assert [bits(record) for record in records] == [bits(record) for record in expected]


def test_a_killed_worker_costs_only_its_own_animals(
    protocol: Protocol, scheduler: str, traces: Path
) -> None:
    there = run_cohort(
        protocol,
        animals=12,
        workers=scheduler,
        brain=BRAIN,
        run_one=cohort_stubs.killed_on_a_cluster,
    )
    here = run_cohort(protocol, animals=12, workers=1, brain=BRAIN, run_one=cohort_stubs.quick)
    assert [bits(record) for record in there] == [bits(record) for record in here]
    ran_in = defaultdict(list)
    for trace in traces.glob("*-*-*"):
        animal, _, process = trace.name.rpartition("-")
        ran_in[animal].append(int(process))
    again = {animal: processes for animal, processes in ran_in.items() if len(processes) > 1}
    assert len(ran_in) == 24
    assert again
    assert all(any(not alive(process) for process in processes) for processes in again.values())
    assert len(again) <= AHEAD * WORKERS * THREADS  # finished ones were safe


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_animal_that_kills_worker_after_worker_ends_the_run(protocol: Protocol) -> None:
    with (
        cluster_of(WORKERS) as local,
        pytest.raises(WorkersLostError, match=r"(?s)killed.*memory") as caught,
    ):
        run_cohort(
            protocol,
            animals=3,
            workers=local.scheduler_address,
            brain=BRAIN,
            run_one=cohort_stubs.deadly,
        )
    assert any("it was to run group" in note for note in caught.value.__notes__)


def test_a_users_error_comes_back_from_a_cluster(protocol: Protocol, scheduler: str) -> None:
    with pytest.raises(ProtocolError, match=r"(?s)group '.*light on 'engram'.*longer tag window"):
        run_cohort(
            protocol, animals=2, workers=scheduler, brain=BRAIN, run_one=cohort_stubs.impossible
        )


def most_held(protocol: Protocol, animals: int, workers: str | int, folder: Path) -> int:
    """Most records that were in memory at a time, when each goes to a file."""
    counts = []

    def held() -> int:
        return sum(isinstance(one, AnimalRecord) for one in gc.get_objects())

    def count(done: int, _total: int) -> None:
        if done % 16 == 5:  # looking at all objects takes long
            counts.append(held())

    before = held()
    records = run_cohort(
        protocol,
        animals=animals,
        workers=workers,
        brain=BRAIN,
        folder=folder,
        on_progress=count,
        run_one=cohort_stubs.quick,
    )
    assert len(records) == 2 * animals == len(list(folder.glob("animals/*.npz")))
    assert len(counts) > 1
    return max(counts) - before


@pytest.mark.parametrize("where", ["cluster", "here"])
def test_memory_does_not_grow_with_the_cohort(
    protocol: Protocol, scheduler: str, tmp_path: Path, where: str
) -> None:
    workers = scheduler if where == "cluster" else 1
    bound = AHEAD * WORKERS * THREADS + 1 if where == "cluster" else 2
    for animals in (20, 100):
        assert most_held(protocol, animals, workers, tmp_path / str(animals)) <= bound


LONG = """\
engramlab: 1
name: long
contexts: {A: {}}
groups: {shock: {}}
timeline:
  - {do: session, name: training, at_days: 0, context: A, minutes: 3}
  - {do: session, name: test, at_days: 28, context: A, minutes: 3}
"""


def test_ctrl_c_and_resume_on_a_cluster_give_the_bits_of_an_undisturbed_run_here(
    scheduler: str, tmp_path: Path
) -> None:
    folder, path = tmp_path / "stopped", tmp_path / "long.yaml"
    path.write_text(LONG)
    words = ["run", str(path), "--animals", "40", "--scheduler", scheduler, "--out", str(folder)]
    run = subprocess.Popen([ENGRAMLAB, *words], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not list(folder.glob("animals/*.npz")) and time.monotonic() < end:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 130, errors
    assert "Traceback" not in errors
    assert "of 40 animals are done and kept" in errors
    from click.testing import CliRunner

    from engramlab.cli import main

    done = CliRunner().invoke(main, ["resume", str(folder), "--scheduler", scheduler, "--json"])
    assert done.exit_code == 0, done.output
    assert not (folder / "animals").exists()
    plan = Experiment.load(folder)
    records = run_cohort(plan.protocol, animals=40, seed=1, workers=1, brain=BRAIN)
    here = Experiment.from_records(records, plan.protocol, BRAIN, 1)
    assert plan.provenance["digest"] == here.provenance["digest"]


def test_a_sweep_and_a_scorecard_say_the_same_on_a_cluster(scheduler: str, tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text(LONG)
    here, there = (
        lab.sweep(
            path, sobol=["forget_tau_hippocampus_days"], samples=2, animals=2, workers=workers
        )
        for workers in (1, scheduler)
    )
    assert here.table.equals(there.table)
    findings = chosen(("kim1992",))
    first, second = (
        [outcome.to_dict() for outcome in score(findings, animals=2, workers=workers, strict=False)]
        for workers in (1, scheduler)
    )
    assert first == second
    with job_runner(scheduler) as run_all:
        [[result]] = run_all([Job("full", BRAIN, tuple(findings), seed=1, animals=2)])
    assert result.passed == first[0]["passed"]


def test_the_schedulers_file_will_do(protocol: Protocol, scheduler: str, tmp_path: Path) -> None:
    path = tmp_path / "scheduler.json"
    path.write_text(json.dumps({"address": scheduler}))
    records = run_cohort(
        protocol, animals=1, workers=str(path), brain=BRAIN, run_one=cohort_stubs.quick
    )
    assert len(records) == 2


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1", "missing.json"])
def test_no_scheduler_there_is_said(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    with pytest.raises(ParameterError, match=rf"(?s){address}.*does not answer.*allowed: the addr"):
        run_cohort(protocol, animals=1, workers=address, brain=BRAIN)


def test_a_cluster_without_workers_is_said(protocol: Protocol) -> None:
    said: list[str] = []
    with cluster_of(0, processes=False) as empty:

        def hear(message: Warning | str, *_: object, **__: object) -> None:
            if isinstance(message, NoWorkersWarning):
                said.append(str(message))
                empty.scale(1)

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = hear
            records = run_cohort(
                protocol,
                animals=1,
                workers=empty.scheduler_address,
                brain=BRAIN,
                run_one=cohort_stubs.quick,
            )
    assert len(records) == 2
    assert [text.partition(" has ")[2] for text in said] == [
        "no workers; work waits until one joins"
    ]


def test_workers_of_another_version_are_refused(
    protocol: Protocol, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each piece of work, as workers may join late."""
    monkeypatch.setattr(cluster, "identity", lambda: "engramlab 9, engine 0")
    with pytest.raises(WorkersDifferError, match=r"(?s)worker on .* has .*; this is engramlab 9"):
        run_cohort(protocol, animals=1, workers=scheduler, brain=BRAIN, run_one=cohort_stubs.quick)


class Bare:
    """A cluster whose second worker has no engramlab."""

    def run_on_scheduler(self, function: Callable[[str], str], name: str) -> str:
        return function(name)

    def run(self, function: Callable[[str], str], name: str, on_error: str) -> dict[str, object]:
        return {"a": function(name), "b": PackageNotFoundError(name)}


def test_workers_without_engramlab_are_named_before_anything_is_sent() -> None:
    with pytest.raises(WorkersDifferError, match=r"(?s)worker b: has no engramlab; .*environment"):
        cluster._check_installed(Bare())


def test_workers_here_or_there_not_both(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from engramlab.cli import main

    words = ["run", "contextual-fear", "--workers", "2", "--scheduler", "x:1"]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "o")])
    assert done.exit_code == 2
    assert "give one of them" in done.output
    assert shutil.which("dask", path=str(Path(sys.executable).parent))  # as docs/clusters.md says


ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore:Port 8787")
def test_the_slurm_example_asks_for_what_it_says() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "slurm_cluster.py"))
    with example["make_cluster"]() as cluster_of_jobs:
        script = cluster_of_jobs.job_script()
    for line in ("#SBATCH -p short", "#SBATCH -A my-lab", "#SBATCH --cpus-per-task=16"):
        assert line in script
        assert line in (ROOT / "docs" / "clusters.md").read_text()
    assert "source ~/engramlab/.venv/bin/activate" in script
    assert "--nthreads 1" in script
    assert "--nworkers 16" in script
    assert "--lifetime 110m" in script
