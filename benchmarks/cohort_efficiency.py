"""How well a cohort uses several cores.

    python benchmarks/cohort_efficiency.py [--animals 48] [--workers 2] [--rounds 3]

Three figures, because machines are seldom quiet; 1 is perfect:

- wall: animals a second of W workers over W times those of one. What a user waits for, but right
  only where nothing else runs (the load is printed).
- cpu: processor time of one process over that of all processes together. It leaves out waiting for
  a core that others use, but not that others slow the memory down.
- useful: processor time inside animals over that of all processes together: what handing out,
  pickling and collecting cost. It does not depend on what else runs.

All are of the animals beyond the first quarter (difference of a long and a short cohort): starting
the workers costs processor time once, which is printed beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from typing import Any, NamedTuple

from engramlab.brain import Brain
from engramlab.cohort.cohort import Cohort, Job, run_jobs
from engramlab.engine.animal import run_animal
from engramlab.protocol import load_protocol


class Cost(NamedTuple):
    """Seconds of a cohort: on the wall, of all processors, of those inside animals."""

    wall: float
    processor: float
    inside: float


def timed(*animal: Any) -> tuple[Any, float]:
    """An animal's record, and the processor time it took."""
    begun = time.thread_time()
    return run_animal(*animal), time.thread_time() - begun


def cost(animals: int, workers: int) -> Cost:
    """What a cohort of two groups costs."""
    from cohort_efficiency import timed  # workers find it by this name, not as __main__

    def spent() -> float:
        used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in used)

    cohort = Cohort(load_protocol("contextual-fear"), animals, 1, Brain())
    jobs = [Job(cohort, name) for name in cohort.names()]
    wall, processor, inside = time.perf_counter(), spent(), 0.0
    run_one: Any = timed
    for _, result in run_jobs(jobs, len(jobs), workers, run_one):
        if isinstance(result, Exception):
            raise result
        found: Any = result
        inside += found[1]
    return Cost(time.perf_counter() - wall, spent() - processor, inside)


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description="Efficiency of a cohort on several cores.")
    parser.add_argument("--animals", type=int, default=48, help="animals a group, of two groups")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    few, many = given.animals // 4, given.animals
    cost(1, 1)  # compiles and imports
    rounds, loads = [], []
    for _ in range(given.rounds):
        loads.append(os.getloadavg()[0])
        one = [cost(few, 1), cost(many, 1)]
        all_ = [cost(few, given.workers), cost(many, given.workers)]
        alone = Cost(*(b - a for a, b in zip(*one, strict=True)))
        together = Cost(*(b - a for a, b in zip(*all_, strict=True)))
        rounds.append(
            {
                "wall": alone.wall / (given.workers * together.wall),
                "cpu": alone.processor / together.processor,
                "useful": together.inside / together.processor,
                "seconds_an_animal": alone.inside / (2 * (many - few)),
                "start_cpu_seconds": all_[1].processor - together.processor * many / (many - few),
            }
        )
    median = {name: round(statistics.median(r[name] for r in rounds), 3) for name in rounds[0]}
    found = {
        "workers": given.workers,
        "cores": len(os.sched_getaffinity(0)),
        "median": median,
        "rounds": [{name: round(value, 3) for name, value in r.items()} for r in rounds],
        "load": [round(load, 2) for load in loads],
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
