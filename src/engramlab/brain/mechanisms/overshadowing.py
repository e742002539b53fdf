"""Overshadowing: while a cue is on, less is learned about the place."""

from engramlab.brain.mechanism import Mechanism, Parameter
from engramlab.kernel import kernel

MECHANISM = Mechanism(
    name="overshadowing",
    summary="A cue takes attention from the place behind it, so that what happens while it is on "
    "is learned about the place more slowly: the cue is feared more than the place, which without "
    "a cue is feared in full.",
    equation="eclipsed = overshadowing_share while a cue is on, else 0; learning from hippocampus "
    "and cortex to the amygdala x (1 - eclipsed)",
    maths=(
        r"e = \omega \text{ while a cue is on, else } 0; \qquad "
        r"\Delta w_{\mathrm{CA1} \to \mathrm{BLA}},\ \Delta w_{\mathrm{PFC} \to \mathrm{BLA}} "
        r"\times (1 - e)",
    ),
    symbols={"eclipsed": "e", "overshadowing_share": r"\omega"},
    sources=(
        "Mackintosh 1975, Psychol Rev 82:276, doi 10.1037/h0076778 (attention to the better "
        "predictor is taken from the others; recalled)",
        "Phillips & LeDoux 1994, Learn Mem 1:34 (a place in the background of a tone is learned "
        "otherwise than one without; recalled)",
        "Baldi et al. 2004 (tone over place from 0.6 mA on; through shared/evidence)",
    ),
    parameters=(Parameter("overshadowing_share", 0.4, 0.0, 1.0, "1", "by hand: docs/model.md"),),
    signals=("eclipsed",),
)


@kernel
def modulate(eclipsed, cue_on, overshadowing_share):
    """Set how far a cue takes attention from the place in this moment."""
    eclipsed[0] = overshadowing_share if cue_on[0] > 0.0 else 0.0
