"""`engramlab paradigms`: the protocols that come with engramlab."""

from __future__ import annotations

import click


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the built-in paradigms; 'paradigms show NAME' prints one as YAML."""
    if ctx.invoked_subcommand is not None:
        return
    from engramlab.protocol import load_protocol, paradigm_names

    names = paradigm_names()
    width = max(len(name) for name in names)
    for name in names:
        click.echo(f"{name:{width}}  {load_protocol(name).title}")


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the YAML of a built-in paradigm: a start for one's own protocol."""
    from engramlab.protocol import paradigm_text

    click.echo(paradigm_text(name), nl=False)
