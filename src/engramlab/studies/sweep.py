"""A sweep: one protocol with many brains, on this machine or a cluster.

The same virtual animals (seed, group, number) live through the protocol with every brain, so points
differ by their parameters and not by who was drawn.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from engramlab.brain import Brain
from engramlab.cohort import Cohort, Workers, check_size, run_cohorts
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import InputError, OutputError, ParameterError, Problem
from engramlab.kernel import sources_digest
from engramlab.protocol import Protocol
from engramlab.protocol.messages import did_you_mean
from engramlab.record import assemble, staged
from engramlab.record.table import MEASURES, make_table
from engramlab.studies.result import append_lines, read_lines
from engramlab.studies.sweep_design import Dimension, Values, points_of
from engramlab.studies.sweep_tables import KEYS, effects, sensitivity

HEADER, POINTS = "sweep.json", "points.jsonl"
FORMAT = 1
ANIMALS, SAMPLES = 6, 64


@dataclass(frozen=True)
class SweepPlan:
    """All that decides the numbers of a sweep.

    Parameters
    ----------
    protocol : Protocol
    dimensions : tuple of Dimension
        What varies: the grid first.
    samples : int
        Samples of the dimensions that are drawn.
    indices : bool
        Draw them so that sensitivity indices can be estimated.
    measures : tuple of str
        As in the tidy table of a run.
    animals : int
        Animals in each group.
    seed : int
        Of animals and samples.
    brain : Brain
        What all points have in common.
    """

    protocol: Protocol
    dimensions: tuple[Dimension, ...]
    samples: int = SAMPLES
    indices: bool = False
    measures: tuple[str, ...] = ("freezing",)
    animals: int = ANIMALS
    seed: int = 1
    brain: Brain = field(default_factory=Brain)

    @cached_property
    def points(self) -> list[Values]:
        """Values of every point, in the order of `names`."""
        return points_of(self.dimensions, self.samples, self.seed, indices=self.indices)

    @property
    def names(self) -> list[str]:
        """Names of the parameters that vary."""
        return [one.name for one in self.dimensions]

    def brain_at(self, point: int) -> Brain:
        """The brain of a point."""
        return self.brain.with_parameters(dict(zip(self.names, self.points[point], strict=True)))

    def check(self) -> None:
        """Find what can be found wrong before anything is run or written.

        Raises
        ------
        ParameterError
        """
        problems = [
            Problem(
                f"--measure {name}",
                "there is no such measure",
                did_you_mean(name, MEASURES) + "one of " + ", ".join(MEASURES),
            )
            for name in self.measures
            if name not in MEASURES
        ]
        for name, group in self.protocol.groups.items():
            fixed = [own for own in self.names if own in group.parameters]
            problems += [
                Problem(
                    f"{self.protocol.name}, group '{name}'",
                    f"has its own value of '{own}', which would not vary",
                    "another parameter, or a protocol without it",
                )
                for own in fixed
            ]
            self.brain.with_parameters(group.parameters).without(*group.without)
        if problems:
            raise ParameterError(problems)
        check_size(self.protocol, self.animals)
        _ = self.points

    def identity(self) -> dict[str, Any]:
        """What two sweeps have to share for one to go on from the other's points."""
        return {
            "format": FORMAT,
            "version": version("engramlab"),
            "engine": sources_digest(),
            "protocol": self.protocol.name,
            "protocol_content": self.protocol.to_yaml(),
            "varied": self.names,
            "measures": list(self.measures),
            "animals": self.animals,
            "seed": self.seed,
            "brain": {
                "digest": self.brain.digest(),
                "changed": dict(self.brain.changed),
                "switched_off": list(self.brain.switched_off),
            },
        }


