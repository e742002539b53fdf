"""What the study of membership says: its question and limits, and sentences from numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engramlab.studies.question import ci, extremes, listed, renamed, rows_where, sure

TITLE = "Who enters and who leaves an engram over four weeks"
QUESTION = (
    "Which neurons enter and which leave an engram between the day of learning and day 28, and "
    "what about a neuron foretells it?"
)
LIMITS = (
    "This says how well the model's own turnover can be foretold, not how well a mouse's can.",
    "A member is a cell above a threshold in one probe: some come and go by noise alone, which no "
    "model can foretell.",
    "The covariates are correlated, and what a cell gets from its wiring is not among them, so an "
    "odds ratio is no cause. The arms without a mechanism are.",
    "Intervals between recalls differ (1 to 7 days); the models allow each its own rate.",
    "Probes run on copies: real recalls would change the engram that they look at.",
)
METHOD = (
    "Animals spend five minutes in A with three shocks; on days 1, 3, 7, 14, 21 and 28 a probe of "
    "five minutes in A, on a copy of the animal, shows which cells are active (IEG above 0.3). "
    "These are that day's members; those of day 0 are the cells active in training. In BLA only "
    "the negative half is looked at.",
    "One row is one cell in one interval between two recalls. Exit is modelled for members, entry "
    "for the other cells, as the log-odds of the event: an effect for each region and interval, "
    "and covariates at the start of the interval in standard deviations within the region: "
    "excitability; learned strength of the inputs; histone acetylation (chromatin); and history, "
    "which is log(1 + days of unbroken membership) for exit and earlier recalls as a member for "
    "entry. Intervals of the odds ratios come from resampling whole animals.",
    "To judge the models, each third of the animals is held back in turn from the fit to the rest; "
    "AUC is taken within animal and region, so that differences between regions do not help; 0.5 "
    "is chance, the days alone give a little more. Hindsight adds what changed in the interval.",
    "In the arms one mechanism is switched off; the same animals go through all arms.",
)
NAMES = {
    ("excitability", "exit"): "higher excitability",
    ("excitability", "entry"): "higher excitability",
    ("input_strength", "exit"): "stronger inputs",
    ("input_strength", "entry"): "stronger inputs",
    ("chromatin", "exit"): "more open chromatin",
    ("chromatin", "entry"): "more open chromatin",
    ("history", "exit"): "longer membership",
    ("history", "entry"): "earlier membership",
}
NOTABLE = 2.0  # points of exit from one recall to the next: smaller changes are in the tables only


def conclusion(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Sentences from the tables of the study."""
    parts = (_turnover, _noise, _odds, _foretold, _causes, _hindsight)
    return tuple(sentence for part in parts for sentence in part(tables))


def _turnover(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    last = tables["course"][tables["course"]["day"] == tables["course"]["day"].max()]
    retention, survival, newcomers, active = (
        rows_where(last, measure=m) for m in ("retention", "survival", "newcomers", "active")
    )
    day = last["day"].max()
    yield (
        f"On day {day:.0f}, {extremes(retention, '.0f', ' %')} of the first day's cells are active "
        f"(chance: {active['value'].min():.0f} to {active['value'].max():.0f} %), "
        f"{survival['value'].mean():.0f} % on average in every recall, and "
        f"{extremes(newcomers, '.0f', ' %')} of the active cells are new."
    )


def _noise(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    course = tables["course"][tables["course"]["day"] > 1]
    exits, missing = (
        rows_where(course, measure=measure)["value"].mean()
        for measure in ("exit", "missing in repeat")
    )
    weight = "most" if missing > 0.5 * exits else "part"
    yield (
        f"From one recall to the next {exits:.0f} % of members leave; in a second probe of the "
        f"same hour {missing:.0f} % are missing already, so {weight} of it is noise of the moment."
    )


def _odds(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    for kind, who in (("exit", "Members leave"), ("entry", "Other cells enter")):
        rows = rows_where(tables["hazards"], kind=kind, region="all")
        more = rows[rows["low"] > 1].sort_values("value", ascending=False)
        less = rows[rows["high"] < 1].sort_values("value")
        said = [
            f"{word} with {_factors(part, kind)}"
            for word, part in (("less", less), ("more", more))
            if len(part)
        ]
        yield (
            f"{who} {' and '.join(said)} (odds ratios for one standard deviation)."
            if said
            else f"{who} independently of all that is measured before."
        )


def _factors(rows: pd.DataFrame, kind: str) -> str:
    return listed([f"{NAMES[c, kind]} ({v:.2f})" for c, v in rows[["covariate", "value"]].values])


def _foretold(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    table = rows_where(tables["predictions"], measure="auc")
    said = []
    for kind in ("exit", "entry"):
        rows = rows_where(table, kind=kind)
        whole, base = (
            rows_where(rows, model=model).iloc[0] for model in ("all four", "region and day only")
        )
        best = rows[rows["model"].isin(SINGLE)].sort_values("value").iloc[-1]
        said.append(
            f"{kind} with AUC {ci(whole)} (days alone {base['value']:.2f}; {best['model']} alone "
            f"{best['value']:.2f})"
        )
    yield f"In held-back animals the four covariates foretell {' and '.join(said)}."


SINGLE = ("excitability", "input strength", "chromatin", "history")


def _hindsight(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    table = rows_where(tables["predictions"], measure="auc")
    gains = []
    for kind in ("exit", "entry"):
        rows = rows_where(table, kind=kind).set_index("model")["value"]
        gains.append(rows["all four with hindsight"] - rows["all four"])
    yield (
        "Knowing also how excitability and strength changed in the interval adds "
        f"{gains[0]:.2f} (exit) and {gains[1]:.2f} (entry) to that."
    )


def _causes(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["arms"], measure="exit", region="all")
    said = []
    normal = 0.0
    for _, row in rows.iterrows():
        if row["arm"] == "intact":
            normal = row["value"]
            continue
        gap = renamed(row, "difference")
        if sure(gap) and abs(gap["value"]) >= NOTABLE:
            said.append(f"{row['value']:.0f} % in {row['arm']}")
    yield (
        f"Exit from one recall to the next is {normal:.0f} % in the intact brain, {listed(said)}."
        if said
        else f"No mechanism switched off changes exit by {NOTABLE:.0f} points or more."
    )
