"""`engramlab fit`: search parameters for what published findings ask."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from engramlab.cli._main import say
from engramlab.cli._options import output_options, worker_options
from engramlab.cli.ablate import listed
from engramlab.errors import ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies import Fit, FitPlan, Target
    from engramlab.studies.search import Generation


@click.command()
@click.option(
    "--findings",
    metavar="ID,TOPIC",
    help="Findings that take part, fitted or held out. [default: all that count]",
)
@click.option("--fit-on", metavar="ID,TOPIC", help="Fit on these, hold the rest out.")
@click.option("--hold-out", metavar="ID,TOPIC", help="Hold these out, fit on the rest.")
@click.option(
    "--hold-out-share",
    type=float,
    default=0.3,
    show_default=True,
    metavar="SHARE",
    help="Without the two above: hold out this share of every topic, drawn with the seed.",
)
@click.option(
    "--parameters",
    metavar="NAME,NAME",
    help="What to fit: parameters, or mechanisms and projections for all of theirs. "
    "[default: all that no experiment gives]",
)
@click.option(
    "--start",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin from these parameters (YAML, say of an earlier fit).",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", help="Fit to scores, too.")
@click.option(
    "--columns",
    type=click.Path(path_type=Path),
    metavar="MAP.yaml",
    help="What the columns of the data mean, as for 'engramlab analyze'.",
)
@click.option("--where", multiple=True, metavar="OURS=VALUE", help="Keep only these rows of it.")
@click.option(
    "--match",
    type=click.Path(path_type=Path),
    metavar="MATCH.yaml",
    help="Which groups of the data are fitted and which only predicted, and by which groups of "
    "which protocol. Without --findings the data are all that is fitted.",
)
@click.option(
    "--against",
    default="engram-selectivity",
    show_default=True,
    metavar="PROTOCOL",
    help="Protocol whose probes are held against the data.",
)
@click.option("--training", metavar="CONTEXT", help="Context of it that is the same place.")
@click.option("--novel", metavar="CONTEXT", help="Context of it that is another place.")
@click.option(
    "--data-weight",
    type=float,
    default=1.0,
    show_default=True,
    metavar="W",
    help="As many findings the data weigh as much as.",
)
@click.option("--budget", type=float, metavar="HOURS", help="Time for all of it.")
@click.option("--generations", type=int, metavar="N", help="Most generations.")
@click.option("--population", type=int, metavar="N", help="Candidates a generation.")
@click.option(
    "--step",
    type=float,
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="Spread of the first candidates, as a share of each range.",
)
@click.option(
    "--check-seeds",
    type=int,
    default=3,
    show_default=True,
    metavar="K",
    help="Cohorts of other seeds on which start and end are compared.",
)
@click.option(
    "--animals", type=click.IntRange(2, 1000), metavar="N", help="Animals a group. [default: own]"
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@worker_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="New folder for the results. [default: results/fit-seedS]",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Go on with a stopped fit; only --budget, --generations, --workers and --scheduler may be "
    "given anew.",
)
@output_options
@click.pass_context
def command(
    context: click.Context,
    /,
    workers: Workers,
    out: Path | None,
    resume: Path | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Fit parameters of the brain to published findings or data, and report on what is held out.

    CMA-ES within each parameter's range. Ctrl-C stops; 'engramlab fit --resume FOLDER' goes on to
    the same result. Writes fit.json, parameters.yaml and report.html.
    """
    if resume is not None:
        folder, plan = resume, _reopened(context, resume, options)
    else:
        from engramlab.run_folder import refuse_existing

        folder = out or Path("results") / f"fit-seed{options['seed']}"
        refuse_existing(folder)  # before the work, not after it
        plan = _planned(context, options)
    fit = _finish(plan, folder, new=resume is None, workers=workers, quiet=quiet)
    _show(fit, folder, as_json=as_json, quiet=quiet)


def _planned(context: click.Context, options: dict[str, Any]) -> FitPlan:
    """Make the plan that the options describe."""
    from engramlab.cli.run import read_parameters
    from engramlab.evidence import chosen
    from engramlab.studies import make_plan, split_by_name, split_by_share

    split = ("findings", "fit_on", "hold_out")
    data_only = options["match"] is not None and all(options[name] is None for name in split)
    findings = [one for one in chosen(listed(options["findings"])) if one.counted]
    findings = [] if data_only else findings
    if options["match"] is not None and options["data"] is None:
        raise ParameterError(Problem("--match", "is given without data", "--data FILE with it"))
    target, prediction = _targets(context, options) if options["data"] else (None, None)
    seen = [one.id for one in findings if target and one.plan.to_yaml() == target.protocol]
    fit_on, hold_out = listed(options["fit_on"]), listed(options["hold_out"])
    fitted: tuple[str, ...]
    held: tuple[str, ...]
    if data_only:
        fitted, held = (), ()
    elif options["fit_on"] is not None or options["hold_out"] is not None:
        fitted, held = split_by_name(findings, fit_on, hold_out)
    else:
        share, seed = options["hold_out_share"], options["seed"]
        fitted, held = split_by_share(findings, share, seed, seen=seen)
    if both := sorted({*seen} & {*held}):
        raise ParameterError(
            Problem(
                f"finding '{', '.join(both)}'",
                "is held out, but runs the protocol that is fitted to the data",
                "fitting on it as well (--fit-on), or a fit without --data",
            )
        )
    start = options["start"]
    return make_plan(
        [one for one in findings if one.id in fitted],
        [one for one in findings if one.id in held],
        listed(options["parameters"]),
        start=read_parameters(start) if start else {},
        target=target,
        prediction=prediction,
        budget_hours=options["budget"],
        command=command_line(context),
        **{
            name: options[name]
            for name in (
                "data_weight",
                "generations",
                "population",
                "step",
                "check_seeds",
                "animals",
                "seed",
            )
        },
    )


