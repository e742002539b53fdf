"""Estimation plots: every animal, the difference, and how sure it is.

Gardner & Altman 1986 (BMJ 292:746) for two groups, with the difference on an axis of its own beside
them; Cumming (2012, Understanding the New Statistics) for more, with the differences below. The
curve is the distribution of bootstrap samples of the difference (as in Ho et al. 2019, Nat Methods
16:565), the bar its central 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from engramlab.analysis.style import COLOURS, GRID, INK, RC, spread
from engramlab.errors import DataError, Problem
from engramlab.measures import Estimate, difference
from engramlab.measures.effect import difference_samples
from engramlab.statistics import animal_means, hedges_g_estimate

Samples = Mapping[str, pd.Series]


def estimation_plot(
    table: pd.DataFrame,
    value: str = "value",
    *,
    group: str = "group",
    animal: str = "animal",
    paired: bool = False,
    against: str | None = None,
    label: str | None = None,
) -> Figure:
    """Draw groups of animals and their differences from one of them.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy. Several rows of an animal are averaged first: the animal is the unit.
    value, group, animal : str
        Columns; with `paired`, `group` may be a session or context.
    paired : bool
        The same animals are in every group; lines join them, and animals that lack a group are left
        out.
    against : str, optional
        The group to compare with; default the first.
    label : str, optional
        Of the y axis; default the column's name.

    Returns
    -------
    matplotlib.figure.Figure
        Two groups: Gardner-Altman; more: Cumming. The same table gives the same figure.

    Raises
    ------
    DataError
        When a column is missing, there are fewer than two groups, or `against` is none of them.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"animal": range(6), "group": list("aaabbb"),
    ...                        "freezing": [10.0, 25.0, 30.0, 50.0, 45.0, 60.0]})
    >>> len(estimation_plot(scores, "freezing").axes)
    2
    """
    means = animal_means(table, value, animal=animal, by=[group]).dropna(subset=value)
    samples = {
        str(name): part.set_index(animal)[value] for name, part in means.groupby(group, sort=False)
    }
    if len(samples) < 2:
        raise DataError(
            Problem(f"column '{group}'", f"has {len(samples)} groups with scores", "at least two")
        )
    control = str(against) if against is not None else next(iter(samples))
    if control not in samples:
        raise DataError(Problem(f"group '{control}'", "is unknown", "one of " + ", ".join(samples)))
    if paired:
        samples = _complete(samples, animal)
    ordered = {control: samples[control], **samples}
    with matplotlib.rc_context({**RC, "text.parse_math": False}):
        figure = Figure(figsize=plot_size(len(ordered)), layout="constrained")
        draw_estimation(figure, ordered, paired=paired, label=value if label is None else label)
    return figure


def plot_size(groups: int) -> tuple[float, float]:
    """Width and height of a plot in inches."""
    return (3.4, 2.9) if groups == 2 else (max(3.4, 0.9 * groups + 0.8), 4.4)


def draw_estimation(
    figure: FigureBase, samples: Samples, *, paired: bool = False, label: str = "", title: str = ""
) -> None:
    """Draw samples of animals, the control first, into a figure or a part of one."""
    draw = _gardner_altman if len(samples) == 2 else _cumming
    draw(figure, samples, paired, label, title)


def _complete(samples: Samples, animal: str) -> dict[str, pd.Series]:
    """Animals that are in every group, in one order."""
    common = next(iter(samples.values())).index
    for sample in samples.values():
        common = common.intersection(sample.index, sort=False)
    if common.empty:
        raise DataError(
            Problem(f"column '{animal}'", "has no animal that is in every group", "paired=False")
        )
    return {name: sample.loc[common] for name, sample in samples.items()}


def _gardner_altman(
    figure: FigureBase, samples: Samples, paired: bool, label: str, title: str
) -> None:
    axes = figure.add_subplot()
    _draw_animals(axes, samples, paired)
    axes.set_ylabel(label)
    control, other = (sample.to_numpy(np.float64) for sample in samples.values())
    apart = difference(other, control, paired=paired)
    middle, top = control.mean(), other.mean()
    x = 2.1
    for height in (middle, top):
        axes.plot([0, x + 0.45], [height, height], color=INK, lw=0.7, ls=":", zorder=1)
    _half_violin(axes, x, middle + difference_samples(other, control, paired=paired))
    _bar(axes, x, apart, COLOURS[1], shift=middle)
    axes.set_xlim(-0.5, x + 0.6)
    axes.set_xticks([0, 1, x], [*map(_with_number, samples, samples.values()), "difference"])
    beside = axes.secondary_yaxis("right", functions=(lambda y: y - middle, lambda y: y + middle))
    beside.set_ylabel(f"difference, {list(samples)[1]} − {next(iter(samples))}")
    axes.spines["right"].set_visible(False)
    beside.spines["right"].set_visible(True)
    words = _in_words(apart, hedges_g_estimate(other, control, paired=paired))
    axes.set_title(f"{title}\n{words}".strip(), fontsize=8)


def _cumming(figure: FigureBase, samples: Samples, paired: bool, label: str, title: str) -> None:
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _draw_animals(above, samples, paired)
    above.set_ylabel(label)
    above.tick_params(axis="x", length=0)
    names = list(samples)
    control = samples[names[0]].to_numpy(np.float64)
    for place, name in enumerate(names[1:], 1):
        other = samples[name].to_numpy(np.float64)
        apart = difference(other, control, paired=paired)
        _half_violin(below, place, difference_samples(other, control, paired=paired))
        _bar(below, place, apart, COLOURS[place % len(COLOURS)])
        g = hedges_g_estimate(other, control, paired=paired)
        if np.isfinite(g.value):
            below.annotate(
                f"g {g.value:+.1f}".replace("-", "−"),
                (place, 1.0),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="bottom",
                fontsize=7,
            )
    below.axhline(0.0, color=INK, lw=0.8)
    below.set_ylabel(f"difference from {names[0]}")
    below.set_xticks(range(len(names)), list(map(_with_number, samples, samples.values())))
    if sum(map(len, names)) > 12 * len(names):
        for text in below.get_xticklabels():
            text.set(rotation=35, ha="right", rotation_mode="anchor")
    below.set_xlim(-0.6, len(names) - 0.4)
    above.set_title(title, fontsize=8)


def _draw_animals(axes: Axes, samples: Samples, paired: bool) -> None:
    """Every animal a dot, joined where it is in all groups; mean and its spread beside."""
    values = [sample.to_numpy(np.float64) for sample in samples.values()]
    if paired:
        axes.plot(range(len(values)), np.array(values), color=INK, lw=0.6, alpha=0.35, zorder=1)
    for place, sample in enumerate(values):
        colour = COLOURS[place % len(COLOURS)]
        x = np.full(sample.size, float(place))
        if not paired:
            x += np.array(spread(sample.size, 0.3))
        axes.plot(x, sample, "o", ms=4, mfc=colour, mec="none", alpha=0.6)
        if sample.size:
            beside = place + 0.28
            sd = sample.std(ddof=1) if sample.size > 1 else 0.0
            mean = sample.mean()
            axes.plot([beside, beside], [mean - sd, mean + sd], color=colour, lw=1.6)
            axes.plot([beside], [mean], "o", ms=4.5, mfc="white", mec=colour, mew=1.6, zorder=4)


def _half_violin(axes: Axes, x: float, samples: NDArray[np.float64]) -> None:
    if samples.size == 0 or np.ptp(samples) <= 1e-9 * (1.0 + np.abs(samples).max()):
        return
    heights = np.linspace(samples.min(), samples.max(), 120)
    density = gaussian_kde(samples)(heights)
    axes.fill_betweenx(heights, x, x + 0.35 * density / density.max(), color=GRID, lw=0, zorder=2)


def _bar(axes: Axes, x: float, apart: Estimate, colour: str, shift: float = 0.0) -> None:
    if np.isfinite(apart.low):
        axes.plot([x, x], [apart.low + shift, apart.high + shift], color=colour, lw=2, zorder=3)
    axes.plot([x], [apart.value + shift], "o", ms=6, mfc="white", mec=colour, mew=1.8, zorder=4)


def _with_number(name: str, sample: Sequence[float] | pd.Series) -> str:
    return f"{name}\nn = {len(sample)}"


def _in_words(apart: Estimate, g: Estimate) -> str:
    text = f"difference {apart.value:+.3g}"
    if np.isfinite(apart.low):
        text += f" [{apart.low:+.3g}, {apart.high:+.3g}]"
    if np.isfinite(g.value):
        text += f"\nHedges' g {g.value:+.2f} [{g.low:+.2f}, {g.high:+.2f}]"
    return text.replace("-", "−")
