"""Several cohorts through one set of workers."""

from __future__ import annotations

import os
from pathlib import Path

import cohort_stubs
import pytest
from test_cohort_storage import bits

from engramlab.brain import Brain
from engramlab.cohort import AnimalError, Cohort, run_cohort, run_cohorts
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import InputError, ParameterError, ProtocolError
from engramlab.protocol import Protocol

BRAIN = Brain()


@pytest.mark.parametrize("workers", [1, 3])
def test_cohorts_are_those_of_run_cohort_whatever_the_workers(
    protocol: Protocol, workers: int
) -> None:
    cohorts = [Cohort(protocol, animals, seed, BRAIN) for animals, seed in ((3, 1), (1, 2), (2, 1))]
    found = dict(run_cohorts(cohorts, workers=workers, run_one=cohort_stubs.last_first))
    assert sorted(found) == [0, 1, 2]
    for number, cohort in enumerate(cohorts):
        alone = run_cohort(
            protocol,
            animals=cohort.animals,
            seed=cohort.seed,
            workers=1,
            brain=BRAIN,
            run_one=cohort_stubs.quick,
        )
        records = found[number]
        assert isinstance(records, list)
        assert [bits(record) for record in records] == [bits(record) for record in alone]


def test_workers_are_started_once(protocol: Protocol, traces: Path) -> None:
    cohorts = [Cohort(protocol, 2, seed, BRAIN) for seed in range(4)]
    assert len(list(run_cohorts(cohorts, workers=2, run_one=cohort_stubs.traced))) == 4
    processes = {trace.name.rpartition("-")[2] for trace in traces.iterdir()}
    assert 1 <= len(processes) <= 2
    assert str(os.getpid()) not in processes


def failing_first(
    protocol: Protocol, group: str, animal: int, seed: int, brain: Brain
) -> AnimalRecord:
    run = cohort_stubs.impossible if seed == 1 else cohort_stubs.traced
    return run(protocol, group, animal, seed, brain)


@pytest.mark.usefixtures("traces")
def test_a_cohort_that_cannot_be_run_stops_no_other(protocol: Protocol) -> None:
    seen: list[tuple[int, int]] = []
    cohorts = [Cohort(protocol, 2, 1, BRAIN), Cohort(protocol, 2, 2, BRAIN)]
    found = dict(
        run_cohorts(
            cohorts,
            workers=1,
            run_one=failing_first,
            on_progress=lambda done, total: seen.append((done, total)),
        )
    )
    assert isinstance(found[0], ProtocolError)
    assert "group 'fear', animal 0" in str(found[0])
    assert isinstance(found[1], list)
    assert len(found[1]) == 4
    assert seen == [(0, 8), (4, 8), (5, 8), (6, 8), (7, 8), (8, 8)]


def test_a_fault_of_ours_is_raised(protocol: Protocol) -> None:
    with pytest.raises(AnimalError, match="no synapses"):
        list(run_cohorts([Cohort(protocol, 2, 1, BRAIN)], workers=1, run_one=cohort_stubs.faulty))


def test_senseless_numbers_are_refused(protocol: Protocol) -> None:
    for cohort, workers in ((Cohort(protocol, 0, 1, BRAIN), 1), (Cohort(protocol, 2, 1, BRAIN), 0)):
        with pytest.raises(ParameterError, match="allowed: 1 or more"):
            list(run_cohorts([cohort], workers=workers, run_one=cohort_stubs.quick))
    assert issubclass(ParameterError, InputError)


@pytest.mark.usefixtures("traces")
def test_closing_early_runs_no_more(protocol: Protocol, traces: Path) -> None:
    results = run_cohorts(
        [Cohort(protocol, 1, seed, BRAIN) for seed in range(9)],
        workers=1,
        run_one=cohort_stubs.traced,
    )
    next(results)
    before = len(list(traces.iterdir()))
    results.close()
    assert len(list(traces.iterdir())) == before
