"""The page's own files, read once: a request names one of them and never a place on the disk."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engramlab.web.answers import missing

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


def _read(folder: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in TYPES:
            found[prefix + entry.name] = entry.read_bytes()
    return found


def router() -> APIRouter:
    """Routes ``/`` and ``/static/...``."""
    page = _read(files("engramlab.web") / "static")
    tags = {name: f'"{hashlib.sha256(content).hexdigest()[:16]}"' for name, content in page.items()}
    routes = APIRouter(include_in_schema=False)

    def serve(name: str, request: Request) -> Response:
        if name not in page:
            raise missing("file", name)
        headers = {"etag": tags[name], "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(page[name], media_type=TYPES[name.rpartition(".")[2]], headers=headers)

    @routes.get("/")
    def index(request: Request) -> Response:
        return serve("index.html", request)

    @routes.get("/favicon.ico")
    def icon(request: Request) -> Response:
        return serve("icon.svg", request)

    @routes.get("/static/{name:path}")
    def static(name: str, request: Request) -> Response:
        return serve(name, request)

    return routes
