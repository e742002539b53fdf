"""Guided tours: one file a tour, from a question to a finding, on live animals."""

from engramlab.tours.tour import Claim, Step, Tour, all_tours

__all__ = ["Claim", "Step", "Tour", "all_tours"]
