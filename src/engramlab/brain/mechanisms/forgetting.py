"""Forgetting: strength and, slower, connectivity fade."""

from engramlab.brain.mechanism import Mechanism, Parameter

MECHANISM = Mechanism(
    name="forgetting",
    summary="Protected strength fades over weeks in hippocampus and months in cortex, faster on "
    "the positive cells of the amygdala, which hold extinction; connectivity outlives it. Most "
    "forgetting in hippocampus is by neurogenesis.",
    equation="d(protected)/dt = -protected / forget_tau;  d(silent)/dt = -silent / "
    "connectivity_tau  (applied in closed form when a row is next touched)",
    maths=(
        r"\frac{\mathrm{d} w^p}{\mathrm{d} t} = -\frac{w^p}{\tau_p}, \quad \tau_p \in "
        r"\{\tau_{\mathrm{hip}}, \tau_{\mathrm{ctx}}, \tau_{+}\}",
        r"\frac{\mathrm{d} w^s}{\mathrm{d} t} = -\frac{w^s}{\tau_s}",
    ),
    symbols={
        "forget_tau_hippocampus_days": r"\tau_{\mathrm{hip}}",
        "forget_tau_cortex_days": r"\tau_{\mathrm{ctx}}",
        "forget_tau_positive_days": r"\tau_{+}",
        "connectivity_tau_days": r"\tau_s",
    },
    sources=(
        "Attardo, Fitzgerald & Schnitzer 2015, Nature 523:592, doi 10.1038/nature14467 (CA1 "
        "spines turn over in weeks)",
        "Migues et al. 2016, J Neurosci 36:3481, doi 10.1523/JNEUROSCI.3333-15.2016",
        "Yang, Pan & Gan 2009, Nature 462:920, doi 10.1038/nature08577 (cortical spines stay)",
    ),
    parameters=(
        Parameter(
            "forget_tau_hippocampus_days",
            200.0,
            2.0,
            1000.0,
            "d",
            "by hand: with what neurogenesis takes, 40 days (Attardo et al. 2015)",
        ),
        Parameter("forget_tau_cortex_days", 600.0, 20.0, 1000.0, "d", "Yang et al. 2009"),
        Parameter(
            "forget_tau_positive_days",
            10.0,
            1.0,
            200.0,
            "d",
            "Quirk 2002: fear is back in 10 days; Migues et al. 2016: extinction decays",
        ),
        Parameter("connectivity_tau_days", 60.0, 5.0, 500.0, "d", "by hand: docs/model.md"),
    ),
)
