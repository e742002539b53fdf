"""`engramlab analyze`: the measures of a run on a real data file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import output_options, worker_options
from engramlab.errors import DataError, ParameterError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from engramlab.analysis import Analysis, ImagingPlan
    from engramlab.cohort import Workers
    from engramlab.importers import ColumnMap
    from engramlab.importers.importer import Data
    from engramlab.protocol import Protocol


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help="Format of FILE; 'engramlab formats' lists them. [default: the one that recognises it]",
)
@click.option(
    "--tell",
    multiple=True,
    metavar="NAME=VALUE",
    help="Something that FILE does not say, such as frame_rate_Hz=20 (repeatable); 'engramlab "
    "formats NAME' lists what a format asks for.",
)
@click.option(
    "--column",
    "column",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Which column of FILE holds experiment, group, condition, hours, measure, animal or "
    "value, in counts of cells region or marker (repeatable).",
)
@click.option(
    "--columns",
    "mapping",
    type=click.Path(path_type=Path),
    metavar="MAP.yaml",
    help="The same and the names below as a small YAML file; flags go before it.",
)
@click.option(
    "--where", multiple=True, metavar="OURS=VALUE", help="Keep only these rows (repeatable)."
)
@click.option("--freezing", metavar="NAME", help="Name of the measure that is freezing.")
@click.option("--training-condition", metavar="NAME", help="Name of the test in the same place.")
@click.option("--novel-condition", metavar="NAME", help="Name of the test in another place.")
@click.option(
    "--discrimination", metavar="NAME", help="Name of the condition whose rows hold indices."
)
@click.option(
    "--share",
    default=0.2,
    show_default=True,
    metavar="S",
    help="Imaging: an ensemble is this share of the cells, those with the largest session mean.",
)
@click.option(
    "--threshold",
    type=float,
    metavar="T",
    help="Imaging: instead, cells with a session mean above T times that of all cells.",
)
@click.option(
    "--reference", metavar="SESSION", help="Imaging: follow this session's ensemble. [the first]"
)
@click.option(
    "--context",
    "contexts_of_sessions",
    multiple=True,
    metavar="SESSION=CONTEXT",
    help="Imaging: decode contexts from sessions that were left out (repeatable).",
)
@click.option(
    "--overlap",
    multiple=True,
    metavar="ROLE=MARKER",
    help="Cell counts: which marker is tag, active, both and all (four times): engram sizes and "
    "reactivation over chance.",
)
@click.option("--against", metavar="PROTOCOL", help="Run this protocol; put the model beside.")
@click.option("--training", metavar="CONTEXT", help="Context of PROTOCOL that is the same place.")
@click.option("--novel", metavar="CONTEXT", help="Context of PROTOCOL that is another place.")
@click.option("--animals", default=12, show_default=True, metavar="N", help="Animals a group.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@worker_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New folder for tables, figures and report. [default: results/analysis-NAME]",
)
@output_options
def command(
    files: tuple[Path, ...],
    format_name: str | None,
    tell: tuple[str, ...],
    column: tuple[str, ...],
    mapping: Path | None,
    where: tuple[str, ...],
    freezing: str | None,
    training_condition: str | None,
    novel_condition: str | None,
    discrimination: str | None,
    share: float,
    threshold: float | None,
    reference: str | None,
    contexts_of_sessions: tuple[str, ...],
    overlap: tuple[str, ...],
    against: str | None,
    training: str | None,
    novel: str | None,
    animals: int,
    seed: int,
    workers: Workers,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Analyse the scores or cell counts in FILE as papers report them.

    Freezing and discrimination by hours, cell counts and other measures, effect sizes with
    intervals, tests, figures; with --against, the model's cohort beside them. Of calcium imaging (a
    file, or a folder of sessions; several FILEs: an animal each): ensembles, their overlap against
    chance that keeps general activity, turnover, similarity, decoding, co-activity.
    """
    from engramlab.cli._output import print_json
    from engramlab.run_folder import new_folder, refuse_existing

    file = files[0]
    folder = out or Path("results") / f"analysis-{file.resolve().name.split('.')[0]}"
    refuse_existing(folder)  # before the work, not after it
    names = {
        "freezing": freezing,
        "training": training_condition,
        "novel": novel_condition,
        "discrimination": discrimination,
    }
    columns = columns_of(mapping, column, where, names)
    protocol = None
    if against is not None:
        from engramlab.analysis import contexts_of
        from engramlab.protocol import load_protocol

        protocol = load_protocol(against)
        contexts = contexts_of(protocol, training, novel)

    from engramlab.analysis import ImagingPlan, analyze, overlap_of_counts
    from engramlab.importers import Scores, read_animals
    from engramlab.importers.counts import CellCounts
    from engramlab.report import write_analysis_report

    told = pairs("--tell", tell)
    read = read_animals(files, format_name, columns, told)
    data = read[0]
    if not isinstance(data, Scores | CellCounts):
        if protocol is not None:
            raise ParameterError(
                Problem(f"--against {against}", f"{file} holds no scores", "a file of scores")
            )
        plan = ImagingPlan(
            share=share,
            threshold=threshold,
            reference=reference,
            contexts=pairs("--context", contexts_of_sessions),
            seed=0,
        )
        with new_folder(folder):
            _imaging(read, plan, files, folder, told, as_json=as_json, quiet=quiet)
        return
    if len(read) > 1:
        raise ParameterError(
            Problem(
                ", ".join(map(str, files[:3])),
                "are several files of scores or counts",
                "one file; join tables first, with a column for the experiment",
            )
        )
    more: dict[str, pd.DataFrame] = {}
    if overlap:
        if not isinstance(data, CellCounts):
            raise ParameterError(
                Problem("--overlap", f"{file} holds no counts of cells", "a table of cell counts")
            )
        counted = overlap_of_counts(data, pairs("--overlap", overlap))
        more["reactivation"] = counted.table
        analysis = analyze(counted.scores)
    else:
        analysis = analyze(data if isinstance(data, Scores) else data.scores())
    comparison = None
    if protocol is not None:
        comparison = beside(
            analysis, protocol, contexts, animals=animals, seed=seed, workers=workers, quiet=quiet
        )
    with new_folder(folder):
        write_analysis_report(analysis, folder, comparison, more)
        write_tables(analysis, comparison, folder, told, more)
    report = folder / "report.html"
    if as_json:
        content = analysis.to_dict()
        content |= {
            name: json.loads(table.to_json(orient="records")) for name, table in more.items()
        }
        if comparison is not None:
            content["against"] = json.loads(comparison.to_json(orient="records"))
        print_json({**content, "folder": str(folder), "report": str(report)})
    elif not quiet:
        if isinstance(data, CellCounts):
            click.echo(data.summary())
        click.echo(analysis.summary())
        if comparison is not None:
            within, means = int(comparison["within"].sum()), len(comparison)
            click.echo(
                f"\nmodel, {against}: {within} of {means} means lie within the data's 95 % interval"
            )
        click.echo(f"\nreport: {report}")


