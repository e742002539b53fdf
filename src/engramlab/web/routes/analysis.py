"""Real data: the measures of `engramlab analyze` on an uploaded file, beside a model cohort."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field, JsonValue
from starlette.concurrency import run_in_threadpool

from engramlab.importers import importers
from engramlab.web.answers import Problems, answer
from engramlab.web.laboratory import Lab
from engramlab.web.uploads import SUFFIXES, preview, safe_name

router = APIRouter(prefix="/analyses", tags=["analysis"])
Text = Annotated[str, Field(max_length=200)]
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AskOut(BaseModel):
    """Something that a file of a format may not say."""

    name: str
    example: str
    what: str
    when: str


class FormatOut(BaseModel):
    """A format that can be read."""

    name: str
    title: str
    reads: str
    asks: list[AskOut]


class UploadOut(BaseModel):
    """A file that was taken in; `columns` of a plain table with their values where few."""

    id: str
    name: str
    size_bytes: int
    columns: dict[str, list[str]]


class ColumnsIn(BaseModel):
    """Which column means what, which rows to keep, what measures and conditions are called."""

    columns: Annotated[dict[Text, Text], Field(max_length=20)] = {}
    where: Annotated[dict[Text, Text], Field(max_length=20)] = {}
    freezing: Text = "freezing"
    training: Text = "training"
    novel: Text = "novel"
    discrimination: Text = "discrimination"


class AnalysisIn(BaseModel):
    """How to analyse an upload."""

    format: Text | None = None
    told: Annotated[dict[Text, Text], Field(max_length=40)] = {}
    columns: ColumnsIn = ColumnsIn()
    run: Text | None = None
    training: Text | None = None
    novel: Text | None = None


class TableOut(BaseModel):
    """A table; `of` rows in all, of which the first are here."""

    columns: list[str]
    rows: list[list[JsonValue]]
    of: int


class AnalysisOut(BaseModel):
    """What a file holds, measured."""

    kind: str
    summary: str
    names: dict[str, str] = {}
    beside: str = ""
    tables: dict[str, TableOut]


@router.get("/formats")
def formats() -> list[FormatOut]:
    """The formats that can be read."""
    return [
        FormatOut(
            name=one.name,
            title=one.title,
            reads=one.reads,
            asks=[
                AskOut(name=ask.name, example=ask.example, what=ask.what, when=ask.when)
                for ask in one.asks
            ],
        )
        for one in importers().values()
    ]


@router.post("", status_code=201, openapi_extra=FILE_BODY)
async def upload(
    request: Request, lab: Lab, name: Annotated[str, Query(min_length=1, max_length=200)]
) -> UploadOut:
    """Take a file in; only the ending of its name is used."""
    kept = safe_name(name)
    if kept is None:
        raise HTTPException(
            422, f"'{name[-40:]}' has no ending of a known format: {', '.join(SUFFIXES)}"
        )
    place, size = lab.uploads.new(kept), 0
    try:
        with place.path.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                await run_in_threadpool(file.write, chunk)
    except BaseException:
        lab.uploads.forget(place.id)
        raise
    if not size:
        lab.uploads.forget(place.id)
        raise HTTPException(422, "the file is empty")
    columns = await run_in_threadpool(preview, place)
    return UploadOut(id=place.id, name=kept, size_bytes=size, columns=columns)


@router.post("/{id}", response_model=AnalysisOut)
def analyse(id: Annotated[str, Path(max_length=40)], wanted: AnalysisIn, lab: Lab) -> Any:
    """Analyse an upload, beside a finished run if one is named."""
    run = lab.results.run(wanted.run).path.resolve() if wanted.run else None
    told = {**wanted.model_dump(), "run": str(run) if run else None}
    found = lab.uploads.read(lab.uploads.get(id), told)
    if "problems" in found:
        return answer(422, Problems(problems=found["problems"]).problems)
    return found["result"]
