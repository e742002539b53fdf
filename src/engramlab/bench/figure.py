"""The figure of a benchmark: time of a moment by size, an engine a line."""

from __future__ import annotations

from matplotlib.figure import Figure

from engramlab.bench.bench import OURS, Benchmark
from engramlab.bench.others import OTHERS
from engramlab.bench.task import SCALES


def draw(found: Benchmark) -> Figure:
    """Draw the time of a moment against cells, on logarithmic axes."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    styles = ("-o", "--s", "--^", "--D", "--v")
    for engine, style in zip((OURS, *(kind.name for kind in OTHERS)), styles, strict=True):
        rows = [row for name in SCALES if (row := found.of(name, engine))]
        if rows:
            width = 2.5 if engine == OURS else 1.2
            axes.plot(
                [row["cells"] for row in rows],
                [row["ms"] for row in rows],
                style,
                linewidth=width,
                label=engine,
            )
    axes.set(xscale="log", yscale="log", xlabel="cells", ylabel="CPU time of a moment (ms)")
    axes.set_title("Drive, competition and learning; same rates", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    return figure