def columns_of(
    mapping: Path | None,
    column: tuple[str, ...],
    where: tuple[str, ...],
    names: dict[str, str | None],
) -> ColumnMap:
    """Make the column mapping that file and flags describe; flags go before the file.

    Raises
    ------
    DataError
        For a flag that is not ``NAME=VALUE``, an unknown column, an unreadable mapping.
    """
    from engramlab.importers import ColumnMap, read_columns

    columns = ColumnMap() if mapping is None else read_columns(mapping)
    return columns.updated(
        columns=pairs("--column", column),
        where=pairs("--where", where),
        **{name: value for name, value in names.items() if value is not None},
    )


def pairs(flag: str, given: tuple[str, ...]) -> dict[str, str]:
    """Take flags that are ``NAME=VALUE`` apart.

    Raises
    ------
    DataError
        For those that are none.
    """
    found = {}
    problems = []
    for text in given:
        name, equals, value = text.partition("=")
        if equals and name and value:
            found[name.strip()] = value.strip()
        else:
            problems.append(Problem(f"{flag} {text}", "is no pair", "NAME=VALUE"))
    if problems:
        raise DataError(problems)
    return found


def beside(
    data: Analysis,
    protocol: Protocol,
    contexts: dict[str, tuple[str]],
    *,
    animals: int,
    seed: int,
    workers: Workers,
    quiet: bool,
) -> pd.DataFrame:
    """Run a protocol and put the model's cohort beside the data (see `compare`)."""
    from engramlab.analysis import analyze, compare, scores_of_run
    from engramlab.brain import Brain
    from engramlab.cohort import run_cohort
    from engramlab.cohort.progress import animals_bar
    from engramlab.record import Experiment

    brain = Brain.default()
    with animals_bar(quiet=quiet) as progress:
        records = run_cohort(
            protocol,
            animals=animals,
            seed=seed,
            workers=workers,
            brain=brain,
            on_progress=progress,
        )
    table = Experiment.from_records(records, protocol, brain, seed).table
    model = analyze(
        scores_of_run(table, contexts, data.scores.columns, source=f"model, {protocol.name}")
    )
    return compare(data, model)


