"""What is done to animals: the protocol language, its reader, and the schedule of each group."""

from engramlab.protocol.reading import (
    load_protocol,
    paradigm_names,
    paradigm_text,
    parse_protocol,
)
from engramlab.protocol.schedule import Schedule, Session, schedule
from engramlab.protocol.schema import Protocol

__all__ = [
    "Protocol",
    "Schedule",
    "Session",
    "load_protocol",
    "paradigm_names",
    "paradigm_text",
    "parse_protocol",
    "schedule",
]
