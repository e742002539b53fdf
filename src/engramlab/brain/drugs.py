"""Drugs, as data: what each does to which molecular signal of a neuron.

A drug adds its amount to signals of the neurons it reaches (`regions` of the protocol's step, or
all); mechanisms read those signals, none knows a drug by name. Amounts of 1 block or drive fully.
"""

from __future__ import annotations

from dataclasses import dataclass

# Signals that a drug can raise in a neuron, [0, 1] (corticosterone: in units of a strong stress).
DRUG_SIGNALS = (
    "synthesis_block",  # protein synthesis
    "consolidation_block",  # what first storage needs and restorage does not (BDNF)
    "restorage_block",  # what restorage after recall needs and first storage does not (Zif268)
    "destabilisation_block",  # removal of strength from the protected pool on recall
    "removal_block",  # slow removal of strength: forgetting
    "expression_block",  # output of a region to behaviour; what it predicts is kept
    "extinction_block",  # learning from an omitted outcome
    "endocannabinoid_block",  # release of interneurons by glucocorticoids
    "receptor_block",  # glucocorticoid receptors
    "corticosterone_given",
    "corticosterone_block",  # release of corticosterone under stress
    "acetylation_block",  # histone acetylation
    "deacetylation_block",  # histone deacetylation
    "excitation",  # drive
)


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug.

    Parameters
    ----------
    name : str
    what : str
        What it is, in words.
    actions : tuple of (str, float)
        Signals of `DRUG_SIGNALS` and what a full dose adds to them.
    source : str
        Where the action is from.
    """

    name: str
    what: str
    actions: tuple[tuple[str, float], ...]
    source: str


_ALL = (
    Drug(
        "anisomycin",
        "protein synthesis inhibitor",
        (("synthesis_block", 1.0),),
        "Nader et al. 2000, Nature 406:722",
    ),
    Drug(
        "cycloheximide",
        "protein synthesis inhibitor",
        (("synthesis_block", 1.0),),
        "recalled: Duvarci et al. 2005",
    ),
    Drug(
        "rapamycin",
        "mTOR inhibitor, blocks part of protein synthesis",
        (("synthesis_block", 0.6),),
        "recalled: Parsons et al. 2006; share assumed",
    ),
    Drug(
        "propranolol",
        "beta-adrenergic blocker, weakens restorage after recall",
        (("restorage_block", 0.5),),
        "Debiec & LeDoux 2004 (recalled); share assumed",
    ),
    Drug(
        "midazolam",
        "benzodiazepine, impairs restorage after recall",
        (("restorage_block", 0.9),),
        "Alfei et al. 2020, doi 10.1037/xge0000765; share assumed",
    ),
    Drug(
        "BDNF-antisense",
        "blocks what first storage needs",
        (("consolidation_block", 1.0),),
        "Lee 2008, Nat Neurosci 11:1264",
    ),
    Drug(
        "Zif268-antisense",
        "blocks what restorage after recall needs",
        (("restorage_block", 1.0),),
        "Lee 2008, Nat Neurosci 11:1264",
    ),
    Drug(
        "NVP-AAM077",
        "GluN2A blocker, impairs restorage after recall",
        (("restorage_block", 1.0),),
        "Milton et al. 2013, J Neurosci 33:1109",
    ),
    Drug(
        "ifenprodil",
        "GluN2B blocker, prevents destabilisation on recall",
        (("destabilisation_block", 1.0),),
        "Milton et al. 2013, J Neurosci 33:1109",
    ),
    Drug(
        "lactacystin",
        "proteasome inhibitor, prevents destabilisation on recall",
        (("destabilisation_block", 1.0),),
        "Lee 2008, Nat Neurosci 11:1264",
    ),
    Drug(
        "GluA2-3Y",
        "blocks removal of GluA2 receptors: no destabilisation and no slow decay",
        (("destabilisation_block", 1.0), ("removal_block", 1.0)),
        "Hong et al. 2013, PNAS 110:8218; Migues et al. 2016, J Neurosci 36:3481",
    ),
    Drug(
        "LY293558",
        "AMPA blocker, stops expression and not destabilisation",
        (("expression_block", 1.0),),
        "Milton et al. 2013, J Neurosci 33:1109",
    ),
    Drug(
        "AM251",
        "CB1 blocker",
        (("extinction_block", 1.0), ("endocannabinoid_block", 1.0)),
        "Suzuki et al. 2004, J Neurosci 24:4787; Lesuis et al. 2025, Cell 188:121",
    ),
    Drug(
        "THL",
        "blocks synthesis of the endocannabinoid 2-AG",
        (("endocannabinoid_block", 1.0),),
        "Lesuis et al. 2025, Cell 188:121 (inhibitor of synthesis; which one is recalled)",
    ),
    Drug(
        "corticosterone",
        "glucocorticoid of rodents",
        (("corticosterone_given", 1.0),),
        "Lesuis et al. 2021, Biol Psychiatry 90:494",
    ),
    Drug(
        "metyrapone",
        "blocks synthesis of corticosterone",
        (("corticosterone_block", 1.0),),
        "de Quervain et al. 1998, Nature 394:787",
    ),
    Drug(
        "mifepristone",
        "blocks glucocorticoid receptors",
        (("receptor_block", 1.0),),
        "Lesuis et al. 2025, Cell 188:121",
    ),
    Drug(
        "CI-994",
        "inhibits histone deacetylases",
        (("deacetylation_block", 1.0),),
        "Graff et al. 2014, Cell 156:261",
    ),
    Drug(
        "c646",
        "inhibits the histone acetyltransferase p300",
        (("acetylation_block", 1.0),),
        "Maddox et al. 2013, Learn Mem 20:109",
    ),
    Drug(
        "PKA-activator",
        "raises cAMP-PKA signalling and with it excitability",
        (("excitation", 0.6),),
        "Ghosh & Chattarji 2015, Nat Neurosci 18:112; size assumed",
    ),
)
DRUGS = {drug.name: drug for drug in _ALL}
