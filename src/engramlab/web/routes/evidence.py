"""Published findings, scorecards and ablation matrices."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, JsonValue

from engramlab.brain import Brain
from engramlab.evidence import Finding, all_findings, chosen, finding_ids, out_of_scope
from engramlab.evidence.words import in_words
from engramlab.report.scorecard import DATA
from engramlab.studies.ablation import FULL, HEADER, RESULTS, names_mechanism
from engramlab.web.answers import missing
from engramlab.web.laboratory import Lab, Laboratory
from engramlab.web.limits import MAX_ANIMALS, Number, Seed
from engramlab.web.queue import Job, Kind
from engramlab.web.results import read_json
from engramlab.web.routes.jobs import JobOut, enqueue, out

router = APIRouter(prefix="/evidence", tags=["evidence"])
Id = Annotated[str, Path(max_length=130)]
FindingId = Annotated[str, Field(max_length=80)]
NEWEST = "newest"


class PredicateOut(BaseModel):
    """Something a finding asks for."""

    expr: str
    words: str
    kind: str
    control: bool
    soft: bool
    why: str


class FindingOut(BaseModel):
    """A published finding as the catalogue has it."""

    id: str
    title: str
    claim: str
    topic: str
    tier: str
    counted: bool
    citation: str
    doi: str | None
    protocol: str
    groups: dict[str, str]
    animals: int
    predicates: list[PredicateOut]
    published_values: list[dict[str, str]]
    not_tested: list[str]
    contradicting: str
    explanation: str


class OutOfScopeOut(BaseModel):
    """A published finding that cannot be tested here."""

    id: str
    title: str
    citation: str
    reason: str


class Catalogue(BaseModel):
    """All findings."""

    findings: list[FindingOut]
    out_of_scope: list[OutOfScopeOut]


class SavedOut(BaseModel):
    """A saved evaluation or ablation."""

    id: str
    date: str
    findings: int
    held: float | None = None
    counted: int | None = None
    seeds: list[int]
    switched_off: list[str]
    changed: dict[str, float]
    complete: bool = True


class EvaluationIn(BaseModel):
    """Findings to score; none named means all."""

    only: list[FindingId] = Field([], max_length=500)
    animals: Annotated[int, Field(strict=True, ge=2, le=MAX_ANIMALS)] | None = None
    seed: Seed = 1
    without: list[Annotated[str, Field(max_length=80)]] = Field([], max_length=100)
    parameters: dict[str, Number] = {}


class AblationIn(BaseModel):
    """Findings to score without each mechanism in turn."""

    only: list[FindingId] = Field(min_length=1, max_length=500)
    animals: Annotated[int, Field(strict=True, ge=2, le=MAX_ANIMALS)] | None = None
    seed: Seed = 1


class LineOut(BaseModel):
    """What became of one predicate; the margin has its 95 % interval."""

    passed: bool
    margin: float | None
    low: float | None
    high: float | None


class CellOut(BaseModel):
    """A finding without a mechanism: falls, holds, gained, fails, n/a, or nothing known."""

    state: str
    error: str = ""
    lines: list[LineOut] = []


class MatrixOut(BaseModel):
    """An ablation: mechanism -> finding -> cell, with the full brain under an empty name."""

    id: str
    seed: int
    animals: int | None
    complete: bool
    mechanisms: list[str]
    findings: list[str]
    cells: dict[str, dict[str, CellOut]]


@router.get("/findings")
def findings() -> Catalogue:
    """The catalogue."""
    return Catalogue(
        findings=[_finding(finding) for finding in all_findings().values()],
        out_of_scope=[
            OutOfScopeOut(id=o.id, title=o.title, citation=str(o.citation), reason=o.reason)
            for o in out_of_scope()
        ],
    )


def _finding(finding: Finding) -> FindingOut:
    return FindingOut(
        **finding.model_dump(
            include={"id", "title", "claim", "topic", "tier", "animals", "contradicting"}
        ),
        counted=finding.counted,
        citation=str(finding.citation),
        doi=finding.citation.doi,
        protocol=finding.plan.name,
        groups={name: group.title or name for name, group in finding.plan.groups.items()},
        predicates=[
            PredicateOut(**predicate.model_dump(), words=in_words(predicate.expr))
            for predicate in finding.predicates
        ],
        published_values=[
            {name: str(value) for name, value in published.model_dump().items()}
            for published in finding.published_values
        ],
        not_tested=list(finding.not_tested),
        explanation=finding.explanation,
    )


@router.get("/scorecards")
def scorecards(lab: Lab) -> list[SavedOut]:
    """Saved evaluations, newest first, those of the command line among them."""
    found = []
    for id, folder in lab.results.with_file(DATA).items():
        content = _scorecard(folder)
        if content is not None:
            found.append(
                SavedOut(
                    id=id,
                    date=_date(folder / DATA),
                    findings=len(content["findings"]),
                    held=content["overall"]["held"],
                    counted=content["overall"]["of"],
                    seeds=content["seeds"],
                    switched_off=content["brain"]["switched_off"],
                    changed=content["brain"]["changed"],
                )
            )
    return found


@router.get("/scorecards/{id}")
def scorecard(id: Id, lab: Lab) -> dict[str, JsonValue]:
    """A saved evaluation; 'newest' puts together the newest one of each finding, default brain."""
    saved = lab.results.with_file(DATA)
    if id == NEWEST:
        return _newest(list(saved.values()))
    if id not in saved:
        raise missing("scorecard", id)
    content = _scorecard(saved[id])
    if content is None:
        raise missing("readable scorecard", id)
    return content


@router.post("/scorecards", status_code=202)
def evaluate(wanted: EvaluationIn, lab: Lab) -> JobOut:
    """Queue an evaluation."""
    chosen(tuple(wanted.only))  # says which name is unknown
    Brain.default().with_parameters(wanted.parameters).without(*wanted.without)
    name = wanted.only[0] if len(wanted.only) == 1 else "some" if wanted.only else "all"
    off = "".join(f"-without-{mechanism}" for mechanism in wanted.without)
    job = _job(lab, "evaluate", f"evaluate-{name}{off}-seed{wanted.seed}", wanted.model_dump())
    return out(job)


@router.get("/ablations")
def ablations(lab: Lab) -> list[SavedOut]:
    """Saved ablations, newest first."""
    found = []
    for id, folder in lab.results.with_file(HEADER).items():
        header = read_json(folder / HEADER)
        if isinstance(header, dict) and isinstance(header.get("brain"), dict):
            lines = _lines(folder)
            found.append(
                SavedOut(
                    id=id,
                    date=_date(folder / HEADER),
                    findings=len({line["finding"] for line in lines}),
                    seeds=[int(header.get("seed", 1))],
                    switched_off=header["brain"].get("switched_off", []),
                    changed=header["brain"].get("changed", {}),
                    complete=header.get("status") == "complete",
                )
            )
    return found


@router.get("/ablations/{id}")
def ablation(id: Id, lab: Lab) -> MatrixOut:
    """The matrix of a saved ablation, also of one that is still being made."""
    folder = lab.results.with_file(HEADER).get(id)
    if folder is None:
        raise missing("ablation", id)
    header, catalogue = read_json(folder / HEADER), all_findings()
    known = {
        (line["key"], line["finding"]): line
        for line in _lines(folder)
        if line["finding"] in catalogue
    }
    mechanisms = sorted({key for key, _ in known if key != FULL})
    names = [name for name in catalogue if (FULL, name) in known]
    return MatrixOut(
        id=id,
        seed=int(header.get("seed", 1)),
        animals=header.get("animals"),
        complete=header.get("status") == "complete",
        mechanisms=mechanisms,
        findings=names,
        cells={
            key: {name: _cell(known, key, catalogue[name]) for name in names}
            for key in (FULL, *mechanisms)
        },
    )


@router.post("/ablations", status_code=202)
def ablate(wanted: AblationIn, lab: Lab) -> JobOut:
    """Queue an ablation."""
    chosen(tuple(wanted.only))
    name = wanted.only[0] if len(wanted.only) == 1 else "some"
    return out(_job(lab, "ablate", f"ablation-{name}-seed{wanted.seed}", wanted.model_dump()))


def _job(lab: Laboratory, kind: Kind, name: str, told: dict[str, Any]) -> Job:
    waiting = {job.id for job in lab.queue.jobs().values()}
    id, number = lab.results.new_id(name), 1
    while id in waiting:  # its folder is made only when it is done
        number += 1
        id = lab.results.new_id(f"{name}-{number}")
    job = Job(id, kind, {**told, "folder": str(lab.results.folder / id)})
    enqueue(lab, job)
    return job


def _cell(known: dict[tuple[str, str], Any], key: str, finding: Finding) -> CellOut:
    before, after = known[FULL, finding.id], known.get((key, finding.id))
    if after is None:
        return CellOut(state="n/a" if key and names_mechanism(finding, key) else "unknown")
    state = "holds" if after["passed"] else "fails"
    if key != FULL and before["passed"] != after["passed"]:
        state = "falls" if before["passed"] else "gained"
    lines = [
        LineOut(**{name: line[name] for name in ("passed", "margin", "low", "high")})
        for line in after["lines"]
    ]
    return CellOut(state=state, error=after["error"], lines=lines)


def _lines(folder: FilePath) -> list[dict[str, Any]]:
    """Results kept so far; a line that is just being written is left out."""
    try:
        text = (folder / RESULTS).read_text(encoding="utf-8")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict) and {"key", "finding", "passed", "lines"} <= content.keys():
            found.append({"error": "", **content})
    return found


def _scorecard(folder: FilePath) -> dict[str, Any] | None:
    content = read_json(folder / DATA)
    keys = {"findings", "overall", "seeds", "brain"}
    return content if isinstance(content, dict) and keys <= content.keys() else None


def _newest(folders: list[FilePath]) -> dict[str, Any]:
    """The newest outcome of each finding with the default brain."""
    found: dict[str, Any] = {}
    known = set(finding_ids())
    for folder in folders:
        content = _scorecard(folder)
        if content is None or content["brain"]["switched_off"] or content["brain"]["changed"]:
            continue
        for finding in content["findings"]:
            if finding["id"] in known:
                found.setdefault(finding["id"], {**finding, "from": folder.name})
    counted = [finding for finding in found.values() if finding["counted"]]
    return {
        "findings": list(found.values()),
        "overall": {
            "held": math.fsum(finding["share_of_seeds"] for finding in counted),
            "of": len(counted),
            "always": sum(finding["share_of_seeds"] == 1 for finding in counted),
        },
        "seeds": sorted({o["seed"] for f in found.values() for o in f["outcomes"]}),
        "brain": {"switched_off": [], "changed": {}},
    }


def _date(path: FilePath) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
