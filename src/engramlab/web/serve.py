"""Starts the server and opens the page."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from engramlab.errors import OutputError, ParameterError, Problem
from engramlab.web.app import create_app
from engramlab.web.guard import LOOPBACK, Guard
from engramlab.web.laboratory import Laboratory

if TYPE_CHECKING:
    from engramlab.cohort import Workers


LOCK = ".engramlab-lab.lock"


def serve(
    results: Path,
    *,
    host: str,
    port: int,
    open_page: bool,
    token: str | None,
    workers: Workers,
) -> None:
    """Serve the laboratory until Ctrl-C.

    Parameters
    ----------
    results : Path
        Results folder.
    host : str
        Address to listen on; beyond this machine a token is asked for.
    port : int
        0 takes a free one.
    open_page : bool
        Open it in the user's browser.
    token : str or None
        The token to ask for; default a new one where one is needed.
    workers : int or str, optional
        Where animals are run, as in `engramlab.cohort.run_cohort`.

    Raises
    ------
    ParameterError
        When the address cannot be listened on.
    OutputError
        When the results folder cannot be one, or another laboratory works in it.
    """
    with _alone_in(results):
        _serve(results, host, port, open_page, token, workers)


def _serve(
    results: Path, host: str, port: int, open_page: bool, token: str | None, workers: Workers
) -> None:
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    local = _is_loopback(host)
    token = token or ("" if local else secrets.token_urlsafe(18))
    guard = Guard(
        create_app(Laboratory(results, workers)),
        hosts=LOOPBACK | {host.lower(), socket.gethostname().lower()},
        any_address=not local,
        token=token,
    )
    shown = host if host not in ("0.0.0.0", "::") else _own_address()
    name = f"[{shown}]" if ":" in shown else shown
    address = f"http://{name}:{port}/" + (f"?token={token}" if token else "")
    print(f"engramlab: the laboratory is at {address}", flush=True)
    print(f"engramlab: results are kept in {results.resolve()}; Ctrl-C ends it", flush=True)
    if open_page:
        threading.Timer(1.0, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        guard, log_level="warning", access_log=False, lifespan="on", server_header=False
    )
    with suppress(KeyboardInterrupt):  # which uvicorn raises again after it has ended well
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def _alone_in(results: Path) -> Iterator[None]:
    """Keep a second laboratory from working on the same queue."""
    try:
        results.mkdir(parents=True, exist_ok=True)
        held = (results / LOCK).open("a")
    except OSError as error:
        reason = "is a file" if results.is_file() else f"cannot be written ({error.strerror})"
        raise OutputError(Problem(str(results), reason, "a folder (--results DIR)")) from None
    with held:
        try:
            import fcntl
        except ImportError:  # Windows, where nothing keeps them apart
            yield
            return
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputError(
                Problem(
                    str(results),
                    "another laboratory works in this folder",
                    "its page, or another folder (--results DIR)",
                )
            ) from None
        yield


def _own_address() -> str:
    """The address under which others see this machine; nothing is sent to find it."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))  # reserved for documentation: RFC 5737
        return str(asking.getsockname()[0])
    return socket.gethostname()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
    except OSError as error:
        raise ParameterError(
            Problem(
                f"--host {host} --port {port}",
                f"cannot be listened on ({error.strerror or error})",
                "another port (--port N; 0 takes a free one), an address of this machine",
            )
        ) from None
    return listening
