"""Compiles protocol and brain, and runs one virtual animal from first to last event."""

from engramlab.engine.animal import run_animal
from engramlab.engine.animal_record import AnimalRecord

__all__ = ["AnimalRecord", "run_animal"]