@dataclass(frozen=True)
class Sweep:
    """What a sweep found.

    Parameters
    ----------
    plan : SweepPlan
    table : DataFrame
        One row a point, group, session and measure: the varied parameters, then ``group, session,
        hours, context, probe, measure, region, tag, cells, unit``, and ``animals``, ``mean`` and
        ``sd`` over animals.
    failed : DataFrame
        Points that cannot be run (light on a tag that no cell has), and why.
    """

    plan: SweepPlan
    table: pd.DataFrame
    failed: pd.DataFrame

    @cached_property
    def effects(self) -> pd.DataFrame:
        """How far each mean goes and how it goes with each parameter: see `effects`."""
        return effects(self.table, self.plan.names)

    @cached_property
    def indices(self) -> pd.DataFrame | None:
        """Sobol sensitivity indices: see `sensitivity`; None where they were not asked for."""
        if not self.plan.indices:
            return None
        return sensitivity(self.table, self.plan.dimensions, self.plan.samples, self.plan.seed)

    def target(self, row: Mapping[Any, Any]) -> str:
        """What a row's mean is of, in words."""
        names = ["group", *(KEYS if len(self.plan.measures) > 1 else KEYS[1:])]
        return " ".join(str(row[name]) for name in names if str(row[name]))

    def summary(self) -> str:
        """What varies most and with what, on a screen."""
        plan = self.plan
        groups = len(plan.protocol.groups)
        lines = [
            f"{plan.protocol.name}: {len(plan.points)} brains x {groups} groups x {plan.animals} "
            f"animals, seed {plan.seed}, engramlab {version('engramlab')}",
            f"varied: {'  '.join(str(one) for one in plan.dimensions)}",
        ]
        if len(self.failed):
            count = f"{len(self.failed)} of {len(plan.points)}"
            lines.append(f"{count} brains cannot run this protocol: see failed.csv")
        moving = self.effects[self.effects["spread"] > 0]
        if len(self.table) and not len(moving):
            lines += ["", "No mean differs between these brains: what varies does nothing here."]
        shown = moving.head(12)
        if len(shown):
            lines += [
                "",
                "Means over animals that differ most between brains, and rank correlation",
            ]
            texts = pd.DataFrame(
                {
                    "": [self.target(row) for row in shown.to_dict("records")],
                    "lowest": [f"{value:.3g}" for value in shown["lowest"]],
                    "highest": [f"{value:.3g}" for value in shown["highest"]],
                    **{
                        name: [f"{x:+.2f}" if x == x else "" for x in shown[name]]
                        for name in plan.names[:4]
                    },
                }
            )
            lines.append(texts.to_string(index=False))
        found = self.indices
        if found is not None and len(found):
            lines += ["", "Share of the variance between brains (total Sobol index)"]
            first = found[found["target"] == found["target"].iloc[0]]
            lines += [
                f"  {row['parameter']:<32} {row['total']:.2f} [{row['total_low']:.2f}, "
                f"{row['total_high']:.2f}]"
                for row in first.to_dict("records")
            ]
            lines.append(f"  of {first['target'].iloc[0]}; the page has all")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content, without the table."""
        found = self.indices
        return {
            **self.plan.identity(),
            "dimensions": [
                {
                    "parameter": one.name,
                    "belongs_to": one.owner,
                    "unit": one.parameter.unit,
                    "design": str(one),
                    "default": self.plan.brain.parameters[one.name],
                }
                for one in self.plan.dimensions
            ],
            "samples": self.plan.samples if any(d.drawn for d in self.plan.dimensions) else None,
            "points": len(self.plan.points),
            "failed": json.loads(self.failed.to_json(orient="records")),
            "effects": json.loads(self.effects.to_json(orient="records")),
            "indices": None if found is None else json.loads(found.to_json(orient="records")),
        }

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


def run_sweep(
    plan: SweepPlan,
    folder: Path | None = None,
    *,
    workers: Workers = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Run the points that are not in the folder yet.

    Parameters
    ----------
    plan : SweepPlan
    folder : Path, optional
        Finished points are kept there and not run again; samples or values of the grid may be
        added later.
    workers : int or str, optional
        As `engramlab.run` takes them; the results do not depend on it.
    on_progress : callable, optional
        Called with (animals done, animals in all).

    Raises
    ------
    ParameterError
        For a plan that makes no sense.
    OutputError
        When the folder holds another sweep, or cannot be written.
    """
    plan.check()
    if folder is not None:
        begin(plan, folder)
    kept = {} if folder is None else dict(_kept(folder, plan))
    left = [number for number, values in enumerate(plan.points) if values not in kept]
    left = list({plan.points[number]: number for number in reversed(left)}.values())[::-1]
    size = plan.animals * len(plan.protocol.groups)
    known = size * (len(plan.points) - len(left))
    cohorts = [Cohort(plan.protocol, plan.animals, plan.seed, plan.brain_at(n)) for n in left]

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(known + done, known + total)

    running = run_cohorts(cohorts, workers=workers, on_progress=progress)
    for number, records in running:
        values = plan.points[left[number]]
        line = _line(plan, cohorts[number], values, records)
        kept[values] = line
        if folder is not None:
            append_lines(folder / POINTS, [line])
    return _result(plan, kept)