def _imaging(
    read: Sequence[Data],
    plan: ImagingPlan,
    files: Sequence[Path],
    folder: Path,
    told: dict[str, str],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Analyse recordings, or say what a map of cells holds; write and print it."""
    from dataclasses import asdict

    from engramlab.analysis import analyze_imaging
    from engramlab.cli._output import print_json
    from engramlab.importers.imaging import Imaging
    from engramlab.report.imaging import write_imaging_report

    recordings = [one for one in read if isinstance(one, Imaging)]
    if len(recordings) < len(read):
        _cell_map(read, files, folder, told, as_json=as_json, quiet=quiet)
        return
    found = analyze_imaging(recordings, plan)
    report = write_imaging_report(found, folder)
    how: dict[str, object] = {"told": told, "plan": asdict(plan)}
    if len(files) > 1:
        how["files"] = {str(file): _digest(file) for file in files}
    _write(found.tables, folder, files[0], how)
    if as_json:
        print_json({**found.to_dict(), "folder": str(folder), "report": str(report)})
    elif not quiet:
        click.echo(f"{found.summary()}\n\nreport: {report}")


def _cell_map(
    read: Sequence[Data],
    files: Sequence[Path],
    folder: Path,
    told: dict[str, str],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write and print how many cells a map finds again."""
    from engramlab.cli._output import print_json
    from engramlab.importers.cell_map import CellMap

    data = read[0]
    if len(read) > 1 or not isinstance(data, CellMap):
        raise ParameterError(
            Problem(
                ", ".join(map(str, files)), "are not of one kind", "recordings only, or one map"
            )
        )
    table = data.table().reset_index(names="session")
    _write({"cells_found_again": table}, folder, files[0], {"told": told})
    if as_json:
        content = {"cells_found_again": json.loads(table.to_json(orient="records"))}
        print_json({**content, "folder": str(folder)})
    elif not quiet:
        click.echo(f"{data.summary()}\n\ntables: {folder}")


def write_tables(
    analysis: Analysis,
    comparison: pd.DataFrame | None,
    folder: Path,
    told: dict[str, str] | None = None,
    more: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write every table of an analysis as CSV, and what was analysed how as JSON."""
    tables = {**analysis.tables, **(more or {})}
    if comparison is not None:
        tables["model_beside_data"] = comparison
    mapping = analysis.scores.columns.model_dump()
    _write(tables, folder, Path(analysis.scores.source), {"mapping": mapping, "told": told or {}})


def _write(
    tables: dict[str, pd.DataFrame], folder: Path, source: Path, how: dict[str, object]
) -> None:
    from importlib.metadata import version

    from engramlab.record import staged

    provenance = {
        "version": version("engramlab"),
        "file": str(source.resolve()),
        "sha256": _digest(source),
        **how,
    }
    with staged(folder) as place:
        for name, table in tables.items():
            table.to_csv(place / f"{name}.csv", index=False)
        (place / "provenance.json").write_text(json.dumps(provenance, indent=2), encoding="utf-8")


def _digest(source: Path) -> str:
    """Digest of a file, or of the names and contents of all files in a folder."""
    import hashlib

    if source.is_file():
        with source.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(source).as_posix()}\0{_digest(file)}\0".encode())
    return digest.hexdigest()
