"""The page of a study of an open question: conclusion, pictures, limits, numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from engramlab.record import staged
from engramlab.report.page import FILE, Table, write_page
from engramlab.report.picture import make_picture
from engramlab.report.studies.drawing import StudyFigure
from engramlab.studies.question import Answer

RESULT = "study.json"


def figures_of(study: str) -> Sequence[StudyFigure]:
    """The figures of a study, the most important first."""
    figures: Sequence[StudyFigure] = import_module(f"{__name__}.{study.replace('-', '_')}").FIGURES
    return figures


def write_study(study: str, answer: Answer, header: dict[str, Any], folder: Path) -> Path:
    """Write ``report.html``, ``figures/``, ``tables/*.csv`` and, last, ``study.json``.

    Parameters
    ----------
    study : str
        Name of the study, which names its figures.
    answer : Answer
    header : dict
        Provenance: JSON-safe, with `version`, `date`, `command`, `seed`, `animals` and `brain`.
    folder : Path

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    with staged(folder) as place:
        files, tables = place / "figures", place / "tables"
        files.mkdir()
        tables.mkdir()
        pictures = []
        for figure in figures_of(study):
            drawn = figure.draw(answer.tables)
            if drawn is not None:
                alt = f"{figure.title}. {figure.caption}"
                picture = make_picture(drawn, files, figure.name, figure.title, figure.caption, alt)
                pictures.append(picture)
        for name, frame in answer.tables.items():
            frame.to_csv(tables / f"{name}.csv", index=False)
        write_page(
            place,
            "study.html",
            answer=answer,
            run=header,
            pictures=pictures,
            tables=[
                Table.of_values(name.capitalize(), frame)
                for name, frame in answer.tables.items()
                if len(frame)
            ],
        )
        content = {
            **header,
            "status": "complete",
            "question": answer.question,
            "conclusion": list(answer.conclusion),
            "limits": list(answer.limits),
            "tables": [f"tables/{name}.csv" for name in answer.tables],
        }
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (place / RESULT).write_text(text + "\n", encoding="utf-8")
    return folder / FILE
