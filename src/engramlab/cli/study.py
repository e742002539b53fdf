"""`engramlab study`: three open questions of the field, put to the model."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engramlab.cli._options import brain_options, output_options, worker_options
from engramlab.errors import OutputError, Problem

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.cohort import Workers
    from engramlab.studies.question import Answer

RESULT = "study.json"
FORMAT = 1
LIBRARIES = ("numpy", "scipy", "statsmodels", "numba")
IDENTITY = ("format", "study", "version", "engine", "seed", "animals", "brain", "points")


@click.group()
def command() -> None:
    """Put an open question of the field to the model and write a page that answers it."""


def _options(animals: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that every study has."""
    options = (
        click.option(
            "--animals",
            default=animals,
            show_default=True,
            type=click.IntRange(2, 1000),
            metavar="N",
            help="Animals; the same go through every arm.",
        ),
        click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1)),
        worker_options,
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="New folder for the results. [default: results/study-NAME-seedS]",
        ),
        brain_options,
        output_options,
    )

    def add(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


@command.command("molecular-link")
@_options(12)
def molecular_link(**options: Any) -> None:
    """How CREB, IEG, chromatin, protein and capture relate to the strength of synapses.

    Probes read every neuron from half an hour to a week after training; correlations, lagged and
    partial, say what goes together, arms in which a link is cut or forced what depends on it.
    """
    _run("molecular-link", **options)


@command.command()
@_options(12)
def membership(**options: Any) -> None:
    """Who enters and who leaves an engram in four weeks, and what foretells it.

    Hazard models of exit and entry are fitted to two thirds of the animals and judged on the rest.
    """
    _run("membership", **options)


@command.command()
@_options(6)
@click.option(
    "--points",
    default=24,
    show_default=True,
    type=click.IntRange(4, 4096),
    metavar="N",
    help="Brains beside the default; cost is in proportion.",
)
def tradeoff(**options: Any) -> None:
    """Retention against updating while lability, replay, turnover and inhibition vary.

    Where the default brain stands to the Pareto front. Ctrl-C stops; the same command goes on with
    the brains that are not done.
    """
    _run("tradeoff", **options)


def _run(
    study: str,
    *,
    animals: int,
    seed: int,
    workers: Workers,
    out: Path | None,
    without: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    points: int | None = None,
) -> None:
    from engramlab.cli._output import print_json
    from engramlab.cli.run import brain_of
    from engramlab.cohort.progress import animals_bar
    from engramlab.report.studies import write_study
    from engramlab.run_folder import new_folder
    from engramlab.studies.question import Setting

    brain = brain_of(settings, without)
    folder = out or Path("results") / f"study-{study}-seed{seed}"
    header = _header(study, animals, seed, brain, points)
    goes_on = _begun(folder, header)
    asked = import_module(f"engramlab.studies.{study.replace('-', '_')}").study
    if points is not None:
        asked = partial(asked, points=points)
    keep = partial(_worth_keeping, folder)
    with nullcontext() if goes_on else new_folder(folder, keep=keep):
        if not goes_on:
            _write(folder, header)
        try:
            with animals_bar(quiet=quiet) as progress:
                answer: Answer = asked(Setting(animals, seed, brain, workers, folder, progress))
            report = write_study(study, answer, header, folder)
        except (Exception, KeyboardInterrupt) as error:
            if keep(error):
                error.add_note(f"what is done is kept in {folder}; the same command goes on there")
            raise
    if as_json:
        print_json({**_read(folder), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(answer.summary())
        click.echo(f"\nreport: {report}")


def _worth_keeping(folder: Path, _: BaseException) -> bool:
    """Whether something is there that the same command can go on from."""
    from engramlab.studies.tradeoff import FILE

    return (folder / FILE).exists()


def _header(
    study: str, animals: int, seed: int, brain: Brain, points: int | None
) -> dict[str, Any]:
    """Where the results come from: enough to judge them, cite them and make them again."""
    from engramlab.kernel import sources_digest

    words = ["engramlab", "study", study, "--animals", str(animals), "--seed", str(seed)]
    if points is not None:
        words += ["--points", str(points)]
    for name, value in brain.changed:
        words += ["--set", f"{name}={value!r}"]
    for name in brain.switched_off:
        words += ["--without", name]
    return {
        "format": FORMAT,
        "status": "running",
        "study": study,
        "version": version("engramlab"),
        "engine": sources_digest(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(words),
        "seed": seed,
        "animals": animals,
        "points": points,
        "brain": {
            "digest": brain.digest(),
            "changed": dict(brain.changed),
            "switched_off": list(brain.switched_off),
        },
        "software": {
            "python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
        "platform": platform.platform(),
    }


def _write(folder: Path, header: dict[str, Any]) -> None:
    from engramlab.record import staged

    with staged(folder) as place:
        (place / RESULT).write_text(json.dumps(header, indent=2) + "\n", encoding="utf-8")


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(
            Problem(str(folder / RESULT), f"cannot be read ({error})", "a new folder (--out)")
        ) from error
    return dict(found) if isinstance(found, dict) else {}


def _begun(folder: Path, header: dict[str, Any]) -> bool:
    """Whether the folder holds an unfinished part of the same study.

    Raises
    ------
    OutputError
        When it holds another study, or this one complete.
    """
    if not (folder / RESULT).exists():
        return False
    found = _read(folder)
    other = [name for name in IDENTITY if found.get(name) != header[name]]
    if other:
        raise OutputError(
            Problem(
                str(folder),
                f"holds another study (different {', '.join(other)}); nothing in it was touched",
                "a new folder (--out FOLDER), or delete this one first",
            )
        )
    if found.get("status") == "complete":
        raise OutputError(
            Problem(
                str(folder),
                f"holds this study, complete: see {folder / 'report.html'}",
                "a new folder (--out FOLDER) to run it again",
            )
        )
    return True
