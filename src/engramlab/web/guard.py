"""Who may speak to the server: its own page, from its own host, with the token if one is set.

A page of another site that a user has open could otherwise post to the server (so `Origin` is
checked) or, by pointing its own name at 127.0.0.1, read from it (so `Host` is checked).
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engramlab.web.answers import ProblemAnswer, answer
from engramlab.web.limits import MAX_BODY_BYTES, MAX_UPLOAD_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
UPLOADS = frozenset({"/api/analyses"})  # paths that may take a large body
COOKIE = "engramlab-token"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "style-src-attr 'unsafe-inline'; "  # tooltips of charts; no script can hide in it
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
ASK = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>engramlab</title><link rel="stylesheet" href="/static/style.css">
<main class="ask"><h1>engramlab</h1>
<p>This laboratory is open to the network, so it asks for its token. The terminal in which
<code>engramlab lab</code> runs shows it.</p>
<form method="get" action="/"><label for="token">Token</label>
<input id="token" name="token" autocomplete="off" autofocus required>
<button class="primary">Enter</button></form>{wrong}</main></html>"""
WRONG = '<p class="problem" role="alert">That is not the token.</p>'


@dataclass(frozen=True)
class Guard:
    """Middleware before everything else.

    Parameters
    ----------
    app : ASGI application
    hosts : frozenset of str
        Names under which the server may be addressed, without port.
    any_address : bool
        Whether any numeric address is one too: the server listens on all of them, and a foreign
        page can make a name point here but no number.
    token : str
        What a visitor has to know; empty when only this machine can reach the server.
    """

    app: Any
    hosts: frozenset[str] = LOOPBACK
    any_address: bool = False
    token: str = ""
    open_paths: frozenset[str] = field(default=frozenset({"/static/style.css"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the application."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refused(scope, receive, _with_headers(send))
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        limit = MAX_UPLOAD_BYTES if scope["path"] in UPLOADS else MAX_BODY_BYTES
        length = _header(scope, b"content-length")
        if length.isdigit() and int(length) > limit:
            await _too_large(limit)(scope, receive, _with_headers(send))
            return
        await self.app(scope, _bounded(receive, limit), _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        host = _header(scope, b"host")
        if not self._known_host(host):
            return _no(403, f"this server is not '{host[:80]}'")
        origin = _header(scope, b"origin")
        if origin and origin.partition("://")[2] != host:
            return _no(403, "requests from another site are refused")
        if _header(scope, b"sec-fetch-site") in ("cross-site", "same-site") and (
            scope.get("method") != "GET" or scope["path"].startswith("/api/")
        ):
            return _no(403, "requests from another site are refused")
        if not self.token or scope["path"] in self.open_paths:
            return None
        return self._without_token(scope)

    def _known_host(self, host: str) -> bool:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if name.lower() in self.hosts:
            return True
        if not self.any_address:
            return False
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True

    def _without_token(self, scope: Scope) -> Response | None:
        shown = _header(scope, b"authorization").removeprefix("Bearer ")
        cookie: SimpleCookie = SimpleCookie()
        try:
            cookie.load(_header(scope, b"cookie"))
        except CookieError:
            cookie.clear()
        kept = cookie[COOKIE].value if COOKIE in cookie else ""
        if self._is_token(shown) or self._is_token(kept):
            return None
        if scope["type"] == "websocket" or scope["path"] != "/":
            return _no(401, "the token is missing; open the address that the terminal shows")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._is_token(given):
            return HTMLResponse(ASK.format(wrong=WRONG if given else ""), 401)
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, given, httponly=True, samesite="strict")
        return response

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _no(status: int, what: str) -> Response:
    return answer(status, [ProblemAnswer(what=what)])


def _too_large(limit: int) -> Response:
    return answer(
        413,
        [ProblemAnswer(what="this is too large", allowed=f"at most {limit / 1e6:g} MB")],
    )


def _bounded(receive: Receive, limit: int) -> Receive:
    """Stop reading a body that is longer than it may be, whatever its header says."""
    seen = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"this is too large; at most {limit / 1e6:g} MB")
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            names = {name.lower() for name, _ in headers}
            headers += [header for header in HEADERS if header[0] not in names]
            if b"content-security-policy" not in names:
                headers.append((b"content-security-policy", CONTENT_POLICY.encode()))
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await send(message)

    return sending
