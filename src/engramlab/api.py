"""The laboratory in Python: the few functions a notebook needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from matplotlib.figure import Figure

from engramlab.analysis import Analysis, ImagingAnalysis, ImagingPlan
from engramlab.analysis import analyze as analyze_scores
from engramlab.analysis import analyze_imaging as analyze_recordings
from engramlab.analysis.figures import FIGURES as ANALYSIS_FIGURES
from engramlab.analysis.imaging_figures import FIGURES as IMAGING_FIGURES
from engramlab.brain import Brain
from engramlab.cohort import Workers, run_cohort
from engramlab.cohort.progress import animals_bar
from engramlab.errors import DataError, ParameterError, Problem
from engramlab.importers import ColumnMap, Scores, read_animals, read_columns, read_data
from engramlab.importers.counts import CellCounts
from engramlab.importers.imaging import Imaging
from engramlab.protocol import Protocol, load_protocol
from engramlab.record import Experiment
from engramlab.report.figures import FIGURES
from engramlab.report.power import draw_power
from engramlab.report.sweep import FIGURES as SWEEP_FIGURES
from engramlab.report.sweep import write_sweep
from engramlab.studies.power import DISCRIMINATION, PowerAnalysis, analyze_power, real_spread
from engramlab.studies.sweep import ANIMALS, SAMPLES, Sweep, SweepPlan, measures_named, run_sweep
from engramlab.studies.sweep_design import Asked, dimensions_of

Results: TypeAlias = Experiment | Analysis | ImagingAnalysis | PowerAnalysis | Sweep


def run(
    protocol: str | Path | Protocol,
    *,
    animals: int = 12,
    seed: int = 1,
    workers: Workers = None,
    brain: Brain | None = None,
    progress: bool = False,
) -> Experiment:
    """Run a protocol on a cohort of virtual animals.

    Parameters
    ----------
    protocol : str, Path or Protocol
        Name of a built-in paradigm (`paradigm_names`), a YAML file, or a protocol.
    animals : int
        Animals in each group.
    seed : int
        The same seed gives the same bits, whatever `workers` is.
    workers : int or str, optional
        Processes; default all cores. Or the address of a Dask scheduler (``tcp://host:8786``),
        whose workers then run the animals.
    brain : Brain, optional
        Default: every mechanism on, default parameters.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Experiment
        With `.data` (xarray), `.table` and `.freezing` (pandas), `.summary()`, `.save(folder)`.

    Raises
    ------
    ProtocolError, ParameterError
        For a protocol or numbers that cannot be run.
    """
    plan = protocol if isinstance(protocol, Protocol) else load_protocol(protocol)
    brain = brain or Brain()
    with animals_bar(quiet=not progress) as on_progress:
        records = run_cohort(
            plan,
            animals=animals,
            seed=seed,
            workers=workers,
            brain=brain,
            on_progress=on_progress,
        )
    return Experiment.from_records(records, plan, brain, seed)


def load(folder: str | Path) -> Experiment:
    """Load the experiment of a results folder.

    Raises
    ------
    OutputError
        If it is no results folder of this format, is unfinished or damaged.
    """
    return Experiment.load(folder)


def analyze(
    path: str | Path,
    *,
    format: str | None = None,
    columns: str | Path | ColumnMap | None = None,
    told: Mapping[str, object] | None = None,
    seed: int = 0,
) -> Analysis:
    """Analyse a file of real scores or counts of cells.

    Parameters
    ----------
    path : str or Path
        Tidy table (CSV, TSV, Excel), or a file of another format (``engramlab formats``).
    format : str, optional
        Name of the format; default: the one that recognises the file.
    columns : str, Path or ColumnMap, optional
        Which column means what: a YAML file or a mapping; not needed when they have our names.
    told : mapping, optional
        What the file does not say, for example ``{"marker": "cFos"}``.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Analysis

    Raises
    ------
    DataError
        With every problem found, each with row and column, or when the file holds no scores.
    """
    mapping = read_columns(columns) if isinstance(columns, str | Path) else columns
    data = read_data(path, format, mapping, told)
    if isinstance(data, CellCounts):
        data = data.scores()
    if not isinstance(data, Scores):
        raise DataError(
            Problem(
                str(path),
                "holds no scores and no counts of cells",
                "a file of these; analyze_imaging takes recordings",
            )
        )
    return analyze_scores(data, seed=seed)


def analyze_imaging(
    *paths: str | Path,
    format: str | None = None,
    told: Mapping[str, object] | None = None,
    **plan: Any,
) -> ImagingAnalysis:
    """Analyse calcium imaging of one or several animals.

    Parameters
    ----------
    *paths : str or Path
        Files or folders, one an animal; or one folder of several animals, named in `told`.
    format : str, optional
        Name of the format; default: the one that recognises the file.
    told : mapping, optional
        What the files do not say, for example ``{"frame_rate_Hz": 20, "animal": "m1,m2"}``.
    **plan
        Fields of `ImagingPlan`: ``share=0.2``, ``reference="cfc"``, ``contexts={...}``, ...

    Returns
    -------
    ImagingAnalysis
        ``.tables`` (pandas), ``.summary()``; ``plot(found, "overlaps")``.

    Raises
    ------
    DataError
        With every problem found, or when the files hold no imaging.
    ParameterError
        For a plan that makes no sense.
    """
    read = read_animals(paths, format, None, told)
    recordings = [one for one in read if isinstance(one, Imaging)]
    if not recordings or len(recordings) < len(read):
        raise DataError(
            Problem(", ".join(map(str, paths)), "holds no imaging", "recordings; else 'analyze'")
        )
    return analyze_recordings(recordings, ImagingPlan(**plan))


def power(
    protocol: str | Path | Protocol,
    *,
    measure: str = "freezing",
    groups: Sequence[str] | None = None,
    sessions: Sequence[str] = (),
    power: float = 0.8,
    alpha: float = 0.05,
    animals: int = 24,
    seed: int = 1,
    workers: Workers = None,
    brain: Brain | None = None,
    spread_from: Scores | None = None,
    spread_measure: str | None = None,
    progress: bool = False,
) -> PowerAnalysis:
    """Tell how many animals a group an experiment needs to see the difference the model predicts.

    Parameters
    ----------
    protocol : str, Path or Protocol
    measure : str
        One of the run's tidy table: freezing, discrimination, engram_size, ...
    groups : two str, optional
        First minus second; needed where the protocol has more than two.
    sessions : sequence of str
        Only these; default all.
    power, alpha : float
        Wanted power, allowed false alarms (two-sided).
    animals : int
        Virtual animals a group.
    seed, workers, brain, progress
        As for `run`.
    spread_from : Scores, optional
        Real scores (``engramlab.importers.read_data``) whose spread within groups is used too.
    spread_measure : str, optional
        Which of their measures; default freezing, or discrimination for that measure.

    Returns
    -------
    PowerAnalysis
        ``.rows`` (pandas) with ``animals`` for each session; ``plot(found, "power-curve")``.

    Raises
    ------
    ProtocolError, ParameterError, DataError
    """
    plan = protocol if isinstance(protocol, Protocol) else load_protocol(protocol)
    spread = None
    if spread_from is not None:
        default = measure if measure == DISCRIMINATION else spread_from.columns.freezing
        spread = real_spread(spread_from, spread_measure or default)
    with animals_bar(quiet=not progress) as on_progress:
        return analyze_power(
            plan,
            measure=measure,
            groups=groups,
            sessions=sessions,
            power=power,
            alpha=alpha,
            animals=animals,
            seed=seed,
            workers=workers,
            brain=brain,
            spread=spread,
            on_progress=on_progress,
        )


def sweep(
    protocol: str | Path | Protocol,
    *,
    grid: Asked = (),
    sobol: Asked = (),
    samples: int = SAMPLES,
    indices: bool = False,
    measures: Sequence[str] = ("freezing",),
    animals: int = ANIMALS,
    seed: int = 1,
    workers: Workers = None,
    brain: Brain | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Sweep:
    """Run a protocol with many brains: values of a grid, samples of ranges, or both.

    Parameters
    ----------
    protocol : str, Path or Protocol
        As `run` takes it.
    grid : mapping or sequence of str
        Parameter -> values, ``{"destabilised": [0, 0.5, 1]}``; every combination is run.
    sobol : mapping or sequence of str
        Parameter -> (low, high), or names for their whole ranges; values are drawn together by a
        Sobol sequence, and combined with those of the grid.
    samples : int
        How many are drawn.
    indices : bool
        Estimate Sobol sensitivity indices, which takes ``samples x (parameters + 2)`` brains.
    measures : sequence of str
        Of the tidy table of a run.
    animals : int
        Animals in each group; the same with every brain.
    seed, workers, brain, progress
        As `run` takes them.
    folder : str or Path, optional
        Finished brains are kept there, so that the same call goes on after a stop; at the end it
        holds tables, figures and page.

    Returns
    -------
    Sweep
        With `.table`, `.effects` and `.indices` (pandas), `.summary()`.

    Raises
    ------
    ParameterError
        For unknown names (with the nearest known one), values out of range, ...
    OutputError
        When `folder` holds another sweep or cannot be written.
    """
    plan = SweepPlan(
        protocol if isinstance(protocol, Protocol) else load_protocol(protocol),
        dimensions_of(grid, sobol),
        samples,
        indices,
        measures_named([measures] if isinstance(measures, str) else measures),
        animals,
        seed,
        brain or Brain(),
    )
    place = None if folder is None else Path(folder)
    with animals_bar(quiet=not progress) as on_progress:
        found = run_sweep(plan, place, workers=workers, on_progress=on_progress)
    if place is not None:
        write_sweep(found, place)
    return found


def _figures(results: Results) -> Mapping[str, Callable[..., Figure | None]]:
    if isinstance(results, Experiment):
        return FIGURES
    if isinstance(results, Sweep):
        return SWEEP_FIGURES
    if isinstance(results, PowerAnalysis):
        return {"power-curve": draw_power}
    if isinstance(results, ImagingAnalysis):
        return {name: draw for name, (_, _, draw) in IMAGING_FIGURES.items()}
    return ANALYSIS_FIGURES


def figures(results: Results) -> tuple[str, ...]:
    """Names of the figures that `plot` can draw of these results."""
    return tuple(_figures(results))


def plot(results: Results, name: str) -> Figure | None:
    """Draw one figure.

    Parameters
    ----------
    results : Experiment, Analysis, ImagingAnalysis, PowerAnalysis or Sweep
    name : str
        One of `figures(results)`.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where the results hold nothing to draw (say, no tags).

    Raises
    ------
    ParameterError
        For an unknown name.
    """
    _show_in_notebooks()
    known = figures(results)
    if name not in known:
        raise ParameterError(
            Problem(f"figure '{name}'", "is unknown", "one of " + ", ".join(known))
        )
    return _figures(results)[name](results)


def _show_in_notebooks() -> None:
    """Let a running IPython show figures as pictures; it learns that from pyplot only."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(shell, {"png"})
