"""Several cohorts through one set of workers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from engramlab.cohort.cohort import Cohort, Job, Name, RunAnimal, record_of, run_jobs
from engramlab.cohort.pool import Workers
from engramlab.cohort.size import check_size
from engramlab.errors import InputError

if TYPE_CHECKING:
    from engramlab.engine.animal_record import AnimalRecord


def run_cohorts(
    cohorts: Sequence[Cohort],
    *,
    workers: Workers = None,
    on_progress: Callable[[int, int], None] | None = None,
    run_one: RunAnimal | None = None,
) -> Generator[tuple[int, list[AnimalRecord] | InputError], None, None]:
    """Run cohorts through the same workers, which start and compile once.

    They are begun in order and given out as soon as their last animal is done, so few are in
    memory at a time whatever their number. Close the iterator to end the workers early.

    Parameters
    ----------
    cohorts : sequence of Cohort
    workers, run_one
        As in `run_cohort`.
    on_progress : callable, optional
        Called with (animals done, animals in all) at the start and after each animal.

    Yields
    ------
    number : int
        Index of the cohort in `cohorts`.
    records : list of AnimalRecord, or InputError
        As `run_cohort` returns them; or why this cohort cannot be run, which stops no other.

    Raises
    ------
    ParameterError
        For numbers of animals or workers that make no sense.
    AnimalError, WorkersLostError
        As in `run_cohort`.
    """
    failed: set[int] = set()
    done: dict[int, dict[Name, AnimalRecord]] = {}
    sizes = [len(cohort.names()) for cohort in cohorts]
    finished, total = 0, sum(sizes)

    def jobs() -> Iterator[Job]:
        for number, cohort in enumerate(cohorts):
            check_size(cohort.protocol, cohort.animals)
            # Asked anew for each animal: one that cannot be run spares the others of its cohort.
            yield from (Job(cohort, n, number) for n in cohort.names() if number not in failed)

    def begin() -> None:
        if on_progress:
            on_progress(finished, total)

    with closing(run_jobs(jobs(), total, workers, run_one, begin)) as results:
        for job, result in results:
            number = job.number
            if number in failed:
                continue
            records = done.setdefault(number, {})
            try:
                records[job.name] = record_of(job, result)
            except InputError as error:
                failed.add(number)
                finished += sizes[number] - len(done.pop(number))
                yield number, error
            else:
                finished += 1
                if len(records) == sizes[number]:
                    yield number, [done[number][name] for name in job.cohort.names()]
                    del done[number]
            if on_progress:
                on_progress(finished, total)
