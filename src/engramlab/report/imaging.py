"""The page of an analysis of calcium imaging."""

from __future__ import annotations

from pathlib import Path

from engramlab.analysis.imaging import ImagingAnalysis
from engramlab.analysis.imaging_figures import FIGURES
from engramlab.record import staged
from engramlab.report.page import FILE, Table, write_page
from engramlab.report.picture import make_picture

ON_PAGE = ("over_animals", "sessions", "overlaps", "survival", "decoding", "network")


def write_imaging_report(found: ImagingAnalysis, folder: str | Path) -> Path:
    """Write ``report.html`` and ``figures/*.svg, *.png`` of an analysis of imaging.

    Parameters
    ----------
    found : ImagingAnalysis
    folder : str or Path
        Made if it does not exist.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        pictures = []
        for name, (title, caption, draw) in FIGURES.items():
            figure = draw(found)
            if figure is not None:
                alt = f"{title}. {caption} The numbers are in the tables of this page."
                pictures.append(make_picture(figure, files, name, title, caption, alt))
        write_page(
            place,
            "imaging.html",
            found=found,
            plan=found.plan,
            pictures=pictures,
            tables=[
                Table.of_values(name.replace("_", " ").capitalize(), found.tables[name])
                for name in ON_PAGE
                if len(found.tables[name])
            ],
        )
    return folder / FILE
