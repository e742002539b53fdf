"""`engramlab findings`: the catalogue of published findings."""

from __future__ import annotations

import textwrap

import click


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List the published findings that the brain is scored on; 'findings show ID' explains one."""
    if context.invoked_subcommand is not None:
        return
    from engramlab.evidence import all_findings

    for finding in all_findings().values():
        counted = "" if finding.counted else ", not counted"
        click.echo(f"{finding.id:<22} {finding.title}  [{finding.topic}{counted}]")


@command.command()
@click.argument("id")
def show(id: str) -> None:
    """Explain the finding ID: claim, citation, predicates, time line, provenance."""
    from engramlab.evidence import chosen

    finding = chosen((id,))[0]
    cited = finding.citation
    doi = f", doi {cited.doi}" if cited.doi else ""
    _paragraph(f"{finding.title}\n")
    _paragraph(finding.claim)
    _paragraph(f"{cited.authors} {cited.year}, {cited.journal}{doi}  [{finding.tier}]")
    click.echo("\nmust hold:")
    for predicate in finding.predicates:
        control = "control, " if predicate.control else ""
        why = f"  # {predicate.why}" if predicate.why else ""
        _paragraph(f"  [{control}{predicate.kind}] {predicate.expr}{why}")
    click.echo("\npublished:")
    for value in finding.published_values:
        _paragraph(f"  {value.what}: {value.value}  ({value.provenance}; {value.confidence})")
    for name in ("contradicting", "explanation"):
        if text := getattr(finding, name):
            _paragraph(f"{name}: {text}")
    click.echo(f"\n{finding.plan.describe()}")


def _paragraph(text: str) -> None:
    click.echo(textwrap.fill(text, 98, subsequent_indent="      "))
