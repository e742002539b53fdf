"""Pure functions of arrays: the same for a virtual and a real animal.

`scipy.stats` is named in full where it is used: SciPy loads it then, which takes half a second.
"""

from engramlab.measures.behaviour import (
    freezing_bouts,
    freezing_percent,
    place_preference,
)
from engramlab.measures.coactivity import (
    CoactivityNetwork,
    Synchrony,
    coactivity_network,
    synchronous_frames,
)
from engramlab.measures.correlation import (
    correlation,
    lagged_correlations,
    lead,
    mean_correlation,
    partial_correlation,
    variance_left,
)
from engramlab.measures.decoding import (
    Decoding,
    block_vectors,
    decode,
)
from engramlab.measures.detection import (
    ensemble_by_event,
    ensemble_by_rate,
    ensemble_by_rise,
    ensemble_by_share,
    ensemble_by_threshold,
)
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
from engramlab.measures.events import (
    Events,
    bursts,
    false_event_share,
    find_events,
    robust_sd,
)
from engramlab.measures.general_activity import (
    SessionOverlaps,
    general_activity,
    overlaps_keeping_activity,
    shuffled_keeping_activity,
)
from engramlab.measures.hazard import HazardFit, fit_hazard
from engramlab.measures.network import (
    clustering,
    communities,
    degree,
    density,
    modularity,
    rewired,
)
from engramlab.measures.pareto import distance_to_front, pareto_front
from engramlab.measures.population_vector import (
    CorrectedSimilarity,
    centred_on_cells,
    corrected_similarity,
    halves_of,
    similarity_matrix,
)
from engramlab.measures.prediction import auc, brier, brier_skill, calibration
from engramlab.measures.preference import preference_seconds
from engramlab.measures.reactivation import (
    Overlap,
    ratio_interval,
    reactivation,
    reactivation_from_counts,
)
from engramlab.measures.survival import (
    ensemble_retention,
    ensemble_survival,
    membership_duration,
    newcomer_share,
)
from engramlab.measures.turnover import (
    Curve,
    Turnover,
    mean_curve,
    turnover,
    turnover_from_counts,
)

__all__ = [
    "CoactivityNetwork",
    "CorrectedSimilarity",
    "Curve",
    "Decoding",
    "Estimate",
    "Events",
    "HazardFit",
    "Overlap",
    "SessionOverlaps",
    "Synchrony",
    "Turnover",
    "auc",
    "block_vectors",
    "brier",
    "brier_skill",
    "bursts",
    "calibration",
    "centred_on_cells",
    "clustering",
    "coactivity_network",
    "communities",
    "corrected_similarity",
    "correlation",
    "cosine_similarity",
    "decode",
    "degree",
    "density",
    "dice",
    "difference",
    "discrimination_index",
    "distance_to_front",
    "engram_size",
    "ensemble_by_event",
    "ensemble_by_rate",
    "ensemble_by_rise",
    "ensemble_by_share",
    "ensemble_by_threshold",
    "ensemble_retention",
    "ensemble_survival",
    "false_event_share",
    "find_events",
    "fit_hazard",
    "freezing_bouts",
    "freezing_percent",
    "general_activity",
    "halves_of",
    "hedges_g",
    "jaccard",
    "lagged_correlations",
    "lead",
    "mean_correlation",
    "mean_curve",
    "mean_estimate",
    "membership_duration",
    "modularity",
    "newcomer_share",
    "overlap_over_chance",
    "overlap_probability",
    "overlaps_keeping_activity",
    "pareto_front",
    "partial_correlation",
    "place_preference",
    "preference_seconds",
    "ratio_interval",
    "reactivation",
    "reactivation_from_counts",
    "rewired",
    "robust_sd",
    "shuffled_keeping_activity",
    "similarity_matrix",
    "synchronous_frames",
    "turnover",
    "turnover_from_counts",
    "variance_left",
]
