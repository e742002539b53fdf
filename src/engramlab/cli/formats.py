"""`engramlab formats`: which data files can be read, and what each may have to be told."""

from __future__ import annotations

import textwrap

import click


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def command(name: str | None, as_json: bool) -> None:
    """List the formats that 'engramlab analyze' reads; with NAME, what that one asks for.

    A file that does not say something gets it with --tell NAME=VALUE; nothing is assumed.
    """
    from engramlab.errors import ParameterError, Problem
    from engramlab.importers import importers

    known = importers()
    if name is not None and name not in known:
        raise ParameterError(Problem("format", f"there is no '{name}'", ", ".join(known)))
    chosen = list(known.values()) if name is None else [known[name]]
    if as_json:
        from engramlab.cli._output import print_json

        print_json(
            {
                one.name: {
                    "title": one.title,
                    "reads": one.reads,
                    "extensions": one.extensions,
                    "asks": [
                        {
                            "tell": ask.name,
                            "example": ask.example,
                            "what": ask.what,
                            "when": ask.when,
                        }
                        for ask in one.asks
                    ],
                }
                for one in chosen
            }
        )
        return
    for one in chosen:
        _paragraph(f"{one.name}: {one.title}. Reads {one.reads}.", "    ")
        needed = [ask for ask in one.asks if ask.when]
        if name is None:
            if needed:
                _paragraph("    may ask for: " + ", ".join(ask.name for ask in needed), "        ")
            continue
        _paragraph(f"files: {', '.join(one.extensions)}", "    ")
        for ask in one.asks:
            when = {"": "may be told", "always": "needed"}.get(ask.when, f"needed when {ask.when}")
            _paragraph(f"{ask.flag}  {ask.what}; {when}", "    ")


def _paragraph(text: str, indent: str) -> None:
    click.echo(textwrap.fill(text, 98, subsequent_indent=indent))