def _line(
    plan: SweepPlan, cohort: Cohort, values: Values, records: list[AnimalRecord] | InputError
) -> dict[str, Any]:
    """What is kept of a point."""
    if isinstance(records, InputError):
        return {"values": list(values), "error": " ".join(str(records).split()), "rows": []}
    table = make_table(assemble(records, plan.protocol, cohort.brain))
    table = table[table["measure"].isin(plan.measures)]
    rows = []
    keys = ["group", *KEYS, "hours", "context", "probe", "unit"]
    for key, part in table.groupby(keys, sort=False, dropna=False):
        numbers = part["value"]
        found: dict[str, Any] = dict(zip(keys, key, strict=True))
        hours = float(found["hours"])
        found["hours"] = None if math.isnan(hours) else hours
        found["probe"] = bool(found["probe"])
        sd = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
        rows.append({**found, "animals": len(numbers), "mean": float(numbers.mean()), "sd": sd})
    return {"values": list(values), "error": "", "rows": rows}


def _result(plan: SweepPlan, kept: Mapping[Values, dict[str, Any]]) -> Sweep:
    columns = ["group", "session", "hours", "context", "probe", "measure", "region", "tag", "cells"]
    columns += ["unit", "animals", "mean", "sd"]
    rows, failed = [], []
    for number, values in enumerate(plan.points):
        line = kept[values]
        point = {"point": number, **dict(zip(plan.names, values, strict=True))}
        if line["error"]:
            failed.append({**point, "error": line["error"]})
        rows += [{**point, **{name: row[name] for name in columns}} for row in line["rows"]]
    table = pd.DataFrame(rows, columns=["point", *plan.names, *columns])
    numeric = {"hours": "float64", "mean": "float64", "sd": "float64"}
    return Sweep(
        plan,
        table.astype(numeric),
        pd.DataFrame(failed, columns=["point", *plan.names, "error"]),
    )


def begin(plan: SweepPlan, folder: Path) -> None:
    """Write what the sweep is into its folder, or see that it is the one begun there.

    Raises
    ------
    OutputError
        When the folder holds another sweep or something else.
    """
    identity = plan.identity()
    path = folder / HEADER
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problem = Problem(str(path), f"cannot be read ({error})", "a new folder (--out DIR)")
            raise OutputError(problem) from error
        other = [name for name, value in identity.items() if found.get(name) != value]
        if other:
            raise OutputError(
                Problem(
                    str(folder),
                    f"holds another sweep (different {', '.join(other)}); nothing was touched",
                    "the same command as before, or a new folder (--out DIR)",
                )
            )
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(
            Problem(
                str(folder),
                "exists already and holds no sweep; nothing in it was touched",
                "a new folder (--out DIR)",
            )
        )
    with staged(folder) as place:
        text = json.dumps({**identity, "status": "running"}, indent=2)
        (place / HEADER).write_text(text + "\n", encoding="utf-8")


def _kept(folder: Path, plan: SweepPlan) -> Iterator[tuple[Values, dict[str, Any]]]:
    """Points that an earlier, stopped sweep of this identity left."""
    wanted = set(plan.points)
    for line in read_lines(folder / POINTS):
        values = tuple(line["values"])
        if values in wanted:
            yield values, line


def measures_named(texts: Sequence[str]) -> tuple[str, ...]:
    """Measures, each once; commas may stand between them."""
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part)) or ("freezing",)
