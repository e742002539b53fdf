"""Which findings a fit sees and which it is judged on."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from engramlab.errors import ParameterError, Problem
from engramlab.evidence import Finding
from engramlab.randomness import derive_key


def split_by_share(
    findings: Sequence[Finding], share: float, seed: int, *, seen: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hold a share of the findings out, of every topic alike.

    Within a topic the order of a seeded hash decides, so that a new finding moves no other.

    Parameters
    ----------
    findings : sequence of Finding
    share : float
        Between 0 and 1.
    seed : int
    seen : collection of str
        Ids that are fitted in any case, since the fit sees their data anyhow.

    Returns
    -------
    tuple of tuple of str
        Ids of the fitted and of the held-out findings, in the order of `findings`; neither empty.

    Raises
    ------
    ParameterError
        For a share outside (0, 1) or fewer than two findings.
    """
    if not 0 < share < 1:
        raise ParameterError(
            Problem("hold-out share", f"{share:g}", "above 0 and below 1, e.g. 0.3")
        )
    free = [finding for finding in findings if finding.id not in seen]
    if len(findings) < 2 or not free:
        raise ParameterError(
            Problem(
                "findings",
                f"{len(free)} to split",
                "at least two: one to fit on and one to report on",
            )
        )
    topics: dict[str, list[str]] = {}
    for finding in free:
        topics.setdefault(finding.topic, []).append(finding.id)
    total = min(max(round(share * len(free)), 1), len(findings) - 1)
    quotas = {topic: total * len(ids) / len(free) for topic, ids in topics.items()}
    counts = {topic: math.floor(quota) for topic, quota in quotas.items()}
    by_rest = sorted(
        topics, key=lambda topic: (counts[topic] - quotas[topic], derive_key(seed, "topic", topic))
    )
    for topic in by_rest[: total - sum(counts.values())]:
        counts[topic] += 1
    held = set()
    for topic, ids in topics.items():
        ordered = sorted(ids, key=lambda id: derive_key(seed, "finding", id))
        held |= set(ordered[: counts[topic]])
    return _in_order(findings, held)


def split_by_name(
    findings: Sequence[Finding], fit_on: Sequence[str], hold_out: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split as named, by ids or topics; where only one side is named, the rest is the other.

    Returns
    -------
    tuple of tuple of str
        Ids of the fitted and of the held-out findings.

    Raises
    ------
    ParameterError
        For a name that no finding of `findings` has, a finding on both sides, an empty side.
    """
    fitted = _named(findings, fit_on, "--fit-on")
    held = _named(findings, hold_out, "--hold-out")
    everything = {finding.id for finding in findings}
    if not fit_on:
        fitted = everything - held
    elif not hold_out:
        held = everything - fitted
    problems = [
        Problem(f"finding '{id}'", "is both fitted and held out", "one of --fit-on and --hold-out")
        for id in sorted(fitted & held)
    ]
    for side, flag, what in ((fitted, "--fit-on", "to fit on"), (held, "--hold-out", "held out")):
        if not side:
            problems.append(Problem(flag, f"leaves no finding {what}", "at least one on each side"))
    if problems:
        raise ParameterError(problems)
    return tuple(f.id for f in findings if f.id in fitted), tuple(
        f.id for f in findings if f.id in held
    )


def _named(findings: Sequence[Finding], names: Sequence[str], flag: str) -> set[str]:
    known = {finding.id for finding in findings} | {finding.topic for finding in findings}
    problems = [
        Problem(f"{flag} {name}", "is none of the findings of this fit", ", ".join(sorted(known)))
        for name in names
        if name not in known
    ]
    if problems:
        raise ParameterError(problems)
    return {f.id for f in findings if f.id in names or f.topic in names}


def _in_order(
    findings: Sequence[Finding], held: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        tuple(finding.id for finding in findings if finding.id not in held),
        tuple(finding.id for finding in findings if finding.id in held),
    )
