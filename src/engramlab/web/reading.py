"""Reads and analyses one uploaded file: ``python -m engramlab.web.reading`` in the file's folder.

A file from elsewhere may be damaged or made to do harm, so it is read in a process of its own with
bounded memory, time and files. One line of JSON comes in, one goes out: ``{"result": ...}`` or
``{"problems": [...]}``.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engramlab.errors import DataError, EngramlabError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from engramlab.analysis import Analysis

MEMORY_BYTES = 8_000_000_000  # of addresses, of which libraries reserve a lot
CPU_SECONDS = 240
MOST_ROWS = 5_000  # of one table that is sent to the page


def analyse(told: dict[str, Any]) -> dict[str, Any]:
    """Do what ``engramlab analyze`` does, beside a finished run if one is named.

    Parameters
    ----------
    told : dict
        ``file`` (in this folder), ``format``, ``told``, ``columns`` (a `ColumnMap`), ``run`` (a
        results folder), ``training`` and ``novel`` (contexts of its protocol).
    """
    from engramlab.analysis import analyze
    from engramlab.importers import ColumnMap, Scores, read_data
    from engramlab.importers.counts import CellCounts
    from engramlab.importers.imaging import Imaging

    columns = ColumnMap(**told["columns"])
    data = read_data(told["file"], told["format"], columns, told["told"])
    if isinstance(data, CellCounts):
        summary, data = data.summary(), data.scores()
        return {**_analysis(analyze(data), told), "summary": summary}
    if isinstance(data, Scores):
        return _analysis(analyze(data), told)
    if told["run"]:
        raise DataError(
            Problem(told["file"], "holds no scores to put beside a model run", "a file of scores")
        )
    if isinstance(data, Imaging):
        tables = {"sessions": data.session_table(), "cells": data.cell_table()}
        tables["epochs"] = data.epochs
        return {"kind": "imaging", "summary": data.summary(), "tables": _tables(tables)}
    found = {"cells_found_again": data.table().reset_index(names="session")}
    return {"kind": "cells", "summary": data.summary(), "tables": _tables(found)}


def _analysis(analysis: Analysis, told: dict[str, Any]) -> dict[str, Any]:
    tables = dict(analysis.tables)
    tables["scores"] = analysis.scores.table
    names = analysis.scores.columns
    content: dict[str, Any] = {
        "kind": "scores",
        "summary": analysis.summary(),
        "names": {"freezing": names.freezing, "training": names.training, "novel": names.novel},
    }
    if told["run"]:
        model, beside = _model(analysis, told)
        tables["model"], tables["model_discrimination"] = model.freezing, model.discrimination
        tables["model_beside_data"] = beside
        within = int(beside["within"].sum())
        content["beside"] = (
            f"{within} of {len(beside)} means of the model lie within the data's "
            + ("95 % intervals")
        )
    return {**content, "tables": _tables(tables)}


def _model(analysis: Analysis, told: dict[str, Any]) -> tuple[Analysis, pd.DataFrame]:
    from engramlab.analysis import analyze, compare, contexts_of, scores_of_run
    from engramlab.record import Experiment

    run = Experiment.load(told["run"])
    contexts = contexts_of(run.protocol, told["training"], told["novel"])
    scores = scores_of_run(
        run.table, contexts, analysis.scores.columns, source=f"model, {run.protocol.name}"
    )
    model = analyze(scores)
    return model, compare(analysis, model)


def _tables(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "columns": [str(column) for column in table.columns],
            "rows": [[_plain(value) for value in row] for row in table.head(MOST_ROWS).to_numpy()],
            "of": len(table),
        }
        for name, table in tables.items()
        if len(table)
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return round(value, 8) if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)


def _bound() -> None:
    """Let this process use only so much; on systems that can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer the line on standard input."""
    from engramlab.web.answers import ProblemAnswer, problems_in

    warnings.simplefilter("ignore")
    told = json.loads(sys.stdin.readline())
    told["run"] = Path(told["run"]) if told["run"] else None
    _bound()
    try:
        answer: dict[str, Any] = {"result": analyse(told)}
    except EngramlabError as error:
        answer = {"problems": [problem.model_dump() for problem in problems_in(error)]}
    except MemoryError:
        problem = ProblemAnswer(what="reading it takes too much memory", allowed="a smaller file")
        answer = {"problems": [problem.model_dump()]}
    except Exception as error:
        # Bytes that are not what their name says can fail anywhere in the libraries that read them.
        problem = ProblemAnswer(
            where=told["file"],
            what=f"cannot be read ({type(error).__name__}: {str(error)[:200]})",
            allowed="a file that is whole and of the format that was chosen",
        )
        answer = {"problems": [problem.model_dump()]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
