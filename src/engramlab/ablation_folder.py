"""The life of an ablation's folder: begun, filled finding by finding, finished or gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engramlab.cohort import Workers
    from engramlab.studies import Ablation, AblationPlan


def finish(
    plan: AblationPlan,
    folder: Path,
    *,
    workers: Workers,
    quiet: bool,
    on_progress: Callable[[int, int], None] | None = None,
) -> Ablation:
    """Run what is not in the folder yet, then write matrix, figure and page.

    Parameters
    ----------
    plan : AblationPlan
    folder : Path
        New, or one that holds a part of the same ablation.
    workers : int or str, optional
        As `engramlab.run` takes them.
    quiet : bool
        Without a progress bar.
    on_progress : callable, optional
        Called with (runs done, runs in all) in place of the bar.

    Raises
    ------
    OutputError
        When the folder holds something else, or cannot be written.
    """
    from engramlab.cohort.progress import animals_bar
    from engramlab.errors import ProtocolError
    from engramlab.record import staged
    from engramlab.report.ablation import write_ablation_report
    from engramlab.run_folder import refuse_existing
    from engramlab.studies import ablate
    from engramlab.studies.ablation import HEADER, RESULTS

    if not (folder / HEADER).exists():
        refuse_existing(folder)
    try:
        with animals_bar(quiet=quiet, unit="findings") as progress:
            ablation = ablate(plan, folder, workers=workers, on_progress=on_progress or progress)
    except (Exception, KeyboardInterrupt) as error:
        if (folder / RESULTS).exists() and not isinstance(error, ProtocolError):
            error.add_note(f"what is done is kept in {folder}; the same command goes on there")
        raise
    with staged(folder) as place:
        content = {**ablation.to_dict(), "status": "complete"}
        (place / HEADER).write_text(json.dumps(content, indent=2), encoding="utf-8")
    write_ablation_report(ablation, folder)
    return ablation
