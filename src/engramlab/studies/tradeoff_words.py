"""What the trade-off study says: its question and limits, and sentences from numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engramlab.studies.question import ci, listed, renamed, rows_where, sure

TITLE = "Keeping a memory against updating one"
QUESTION = (
    "How far does a brain that keeps memories well pay for it when one has to be updated, which of "
    "its properties move it along that line, and does the default brain waste any of either?"
)
LIMITS = (
    "One way to update (safety after a reminder) and one test of each side: others may differ.",
    "Only these properties vary, in inner ranges, with few points and animals; better brains may "
    "lie between or outside them.",
    "Retention is freezing in D: a brain that comes to fear every place seems to retain. Freezing "
    "in a place never visited is given beside it.",
    "A front of noisy values flatters its points; only the comparison in fresh animals is fair.",
    "Brains whose memory is nearly gone (freezing under 10 %) have no value for that outcome.",
)
METHOD = (
    "Animals learn to fear A on day 0 and an unrelated place D on day 2. On days 7, 8 and 9 the "
    "updated ones are put into A for three minutes, and an hour later for twenty, without shock. "
    "Probes on days 10 and 28 test A, D and a place never visited; D is tested first on day 3. "
    "Safety is used and not reward: reward in A takes all fear in this model, whatever the brain.",
    "Retention is freezing in D on day 28 over that on day 3, in updated animals, at most 100 %. "
    "Updating is how much less updated animals freeze in A, over tests on days 10 and 28, than the "
    "same animals without the update. Both are ratios of means over animals.",
    "The design is a scrambled Sobol sequence over the ranges in the table of dimensions; the same "
    "animals live with every brain. The Pareto front holds the brains that no other brain beats in "
    "both outcomes. The default's distance is what both its outcomes would have to rise by to "
    "reach the front. Brains of the front and the default are run again in fresh animals.",
    "Effects are partial rank correlations over the design, the other properties held, with "
    "bootstrap intervals over its points; intervals of outcomes come from resampling animals.",
)
NOTABLE = 0.3
LIKELY = 0.9


def conclusion(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Sentences from the tables of the study."""
    parts = (_line, _price, _movers, _default, _better, _unspecific)
    return tuple(sentence for part in parts for sentence in part(tables))


def _line(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    row = rows_where(tables["effects"], first="retention", second="updating").iloc[0]
    if not row["points"]:
        yield "No brain of the design has a memory to keep and to update."
        return
    if row["high"] < 0:
        said = "the better a brain keeps, the less it updates"
    elif row["low"] > 0:
        said = "brains that keep better update better as well: no trade-off in these ranges"
    else:
        said = "keeping and updating are not clearly opposed in these ranges"
    yield f"Over {row['points']} brains, {said} (rank correlation {ci(row)})."


def _price(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Whether D is lost to time or to the update of A."""
    points = tables["points"].dropna(subset=["retention", "D without update"])
    if points.empty:
        return
    without, kept = points["D without update"].median(), points["retention"].median()
    to_update, to_time = without - kept, 100 - without
    cause = "the update of A costs D more than time does"
    if to_time >= to_update:
        cause = "D is lost more with time than to the update of A"
    yield (
        f"Animals not updated keep {without:.0f} % of D, updated ones {kept:.0f} % (medians over "
        f"brains): {cause}."
    )


def _movers(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = tables["effects"]
    said, idle = [], []
    for name, more in tables["dimensions"][["dimension", "more"]].values:
        moved = []
        for outcome in ("retention", "updating"):
            row = renamed(rows_where(rows, first=name, second=outcome).iloc[0], "partial")
            if sure(row) and abs(row["value"]) >= NOTABLE:
                verb = "raises" if row["value"] > 0 else "lowers"
                moved.append(f"{verb} {outcome} ({row['value']:+.2f})")
        if moved:
            said.append(f"{more} {listed(moved)}")
        else:
            idle.append(name)
    if said:
        yield f"With the others held, {'; '.join(said)} (partial rank correlations)."
    if idle and rows_where(rows, second="updating")["points"].max() > 0:
        yield f"No clear effect over its range: {listed(idle)}."


def _default(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    first, fresh = (
        rows_where(tables["standing"], animals=name).iloc[0] for name in ("first", "fresh")
    )
    place = f"The default keeps {first['retention']:.0f} % and updates {first['updating']:.0f} %"
    if not first["value"] >= 0:
        yield "The default has no memory to keep or to update, so it has no place here."
    elif first["value"] == 0 and fresh["value"] == 0:
        yield f"{place}; no brain of the design beats it in both, so it stands on the front."
    else:
        yield (
            f"{place}; to be on the front both would have to rise by {ci(first, '.1f')} points, "
            f"and by {ci(fresh, '.1f')} when the front's brains are run in fresh animals."
        )


def _better(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = tables["confirmation"]
    winners = rows[(rows["point"] > 0) & (rows["better"] >= LIKELY)]
    if not tables["standing"]["value"].notna().all():
        return
    if winners.empty:
        yield "No brain is clearly better than the default in both when tried in fresh animals."
        return
    best = winners.sort_values("better", kind="stable").iloc[-1]
    own = tables["points"][tables["points"]["point"] == best["point"]].iloc[0]
    values = listed([f"{name} {own[name]:.3g}" for name in tables["dimensions"]["dimension"]])
    yield (
        f"Better in both in fresh animals: {len(winners)} brain{'s' * (len(winners) > 1)}, such as "
        f"number {best['point']:.0f} ({best['retention']:.0f} % kept, {best['updating']:.0f} % "
        f"updated; {values})."
    )


def _unspecific(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    row = rows_where(tables["effects"], first="retention", second="never visited").iloc[0]
    default = tables["points"][tables["points"]["point"] == 0].iloc[0]["never visited"]
    said = f"On day 28 the default freezes {default:.0f} % in a place it never visited"
    if row["low"] > 0:
        said += f"; brains that retain more do so more ({ci(row)}), so part of it is unspecific"
    yield f"{said}."
