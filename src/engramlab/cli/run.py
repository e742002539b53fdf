"""`engramlab run`: a protocol in, a results folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import brain_options, output_options, size_option, worker_options
from engramlab.errors import ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.brain import Brain
    from engramlab.cohort import Workers


@click.command()
@click.argument("protocol")
@click.option("--animals", default=12, show_default=True, metavar="N", help="Animals a group.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    metavar="S",
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of the cohort: the same seed gives the same bits.",
)
@worker_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New folder for the results. [default: results/NAME-seedS]",
)
@brain_options
@click.option(
    "--parameters",
    "parameters_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Parameters as a YAML file, say of 'engramlab fit'; --set goes before it.",
)
@size_option
@output_options
def command(
    protocol: str,
    animals: int,
    seed: int,
    workers: Workers,
    out: Path | None,
    without: tuple[str, ...],
    settings: tuple[str, ...],
    parameters_file: Path | None,
    size: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run PROTOCOL, a YAML file or a built-in paradigm, on cohorts of virtual animals.

    Writes the record, tidy tables, figures, report.html and provenance into a new folder.
    Ctrl-C stops cleanly; 'engramlab resume DIR' finishes the rest with the same bits.
    """
    from engramlab.cli._output import show
    from engramlab.protocol import load_protocol
    from engramlab.run_folder import Plan, begin, can_go_on, finish, new_folder

    brain = brain_of(settings, without, parameters_file).sized(size)
    plan = Plan(load_protocol(protocol), animals, seed, brain)
    folder = out or Path("results") / f"{plan.protocol.name}-seed{seed}"
    plan.check()
    with new_folder(folder, keep=lambda error: can_go_on(folder, error)):
        begin(folder, plan)
        experiment = finish(folder, plan, workers=workers, quiet=quiet)
    show(experiment, folder, as_json=as_json, quiet=quiet)


def brain_of(
    settings: tuple[str, ...], without: tuple[str, ...], parameters_file: Path | None = None
) -> Brain:
    """Make the brain that ``--set``, ``--without`` and ``--parameters`` describe.

    Raises
    ------
    ParameterError
        For a setting that is not ``PARAMETER=NUMBER``, an unknown name or a value out of range, a
        file that holds no parameters.
    """
    from engramlab.brain import Brain

    parameters: dict[str, float] = {}
    problems = []
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            number = float(value)
        except ValueError:
            problems.append(
                Problem(
                    f"--set {setting}", "is not a setting", "PARAMETER=NUMBER, e.g. boost_gain=2"
                )
            )
            continue
        if name.strip() in parameters:
            problems.append(Problem(f"--set {setting}", "is set twice", "one value"))
        parameters[name.strip()] = number
    if problems:
        raise ParameterError(problems)
    from_file = read_parameters(parameters_file) if parameters_file else {}
    return Brain.default().with_parameters({**from_file, **parameters}).without(*without)


def read_parameters(path: Path) -> dict[str, float]:
    """Read a YAML file of parameters, one ``name: value`` a line.

    Raises
    ------
    ParameterError
        When it cannot be read or holds anything else; names and ranges are the brain's matter.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    allowed = "lines such as 'boost_gain: 1.2'"
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(
            Problem(str(path), f"cannot be read: {error.strerror}", "a file you may read")
        ) from None
    except (YAMLError, ValueError) as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise ParameterError(Problem(str(path), f"is not valid YAML: {first}", allowed)) from None
    if not isinstance(content, dict) or not content:
        raise ParameterError(Problem(str(path), "holds no parameters", allowed))
    wrong = [
        Problem(f"{path}, '{name}'", f"has the value {value!r}", "a number")
        for name, value in content.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    ]
    if wrong:
        raise ParameterError(wrong)
    return {str(name): float(value) for name, value in content.items()}