def _targets(context: click.Context, options: dict[str, Any]) -> tuple[Target, Target | None]:
    """Means of the data that are fitted, and those that are predicted."""
    from engramlab.analysis import contexts_of
    from engramlab.cli.analyze import columns_of
    from engramlab.importers import read_scores
    from engramlab.protocol import load_protocol
    from engramlab.studies import matched_targets, read_match, target_of

    columns = columns_of(options["columns"], (), options["where"], {})
    if options["match"] is None:
        protocol = load_protocol(options["against"])
        contexts = contexts_of(protocol, options["training"], options["novel"])
        return target_of(read_scores(options["data"], columns), protocol, dict(contexts)), None
    given = [name for name in ("against", "training", "novel") if _given(context, name)]
    if given:
        raise ParameterError(
            [Problem(f"--{name}", "is said by --match already", "one of the two") for name in given]
        )
    match, protocol = read_match(options["match"])
    return matched_targets(read_scores(options["data"], columns), match, protocol)


def _reopened(context: click.Context, folder: Path, options: dict[str, Any]) -> FitPlan:
    """The plan of a folder, with a new end if one is given."""
    from engramlab.studies import read_plan

    plan = read_plan(folder)
    given = [name for name in options if _given(context, name)]
    problems = [
        Problem(
            "--" + name.replace("_", "-"),
            f"is what the fit in {folder} was begun with and cannot change",
            "--budget, --generations, --workers, --scheduler",
        )
        for name in given
        if name not in ("budget", "generations")
    ]
    if problems:
        raise ParameterError(problems)
    changes = {
        field: options[name]
        for name, field in (("budget", "budget_hours"), ("generations", "generations"))
        if name in given
    }
    plan = plan.model_copy(update=changes)
    plan.check()
    return plan


def _given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def command_line(context: click.Context) -> str:
    """The command that makes the fit again."""
    words = ["engramlab", str(context.info_name)]
    for option in context.command.params:
        if not option.name or not _given(context, option.name):
            continue
        if option.name in ("workers", "scheduler", "out", "as_json", "quiet"):
            continue
        value = context.params[option.name]
        for one in value if isinstance(value, tuple) else (value,):
            words += [option.opts[0], str(one)]
    return shlex.join(words)


def _finish(plan: FitPlan, folder: Path, *, new: bool, workers: Workers, quiet: bool) -> Fit:
    from contextlib import nullcontext

    from engramlab.cohort.progress import animals_bar
    from engramlab.report.fitting import write_fit_report
    from engramlab.run_folder import new_folder
    from engramlab.studies import fit
    from engramlab.studies.fitting import kept

    def tell(generation: Generation) -> None:
        if not quiet:
            best = generation.losses[generation.best]
            say(
                f"generation {generation.number}: best {best:.4f}, start "
                f"{generation.start_loss:.4f}, {generation.seconds / 60:.1f} min"
            )

    with new_folder(folder, keep=lambda _: kept(folder)) if new else nullcontext():
        plan.save(folder)
        try:
            found = fit(
                plan,
                folder,
                workers=workers,
                progress=lambda unit: animals_bar(quiet=quiet, unit=unit),
                on_generation=tell,
            )
            write_fit_report(found, folder)
        except (Exception, KeyboardInterrupt) as error:
            if kept(folder):
                error.add_note(f"what is done is kept; go on with: engramlab fit --resume {folder}")
            raise
    return found


def _show(found: Fit, folder: Path, *, as_json: bool, quiet: bool) -> None:
    import textwrap

    from engramlab.cli._output import print_json
    from engramlab.report.fitting import changes, conclusion, fit_content

    report = folder / "report.html"
    if as_json:
        print_json({**fit_content(found), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(textwrap.fill(conclusion(found), 96, break_on_hyphens=False))
        moved = [one for one in changes(found) if one.start != one.end]
        moved.sort(key=lambda one: -abs(one.places[1] - one.places[0]))
        if moved:
            click.echo("\nparameters that moved most")
        for one in moved[:10]:
            click.echo(f"  {one.name:<28} {one.start:>8.4g} -> {one.end:<8.4g} {one.unit}")
        if len(moved) > 10:
            click.echo(f"  and {len(moved) - 10} more")
        for words, fitted in (("fitted", True), ("held out", False)):
            if not found.side(fitted=fitted):
                continue
            text = f"{words}: {', '.join(one.finding for one in found.side(fitted=fitted))}"
            click.echo()
            click.echo(textwrap.fill(text, 96, subsequent_indent="  ", break_on_hyphens=False))
        click.echo(f"\nparameters: {folder / 'parameters.yaml'}\nreport: {report}")
