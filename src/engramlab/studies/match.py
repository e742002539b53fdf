"""Which virtual animals stand beside which real ones: what a fit sees and what it foretells."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from engramlab.errors import DataError, InputError, Problem
from engramlab.importers import Scores
from engramlab.protocol import Protocol, load_protocol, paradigm_names
from engramlab.protocol.quantities import Checked
from engramlab.protocol.reading import parse_protocol, read_yaml
from engramlab.studies.target import Mean, Target, means_at, probed_hours

FITTED, PREDICTED = "data", "data, predicted"


class Pair(Checked):
    """One group of real animals and the group of the protocol that it is held against.

    Parameters
    ----------
    experiment, group : str
        As the data name them.
    animals : str
        Group of the protocol.
    """

    experiment: str
    group: str
    animals: str


class Match(Checked):
    """A file that lays a protocol beside data.

    Parameters
    ----------
    protocol : str
        A file beside this one, or a built-in paradigm.
    conditions : dict of str to list of str
        The data's name of a condition -> contexts of the protocol.
    fit, predict : list of Pair
        What a fit sees, and what it is only judged on.
    """

    protocol: str
    conditions: dict[str, tuple[str, ...]] = Field(min_length=1)
    fit: tuple[Pair, ...] = Field(min_length=1)
    predict: tuple[Pair, ...] = ()


def read_match(path: Path) -> tuple[Match, Protocol]:
    """Read a match and its protocol.

    Raises
    ------
    DataError, ProtocolError
        If one cannot be read, or names a group or context that the protocol does not have, or a
        pair twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DataError(Problem(str(path), f"cannot be read: {why}", "a small YAML file")) from None
    try:
        match = Match.model_validate(dict(read_yaml(text, str(path))))
    except ValidationError as error:
        raise DataError(
            [
                Problem(
                    f"{path}, {'.'.join(str(part) for part in detail['loc'])}",
                    detail["msg"].lower(),
                    "fields "
                    + ", ".join(Match.model_fields)
                    + "; in a pair "
                    + ", ".join(Pair.model_fields),
                )
                for detail in error.errors()
            ]
        ) from None
    known = match.protocol in paradigm_names()
    protocol = load_protocol(match.protocol if known else path.parent / match.protocol)
    _check(match, protocol, path)
    return match, protocol


def _check(match: Match, protocol: Protocol, path: Path) -> None:
    problems: list[Problem] = []
    for condition, places in match.conditions.items():
        problems += [
            Problem(
                f"{path}, conditions.{condition}",
                f"the protocol has no context '{place}'",
                ", ".join(protocol.contexts),
            )
            for place in places
            if place not in protocol.contexts
        ]
    seen: set[tuple[str, str]] = set()
    for pair in (*match.fit, *match.predict):
        where = f"{path}, experiment {pair.experiment}, group {pair.group}"
        if pair.animals not in protocol.groups:
            allowed = ", ".join(protocol.groups)
            problems.append(Problem(where, f"the protocol has no group '{pair.animals}'", allowed))
        if (pair.experiment, pair.group) in seen:
            problems.append(
                Problem(where, "is there twice", "a group is either fitted or predicted, once")
            )
        seen.add((pair.experiment, pair.group))
    if problems:
        raise DataError(problems)


def matched_targets(
    scores: Scores, match: Match, protocol: Protocol
) -> tuple[Target, Target | None]:
    """Means of the data that are fitted, and those that are predicted, if any.

    Each target holds only the groups of the protocol that it needs.

    Parameters
    ----------
    scores : Scores
    match : Match
    protocol : Protocol

    Returns
    -------
    tuple of Target and (Target or None)

    Raises
    ------
    DataError
        For a pair without two differing scores of freezing at an hour that its group is probed.
    """
    table = scores.table[scores.table["measure"] == scores.columns.freezing]
    problems: list[Problem] = []

    def target(name: str, pairs: tuple[Pair, ...]) -> Target:
        means: list[Mean] = []
        for pair in pairs:
            mine = (table["experiment"] == pair.experiment) & (table["group"] == pair.group)
            probed = probed_hours(protocol, match.conditions, pair.animals)
            found = means_at(table[mine], probed, pair.animals)
            if not found:
                hours = sorted({hour for _, hour in probed})
                problems.append(
                    Problem(
                        f"{scores.source}, experiment {pair.experiment}, group {pair.group}",
                        f"has no freezing where '{pair.animals}' is probed",
                        "two scores with some spread under "
                        + ", ".join(match.conditions)
                        + " at one of the hours "
                        + ", ".join(f"{hour:g}" for hour in hours),
                    )
                )
            means += found
        own = only_groups(protocol, {pair.animals for pair in pairs})
        return Target(
            name=name, protocol=own.to_yaml(), conditions=match.conditions, means=tuple(means)
        )

    fitted = target(FITTED, match.fit)
    predicted = target(PREDICTED, match.predict) if match.predict else None
    if problems:
        raise DataError(problems)
    return fitted, predicted


def only_groups(protocol: Protocol, names: set[str]) -> Protocol:
    """The protocol with these groups only; steps that none of them takes are left out."""
    steps = []
    for step in protocol.timeline:
        if not step.groups:
            steps.append(step)
        elif kept := tuple(name for name in step.groups if name in names):
            steps.append(step.model_copy(update={"groups": kept}))
    groups = {name: group for name, group in protocol.groups.items() if name in names}
    changed = protocol.model_copy(update={"groups": groups, "timeline": tuple(steps)})
    try:
        return parse_protocol(changed.to_yaml(), protocol.name)
    except InputError as error:  # say, a group whose step made what another one uses
        error.add_note(f"this is '{protocol.name}' with the groups {', '.join(sorted(names))} only")
        raise
