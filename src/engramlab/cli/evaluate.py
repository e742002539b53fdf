"""`engramlab evaluate`: the brain scored against published findings."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import brain_options, size_option, worker_options
from engramlab.errors import OutputError, Problem

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.evidence import Tally
    from engramlab.evidence.tally import Standing

WIDTH = 98
FEW = 6  # findings that are told in detail without being asked


@click.command()
@click.option("--only", metavar="ID,TOPIC", help="Only these findings (ids or topics).")
@click.option(
    "--animals", type=click.IntRange(2, 1000), metavar="N", help="Animals a group. [default: own]"
)
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), metavar="S"
)
@click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=click.IntRange(1, 100),
    metavar="K",
    help="Repeat with K seeds from --seed on; say in how many each finding holds.",
)
@worker_options
@brain_options
@size_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for scorecard.html and scorecard.json. [default: results/evaluate-S]",
)
@click.option("--details", is_flag=True, help="Print every predicate.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    only: str | None,
    animals: int | None,
    seed: int,
    seeds: int,
    workers: Workers,
    without: tuple[str, ...],
    settings: tuple[str, ...],
    size: str,
    out: Path | None,
    details: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the catalogue and say which published findings hold, with all their controls.

    Exit code 0 whether they hold or not: a failing finding is a result.
    """
    from engramlab.cli.run import brain_of
    from engramlab.cohort.progress import animals_bar
    from engramlab.evidence import Tally, chosen, score
    from engramlab.report.scorecard import scorecard_json, write_scorecard

    folder = out or Path("results") / f"evaluate-{seed}"
    _check_free(folder)
    names = tuple(part.strip() for part in (only or "").split(",") if part.strip())
    findings, brain = chosen(names), brain_of(settings, without).sized(size)
    with animals_bar(quiet=quiet) as progress:
        outcomes = score(
            findings,
            animals=animals,
            seed=seed,
            seeds=seeds,
            workers=workers,
            brain=brain,
            strict=False,
            on_progress=progress,
        )
    page, tally = write_scorecard(outcomes, folder, brain=brain), Tally.of(outcomes)
    if as_json:
        content = {**scorecard_json(tally, brain), "scorecard": str(page)}
        click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
        return
    click.echo("\n".join(_lines(tally, details or len(findings) <= FEW)))
    click.echo(f"scorecard: {page}")


def _check_free(folder: Path) -> None:
    """Refuse a folder that cannot take the scorecard, before anything is run.

    An older scorecard is replaced: it can be made again.

    Raises
    ------
    OutputError
    """
    from engramlab.report.scorecard import DATA, PAGE

    allowed = "a new folder (--out DIR), or one that holds a scorecard only"
    if folder.exists():
        if not folder.is_dir():
            raise OutputError(Problem(str(folder), "is a file", allowed))
        if {entry.name for entry in folder.iterdir()} - {DATA, PAGE}:
            what = "holds something else than a scorecard; nothing in it was touched"
            raise OutputError(Problem(str(folder), what, allowed))
    parent = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(Problem(str(folder), f"{parent} may not be written", allowed))


def _lines(tally: Tally, details: bool) -> Iterator[str]:
    """The table: topics, their findings, the score."""
    from engramlab.evidence.tally import counted

    several = any(len(standing.outcomes) > 1 for standing in tally.standings)
    for topic, standings in tally.topics().items():
        count = counted(standings)
        yield click.style(f"{topic:<30}", bold=True) + (f"{count}" if count.of else "contested")
        if details:
            for standing in standings:
                yield from _finding(standing)
            continue
        order = sorted({s.held for s in standings}, key=lambda held: (held == "pass", held))
        for held in order:
            names = ", ".join(_short(s) for s in standings if s.held == held)
            lines = textwrap.wrap(names, WIDTH - 8, break_on_hyphens=False)
            yield f"  {_coloured(held)} {lines[0]}"
            yield from (f"        {line}" for line in lines[1:])
    yield ""
    yield f"{'all topics':<30}{tally.overall} hold with all their controls"
    if several:
        seeds = len(tally.standings[0].outcomes)
        yield f"{'':<30}{tally.overall.always} with each of {seeds} seeds"
    if tally.contested.of:
        yield f"{'contested, not counted':<30}{tally.contested}"
    if tally.soft.of:
        yield f"{'soft predicates, not counted':<30} {tally.soft}"


def _coloured(held: str) -> str:
    colour = {"pass": "green", "FAIL": "red"}.get(held)
    return click.style(f"{held:<5}", fg=colour)


def _short(standing: Standing) -> str:
    """Its id, and how much of it fails."""
    outcome = standing.outcomes[0]
    mark = "" if standing.finding.counted else "*"
    if standing.held != "FAIL":
        return standing.finding.id + mark
    if outcome.error:
        return f"{standing.finding.id}{mark} (cannot be run)"
    firm = [verdict for verdict in outcome.verdicts if not verdict.predicate.soft]
    failed = sum(not verdict.passed for verdict in firm or outcome.verdicts)
    return f"{standing.finding.id}{mark} ({failed}/{len(firm or outcome.verdicts)})"


def _finding(standing: Standing) -> Iterator[str]:
    """A finding with every predicate: what was found beside what is needed."""
    finding, outcome = standing.finding, standing.outcomes[0]
    counts = "" if finding.counted else "  (contested, not counted)"
    yield f"  {_coloured(standing.held)} {finding.id}: {finding.title}{counts}"
    if outcome.error:
        yield textwrap.indent(outcome.error, "          ")
    yield from _predicates(standing)


def _predicates(standing: Standing) -> Iterator[str]:
    from engramlab.evidence.words import effect, in_words

    shares: Sequence[float] = standing.predicate_shares()
    runs = len(standing.outcomes)
    for verdict, share in zip(standing.outcomes[0].verdicts, shares, strict=False):
        predicate = verdict.predicate
        held = "pass" if verdict.passed else "FAIL"
        if runs > 1:
            held = f"{round(share * runs)}/{runs}"
        marks = [predicate.kind, *["control"] * predicate.control, *["soft"] * predicate.soft]
        yield f"    {_coloured(held)} {effect(verdict)}  ({', '.join(marks)})"
        text = in_words(predicate.expr) + (f": {predicate.why}" if predicate.why else "")
        yield textwrap.fill(
            text, WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10, break_on_hyphens=False
        )
