"""The catalogue as a page of documentation, made from its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engramlab.evidence.finding import Citation, Finding, OutOfScope
from engramlab.evidence.words import KINDS, in_words

TIERS = {
    "core": "abstract or data re-read",
    "recalled": "from memory of the paper",
    "data": "measured on published data",
    "contested": "contested: reported, not counted",
}
HEAD = """\
# The findings

Made from the catalogue's files by `engramlab findings --markdown`; do not edit it by hand. What the
fields, kinds and tiers mean stands in [evidence.md](evidence.md). Predicates are fixed before
tuning and never weakened.
"""


def catalogue_markdown(findings: Sequence[Finding], out_of_scope: Sequence[OutOfScope] = ()) -> str:
    """The page: a table by topic, then every finding, then what is out of scope.

    Parameters
    ----------
    findings : sequence of Finding
    out_of_scope : sequence of OutOfScope

    Returns
    -------
    str
    """
    counted = sum(finding.counted for finding in findings)
    lines = [
        HEAD,
        f"{len(findings)} findings; {counted} count, {len(findings) - counted} are contested. "
        f"{len(out_of_scope)} more are out of scope, with the reason, at the end.",
    ]
    topics = sorted({finding.topic for finding in findings})
    for topic in topics:
        here = [finding for finding in findings if finding.topic == topic]
        lines += ["", f"## {_capital(topic)}", "", *_table(here)]
        for finding in here:
            lines += ["", *_finding(finding)]
    lines += ["", "## Out of scope", ""]
    lines += [f"- **{_text(o.title)}** (`{o.id}`). {_text(o.reason)} {_cited(o.citation)}"
              for o in out_of_scope] or ["None."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    yield "| finding | claim | tier | predicates | controls |"
    yield "|---|---|---|---|---|"
    for finding in findings:
        controls = sum(predicate.control for predicate in finding.predicates)
        link = f"[{finding.id}](#{finding.id})"
        yield (
            f"| {link} | {_text(finding.claim)} | {finding.tier} | {len(finding.predicates)} "
            f"| {controls} |"
        )


def _finding(finding: Finding) -> Iterator[str]:
    yield f'<a id="{finding.id}"></a>'
    yield ""
    yield f"### {_text(finding.title)}"
    yield ""
    yield _text(finding.claim)
    yield ""
    yield f"{_cited(finding.citation)} · `{finding.id}` · {TIERS[finding.tier]}"
    yield ""
    for predicate in finding.predicates:
        marks = ["control"] * predicate.control + ["soft"] * predicate.soft
        why = f" *{_text(predicate.why)}*" if predicate.why else ""
        kind = ", ".join([*marks, KINDS[predicate.kind]])
        yield f"- {_text(in_words(predicate.expr))} ({kind}){why}"
    yield ""
    for value in finding.published_values:
        yield (
            f"Published: {_text(value.what)}: {_text(value.value)} "
            f"({_text(value.provenance)}; confidence {value.confidence}).  "
        )
    for name, text in (
        ("Not tested", "; ".join(finding.not_tested)),
        ("Contradicting", finding.contradicting),
        ("Where the model fails, and why", finding.explanation),
    ):
        if text:
            yield ""
            yield f"{name}: {_text(text)}"


def _cited(citation: Citation) -> str:
    doi = citation.doi
    return _text(str(citation)) + (f". [doi:{doi}](https://doi.org/{doi})" if doi else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(text: str) -> str:
    """One line in which nothing is taken for markup."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(text.split()))
