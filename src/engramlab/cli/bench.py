"""`engramlab bench`: the engine beside other ways to compute the same, on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engramlab.bench import Benchmark


@click.command()
@click.option(
    "--sizes",
    default="1k,10k",
    show_default=True,
    metavar="LIST",
    help="Cells of the region: 1k, 10k, 100k (100k takes minutes and 3 GB for the others).",
)
@click.option(
    "--seconds",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 600),
    metavar="S",
    help="CPU time spent on each engine and size; the shortest moment counts.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write bench.json, bench.svg.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(sizes: str, seconds: float, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Time a moment of activity and learning in engramlab and in other libraries.

    All compute the same equations on the same wiring and are checked to give the same rates. One
    thread each, CPU time, the shortest of many moments: what else the machine does counts least.
    """
    from rich.console import Console

    from engramlab.bench import benchmark

    names = tuple(name.strip() for name in sizes.split(",") if name.strip())
    console = Console(stderr=True, quiet=quiet)
    with console.status("starting") as status:
        found = benchmark(names, seconds=seconds, on_progress=status.update)
    content = json.dumps(found.to_dict(), indent=2)
    if out is not None:
        from engramlab.bench.figure import draw
        from engramlab.record.files import staged

        out.mkdir(parents=True, exist_ok=True)
        with staged(out) as place:
            (place / "bench.json").write_text(content + "\n", encoding="utf-8")
            draw(found).savefig(place / "bench.svg")
            draw(found).savefig(place / "bench.png", dpi=150)
    click.echo(content if as_json else "\n".join(_lines(found)))
    if out is not None and not as_json:
        click.echo(f"written: {out}/bench.json, bench.svg, bench.png")


def _lines(found: Benchmark) -> Iterator[str]:
    machine = found.machine
    load = "" if machine["load"] is None else f", load {machine['load']:.1f}"
    yield f"{machine['processor']}, {machine['cores']} cores{load}"
    yield f"memory: {machine['memory_bytes_per_second'] / 1e9:.1f} GB/s (triad, one thread)"
    for scale in dict.fromkeys(row["scale"] for row in found.rows):
        limit = machine["scatter_adds_per_second"][scale] / 1e9
        yield ""
        yield click.style(f"{scale} cells", bold=True) + f", scatter-add {limit:.2f} G/s"
        yield f"  {'':<20}{'ms':>9}{'M events/s':>12}{'of limit':>10}{'B/synapse':>11}"
        for row in found.rows:
            if row["scale"] == scale:
                yield _row(row)
        if best := found.advantage(scale):
            yield f"  {best[0]:.1f} x faster than the best of the others ({best[1]})"


def _row(row: dict[str, Any]) -> str:
    if "skipped" in row:
        return f"  {row['engine']:<20}{'-':>9}  {row['skipped']}"
    return (
        f"  {row['engine']:<20}{row['ms']:>9.3f}{row['events_per_second'] / 1e6:>12.0f}"
        f"{100 * row['share_of_scatter_limit']:>9.0f}%{row['bytes_per_synapse']:>11.2f}"
    )
