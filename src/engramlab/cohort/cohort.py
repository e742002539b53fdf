"""Groups x animals over workers: the same bits whatever their number and wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, MutableMapping, Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, overload

from engramlab.cohort.pool import Workers, WorkersLostError, done_by, open_pool
from engramlab.cohort.size import check_size
from engramlab.errors import EngramlabError, InputError, Problem

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.engine.animal_record import AnimalRecord
    from engramlab.protocol import Protocol

Name = tuple[str, int]  # of an animal: its group, and its number there
RunAnimal = Callable[["Protocol", str, int, int, "Brain"], "AnimalRecord"]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Animals to be run: `animals` in each group of `protocol`."""

    protocol: Protocol
    animals: int
    seed: int
    brain: Brain

    def names(self) -> list[Name]:
        """Group and number of every animal, in order."""
        return [(group, n) for group in self.protocol.groups for n in range(self.animals)]


class Job(NamedTuple):
    """One animal to be run; `number` says of which of several cohorts."""

    cohort: Cohort
    name: Name
    number: int = 0

    def arguments(self) -> tuple[Protocol, str, int, int, Brain]:
        """What a `RunAnimal` takes."""
        return (self.cohort.protocol, *self.name, self.cohort.seed, self.cohort.brain)


class AnimalError(RuntimeError):
    """The simulation of one animal failed: a fault of engramlab, not of the user."""


def run_cohort(
    protocol: Protocol,
    *,
    animals: int = 12,
    seed: int = 1,
    workers: Workers = None,
    brain: Brain,
    folder: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_start: Callable[[], None] | None = None,
    run_one: RunAnimal | None = None,
) -> Sequence[AnimalRecord]:
    """Run every animal of every group.

    Parameters
    ----------
    protocol : Protocol
    animals : int
        Animals in each group.
    seed : int
        Seed of the cohort; an animal depends on it, its group's name and its number alone.
    workers : int or str, optional
        Worker processes, each with one thread; default all usable cores. With 1 everything
        runs in this process. Or the address of a Dask scheduler (``tcp://host:8786``, or its
        scheduler file) whose workers run the animals. The results do not depend on it.
    brain : Brain
    folder : Path, optional
        Results folder: each finished animal is kept in ``animals/`` there, and those found there
        are not run again. Memory then holds a few animals, however many there are.
    on_progress : callable, optional
        Called with (animals done, animals in all) at the start and after each animal.
    on_start : callable, optional
        Called once, when workers have been started: what begins threads, which `on_progress` may
        do as well, is better done here than before (`engramlab.cohort.pool.can_fork`).
    run_one : callable, optional
        What runs one animal; default `engramlab.engine.run_animal`.

    Returns
    -------
    sequence of AnimalRecord
        Groups in the order of the protocol, animals by number; with `folder` each is read from its
        file when it is asked for.

    Raises
    ------
    ParameterError
        For numbers of animals or workers that make no sense, or a scheduler that does not answer.
    ProtocolError
        When an animal shows the protocol to be impossible (light on an empty tag).
    OutputError
        When a finished animal cannot be kept, or `folder` holds animals of another run.
    AnimalError
        When the simulation of an animal fails; names its group, number and key.
    WorkersLostError
        When a worker process of this machine is killed; on a cluster, when several were while they
        ran one animal.
    """
    check_size(protocol, animals)
    cohort = Cohort(protocol, animals, seed, brain)
    names = cohort.names()
    done: MutableMapping[Name, AnimalRecord] = {}
    if folder is not None:
        from engramlab.cohort.storage import KeptAnimals, run_digest

        done = KeptAnimals(folder, names, run_digest(protocol, seed, brain))
    jobs = [Job(cohort, name) for name in names if name not in done]

    def begin() -> None:
        if on_progress:
            on_progress(len(done), len(names))
        if on_start:
            on_start()

    with closing(run_jobs(jobs, len(jobs), workers, run_one, begin)) as results:
        for job, result in results:
            done[job.name] = record_of(job, result)
            if on_progress:
                on_progress(len(done), len(names))
    return _InOrder(done, names)


class _InOrder(Sequence["AnimalRecord"]):
    """Records by place: looked up when asked for."""

    def __init__(self, records: Mapping[Name, AnimalRecord], names: list[Name]) -> None:
        self._records, self._names = records, names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> AnimalRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[AnimalRecord]: ...
    def __getitem__(self, place: int | slice) -> AnimalRecord | Sequence[AnimalRecord]:
        if isinstance(place, slice):
            return _InOrder(self._records, self._names[place])
        return self._records[self._names[place]]


Results = Generator[tuple[Job, "AnimalRecord | Exception"], None, None]


def run_jobs(
    jobs: Iterable[Job],
    total: int,
    workers: Workers = None,
    run_one: RunAnimal | None = None,
    on_start: Callable[[], object] = lambda: None,
) -> Results:
    """Run animals, each where a worker is free; close the generator to end the workers at once.

    Parameters
    ----------
    jobs : iterable of Job
        Read as workers become free.
    total : int
        How many jobs there are at most.
    workers, run_one
        As in `run_cohort`.
    on_start : callable, optional
        As in `engramlab.cohort.pool.open_pool`.

    Yields
    ------
    job : Job
    result : AnimalRecord or Exception
        Hand both to `record_of`.

    Raises
    ------
    ParameterError
        For a number of workers that makes no sense, a scheduler that does not answer.
    WorkersLostError
        When a worker process is killed before the first animal.
    """
    tasks: Callable[[], Sequence[Callable[[], None]]] = tuple
    if run_one is None or run_one.__module__.startswith("engramlab."):
        from engramlab.engine.animal import run_animal
        from engramlab.engine.compiling import tasks_left

        run_one, tasks = run_one or run_animal, tasks_left
    if not total:
        workers = 1  # nothing to do: no one is started or asked
    with open_pool(workers, total, tasks, on_start) as pool:
        yield from done_by(pool, run_one, jobs, Job.arguments)


def record_of(job: Job, result: AnimalRecord | Exception) -> AnimalRecord:
    """The record that a job gave; what went wrong is raised again, naming the animal.

    Raises
    ------
    InputError, AnimalError, WorkersLostError
        As in `run_cohort`.
    """
    if isinstance(result, Exception):
        _fail(result, *job.name, job.cohort.seed)
    return result


def _fail(error: Exception, group: str, animal: int, seed: int) -> NoReturn:
    """Raise `error` again, naming the animal."""
    from engramlab.randomness import derive_key

    who = f"group '{group}', animal {animal}"
    if isinstance(error, InputError):
        raise type(error)(
            [Problem(f"{who}: {p.where}", p.what, p.allowed) for p in error.problems]
        ) from error
    if isinstance(error, EngramlabError):
        if isinstance(error, WorkersLostError) and not isinstance(error.__cause__, CancelledError):
            error.add_note(f"it was to run {who}, perhaps beside others")
        raise error
    key = derive_key(seed, group, animal)
    raise AnimalError(f"{who} (key {key:#018x}, seed {seed}): {error!r}") from error
