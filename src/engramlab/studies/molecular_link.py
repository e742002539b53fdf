"""Study: how excitability, IEG, protein and chromatin of a neuron relate to its synapses' strength.

One training, then probes at chosen hours that read the state of every neuron. Correlations say what
goes together, arms in which one link of the chain is cut or forced say what depends on what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engramlab.brain import Brain
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.studies.molecular_link_tables import (
    HOURS,
    Measured,
    compare_arms,
    courses,
    lags,
    leads,
    links,
    probe,
    viruses,
)
from engramlab.studies.molecular_link_words import LIMITS, METHOD, QUESTION, TITLE, conclusion
from engramlab.studies.question import REGIONS, Answer, Arm, Setting, present, run_arms

ANIMALS = 12
ABLATIONS = {
    "no-capture": ("protein_capture",),
    "no-chromatin": ("chromatin",),
    "even-excitability": ("trait_excitability", "excitability_drift"),
    "no-learned-excitability": ("learning_excitability",),
    "no-inhibitory-plasticity": ("inhibitory_plasticity",),
    "no-feedforward-inhibition": ("feedforward_inhibition",),
    "no-silent-synapses": ("silent_synapses",),
    "no-lability": ("lability",),
    "no-replay": ("replay",),
}
VIRUS_SHARE = 0.1


def arms_of(brain: Brain) -> dict[str, Arm]:
    """The arms of the study, as far as this brain's mechanisms allow them."""
    chosen = {
        "intact": Arm("nothing changed", _protocol(), brain),
        "anisomycin": Arm(
            "protein synthesis blocked for 8 h after training", _protocol(ANISOMYCIN), brain
        ),
        "creb": Arm("CREB raised in a tenth of the cells", _protocol(*_virus(CREB)), brain),
    }
    if present(brain, {"kat5": ("chromatin",)}):
        chosen["kat5"] = Arm(
            "histone acetylation raised in a tenth of the cells", _protocol(*_virus(KAT5)), brain
        )
    return chosen | {
        name: Arm(f"without {' and '.join(off)}", _protocol(), brain.without(*off))
        for name, off in present(brain, ABLATIONS).items()
    }


ANISOMYCIN = {"do": "drug", "drug": "anisomycin", "at_minutes": 5, "hours": 8}
CREB = {"what": "CREB", "excitability": 0.5}
KAT5 = {"what": "KAT5", "acetylation": 0.6}


def _virus(virus: dict[str, Any]) -> list[dict[str, Any]]:
    step = {"do": "virus", "at_hours": 0, **virus}
    return [{**step, "cells": f"virus-{region}"} for region in REGIONS]


def _protocol(*changes: dict[str, Any]) -> Protocol:
    session = {"do": "session", "context": "A", "at_hours": 0}
    shocks = {"at_minutes": [2.5, 3.5, 4.5], "shock_mA": 0.75}
    probes = [
        {**session, "name": probe(hour), "at_hours": hour, "minutes": 1, "probe": True}
        for hour in HOURS
    ]
    negative = {"BLA": {"population": "negative"}}
    return Protocol.create(
        name="molecular-link",
        title=TITLE,
        contexts={"A": {}},
        cells={
            f"virus-{region}": {"region": region, "share": VIRUS_SHARE, **negative.get(region, {})}
            for region in REGIONS
        },
        groups={"animals": {}},
        timeline=[
            *changes,
            {**session, "name": "before", "minutes": 1, "probe": True},
            {**session, "name": "training", "minutes": 5, "shocks": shocks},
            *probes,
        ],
    )


def study(setting: Setting) -> Answer:
    """Run the study.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    Answer
        Tables ``courses``, ``links``, ``leads``, ``lags``, ``arms``, ``viruses``.
    """
    return answer(run_arms(arms_of(setting.brain), setting))


def answer(experiments: Mapping[str, Experiment]) -> Answer:
    """Measure the experiments of the arms, with the intact one among them."""
    arms = {name: Measured.of(experiment) for name, experiment in experiments.items()}
    intact = arms["intact"]
    tables = {
        "courses": courses(intact),
        "links": pd.concat([links(name, arm) for name, arm in arms.items()], ignore_index=True),
        "leads": leads(intact),
        "lags": lags(intact),
        "arms": compare_arms(arms),
        "viruses": viruses(arms),
    }
    said = conclusion(tables)
    return Answer(TITLE, QUESTION, said, LIMITS, METHOD, tables)
