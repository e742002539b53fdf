"""`engramlab mechanisms`: what the brain is made of."""

from __future__ import annotations

import textwrap

import click


@click.command()
@click.argument("name", required=False)
@click.option("--parameters", is_flag=True, help="Also list every parameter.")
@click.option("--markdown", is_flag=True, help="Print the documentation's page of all of them.")
def command(name: str | None, parameters: bool, markdown: bool) -> None:
    """List the brain's mechanisms; with NAME, its equation, sources and parameters.

    A mechanism is switched off with 'engramlab run --without NAME', a parameter is changed with
    '--set PARAMETER=VALUE'.
    """
    from engramlab.brain import Brain
    from engramlab.errors import ParameterError, Problem

    brain = Brain.default()
    if markdown:
        from engramlab.brain.markdown import mechanisms_markdown

        click.echo(mechanisms_markdown(brain), nl=False)
        return
    if name is None:
        for mechanism in brain.mechanisms:
            _paragraph(f"{mechanism.name}: {mechanism.summary}")
        if parameters:
            click.echo()
            _parameters(brain.parameter_table())
        return
    found = [mechanism for mechanism in brain.mechanisms if mechanism.name == name]
    if not found:
        known = ", ".join(mechanism.name for mechanism in brain.mechanisms)
        raise ParameterError(Problem("mechanism", f"there is no '{name}'", known))
    mechanism = found[0]
    _paragraph(mechanism.summary)
    _paragraph(f"equation: {mechanism.equation}")
    for source in mechanism.sources:
        _paragraph(f"source: {source}")
    _parameters([row for row in brain.parameter_table() if row[0] == name])


def _paragraph(text: str) -> None:
    click.echo(textwrap.fill(text, 98, subsequent_indent="    "))


def _parameters(rows: list[tuple[str, str, float, str, str, str]]) -> None:
    for owner, name, value, unit, allowed, source in rows:
        unit = "" if unit == "1" else f" {unit}"
        _paragraph(f"{name} = {value:g}{unit}  ({allowed}; {owner}; {source})")
