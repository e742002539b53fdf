"""Figures as files for a paper: SVG and PDF with text as text, PNG at 300 dots per inch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

from engramlab.analysis.style import RC
from engramlab.errors import ParameterError, Problem
from engramlab.record import Experiment, staged
from engramlab.report.figures import FIGURES
from engramlab.report.picture import FORMATS, save_figure


def export_figures(
    experiment: Experiment, folder: str | Path, *, formats: Sequence[str] = FORMATS
) -> Path:
    """Write every figure that an experiment has.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path
    formats : sequence of "svg", "pdf", "png"

    Returns
    -------
    Path
        The folder, with ``NAME.svg``, ``NAME.pdf``, ``NAME.png`` and ``captions.md``.

    Raises
    ------
    ParameterError
        For another format.
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    unknown = [one for one in formats if one not in FORMATS]
    if unknown or not formats:
        raise ParameterError(
            Problem(f"figure format '{', '.join(unknown)}'", "is unknown", ", ".join(FORMATS))
        )
    folder = Path(folder)
    with staged(folder) as place:
        captions = []
        for name, kind in FIGURES.items():
            figure = kind(experiment)
            if figure is None:
                continue
            with matplotlib.rc_context(RC):  # once, since that takes as long as drawing
                figure.draw_without_rendering()
            figure.set_layout_engine("none")
            for one in formats:
                save_figure(figure, place / f"{name}.{one}")
            captions.append(f"**{name}.** {kind.title}. {kind.caption}\n")
        (place / "captions.md").write_text("\n".join(captions), encoding="utf-8")
    return folder
