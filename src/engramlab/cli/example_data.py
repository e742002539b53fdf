"""`engramlab example-data`: a file to try `engramlab analyze` on, for those who have none yet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from engramlab.cli._main import say
from engramlab.errors import OutputError, Problem

PARADIGM = "engram-selectivity"
README = """\
{file} holds SIMULATED data: no animal was used.

It was written by 'engramlab example-data --animals {animals} --seed {seed}', engramlab {version}:
freezing of virtual animals in the built-in paradigm '{paradigm}', one row a test.

source     says that the row is simulated
animal     name of the virtual animal; every animal is tested in every condition
group      what was done to it at hour 0
condition  training: tested where it was trained; else the context it was tested in
hours      hours after conditioning
measure    what was measured
value      freezing in % of the time

Try:  engramlab analyze {file}
"""


@click.command()
@click.argument(
    "file", default="engramlab-example.csv", type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--animals", default=8, show_default=True, metavar="N", help="Animals a group.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(file: Path, animals: int, seed: int, quiet: bool) -> None:
    """Write simulated freezing scores to FILE, in the layout that 'engramlab analyze' reads.

    A README beside it says that the data are simulated and what the columns are.
    """
    from importlib.metadata import version

    from engramlab.brain import Brain
    from engramlab.cohort import run_cohort
    from engramlab.cohort.progress import animals_bar
    from engramlab.protocol import load_protocol, schedule
    from engramlab.record import staged

    readme = file.with_name(f"{file.stem}-README.txt")
    for path in (file, readme):
        if path.exists():
            raise OutputError(
                Problem(str(path), "exists already and was not touched", "another file name")
            )
    protocol = load_protocol(PARADIGM)
    with animals_bar(quiet=quiet) as progress:
        records = run_cohort(
            protocol, animals=animals, seed=seed, brain=Brain.default(), on_progress=progress
        )
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["source", "animal", "group", "condition", "hours", "measure", "value"])
    source = f"simulated by engramlab {version('engramlab')}"
    for record in records:
        sessions = schedule(protocol, record.group).sessions
        tests = {session.name: session for session in sessions}
        for name, freezing in zip(record.sessions, record.freezing_by_moment, strict=True):
            test = tests[name]
            if test.probe:
                animal = f"{record.group}-{record.animal}"
                score = f"{freezing.mean(dtype=float):.2f}"
                hours = f"{test.start_hours:g}"
                same = test.context == sessions[0].context
                condition = "training" if same else test.context
                rows.writerow([source, animal, record.group, condition, hours, "freezing", score])
    about = README.format(
        file=file.name, animals=animals, seed=seed, version=version("engramlab"), paradigm=PARADIGM
    )
    with staged(file.parent) as place:
        (place / file.name).write_text(text.getvalue(), encoding="utf-8")
        (place / readme.name).write_text(about, encoding="utf-8")
    if not quiet:
        say(f"wrote {file} (simulated) and {readme}; try: engramlab analyze {file}")
