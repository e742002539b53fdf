"""Prefrontal control: prefrontal cortex, by nucleus reuniens, keeps hippocampal codes sparse."""

from engramlab.brain.mechanism import Mechanism, Parameter

MECHANISM = Mechanism(
    name="prefrontal_control",
    summary="Prefrontal cortex, relayed by nucleus reuniens, holds hippocampal ensembles small and "
    "specific; when it or the path is silent they grow and overlap.",
    equation="active of CA3 and CA1 x (1 + control_loss (1 - control)); control = min(1, activity "
    "of PFC in the last moment / active), 0 when PFC or its path to CA1 is silenced",
    sources=("Xu & Sudhof 2013, Science 339:1290, doi 10.1126/science.1229534",),
    parameters=(Parameter("control_loss", 0.6, 0.0, 3.0, "1", "fitted by hand: Xu & Sudhof 2013"),),
    signals=("control", "reuniens_block"),
)
