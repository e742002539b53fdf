"""`engramlab findings`: the catalogue of published findings."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engramlab.errors import OutputError, ParameterError, Problem, ProtocolError

if TYPE_CHECKING:
    from engramlab.evidence import Finding, OutOfScope
    from engramlab.protocol import Protocol

WIDTH = 98
FORMATS = (".svg", ".png", ".pdf")


@click.group(invoke_without_command=True)
@click.option("--markdown", is_flag=True, help="Print the catalogue as a page of documentation.")
@click.pass_context
def command(context: click.Context, markdown: bool) -> None:
    """List the published findings that the brain is scored on; 'findings show ID' explains one."""
    if context.invoked_subcommand is not None:
        return
    from engramlab.evidence import all_findings, out_of_scope

    findings, others = list(all_findings().values()), out_of_scope()
    if markdown:
        from engramlab.evidence.markdown import catalogue_markdown

        click.echo(catalogue_markdown(findings, others), nl=False)
        return
    for topic in sorted({finding.topic for finding in findings}):
        here = [finding for finding in findings if finding.topic == topic]
        click.echo(f"{topic} ({len(here)})")
        for finding in here:
            counted = "" if finding.counted else "  (contested, not counted)"
            click.echo(f"  {finding.id:<22} {finding.title}{counted}")
    if others:
        click.echo(f"out of scope ({len(others)})")
        for other in others:
            click.echo(f"  {other.id:<22} {other.title}")


@command.command()
@click.argument("id")
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the time line into this file (.svg, .png, .pdf).",
)
def show(id: str, figure: Path | None) -> None:
    """Explain the finding ID: claim, citation, predicates, time line, provenance."""
    from engramlab.evidence import chosen, finding_ids, out_of_scope
    from engramlab.protocol.messages import did_you_mean

    known, others = finding_ids(), {other.id: other for other in out_of_scope()}
    if id in known:
        finding = chosen((id,))[0]
        if figure is not None:
            _draw(finding.plan, figure)
        _explain(finding)
        if figure is not None:
            click.echo(f"\ntime line: {figure}")
    elif id in others:
        if figure is not None:
            what = f"'{id}' is out of scope: it has no time line"
            raise ParameterError(Problem("--figure", what, "another finding"))
        _explain_other(others[id])
    else:
        hint = did_you_mean(id, [*known, *others])
        allowed = f"{hint}an id that 'engramlab findings' lists"
        raise ProtocolError(Problem(f"finding '{id}'", "is unknown", allowed))


def _explain(finding: Finding) -> None:
    from engramlab.evidence.markdown import TIERS
    from engramlab.evidence.words import KINDS, in_words

    cited = finding.citation
    _paragraph(f"{finding.title}  [{finding.id}, {finding.topic}]")
    click.echo()
    _paragraph(finding.claim, "")
    _paragraph(f"{cited}" + (f", doi {cited.doi}" if cited.doi else ""), "")
    click.echo(f"{finding.tier}: {TIERS[finding.tier]}")
    click.echo("\nmust hold:")
    for number, predicate in enumerate(finding.predicates, start=1):
        marks = ["control"] * predicate.control + ["soft, reported only"] * predicate.soft
        kind = "; ".join([f"{predicate.kind} ({KINDS[predicate.kind]})", *marks])
        why = f": {predicate.why}" if predicate.why else ""
        _paragraph(f"  {number}. {in_words(predicate.expr)}")
        _paragraph(f"     {kind}{why}", "     ")
        _paragraph(f"     {predicate.expr}")
    click.echo("\npublished:")
    for value in finding.published_values:
        _paragraph(f"  {value.what}: {value.value}  ({value.provenance}; {value.confidence})")
    for name, text in (
        ("contradicting", finding.contradicting),
        ("not tested", "; ".join(finding.not_tested)),
        ("explanation", finding.explanation),
    ):
        if text:
            click.echo(f"\n{name}:")
            _paragraph(f"  {' '.join(text.split())}", "  ")
    click.echo(f"\ntime line, {finding.animals} animals a group:")
    click.echo(finding.plan.describe())


def _explain_other(other: OutOfScope) -> None:
    _paragraph(f"{other.title}  [{other.id}]")
    _paragraph(f"{other.citation}" + (f", doi {other.citation.doi}" if other.citation.doi else ""))
    click.echo()
    _paragraph(f"out of scope: {' '.join(other.reason.split())}", "  ")


def _draw(protocol: Protocol, path: Path) -> None:
    """Draw the time line of a protocol into a file."""
    if path.suffix not in FORMATS:
        raise ParameterError(
            Problem(f"--figure {path}", f"ends in '{path.suffix}'", " or ".join(FORMATS))
        )
    from engramlab.report.figures.timeline import protocol_figure

    figure = protocol_figure(protocol)
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    except OSError as error:
        path.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise OutputError(
            Problem(str(path), f"cannot be written ({reason})", "a folder where you may write")
        ) from error


def _paragraph(text: str, indent: str = "      ") -> None:
    click.echo(textwrap.fill(text, WIDTH, subsequent_indent=indent))
