"""Fit the read-out of freezing to the catalogue.

``python docs/fits/2026-11-30/readout.py FOLDER`` prints every curve that it tried, best last.

The curve from amygdala to freezing feeds back into nothing, so animals run once (5 min a seed on 2
cores; a seed that FOLDER holds is not run again) and every other curve is tried on what their
amygdala did: about two seconds a curve and seed.
"""

from __future__ import annotations

import json
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.special import expit, logit

from engramlab.brain.mechanisms.freezing import MECHANISM, freezing_percent
from engramlab.cohort import Cohort
from engramlab.evidence import all_findings, scoring
from engramlab.evidence.expression import Measure
from engramlab.evidence.finding import Finding
from engramlab.evidence.reading import Reading, Values
from engramlab.evidence.verdict import Verdict, evaluate_all
from engramlab.protocol import Protocol

SEEDS, CURVES = (1, 2, 3, 4, 5), 40
RANGES = {  # in the order of `freezing_percent`
    "freezing_base": (0.5, 3.0),
    "freezing_top": (84.0, 97.0),
    "freezing_half": (0.3, 0.46),
    "freezing_power": (1.9, 3.6),
}
DEFAULT = {p.name: p.value for p in MECHANISM.parameters if p.name in RANGES}
BY_CURVE = ("freezing", "discrimination")
Curve = dict[str, float]
percent = np.vectorize(freezing_percent, otypes=[np.float64])


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run of a finding leaves: behaviour by moment, all other measures as read, an error."""

    data: xr.Dataset
    seen: dict[Measure, Values]
    error: str
    curve: Curve


Runs = dict[tuple[str, int], Kept]  # by finding and seed


def run(seed: int) -> Runs:
    """Run the catalogue with the defaults; keep freezing and valence by moment."""
    kept: Runs = {}
    outcome_of = scoring._outcome

    def keep(finding: Finding, cohort: Cohort, reading: Reading, strict: bool) -> scoring.Outcome:
        outcome = outcome_of(finding, cohort, reading, strict)
        data = reading._data[["group", "freezing_by_moment", "valence_by_moment"]].load()
        seen = {one: values for one, values in reading.seen.items() if one.name not in BY_CURVE}
        kept[finding.id, seed] = Kept(data, seen, outcome.error, DEFAULT)
        return outcome

    scoring._outcome = keep
    scoring.score(all_findings().values(), seed=seed, workers=2, strict=False)
    scoring._outcome = outcome_of
    return kept


def reread(protocol: Protocol, kept: Kept, curve: Curve) -> Reading:
    """Read a run as if freezing had followed another curve."""
    valence = kept.data["valence_by_moment"].values[..., 0].astype(np.float64)
    shown = kept.data["freezing_by_moment"].values.astype(np.float64)
    before, now = (percent(valence, *(one[name] for name in RANGES)) for one in (kept.curve, curve))
    # An animal's trait and the scatter of each moment shifted its log-odds.
    shift = logit(np.clip(shown, 1e-3, 99.99) / 100.0) - logit(before / 100.0)
    by_moment = kept.data["freezing_by_moment"].copy(data=100.0 * expit(logit(now / 100.0) + shift))
    data = kept.data.assign(freezing_by_moment=by_moment, freezing=by_moment.mean("moment"))
    reading = Reading(data, protocol)
    reading._seen |= kept.seen
    return reading


def holding(kept: Runs, curve: Curve) -> dict[tuple[str, int], bool]:
    """Whether a finding holds in a seed with this curve."""
    held = {}
    for (name, seed), one in kept.items():
        finding = all_findings()[name]
        if finding.counted:
            verdicts: tuple[Verdict, ...] = ()
            if not one.error:
                verdicts = evaluate_all(finding.predicates, reread(finding.plan, one, curve))
            outcome = scoring.Outcome(finding, seed, finding.animals, verdicts, error=one.error)
            held[name, seed] = outcome.passed
    return held


def main(folder: Path) -> None:
    """Run what FOLDER does not hold; try curves, the default first; print them, best last."""
    folder.mkdir(parents=True, exist_ok=True)
    kept: Runs = {}
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
