"""Pure functions of arrays: the same for a virtual and a real animal."""

from engramlab.measures.discrimination import discrimination_index
from engramlab.measures.effect import Estimate, difference, hedges_g, mean_estimate
from engramlab.measures.engram import (
    cosine_similarity,
    dice,
    engram_size,
    jaccard,
    overlap_over_chance,
    overlap_probability,
)

__all__ = [
    "Estimate",
    "cosine_similarity",
    "dice",
    "difference",
    "discrimination_index",
    "engram_size",
    "hedges_g",
    "jaccard",
    "mean_estimate",
    "overlap_over_chance",
    "overlap_probability",
]
