"""The brain as a page of documentation, made from its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engramlab.brain.brain import Brain, declared_parameters
from engramlab.brain.mechanism import Mechanism

# Symbols that mean the same in every mechanism -> what they are.
SYMBOLS = {
    r"r_j, \hat{r_j}": "rate of cell j in this moment; its highest rate in the session "
    "(the immediate early gene read-out)",
    "h_j": "drive: what comes in through synapses, plus excitability, light and noise",
    r"\varepsilon_j": "excitability, added to the drive; each mechanism adds its own share",
    "w^l, w^p, w^s": "labile, protected and silent strength of a synapse",
    "k": "activity (sum of rates) that inhibition allows in a region",
    "V^-, V^+": "read-out of the negative and the positive half of the amygdala",
    r"\mathrm{US}": "strength of the shock as felt, in [0, 1)",
    "M": "neuromodulatory gain of plasticity (`novelty`)",
    "O": "opening of the window of lability (`lability`)",
    "s": "strength of the consolidation signal of a session (`protein_capture`)",
    "t": "time; every time constant has the unit in its name",
}
HEAD = """\
# The mechanisms and their parameters

Made from the mechanism files by `engramlab mechanisms --markdown`. How the parts work together,
what asked for each, and what is wrong stands in [the model](model.md). Any mechanism can be
switched off (`--without NAME`), any parameter be set within its range (`--set NAME=VALUE`).

A source in words of our own (*assumed*, *by hand*) is no evidence. *Recalled* means: cited from
memory of the paper. An arrow to the left sets what stands on its left; angle brackets are
means over cells.
"""


def mechanisms_markdown(brain: Brain) -> str:
    """The page: symbols, every mechanism with equations and parameters, regions, projections.

    Parameters
    ----------
    brain : Brain

    Returns
    -------
    str
        Markdown with LaTeX between dollar signs.
    """
    lines = [HEAD, "| symbol | meaning |", "|---|---|"]
    lines += [f"| ${symbol}$ | {meaning} |" for symbol, meaning in SYMBOLS.items()]
    for mechanism in brain.mechanisms:
        lines += ["", *_mechanism(mechanism, brain)]
    lines += ["", "## Regions", "", *_regions(brain)]
    lines += ["", "## Projections", "", *_projections(brain)]
    return "\n".join(lines) + "\n"


def _mechanism(mechanism: Mechanism, brain: Brain) -> Iterator[str]:
    off = " Switched off in this brain." if mechanism.name in brain.switched_off else ""
    yield f"## {mechanism.name}"
    yield ""
    yield _text(mechanism.summary) + off
    for equation in mechanism.maths:
        yield f"\n$$\n{equation}\n$$"
    own = [parameter.name for parameter in mechanism.parameters]
    others = [name for name in mechanism.symbols if name not in own]
    if others:
        yield ""
        yield (
            "Here "
            + ", ".join(f"${mechanism.symbols[name]}$ is `{name}`{_home(name)}" for name in others)
            + "."
        )
    if own:
        values = brain.parameters
        yield ""
        yield "| parameter | symbol | value | range | unit | source |"
        yield "|---|---|---|---|---|---|"
        for p in mechanism.parameters:
            symbol = f"${mechanism.symbols[p.name]}$" if p.name in mechanism.symbols else ""
            yield (
                f"| `{p.name}` | {symbol} | {values[p.name]:g} | {p.low:g} to {p.high:g} "
                f"| {_unit(p.unit)} | {_text(p.source)} |"
            )
    yield ""
    yield "Sources: " + "; ".join(map(_cited, mechanism.sources)) + "."


def _home(name: str) -> str:
    """Which mechanism declares a parameter that another one uses."""
    declared = declared_parameters()
    return f" of `{declared[name][0]}`" if name in declared else ""


def _regions(brain: Brain) -> Iterator[str]:
    yield "| region | cells | allowed activity *k* | threshold | slope | parts | passes |"
    yield "|---|---|---|---|---|---|---|"
    for region in brain.regions:
        parts = ", ".join(f"{name} {b - a}" for name, (a, b) in region.populations.items())
        yield (
            f"| {region.name} | {region.cells} | {region.active:g} | {region.threshold:g} "
            f"| {region.slope:g} | {parts} | {region.passes or ''} |"
        )


def _projections(brain: Brain) -> Iterator[str]:
    yield "| projection | density | base drive | learned drive | learning rate | rule | store |"
    yield "|---|---|---|---|---|---|---|"
    for one in brain.projections:
        yield (
            f"| {one.name} | {one.density:g} | {one.base_drive:g} | {one.learned_drive:g} "
            f"| {one.learning_rate:g} | {one.rule} | {one.store} |"
        )


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _cited(source: str) -> str:
    """A source with its DOI as a link."""
    return re.sub(r"doi (10\.\S+?)(?=[,;)]?(\s|$))", r"[doi:\1](https://doi.org/\1)", _text(source))


def _text(text: str) -> str:
    """One line in which nothing is taken for markup."""
    return re.sub(r"([\\`*_|<>\[\]$])", r"\\\1", " ".join(text.split()))
