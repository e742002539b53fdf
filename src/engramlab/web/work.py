"""One piece of work in a process of its own: ``python -m engramlab.web.work``.

Reads one line of JSON from standard input that says what to do, and writes lines of JSON:
``{"done": n, "total": n}`` while it goes on, ``{"problems": [...]}`` when it cannot be done. When
its input ends, it stops as on Ctrl-C, so that what is finished is kept.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engramlab.errors import EngramlabError

if TYPE_CHECKING:
    from engramlab.cohort import Workers


def run(folder: Path, workers: Workers) -> None:
    """Finish a run that was begun: the command line's own way."""
    from engramlab.run_folder import finish, reopen

    plan, complete = reopen(folder)
    if not complete:
        finish(folder, plan, workers=workers, quiet=True)


def evaluate(
    folder: Path,
    only: list[str],
    animals: int | None,
    seed: int,
    without: list[str],
    parameters: dict[str, float],
    workers: Workers,
) -> None:
    """Score findings, as ``engramlab evaluate`` does."""
    from engramlab.brain import Brain
    from engramlab.evidence import chosen, score
    from engramlab.report.scorecard import write_scorecard

    brain = Brain.default().with_parameters(parameters).without(*without)
    outcomes = score(
        chosen(tuple(only)),
        animals=animals,
        seed=seed,
        workers=workers,
        brain=brain,
        strict=False,
        on_progress=progress,
    )
    write_scorecard(outcomes, folder, brain=brain)


def ablate(folder: Path, only: list[str], animals: int | None, seed: int, workers: Workers) -> None:
    """Score findings without each mechanism, as ``engramlab ablate`` does."""
    from engramlab.ablation_folder import finish
    from engramlab.brain import Brain
    from engramlab.evidence import chosen
    from engramlab.studies.ablation import AblationPlan, mechanisms_named

    brain = Brain.default()
    findings = tuple(chosen(tuple(only)))
    plan = AblationPlan(findings, mechanisms_named((), brain), brain, seed, animals)
    finish(plan, folder, workers=workers, quiet=True, on_progress=progress)


KINDS: dict[str, Callable[..., None]] = {"run": run, "evaluate": evaluate, "ablate": ablate}


def say(**content: Any) -> None:
    """Write one line for the server."""
    print(json.dumps(content), flush=True)


def progress(done: int, total: int) -> None:
    """Tell the server how far this is."""
    say(done=done, total=total)


def _stop_with_input() -> None:
    """Interrupt this process when its input ends, and end it soon after."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> int:
    """Do what the first line of the input says; the exit code is 0 when it is done."""
    from engramlab.web.answers import ProblemAnswer, problems_in

    warnings.simplefilter("ignore")
    told = json.loads(sys.stdin.readline())
    work = KINDS[told.pop("kind")]
    threading.Thread(target=_stop_with_input, daemon=True).start()
    told["folder"] = Path(told["folder"])
    try:
        work(**told)
    except EngramlabError as error:
        say(problems=[problem.model_dump() for problem in problems_in(error)])
        return 2
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        say(
            problems=[ProblemAnswer(what="not enough memory", allowed="fewer animals").model_dump()]
        )
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the thread that waits for the input would hold the process
