"""What the study of molecular links says: its question and limits, and sentences from numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engramlab.studies.question import ci, extremes, listed, rows_where, sure

TITLE = "How the molecules of a neuron relate to the strength of its synapses"
QUESTION = (
    "How do CREB, immediate early genes, chromatin, newly made protein and its capture in a neuron "
    "relate to the strength of the synapses onto it?"
)
LIMITS = (
    "The chain from activity to protein to capture is written into the model: this is what such a "
    "chain predicts, not evidence that neurons are built so.",
    "A correlation over cells, lagged or partial, does not show cause; only the arms do.",
    "Signals that all decay at one rate keep their rank, so their lagged correlations hardly tell "
    "when they act; the courses and the arms do. A signal under 1 % of its peak counts as gone.",
    "Protein, chromatin and strength are one number a neuron each; a real neuron captures synapse "
    "by synapse. Natural CREB is read as excitability, which also holds a cell's other traits.",
    "The 12 h probe comes just after the first night's replay, which also changes strength.",
)
METHOD = (
    "Animals spend five minutes in A with three shocks. Probes in A before training and 0.5 h to 7 "
    "days after it run on copies of the animal, so that they change nothing, and read every "
    "neuron's excitability, protein, histone acetylation (chromatin) and the learned strength of "
    "its inputs. Gain is that strength minus its value before training. Engram cells are those "
    "with an IEG read-out above 0.3 at training. In BLA only the negative half is looked at.",
    "Correlations are Spearman's over the cells of one animal and region; the tables give their "
    "mean over animals (through Fisher's z) with 95 % bootstrap intervals over animals, so that "
    "cells are no replicates. 'Given IEG' looks at engram cells and takes IEG and activity before "
    "training out of both signals, as a line with four bends each; where that leaves under 5 % of "
    "a signal's variance, nothing is reported.",
    "Lead is the mean, over pairs of hours, of the correlation of the first signal with the "
    "second later on, minus the correlation the other way round.",
    "Arms: protein synthesis blocked for 8 h; CREB (drive +0.5) or histone acetylation (+0.6) "
    "raised by a virus in a random tenth of the cells; and mechanisms of the model switched off "
    "one by one. The same animals go through all arms, so that each is its own control.",
)
GAIN = "gain at 24 h"
NOTABLE = 5.0  # per cent of the normal gain: smaller changes are in the tables only


def conclusion(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Sentences from the tables of the study."""
    parts = (_marks, _apart, _synthesis, _recruits, _opened, _others, _opens, _leads)
    return tuple(sentence for part in parts for sentence in part(tables))


def _marks(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["links"], arm="intact", link=f"IEG - {GAIN}")
    every, inside = rows_where(rows, cells="all"), rows_where(rows, cells="engram")
    mean = every["value"].mean()
    verb = "marks" if mean > 0.5 else "is loosely tied to" if mean > 0.1 else "does not mark"
    yield (
        f"IEG at training {verb} the neurons whose inputs are stronger a day later: rank "
        f"correlation {extremes(every)}, within the engram {extremes(inside)}."
    )


def _apart(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["links"], arm="intact", cells="given IEG")
    same = []
    for signal in ("protein", "chromatin"):
        own = rows_where(rows, link=f"{signal} - {GAIN}")
        if own["variance left"].isna().all():  # this brain has no such signal
            continue
        left = 100 * own["variance left"].mean()
        defined = own.dropna(subset="value")
        if defined.empty:
            same.append(f"{signal} ({left:.0f} % of its variance)")
        else:
            yield (
                f"With IEG taken out ({left:.0f} % of its variance is left), {signal} goes with "
                f"the gain at r = {extremes(defined)} in engram cells."
            )
    if same:
        yield (
            f"Given IEG, hardly anything is left of {listed(same)}: correlation cannot tell them "
            "apart; only changing one alone can."
        )


def _opened(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """What a virus that opens chromatin shows of protein at like IEG."""
    rows = rows_where(tables["links"], arm="kat5", cells="given IEG")
    gain, share = (
        rows_where(rows, link=f"protein - {what}").dropna(subset="value")
        for what in (GAIN, "share kept")
    )
    if gain.empty or share.empty:
        return
    yield (
        "Where a virus opens chromatin, cells of like IEG differ in protein, which goes with the "
        f"share of strength kept at r = {extremes(share)}; with the gain at {extremes(gain)}."
    )


def _synthesis(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    own = rows_where(tables["arms"], arm="anisomycin", region="all")
    early, kept = (rows_where(own, measure=f"gain at {hour} h").iloc[0] for hour in ("0.5", "24"))
    link = rows_where(tables["arms"], arm="anisomycin", measure=f"IEG - {GAIN}")
    blind = link["value"].mean() > 0.5 and kept["value"] < 70
    yield (
        f"Blocking protein synthesis leaves {ci(early, '.0f', ' %')} of the normal gain at 0.5 h "
        f"and {ci(kept, '.0f', ' %')} at 24 h; IEG and gain then correlate at "
        f"{extremes(link)}" + (": the correlation does not see the loss." if blind else ".")
    )


def _recruits(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["viruses"], arm="creb")
    yield f"Raised CREB brings {_joined(rows)}{_stored(rows, 'gain, within engram', 'gain')}."


def _opens(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["viruses"], arm="kat5")
    if rows.empty:
        yield "This brain has no chromatin mechanism, so nothing is said about chromatin."
        return
    kept = _stored(rows, "share kept, within engram", "keep a share of the early gain that is")
    yield f"Raised acetylation brings {_joined(rows)}{kept}."


def _joined(rows: pd.DataFrame) -> str:
    joined, without = (
        rows_where(rows, measure=measure)["value"].mean()
        for measure in ("joined", "joined without")
    )
    more = rows_where(rows, measure="joined more")
    clear = sum(sure(row) for _, row in more.iterrows())
    return (
        f"{joined:.0f} % of its cells into the engram instead of {without:.0f} % (clear in {clear} "
        f"of {len(more)} regions)"
    )


def _stored(rows: pd.DataFrame, measure: str, verb: str) -> str:
    own = rows_where(rows, measure=measure)
    moved = [row["region"] for _, row in own.iterrows() if sure(row, 1.0)]
    where = f"clear in {listed(moved)}" if moved else "clear in no region"
    return f"; in it they {verb} {extremes(own)} times that of other engram cells ({where})"


def _others(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Ablations that change what is stored."""
    said = []
    for arm, rows in tables["arms"].groupby("arm", sort=False):
        if arm in ("intact", "anisomycin", "creb", "kat5"):
            continue
        for hour in ("24", "168"):
            row = rows_where(rows, measure=f"gain at {hour} h", region="all").iloc[0]
            clear = row["difference low"] > 0 or row["difference high"] < 0
            if clear and abs(row["difference value"]) >= NOTABLE:
                said.append(f"{arm} ({row['value']:.0f} % at {hour} h)")
                break
    yield (
        f"Mechanisms without which other amounts are stored (5 % or more): {listed(said)}."
        if said
        else "No mechanism switched off changes what is stored by 5 % or more."
    )


def _leads(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    rows = rows_where(tables["leads"], first="ieg", second="input_strength")
    first = [row["region"] for _, row in rows.iterrows() if row["low"] > 0]
    second = [row["region"] for _, row in rows.iterrows() if row["high"] < 0]
    said = []
    if first:
        said.append(f"IEG leads strength in {listed(first)}")
    if second:
        said.append(f"strength leads the IEG of later recalls in {listed(second)}")
    if said:
        yield f"Over the week, {' and '.join(said)} (cross-lagged correlations)."
