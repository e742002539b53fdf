"""What is done to animals: the protocol language, its reader, and the schedule of each group."""

from engramlab.protocol.reading import (
    load_protocol,
    paradigm_names,
    paradigm_text,
    parse_protocol,
)
from engramlab.protocol.schedule import (
    Beam,
    Drug,
    Event,
    Housing,
    Lesion,
    ReplayBlock,
    Schedule,
    Session,
    Silence,
    SleepDeprivation,
    Stress,
    TagWindow,
    Virus,
    schedule,
)
from engramlab.protocol.schema import Protocol

__all__ = [
    "Beam",
    "Drug",
    "Event",
    "Housing",
    "Lesion",
    "Protocol",
    "ReplayBlock",
    "Schedule",
    "Session",
    "Silence",
    "SleepDeprivation",
    "Stress",
    "TagWindow",
    "Virus",
    "load_protocol",
    "paradigm_names",
    "paradigm_text",
    "parse_protocol",
    "schedule",
]
