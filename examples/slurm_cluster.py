"""A sweep on a SLURM cluster; run it on the login node: python examples/slurm_cluster.py.

Needs: pip install 'engramlab[cluster]'. Queue, account, hours and memory are your site's matter.
"""

from __future__ import annotations

from dask_jobqueue import SLURMCluster

import engramlab as lab


def make_cluster() -> SLURMCluster:
    """One job of this kind is one node's worth of workers, one a core."""
    return SLURMCluster(
        queue="short",
        account="my-lab",
        walltime="02:00:00",
        cores=16,
        processes=16,  # one animal at a time in each: results do not depend on it, speed does
        memory="32GB",
        # The same environment on the nodes as here; every worker's versions are checked.
        job_script_prologue=["source ~/engramlab/.venv/bin/activate"],
        worker_extra_args=["--lifetime", "110m", "--lifetime-stagger", "5m"],  # end before the job
    )


def main() -> None:
    """Ask for up to ten jobs, as long as there is work, and run the sweep on them."""
    with make_cluster() as cluster:
        cluster.adapt(minimum_jobs=1, maximum_jobs=10)
        found = lab.sweep(
            "contextual-fear",
            sobol={"replays_per_night": (0, 60), "forget_tau_hippocampus_days": (2, 200)},
            samples=256,
            measures=["freezing", "engram_size"],
            workers=cluster.scheduler_address,
            folder="results/slurm-sweep",  # finished points are kept here; run again to go on
            progress=True,
        )
    print(found.summary())


if __name__ == "__main__":
    main()
