"""What a mechanism is: a name, a claim with its sources, parameters, state, and kernels by phase.

A mechanism is one module in `engramlab.brain.mechanisms`. It holds a `MECHANISM` and any of the
functions named in `PHASES`, each under `@kernel`. The arguments of those functions are filled in by
name when the brain is assembled (`engramlab.engine.assembly`):

- the name of a neuron variable of any mechanism or of the core (`rate`, `excitability`, ...) gives
  its float32 array over all neurons;
- the name of a signal gives a float64 array of length one, shared by all mechanisms;
- the name of a parameter gives its value (float);
- the names in `PHASES` beside each phase give what only that phase has;
- `network` gives the whole state (`engramlab.engine.network.Network`), for synaptic mechanisms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engramlab.brain.drugs import DRUG_SIGNALS

PHASES: dict[str, tuple[str, ...]] = {
    "initialise": ("key",),  # once, when an animal is born
    "excite": (),  # each moment, before activity: add to `excitability`
    "modulate": (),  # each moment, after activity: set `modulator` and other signals
    "learn": (),  # each moment, after `modulate`: change synapses and neurons
    "end_session": (),  # once, when a session ends
    "capture": ("hours", "forget", "survival", "captured"),  # each gap: fate of labile strength
    "elapse": ("hours",),  # each gap: closed-form change of neuron variables
}

CORE_VARIABLES = (
    "rate",  # activity in this moment, [0, 1]
    "excitability",  # added drive in this moment, sum over the `excite` phase
    "light",  # this moment: 1 where light drives the cell, -1 where it silences, else 0
    "silenced",  # 1 where the cell cannot fire (lesion, inactivation)
    "virus_creb",  # drive given by CREB overexpression
    "virus_chemogenetic",  # drive given by hM3Dq (positive) or hM4Di (negative) with its ligand
    "virus_acetylation",  # histone acetylation that a virus keeps up, [0, 1]
    "peak",  # highest rate in this session: the immediate early gene read-out
    "mean_rate",  # mean rate in this session
    "predicted",  # rate of an amygdala cell before the halves inhibit each other
    "shown",  # rate as cells report it: of the last moment, or mean over a night's replay events
    *DRUG_SIGNALS,
)

CORE_SIGNALS = (
    "clock",  # hours since the start of the protocol
    "shock",  # unconditioned stimulus in this moment, [0, 1]
    "current_mA",  # current of the shock in this moment; 0 for none
    "reward",  # reward in this moment, [0, 1]
    "valence_negative",  # read-out of negative BLA cells before the outcome, [0, 1]
    "valence_positive",  # the same of positive BLA cells
    "raw_negative",  # the read-out of negative cells before positive ones inhibit them
    "predicted_negative",  # the read-out of negative cells were the positive half silent
    "familiarity",  # learned share of the drive to active CA1 cells, [0, 1]
    "recognised",  # how far the place was recognised on entry, [0, 1]
    "session_novelty",  # 1 minus familiarity of the first two moments of this session
    "modulator",  # neuromodulatory gain of plasticity
    "error_negative",  # shock minus predicted shock
    "error_positive",  # reward or relief minus predicted reward
    "relief",  # predicted but omitted shock
    "asleep",  # 1 in a night, else 0
    "sleepless",  # 1 while the animal is kept from sleep, else 0
    "housing",  # factor of the housing on neurogenesis
    "cortex_now",  # activity of PFC in this moment over what inhibition allows, [0, 1]
    "cue_on",  # 1 in a moment in which a cue is on, else 0
    "cortical_share",  # share of cortex in the learned drive to negative BLA cells, [0, 1]
    "shock_sensitivity",  # this animal's factor on the shock
    "freezing_trait",  # this animal's shift of the freezing read-out
)

FACTORS = ("housing", "shock_sensitivity")  # core signals that are 1 until something changes them

RATE = CORE_VARIABLES.index("rate")  # its row in `network.neuron`
CLOCK = CORE_SIGNALS.index("clock")  # its place in `network.signal`
NEVER, SETTLED, FRESH = 0, 1, 2  # state of a row: never learned, no labile strength, labile
FIXED, HEBBIAN, VALENCE = 0, 1, 2  # learning rule of a projection


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model.

    Parameters
    ----------
    name : str
        Unique over all mechanisms; ends with its unit where it has one (``_hours``).
    value : float
        Default.
    low, high : float
        Inclusive range that is biologically sensible and that the code accepts.
    unit : str
        Unit, or ``"1"``.
    source : str
        Where the value or its range comes from: a citation, ``"assumed: why"`` or
        ``"fitted: to what"``.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism of the brain, as data.

    Parameters
    ----------
    name : str
        Identifier, the name of its module.
    summary : str
        What it does, in one sentence a bench scientist understands.
    equation : str
        The equation(s) in plain text.
    maths : tuple of str
        The same in LaTeX, a line each, for the documentation.
    symbols : mapping of str to str
        Name of a parameter, variable or signal -> its symbol in `maths`; what all mechanisms share
        is in `engramlab.brain.markdown.SYMBOLS`.
    sources : tuple of str
        Papers it rests on.
    parameters : tuple of Parameter
    variables : tuple of str
        Neuron variables it adds (float32, zero at birth).
    innate : tuple of str
        Those of them that a neuron has from birth, as no experience wrote them; a new granule cell
        starts without all others.
    signals : tuple of str
        Signals it adds (float64 scalars, zero at birth).
    after : tuple of str
        Mechanisms whose kernels run before this one's in each phase.
    """

    name: str
    summary: str
    equation: str
    sources: tuple[str, ...]
    maths: tuple[str, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    variables: tuple[str, ...] = ()
    innate: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
