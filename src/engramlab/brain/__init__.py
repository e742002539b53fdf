"""Regions, projections, mechanisms and their parameters, as data."""

from engramlab.brain.anatomy import Projection, Region
from engramlab.brain.brain import Brain
from engramlab.brain.mechanism import Mechanism, Parameter

__all__ = ["Brain", "Mechanism", "Parameter", "Projection", "Region"]
