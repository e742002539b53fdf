"""Puts the server together: routes, errors, guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import Thread

from fastapi import FastAPI

from engramlab.evidence import all_findings
from engramlab.web import answers, page
from engramlab.web.laboratory import Laboratory
from engramlab.web.routes import analysis, evidence, jobs, live, protocols, record, runs, tours

ROUTERS = (
    protocols.router,
    runs.router,
    jobs.router,
    record.router,
    live.router,
    tours.router,
    analysis.router,
    evidence.router,
)


def create_app(laboratory: Laboratory) -> FastAPI:
    """Make the application, without the guard that `engramlab.web.serve` puts before it.

    Parameters
    ----------
    laboratory : Laboratory
        Where results are kept and runs are queued; started and stopped with the application.
    """

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        laboratory.start()
        Thread(target=all_findings, daemon=True).start()  # reading them takes seconds, once
        try:
            yield
        finally:
            laboratory.stop()

    app = FastAPI(
        title="engramlab",
        version=version("engramlab"),
        lifespan=life,
        openapi_url="/api/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=answers.ERRORS,
    )
    app.state.laboratory = laboratory
    answers.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/api")
    app.include_router(page.router())
    return app
