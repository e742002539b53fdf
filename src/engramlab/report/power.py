"""The page of a power analysis: the curve first, then the numbers and how they came about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from engramlab.analysis.style import COLOURS, INK, new_figure, styled
from engramlab.record import staged
from engramlab.report.figure import short
from engramlab.report.page import FILE, Table, write_page
from engramlab.report.picture import make_picture
from engramlab.studies.power import PowerAnalysis, in_words, row_name

NAME = "power-curve"
MOST_CURVES = 8
TICKS = (2, 5, 10, 20, 50, 100, 200)
TITLES = {"model": "spread of the virtual animals", "data": "spread of real animals"}


@styled
def draw_power(found: PowerAnalysis) -> Figure:
    """Power by animals a group: a line a session, a panel for each kind of spread."""
    curves = found.curves
    kinds = list(dict.fromkeys(curves["spread"])) or ["model"]
    names = list(dict.fromkeys(curves["row"]))[:MOST_CURVES]
    figure, axes = new_figure(4.2 * len(kinds), 3.4, columns=len(kinds), sharey=True)
    for axis, kind in zip(axes, kinds, strict=True):
        of_kind = curves[curves["spread"] == kind]
        for number, name in enumerate(names):
            part = of_kind[of_kind["row"] == name]
            colour = COLOURS[number % len(COLOURS)]
            style = "-" if number < len(COLOURS) else "--"
            axis.plot(
                part["animals"], part["power"], style, color=colour, lw=1.8, label=short(name)
            )
            enough = part[part["power"] >= found.power]
            if len(enough):
                x, y = enough.iloc[0][["animals", "power"]]
                axis.plot([x], [y], "o", ms=5, mfc="white", mec=colour, mew=1.6, zorder=3)
        axis.axhline(found.power, color=INK, lw=0.8, ls=":")
        axis.axhline(found.alpha, color=INK, lw=0.8, ls=":")
        axis.set_ylim(0, 1.02)
        axis.set_xscale("log")  # most effects need few animals, some very many
        axis.set_xticks(TICKS, [f"{tick}" for tick in TICKS])
        axis.set_xticks([], minor=True)
        axis.set_xlim(1.8, 1.1 * max(int(curves["animals"].max()) if len(curves) else 0, 20))
        axis.set_xlabel("animals a group")
        if len(kinds) > 1:
            axis.set_title(TITLES[kind])
    axes[0].set_ylabel("power")
    handles, labels = axes[0].get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(handles, labels, loc="outside right center")
    elif names:
        axes[0].set_title(short(names[0], 40) if len(kinds) == 1 else axes[0].get_title())
    return figure


def write_power_report(found: PowerAnalysis, folder: str | Path) -> Path:
    """Write ``report.html``, ``power.csv``, ``power-curve.csv`` and the figure.

    Parameters
    ----------
    found : PowerAnalysis
    folder : str or Path
        Made if it does not exist.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        When they cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    with staged(folder) as place:
        files = place / "figures"
        files.mkdir()
        hidden = found.curves["row"].nunique() - MOST_CURVES
        caption = (
            f"Probability that a two-sided test at {found.alpha:g} sees the difference, by number "
            f"of animals in each group. Rings: the first number with {found.power:.0%}."
            + (f" {hidden} more curves are in power-curve.csv." if hidden > 0 else "")
        )
        rows = found.rows.to_dict(orient="records")
        alt = "; ".join(f"{row_name(row)}: {in_words(row, 'animals')} animals" for row in rows[:20])
        picture = make_picture(draw_power(found), files, NAME, "Power", caption, alt)
        write_page(
            place,
            "power.html",
            found=found,
            picture=picture,
            table=_table(found),
            best=_best(found),
        )
        found.rows.to_csv(place / "power.csv", index=False)
        found.curves.to_csv(place / "power-curve.csv", index=False)
    return folder / FILE


def _table(found: PowerAnalysis) -> Table:
    rows = found.rows.to_dict(orient="records")
    columns = {
        found.groups[0]: [f"{r['mean_first']:.3g} ± {r['sd_first']:.2g}" for r in rows],
        found.groups[1]: [f"{r['mean_second']:.3g} ± {r['sd_second']:.2g}" for r in rows],
        "difference [95 %]": [
            f"{r['difference']:+.3g} [{r['low']:+.3g}, {r['high']:+.3g}]" for r in rows
        ],
        "Hedges' g": [f"{r['hedges_g']:+.2f}" for r in rows],
        "animals, model's spread": [in_words(r, "animals") for r in rows],
    }
    if found.spread is not None:
        columns["animals, real spread"] = [in_words(r, "animals_data") for r in rows]
    texts = pd.DataFrame(columns, index=[row_name(row) for row in rows])
    title = f"{found.measure}, {found.unit}: mean ± SD of virtual animals; animals a group"
    return Table.of_texts(title, "session", texts)


def _best(found: PowerAnalysis) -> str:
    """The session that needs the fewest animals, in words."""
    name = "animals_data" if found.spread is not None else "animals"
    known = found.rows.dropna(subset=name)
    if known.empty:
        return "No session shows the difference with 1000 animals a group or fewer."
    row = known.sort_values(name, kind="stable").to_dict(orient="records")[0]
    kind = "the spread of the real animals" if found.spread is not None else "the model's spread"
    return (
        f"Fewest animals: {row_name(row)}, {in_words(row, name)} a group with {kind} "
        f"(difference {row['difference']:+.3g}, g {row['hedges_g']:+.1f})."
    )
