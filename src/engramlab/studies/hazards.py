"""Hazard models of exit and entry: fitted to some animals, judged on the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engramlab.measures import (
    auc,
    brier_skill,
    calibration,
    fit_hazard,
    mean_estimate,
)
from engramlab.studies.membership_tables import TIMES, Risk
from engramlab.studies.question import REGIONS, columns

FOLDS = 3  # every animal is held back once, with a third of all
RESAMPLES = 1000
FEWEST_EVENTS = 50
GROUPS = 10  # of like prediction, in the calibration curve
COVARIATES = ("excitability", "input_strength", "chromatin", "history")
MODELS: dict[str, tuple[str, ...]] = {
    "region and day only": (),
    "excitability": ("excitability",),
    "input strength": ("input_strength",),
    "chromatin": ("chromatin",),
    "history": ("history",),
    "all four": COVARIATES,
    "all four and last activity": (*COVARIATES, "activity"),
    "all four with hindsight": (
        *COVARIATES,
        "change of excitability",
        "change of input_strength",
    ),
}


@dataclass(frozen=True)
class _Design:
    """Columns of a hazard model: a constant, regions, days, and covariates per standard deviation.

    The spread of a covariate is taken within each region from the rows that the model is fitted to.
    """

    risk: Risk
    names: tuple[str, ...]
    fitted: NDArray[np.bool_]

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        risk = self.risk
        one = np.ones(risk.event.size)
        parts = [one]
        for values, size in ((risk.region, len(REGIONS)), (risk.interval, len(TIMES) - 1)):
            present = np.unique(values)
            parts += [
                (values == place).astype(np.float64)
                for place in range(1, size)
                if place in present and present[0] != place
            ]
        raw = {**risk.covariates, **risk.hindsight}
        return np.column_stack([*parts, *(self._standard(raw[name]) for name in self.names)])

    def _standard(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        standard = np.zeros(values.size)
        for place in np.unique(self.risk.region):
            here = self.risk.region == place
            known = values[here & self.fitted]
            spread = known.std() if known.size else 0.0
            if spread > 0:
                standard[here] = (values[here] - known.mean()) / spread
        return standard


def varying(risk: Risk, names: Sequence[str]) -> tuple[str, ...]:
    """Those covariates that differ between rows; the brain may lack a mechanism."""
    raw = {**risk.covariates, **risk.hindsight}
    return tuple(name for name in names if np.ptp(raw[name]) > 0)


def _only(risk: Risk, rows: NDArray[np.bool_]) -> Risk:
    return Risk(
        risk.event[rows],
        risk.animal[rows],
        risk.region[rows],
        risk.interval[rows],
        {name: values[rows] for name, values in risk.covariates.items()},
        {name: values[rows] for name, values in risk.hindsight.items()},
    )


def hazards(chances: Mapping[str, Risk]) -> pd.DataFrame:
    """Odds ratios of exit and entry for one standard deviation of each covariate.

    One model with all covariates over all regions (``region`` "all") and one for each region,
    fitted to all animals; none with fewer than 50 events. ``low`` and ``high`` are bootstrap
    intervals over animals; ``robust ...`` those of statsmodels with errors clustered by animal,
    which are too narrow with few animals.
    """
    rows = []
    for kind, whole in chances.items():
        for place, region in enumerate(("all", *REGIONS)):
            here = np.ones(whole.event.size, np.bool_) if not place else whole.region == place - 1
            risk = _only(whole, here)
            names = varying(risk, COVARIATES)
            if min(risk.event.sum(), (~risk.event).sum()) < FEWEST_EVENTS:
                continue
            x = _Design(risk, names, np.ones(risk.event.size, np.bool_)).matrix
            fit = fit_hazard(x, risk.event, risk.animal, resamples=RESAMPLES)
            bounds = np.percentile(fit.draws, [2.5, 97.5], axis=0)
            robust = np.full((x.shape[1], 2), np.nan)
            if region == "all":
                robust = _robust(x, risk, fit.coefficients)
            for name, column in zip(names, range(x.shape[1] - len(names), x.shape[1]), strict=True):
                log_odds = [fit.coefficients[column], *bounds[:, column], *robust[column]]
                value, low, high, robust_low, robust_high = np.exp(log_odds)
                rows.append(
                    {
                        "kind": kind,
                        "region": region,
                        "covariate": name,
                        "value": value,
                        "low": low,
                        "high": high,
                        "robust low": robust_low,
                        "robust high": robust_high,
                        "events": int(risk.event.sum()),
                        "rows": risk.event.size,
                    }
                )
    return pd.DataFrame(rows)


def _robust(x: NDArray[np.float64], risk: Risk, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intervals by statsmodels, shape (covariate, 2)."""
    from statsmodels.discrete.discrete_model import Logit

    fitted = Logit(risk.event.astype(np.float64), x).fit(
        start_params=start, disp=0, cov_type="cluster", cov_kwds={"groups": risk.animal}
    )
    return np.asarray(fitted.conf_int())


