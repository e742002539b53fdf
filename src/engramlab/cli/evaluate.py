"""`engramlab evaluate`: the brain scored against published findings."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engramlab.evidence import Outcome


@click.command()
@click.option("--only", metavar="ID,TOPIC", help="Only these findings (ids or topics).")
@click.option(
    "--animals", type=click.IntRange(2, 1000), metavar="N", help="Animals a group. [default: own]"
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=click.IntRange(1, 100),
    metavar="K",
    help="Repeat with K seeds from --seed on; say in how many each finding holds.",
)
@click.option("--workers", type=click.IntRange(1), metavar="W", help="Worker processes.")
@click.option("--without", multiple=True, metavar="MECHANISM", help="Switch a mechanism off.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    only: str | None,
    animals: int | None,
    seed: int,
    seeds: int,
    workers: int | None,
    without: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the catalogue and say which published findings hold, with all their controls.

    Exit code 0 whether they hold or not: a failing finding is a result.
    """
    from engramlab.brain import Brain
    from engramlab.cohort.progress import animals_bar
    from engramlab.evidence import chosen, score

    findings = chosen(tuple(part.strip() for part in only.split(",")) if only else ())
    brain = Brain().without(*without)
    outcomes: list[Outcome] = []
    with animals_bar(quiet=quiet, unit="findings") as progress:
        for number in range(seeds):

            def show(_: str, done: int, total: int, number: int = number) -> None:
                progress(number * total + done, seeds * total)

            outcomes += score(
                findings,
                animals=animals,
                seed=seed + number,
                workers=workers,
                brain=brain,
                on_progress=show,
            )
    if as_json:
        content = {
            "brain": brain.digest(),
            "without": list(brain.switched_off),
            "outcomes": [outcome.to_dict() for outcome in outcomes],
        }
        click.echo(json.dumps(content, indent=2))
    else:
        _show(outcomes, seeds)


def _show(outcomes: list[Outcome], seeds: int) -> None:
    by_finding: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_finding[outcome.finding.id].append(outcome)
    for name, runs in by_finding.items():
        held = sum(outcome.passed for outcome in runs)
        mark = ("pass" if held else "FAIL") if seeds == 1 else f"{held}/{seeds}"
        counted = "" if runs[0].finding.counted else "  (contested, not counted)"
        click.echo(f"{mark:<5} {name:<22} {runs[0].finding.title}{counted}")
        if seeds == 1:
            for verdict in runs[0].verdicts:
                if not verdict.passed:
                    control = "control " if verdict.predicate.control else ""
                    click.echo(
                        f"        {control}{verdict.predicate.expr}: margin {verdict.margin:+.2f} "
                        f"[{verdict.low:+.2f}, {verdict.high:+.2f}]"
                    )
    counted_runs = [outcome for outcome in outcomes if outcome.finding.counted]
    topics: dict[str, list[bool]] = defaultdict(list)
    for outcome in counted_runs:
        topics[outcome.finding.topic].append(outcome.passed)
    click.echo()
    for topic, passed in topics.items():
        click.echo(f"{topic:<24} {sum(passed)} of {len(passed)}")
    total = sum(outcome.passed for outcome in counted_runs)
    click.echo(f"{'all':<24} {total} of {len(counted_runs)} hold with all their controls")
