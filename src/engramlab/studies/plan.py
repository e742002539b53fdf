"""All that decides the result of a fit, checked, and kept in its folder."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from engramlab.brain import Brain
from engramlab.errors import EngramlabError, OutputError, ParameterError, Problem
from engramlab.evidence import Finding, all_findings
from engramlab.kernel import sources_digest
from engramlab.protocol.quantities import Checked
from engramlab.record import staged
from engramlab.studies.result import digest_of
from engramlab.studies.space import Axis, axes_named, places_of
from engramlab.studies.target import Target

FILE = "plan.json"
FORMAT = 2
STEP = 0.05
CHECK_SEEDS = 3


class FitPlan(Checked):
    """What is fitted to what, and for how long.

    Parameters
    ----------
    parameters : tuple of str
    fitted, held_out : dict of str to str
        Id -> digest of the findings that the fit sees, and that it is judged on.
    start : dict of str to float
        Parameters of the brain at the start that differ from their defaults.
    target : Target, optional
        Data to fit to as well, or alone.
    prediction : Target, optional
        Data that the fit is judged on and does not see.
    data_weight : float
        How many findings the data weigh as much as.
    animals : int, optional
        Animals a group; default each finding's own number.
    seed : int
    step : float
        Standard deviation of the first candidates, as a share of each parameter's range.
    population : int, optional
        Candidates a generation.
    check_seeds : int
        Cohorts, of other seeds than the search used, on which start and end are compared.
    budget_hours : float, optional
        No generation is begun that would probably end later.
    generations : int, optional
        Most generations.
    command : str
        The command line that makes the fit again.
    """

    format: int = FORMAT
    version: str = Field(default_factory=lambda: version("engramlab"))
    engine: str = Field(default_factory=sources_digest)
    parameters: tuple[str, ...]
    fitted: dict[str, str]
    held_out: dict[str, str]
    start: dict[str, float] = Field(default_factory=dict)
    target: Target | None = None
    prediction: Target | None = None
    data_weight: float = 1.0
    animals: int | None = None
    seed: int = 1
    step: float = STEP
    population: int | None = None
    check_seeds: int = CHECK_SEEDS
    budget_hours: float | None = None
    generations: int | None = None
    command: str = ""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The space that is searched."""
        return axes_named(self.parameters)

    @property
    def brain(self) -> Brain:
        """The brain that the fit starts from."""
        return Brain().with_parameters(self.start)

    def findings(self) -> tuple[list[Finding], list[Finding]]:
        """The fitted and the held-out findings.

        Raises
        ------
        OutputError
            When a finding is gone from the catalogue or asks something else than at the start.
        """
        catalogue = _catalogue()
        problems = [
            Problem(
                f"finding '{id}'",
                "is not in the catalogue any more"
                if id not in catalogue
                else "asks something else than when the fit was begun",
                "a new fit, or the version of engramlab that began this one",
            )
            for id, digest in {**self.fitted, **self.held_out}.items()
            if id not in catalogue or digest_of(catalogue[id]) != digest
        ]
        if problems:
            raise OutputError(problems)
        return [catalogue[id] for id in self.fitted], [catalogue[id] for id in self.held_out]

    def check(self) -> None:
        """Find what can be found wrong before anything is run or written.

        Raises
        ------
        ParameterError
        """
        _check_numbers(self)
        axes = self.axes
        brain = self.brain
        outside = [
            Problem(f"parameter '{axis.name}'", "has a range without width", "another parameter")
            for axis in axes
            if axis.high <= axis.low
        ]
        if outside:
            raise ParameterError(outside)
        places_of(axes, brain)

    def save(self, folder: Path) -> None:
        """Write the plan into its folder.

        Raises
        ------
        OutputError
        """
        with staged(folder) as place:
            (place / FILE).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


@cache
def _catalogue() -> dict[str, Finding]:
    """Read once: a hundred files take seconds."""
    return all_findings()


def make_plan(
    fitted: list[Finding], held_out: list[Finding], parameters: tuple[str, ...], **settings: Any
) -> FitPlan:
    """Make and check the plan of a fit.

    Parameters
    ----------
    fitted, held_out : list of Finding
    parameters : tuple of str
        As `axes_named` takes them.
    **settings
        Further fields of `FitPlan`.

    Raises
    ------
    ParameterError
        For an unknown parameter, or numbers that make no sense.
    """
    try:
        plan = FitPlan(
            parameters=tuple(axis.name for axis in axes_named(parameters)),
            fitted={finding.id: digest_of(finding) for finding in fitted},
            held_out={finding.id: digest_of(finding) for finding in held_out},
            **settings,
        )
    except ValidationError as error:  # infinite hours and the like
        raise ParameterError(
            [
                Problem(" ".join(map(str, one["loc"])), f"{one['input']!r}", one["msg"])
                for one in error.errors()
            ]
        ) from None
    plan.check()
    return plan


def read_plan(folder: Path) -> FitPlan:
    """Read the plan of a fit that is to go on.

    Raises
    ------
    OutputError
        When the folder holds no fit, a damaged one, or one that another version of engramlab began.
    """
    path = folder / FILE
    try:
        plan = FitPlan.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise OutputError(
            Problem(
                str(folder),
                f"holds no fit: it has no {FILE}",
                "a folder that 'engramlab fit' made",
            )
        ) from None
    except OSError as error:
        raise OutputError(
            Problem(str(path), f"cannot be read ({error.strerror})", "a file that you may read")
        ) from None
    except (ValueError, ValidationError, EngramlabError) as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise OutputError(Problem(str(path), f"is damaged ({first})", "a new fit")) from None
    here = {"format": FORMAT, "version": version("engramlab"), "engine": sources_digest()}
    other = [name for name, value in here.items() if getattr(plan, name) != value]
    if other:
        raise OutputError(
            Problem(
                str(folder),
                f"was begun by engramlab {plan.version} with another {', '.join(other)}: what it "
                "scored cannot be compared with what this one would score",
                "that engramlab to go on, or a new fit from its parameters (--start)",
            )
        )
    return plan


def _check_numbers(plan: FitPlan) -> None:
    checks = (
        ("budget", plan.budget_hours, 0.0, math.inf, "hours above 0"),
        ("generations", plan.generations, 0, math.inf, "1 or more"),
        ("step", plan.step, 0.0, 0.5, "above 0 and at most 0.5 of each range"),
        ("population", plan.population, 3, 10_000, "4 or more"),
        ("check seeds", plan.check_seeds, 0, 100, "1 to 100"),
        ("data weight", plan.data_weight, 0.0, math.inf, "above 0"),
        ("animals", plan.animals, 1, 1000, "2 to 1000"),
    )
    problems = [
        Problem(name, f"{value:g} is out of range", allowed)
        for name, value, above, most, allowed in checks
        if value is not None and not above < value <= most
    ]
    if plan.budget_hours is None and plan.generations is None:
        problems.append(Problem("fit", "has no end", "--budget HOURS or --generations N"))
    if not (plan.fitted or plan.target) or not (plan.held_out or plan.prediction):
        problems.append(
            Problem("fit", "has nothing to fit on or nothing held out", "at least one on each side")
        )
    if problems:
        raise ParameterError(problems)
