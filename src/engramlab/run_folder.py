"""The life of a results folder: begun, filled animal by animal, finished or gone on with.

Order on disk: ``protocol.yaml`` and ``provenance.json`` (``status: running``), then
``animals/*.npz``, then record, tables, figures and report, then ``status: complete``; ``animals/``
goes last. So a folder tells at any moment how far it is, and `engramlab resume` can go on.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from engramlab.errors import OutputError, ParameterError, Problem, ProtocolError

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.cohort import Workers
    from engramlab.protocol import Protocol
    from engramlab.record import Experiment


@dataclass(frozen=True)
class Plan:
    """All that decides the bits of a run."""

    protocol: Protocol
    animals: int
    seed: int
    brain: Brain

    def check(self) -> None:
        """Find what can be found wrong before anything is run or written.

        Raises
        ------
        ParameterError
            For too many animals, or a group with an unknown mechanism or parameter.
        """
        from engramlab.cohort import check_size

        check_size(self.protocol, self.animals)
        problems = []
        for name, group in self.protocol.groups.items():
            try:
                self.brain.with_parameters(group.parameters).without(*group.without)
            except ParameterError as error:
                problems += [
                    Problem(f"{self.protocol.name}, group '{name}', {p.where}", p.what, p.allowed)
                    for p in error.problems
                ]
        if problems:
            raise ParameterError(problems)


@contextmanager
def new_folder(
    folder: Path, keep: Callable[[BaseException], bool] = lambda error: False
) -> Iterator[None]:
    """Let the body fill a new folder; if it fails, take away all that was made.

    Parameters
    ----------
    folder : Path
    keep : callable, optional
        Says of an error of the body that what is there is of use.

    Raises
    ------
    OutputError
        When `folder` exists with something in it.
    """
    refuse_existing(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException as error:
        if not keep(error):
            for path in folder.iterdir() if folder.exists() else ():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            with suppress(OSError):  # not empty: another run came to share a parent
                for path in made:
                    path.rmdir()
        raise


def begin(folder: Path, plan: Plan) -> None:
    """Write what `engramlab resume` needs to know.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    from engramlab.record import describe_run, staged, write_provenance

    with staged(folder) as place:
        (place / "protocol.yaml").write_text(plan.protocol.to_yaml(), encoding="utf-8")
    run = describe_run(
        plan.protocol, plan.brain, animals=plan.animals, seed=plan.seed, status="running"
    )
    write_provenance(folder, run)


def can_go_on(folder: Path, error: BaseException) -> bool:
    """Whether a run that ended with `error` can be resumed (an impossible protocol cannot)."""
    return kept_animals(folder) > 0 and not isinstance(error, ProtocolError)


def refuse_existing(folder: Path) -> None:
    """Make sure that a command may write into `folder`.

    Raises
    ------
    OutputError
        When it has something in it or cannot be read.
    """
    try:
        taken = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise OutputError(
            Problem(
                str(folder),
                f"cannot hold results ({error.strerror})",
                "a new folder (--out DIR)",
            )
        ) from error
    if taken:
        raise OutputError(
            Problem(
                str(folder),
                "exists already and is not empty; nothing in it was touched",
                f"a new folder (--out DIR); 'engramlab resume {folder}' if a run was stopped "
                "there; or delete it first",
            )
        )


def kept_animals(folder: Path) -> int:
    """Number of finished animals in an unfinished results folder."""
    return len(list(folder.glob("animals/*.npz")))


def reopen(folder: Path) -> tuple[Plan, bool]:
    """Read the plan of a results folder, and whether it is complete.

    Raises
    ------
    OutputError
        When it is no results folder or was begun by another version of engramlab.
    ProtocolError
        When its protocol was changed to something invalid.
    """
    from importlib.metadata import version

    from engramlab.brain import Brain
    from engramlab.protocol import load_protocol
    from engramlab.record import read_provenance

    provenance = read_provenance(folder)
    try:
        brain = Brain.default().with_parameters(provenance["brain"]["changed"])
        brain = brain.without(*provenance["brain"]["switched_off"])
        brain = brain.sized(provenance["brain"].get("size", "standard"))
        begun_by, complete = provenance["version"], provenance["status"] == "complete"
        animals, seed = int(provenance["animals"]), int(provenance["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutputError(
            Problem(
                str(folder / "provenance.json"), f"is damaged ({error!r})", "run the protocol again"
            )
        ) from error
    if not complete and begun_by != version("engramlab"):
        raise OutputError(
            Problem(
                str(folder),
                f"was begun by engramlab {begun_by}; this is {version('engramlab')}, which may "
                "give other bits",
                f"engramlab {begun_by} to go on, or a new run into another folder",
            )
        )
    return Plan(load_protocol(folder / "protocol.yaml"), animals, seed, brain), complete


def _load() -> None:
    """Load what comes after the animals, a second and a half of imports, while they are run."""
    import_module("engramlab.report")
    xarray = import_module("xarray")
    xarray.Variable((), 0.0)  # with its first array it loads Dask, if that is there


def finish(folder: Path, plan: Plan, *, workers: Workers, quiet: bool) -> Experiment:
    """Run the animals that are not there yet, then write everything else.

    On Ctrl-C or an error that resuming can mend, the exception gets a note that says how.
    """
    from engramlab.cohort import run_cohort
    from engramlab.cohort.pool import processes_here
    from engramlab.cohort.progress import animals_bar

    loading = threading.Thread(target=_load)
    try:
        with animals_bar(quiet=quiet) as progress:
            records = run_cohort(
                plan.protocol,
                animals=plan.animals,
                seed=plan.seed,
                workers=workers,
                brain=plan.brain,
                folder=folder,
                on_progress=progress,
                on_start=loading.start,
            )
        loading.join()
        from engramlab.record import Experiment
        from engramlab.report import write_report

        experiment = Experiment.from_records(records, plan.protocol, plan.brain, plan.seed)
        write_report(
            experiment,
            folder,
            processes=processes_here(workers),
            meanwhile=lambda: experiment.file,
        )
        experiment.save(folder)  # last: it marks the folder complete
    except (Exception, KeyboardInterrupt) as error:
        if loading.is_alive():
            loading.join()  # imports fail, and say so, while Python ends
        if can_go_on(folder, error):
            total = plan.animals * len(plan.protocol.groups)
            error.add_note(
                f"{kept_animals(folder)} of {total} animals are done and kept; go on with: "
                f"engramlab resume {folder}"
            )
        raise
    shutil.rmtree(folder / "animals")
    return experiment
