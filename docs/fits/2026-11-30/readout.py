"""Fit the read-out of freezing to the catalogue.

``python docs/fits/2026-11-30/readout.py FOLDER`` prints every curve that it tried, best last.

The curve from amygdala to freezing feeds back into nothing, so animals run once (5 min a seed on 2
cores; a seed that FOLDER holds is not run again) and every other curve is tried on what their
amygdala did: about a second a curve and seed.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.brain.mechanisms.freezing import MECHANISM
from engramlab.cohort import Cohort
from engramlab.evidence import all_findings, scoring
from engramlab.evidence.expression import Measure
from engramlab.evidence.finding import Finding
from engramlab.evidence.places import When
from engramlab.evidence.reading import Reading, Values
from engramlab.evidence.verdict import evaluate_all
from engramlab.protocol import Protocol

SEEDS, CURVES = (1, 2, 3, 4, 5), 40
RANGES = {
    "freezing_base": (0.5, 3.0),
    "freezing_top": (84.0, 97.0),
    "freezing_half": (0.3, 0.46),
    "freezing_power": (1.9, 3.6),
}
DEFAULT = {p.name: p.value for p in MECHANISM.parameters if p.name in RANGES}
Curve = dict[str, float]
Kept = dict[tuple[str, int], dict[str, Any]]  # by finding and seed


def freezing(valence: NDArray[np.float64], curve: Curve) -> NDArray[np.float64]:
    """Percent of time freezing, before an animal's trait and scatter."""
    power = curve["freezing_power"]
    raised = np.maximum(valence, 0.0) ** power
    span = curve["freezing_top"] - curve["freezing_base"]
    percent = curve["freezing_base"] + span * raised / (raised + curve["freezing_half"] ** power)
    return np.asarray(percent, np.float64)


def log_odds(percent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logit of a percentage."""
    return np.asarray(np.log(percent / (100.0 - percent)), np.float64)


class Reread(Reading):
    """A reading with another curve; what is not freezing is as it was read."""

    def __init__(self, protocol: Protocol, kept: dict[str, Any], curve: Curve) -> None:
        self.protocol, self.kept = protocol, kept
        self._groups, self._sessions, self._seen = kept["groups"], {}, {}
        # An animal's trait and the scatter of each moment shifted its log-odds.
        shift = log_odds(np.clip(kept["freezing"], 1e-3, 99.99))
        shift -= log_odds(freezing(kept["valence"], kept["curve"]))
        shifted = log_odds(freezing(kept["valence"], curve)) + shift
        self.freezing = 100.0 / (1.0 + np.exp(-shifted))

    def _variable(self, name: str, **places: str) -> NDArray[Any]:
        session = self.kept["sessions"].index(places["session"])
        return np.asarray(self.freezing[:, session])

    def _whole(self, name: str, rows: NDArray[np.intp], place: When) -> Values:
        values = self._variable(name, session=place.session)[rows]
        return np.asarray(np.nanmean(values, axis=1), np.float64)

    def _read(self, measure: Measure) -> Values:
        if measure.name in ("freezing", "discrimination"):
            return super()._read(measure)
        return np.asarray(self.kept["seen"][str(measure)], np.float64)


def run(seed: int) -> Kept:
    """Run the catalogue with the defaults; keep freezing and valence by moment."""
    kept: Kept = {}
    outcome_of = scoring._outcome

    def keep(finding: Finding, cohort: Cohort, reading: Reading, strict: bool) -> scoring.Outcome:
        outcome, data = outcome_of(finding, cohort, reading, strict), reading._data
        kept[finding.id, seed] = {
            "groups": data["group"].values.astype(str),
            "sessions": list(data["session"].values.astype(str)),
            "freezing": data["freezing_by_moment"].values.astype(np.float64),
            "valence": data["valence_by_moment"].values[..., 0].astype(np.float64),
            "seen": {str(measure): values for measure, values in reading.seen.items()},
            "error": outcome.error,
            "curve": DEFAULT,
        }
        return outcome

    scoring._outcome = keep
    scoring.score(all_findings().values(), seed=seed, workers=2, strict=False)
    scoring._outcome = outcome_of
    return kept


def holding(kept: Kept, curve: Curve) -> dict[tuple[str, int], bool]:
    """Whether a finding holds in a seed with this curve."""
    held = {}
    for (name, seed), record in kept.items():
        finding = all_findings()[name]
        if finding.counted:
            reading = Reread(finding.plan, record, curve)
            verdicts = () if record["error"] else evaluate_all(finding.predicates, reading)
            firm = [verdict.passed for verdict in verdicts if not verdict.predicate.soft]
            held[name, seed] = bool(firm) and all(firm)
    return held


def main(folder: Path) -> None:
    """Run what FOLDER does not hold; try curves, the default first; print them, best last."""
    folder.mkdir(parents=True, exist_ok=True)
    kept: Kept = {}
    for seed in SEEDS:
        file = folder / f"seed-{seed}.pkl"
        if not file.exists():
            file.write_bytes(pickle.dumps(run(seed)))
        kept |= pickle.loads(file.read_bytes())
    random = np.random.default_rng(1)
    tried = []
    for number in range(CURVES):
        drawn = {name: round(float(random.uniform(*ends)), 3) for name, ends in RANGES.items()}
        curve = drawn if number else DEFAULT
        held = holding(kept, curve)
        names = {name for name, _ in held}
        by_seed = [sum(held[name, seed] for name in names) for seed in SEEDS]
        most = sum(sum(held[name, seed] for seed in SEEDS) >= len(SEEDS) - 1 for name in names)
        tried.append((most, by_seed, curve))
    for most, by_seed, curve in sorted(tried, key=lambda one: (one[0], sum(one[1]))):
        print(json.dumps({"in_at_least_four": most, "by_seed": by_seed, "curve": curve}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
