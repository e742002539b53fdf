"""Schema: cortex learns faster what fits what it knows."""

from engramlab.brain.mechanism import Mechanism, Parameter

MECHANISM = Mechanism(
    name="schema",
    summary="Prefrontal cortex learns an experience faster when its own learned input already "
    "supports the pattern that it is shown.",
    equation="cortical learning x (1 + schema_gain F), F = learned drive to active PFC cells / "
    "schema_full of the saturated drive, at most 1",
    maths=(
        r"\Delta w_{\text{cortex}} \times (1 + g F), \quad F = \min\left(1, \frac{\text{learned "
        r"drive to active PFC cells}}{F_0 \cdot \text{saturated drive}}\right)",
    ),
    symbols={
        "schema_gain": "g",
        "schema_full": "F_0",
    },
    sources=(
        "Tse et al. 2007, Science 316:76, doi 10.1126/science.1135935",
        "Tse et al. 2011, Science 333:891 (prefrontal; recalled)",
    ),
    parameters=(
        Parameter("schema_gain", 3.0, 0.0, 20.0, "1", "assumed: days instead of weeks"),
        Parameter("schema_full", 0.3, 0.05, 1.0, "1", "assumed: a well known world"),
    ),
)
