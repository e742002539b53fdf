"""Compiles protocol and brain, and runs one virtual animal from first to last event."""

from engramlab.engine.animal import run_animal, run_twin
from engramlab.engine.animal_record import AnimalRecord

__all__ = ["AnimalRecord", "run_animal", "run_twin"]
