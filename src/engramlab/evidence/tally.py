"""How many findings hold: in all, by topic, with contested findings and soft predicates apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engramlab.evidence.finding import Finding
from engramlab.evidence.scoring import Outcome


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something hold.

    Parameters
    ----------
    held : float
        With several seeds the mean over them, so it need not be whole.
    of : int
    always : int
        How many hold with every seed.
    """

    held: float
    of: int
    always: int

    def __str__(self) -> str:
        return f"{self.held:.3g} of {self.of}"


@dataclass(frozen=True, slots=True)
class Standing:
    """One finding over all seeds.

    Parameters
    ----------
    finding : Finding
    outcomes : tuple of Outcome
        One a seed.
    """

    finding: Finding
    outcomes: tuple[Outcome, ...]

    @property
    def share(self) -> float:
        """Share of the seeds in which it holds."""
        return sum(outcome.passed for outcome in self.outcomes) / len(self.outcomes)

    @property
    def held(self) -> str:
        """``pass`` or ``FAIL``; of several seeds in how many it holds, as ``3/5``."""
        if len(self.outcomes) == 1:
            return "pass" if self.share else "FAIL"
        return f"{sum(outcome.passed for outcome in self.outcomes)}/{len(self.outcomes)}"

    def predicate_shares(self) -> list[float]:
        """Share of the seeds in which each predicate holds; 0 where it could not be run."""
        runs = [[v.passed for v in outcome.verdicts] for outcome in self.outcomes]
        return [
            sum(bool(run) and run[number] for run in runs) / len(runs)
            for number in range(len(self.finding.predicates))
        ]


@dataclass(frozen=True, slots=True)
class Tally:
    """The score.

    Parameters
    ----------
    standings : tuple of Standing
        In the order of the findings.
    """

    standings: tuple[Standing, ...]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
        """Make the tally of outcomes, with one or several seeds."""
        by_finding: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            by_finding.setdefault(outcome.finding.id, []).append(outcome)
        return cls(tuple(Standing(runs[0].finding, tuple(runs)) for runs in by_finding.values()))

    @property
    def overall(self) -> Count:
        """Findings that count."""
        return _count(s for s in self.standings if s.finding.counted)

    @property
    def contested(self) -> Count:
        """Contested findings, which never count."""
        return _count(s for s in self.standings if not s.finding.counted)

    @property
    def soft(self) -> Count:
        """Soft predicates, which never decide."""
        shares = [
            share
            for standing in self.standings
            for predicate, share in zip(
                standing.finding.predicates, standing.predicate_shares(), strict=True
            )
            if predicate.soft
        ]
        return Count(sum(shares, 0.0), len(shares), sum(share == 1 for share in shares))

    def topics(self) -> dict[str, tuple[Standing, ...]]:
        """Findings by topic, topics in alphabetical order."""
        names = sorted({standing.finding.topic for standing in self.standings})
        return {name: tuple(s for s in self.standings if s.finding.topic == name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content: the score and everything that it rests on."""
        return {
            "overall": asdict(self.overall),
            "contested": asdict(self.contested),
            "soft_predicates": asdict(self.soft),
            "topics": {name: asdict(counted(found)) for name, found in self.topics().items()},
            "findings": [
                {
                    **standing.finding.model_dump(
                        mode="json",
                        include={"id", "title", "claim", "topic", "citation", "tier", "not_tested"},
                    ),
                    "counted": standing.finding.counted,
                    "share_of_seeds": round(standing.share, 6),
                    "predicate_shares": [round(s, 6) for s in standing.predicate_shares()],
                    "outcomes": [outcome.to_dict() for outcome in standing.outcomes],
                }
                for standing in self.standings
            ],
        }


def counted(standings: Sequence[Standing]) -> Count:
    """Count of those that are not contested."""
    return _count(standing for standing in standings if standing.finding.counted)


def _count(standings: Iterable[Standing]) -> Count:
    shares = [standing.share for standing in standings]
    return Count(sum(shares, 0.0), len(shares), sum(share == 1 for share in shares))
