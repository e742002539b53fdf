"""`engramlab lab`: the laboratory in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.cli._options import worker_options
from engramlab.errors import ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.cohort import Workers


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)
@click.option("--open/--no-open", "open_page", default=True, help="Open it in the browser.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    help="Folder of results; runs of the command line in it appear too.",
)
@click.option(
    "--token", metavar="TEXT", help="Ask for this token. [default: with --host a new one]"
)
@worker_options
def command(
    host: str,
    port: int,
    open_page: bool,
    results: Path,
    token: str | None,
    workers: Workers,
) -> None:
    """Open the laboratory in a browser: design, run, see, intervene, learn, analyse.

    It is served from this machine to this machine and loads nothing from elsewhere. With --host
    others can reach it, and it asks for a token.
    """
    try:
        from engramlab.web.serve import serve
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn", "starlette"):
            raise
        raise ParameterError(
            Problem(
                "engramlab lab",
                f"needs {error.name}, which is not installed",
                "pip install 'engramlab[web]'; 'python3 tasks.py setup' installs it too",
            )
        ) from None
    serve(results, host=host, port=port, open_page=open_page, token=token, workers=workers)
