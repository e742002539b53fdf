"""Study: who enters and leaves an engram over four weeks, and what predicts it.

Animals learn once; recall probes on six days show which cells are active. Discrete-time hazard
models of exit and entry are fitted to some animals and judged on the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engramlab.brain import Brain
from engramlab.errors import ParameterError, Problem
from engramlab.protocol import Protocol
from engramlab.record import Experiment
from engramlab.studies.hazards import calibrations, hazards, predictions
from engramlab.studies.membership_tables import DAYS, Members, arm_table, course, risks
from engramlab.studies.membership_words import LIMITS, METHOD, QUESTION, TITLE, conclusion
from engramlab.studies.question import Answer, Arm, Setting, present, run_arms

ANIMALS = 12
FEWEST = 6  # two animals in each third
ABLATIONS = {
    "no-excitability-drift": ("excitability_drift",),
    "no-temporal-context": ("temporal_context",),
    "no-replay": ("replay",),
    "no-neurogenesis": ("neurogenesis",),
    "no-forgetting": ("forgetting",),
    "no-inhibitory-plasticity": ("inhibitory_plasticity",),
}


def arms_of(brain: Brain) -> dict[str, Arm]:
    """The intact brain, and causes of turnover taken away one by one, as far as it has them."""
    plan = _protocol()
    return {"intact": Arm("nothing changed", plan, brain)} | {
        name: Arm(f"without {' and '.join(off)}", plan, brain.without(*off))
        for name, off in present(brain, ABLATIONS).items()
    }


def _protocol() -> Protocol:
    session: dict[str, Any] = {"do": "session", "context": "A", "minutes": 5}
    shocks = {"at_minutes": [2.5, 3.5, 4.5], "shock_mA": 0.75}
    probes = [
        {**session, "name": name, "at_days": day, "probe": True}
        for day in DAYS
        for name in (f"day-{day}", f"day-{day}-again")
    ]
    return Protocol.create(
        name="membership",
        title=TITLE,
        contexts={"A": {}},
        tags={"engram": {}},
        groups={"animals": {}},
        timeline=[
            {"do": "tag", "name": "engram", "at_hours": 0, "hours": 0.5},
            {**session, "name": "training", "at_hours": 0, "shocks": shocks},
            {**session, "name": "after", "at_hours": 1, "probe": True},
            *probes,
        ],
    )


def study(setting: Setting) -> Answer:
    """Run the study.

    Parameters
    ----------
    setting : Setting
        At least `FEWEST` animals.

    Returns
    -------
    Answer
        Tables ``course``, ``hazards``, ``predictions``, ``calibration``, ``arms``.

    Raises
    ------
    ParameterError
        For too few animals to hold some back.
    """
    if setting.animals < FEWEST:
        raise ParameterError(
            Problem(
                "animals",
                f"{setting.animals} are too few to fit to two thirds and judge on the rest",
                f"{FEWEST} or more",
            )
        )
    return answer(run_arms(arms_of(setting.brain), setting))


def answer(experiments: Mapping[str, Experiment]) -> Answer:
    """Measure the experiments of the arms, with the intact one among them."""
    arms = {name: Members.of(experiment.data) for name, experiment in experiments.items()}
    intact = arms["intact"]
    chances = risks(intact)
    tables: dict[str, pd.DataFrame] = {
        "course": course(intact),
        "hazards": hazards(chances),
        "predictions": predictions(chances),
        "calibration": calibrations(chances),
        "arms": arm_table(arms),
    }
    return Answer(TITLE, QUESTION, conclusion(tables), LIMITS, METHOD, tables)