def _held_back(risk: Risk, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Chance of the event for every row, from a model that never saw the row's animal."""
    chance = np.full(risk.event.size, np.nan)
    for fold in range(FOLDS):
        test = risk.animal % FOLDS == fold
        x = _Design(risk, names, ~test).matrix
        fit = fit_hazard(x[~test], risk.event[~test], risk.animal[~test])
        chance[test] = fit.probability(x[test])
    return chance


def predictions(chances: Mapping[str, Risk]) -> pd.DataFrame:
    """How well each model foretells exit and entry in animals it was not fitted to.

    ``auc`` within the animal and region, so that differences between regions do not help, mean over
    regions; ``brier skill`` is the share of the Brier score of the model that knows region and day
    only that a model takes away. Estimates over animals.
    """
    rows = []
    for kind, risk in chances.items():
        base = _held_back(risk, ())
        for model, names in MODELS.items():
            own = varying(risk, names)
            if names and not own:
                continue
            chance = _held_back(risk, own)
            for measure, values in (
                ("auc", [_auc(risk, chance, animal) for animal in np.unique(risk.animal)]),
                ("brier skill", [_skill(risk, chance, base, a) for a in np.unique(risk.animal)]),
            ):
                estimate = columns(mean_estimate(values))
                rows.append({"kind": kind, "model": model, "measure": measure, **estimate})
    return pd.DataFrame(rows)


def _auc(risk: Risk, chance: NDArray[np.float64], animal: int) -> float:
    found = []
    for place in range(len(REGIONS)):
        rows = (risk.animal == animal) & (risk.region == place)
        found.append(auc(chance[rows], risk.event[rows]))
    return mean_estimate(found).value


def _skill(
    risk: Risk, chance: NDArray[np.float64], base: NDArray[np.float64], animal: int
) -> float:
    rows = risk.animal == animal
    return brier_skill(chance[rows], risk.event[rows], base[rows])


def calibrations(chances: Mapping[str, Risk]) -> pd.DataFrame:
    """Foretold and observed share of events of the model "all four", in held-back animals.

    Rows of all animals are cut into groups of like prediction; ``low`` and ``high`` are the 95 %
    bootstrap interval over animals of the observed share in the group.
    """
    rows = []
    for kind, risk in chances.items():
        chance = _held_back(risk, varying(risk, COVARIATES))
        predicted, _, cases = calibration(chance, risk.event, GROUPS)
        groups = np.split(np.argsort(chance, kind="stable"), np.cumsum(cases)[:-1])
        for mean, group in zip(predicted, groups, strict=True):
            shares = [
                risk.event[group][risk.animal[group] == animal].mean()
                for animal in np.unique(risk.animal[group])
            ]
            rows.append(
                {
                    "kind": kind,
                    "predicted": mean,
                    "observed": float(risk.event[group].mean()),
                    "rows": group.size,
                    "low": mean_estimate(shares).low,
                    "high": mean_estimate(shares).high,
                }
            )
    return pd.DataFrame(rows)
