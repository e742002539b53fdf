"""An in-silico laboratory for memory engrams.

A protocol goes in, a cohort of virtual animals runs it, and out comes what a bench scientist would
have measured; the same measures run on real data.

>>> import engramlab as lab
>>> experiment = lab.run("contextual-fear", animals=12, seed=1)  # doctest: +SKIP
>>> experiment.freezing.groupby("group").mean()  # doctest: +SKIP
>>> lab.plot(experiment, "freezing")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engramlab.lazy import loaded_when_used

if TYPE_CHECKING:
    __version__: str
    from engramlab import measures as measures
    from engramlab import statistics as statistics
    from engramlab.analysis import Analysis
    from engramlab.analysis.estimation import estimation_plot
    from engramlab.api import analyze, analyze_imaging, figures, load, plot, power, run, sweep
    from engramlab.brain import Brain
    from engramlab.errors import EngramlabError
    from engramlab.live import LiveAnimal, film
    from engramlab.protocol import Protocol, load_protocol, paradigm_names
    from engramlab.record import Experiment
    from engramlab.report.picture import save_figure

# Loaded when first used, so that importing engramlab and `engramlab --help` stay fast.
_HOMES = {
    "Analysis": "analysis",
    "Brain": "brain",
    "EngramlabError": "errors",
    "Experiment": "record",
    "LiveAnimal": "live",
    "Protocol": "protocol",
    "analyze": "api",
    "analyze_imaging": "api",
    "estimation_plot": "analysis.estimation",
    "figures": "api",
    "film": "live",
    "load": "api",
    "load_protocol": "protocol",
    "paradigm_names": "protocol",
    "plot": "api",
    "power": "api",
    "run": "api",
    "save_figure": "report.picture",
    "sweep": "api",
}
_from_home = loaded_when_used("engramlab", _HOMES)
_MODULES = ("measures", "statistics")
__all__ = [
    "Analysis",
    "Brain",
    "EngramlabError",
    "Experiment",
    "LiveAnimal",
    "Protocol",
    "analyze",
    "analyze_imaging",
    "estimation_plot",
    "figures",
    "film",
    "load",
    "load_protocol",
    "paradigm_names",
    "plot",
    "power",
    "run",
    "save_figure",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("engramlab")
    if name in _MODULES:
        return import_module(f"engramlab.{name}")
    return _from_home(name)


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__version__"])
