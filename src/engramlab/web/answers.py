"""What the server says when something is wrong: always a list of problems, never a traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from engramlab.errors import EngramlabError, InputError, Problem

LOG = logging.getLogger("engramlab.web")
LINE = re.compile(r", line (\d+)")


class ProblemAnswer(BaseModel):
    """One thing wrong: where (with its line in a YAML text), what, and what would be right."""

    where: str = ""
    line: int | None = None
    what: str
    allowed: str = ""


class Problems(BaseModel):
    """Body of every answer whose status is not 2xx."""

    problems: list[ProblemAnswer]


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problems, "description": "The request is malformed"},
    401: {"model": Problems, "description": "The token is missing or wrong"},
    403: {"model": Problems, "description": "From another site or for another host"},
    404: {"model": Problems, "description": "There is nothing of this name"},
    409: {"model": Problems, "description": "Not possible in this state"},
    413: {"model": Problems, "description": "Too large"},
    422: {"model": Problems, "description": "What is asked for is not valid"},
}


def answered(problem: Problem) -> ProblemAnswer:
    """Take the line out of a problem's place, for an editor that can go there."""
    found = LINE.search(problem.where)
    return ProblemAnswer(
        where=LINE.sub("", problem.where).removeprefix("protocol, "),
        line=int(found[1]) if found else None,
        what=problem.what,
        allowed=problem.allowed,
    )


def problems_in(error: EngramlabError) -> list[ProblemAnswer]:
    """All problems of an error."""
    if isinstance(error, InputError):
        return [answered(problem) for problem in error.problems]
    return [ProblemAnswer(what=str(error))]


def missing(kind: str, name: str) -> HTTPException:
    """A 404 that says what there is none of; raise it."""
    return HTTPException(404, f"there is no {kind} '{name[:80]}'")


def answer(status: int, problems: Sequence[ProblemAnswer]) -> JSONResponse:
    """A response that carries problems."""
    return JSONResponse(Problems(problems=list(problems)).model_dump(), status)


def install(app: FastAPI) -> None:
    """Let every error of a route become such an answer."""

    @app.exception_handler(EngramlabError)
    async def of_laboratory(_: Request, error: EngramlabError) -> JSONResponse:
        return answer(422, problems_in(error))

    @app.exception_handler(RequestValidationError)
    async def of_request(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer(
            422,
            [
                ProblemAnswer(
                    where=".".join(str(part) for part in detail["loc"] if part != "body"),
                    what=str(detail["msg"]),
                )
                for detail in error.errors()
            ],
        )

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        response = answer(error.status_code, [ProblemAnswer(what=str(error.detail))])
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def of_ours(request: Request, error: Exception) -> JSONResponse:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return answer(
            500,
            [
                ProblemAnswer(
                    what="this is a fault of engramlab; the terminal in which it runs says more"
                )
            ],
        )
