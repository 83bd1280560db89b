"""Measures on plain arrays."""

from workbench.evaluation.by_group import GroupRecall, recall_by_group
from workbench.evaluation.chance import chance_median_rank, chance_recall
from workbench.evaluation.classification import TOP, Classification, class_prototypes, classify
from workbench.evaluation.health import (
    RelationHealth,
    ViewHealth,
    alignment,
    effective_rank,
    mean_cosine,
    modality_gap,
    relation_health,
    uniformity,
    view_health,
)
from workbench.evaluation.hubs import mean_similarity_to_nearest, occurrences, skewness
from workbench.evaluation.neighbourhood_distortion import (
    distortion,
    distortion_within,
    operators_before_and_after,
)
from workbench.evaluation.neighbourhoods import (
    Neighbourhoods,
    NeighbourOverlap,
    compare_neighbourhoods,
    neighbour_overlap,
)
from workbench.evaluation.one_item import (
    RankedNeighbours,
    neighbours_before_and_after,
    ranks_of_partners,
    scores_of,
)
from workbench.evaluation.retrieval import (
    CSLS_NEIGHBOURS,
    Retrieval,
    partner_ranks,
    rank_figures,
    retrieval,
    retrieve,
)
from workbench.evaluation.study_curves import (
    Crossing,
    Means,
    Reached,
    chance_of_no_difference,
    clear,
    crossings,
    differences,
    means,
    reached,
)
from workbench.evaluation.uncertainty import (
    Bootstrap,
    Difference,
    interval,
    pair_groups,
    rank_differences,
    rank_intervals,
    share_intervals,
)

__all__ = [
    "CSLS_NEIGHBOURS",
    "TOP",
    "Bootstrap",
    "Classification",
    "Crossing",
    "Difference",
    "GroupRecall",
    "Means",
    "NeighbourOverlap",
    "Neighbourhoods",
    "RankedNeighbours",
    "Reached",
    "RelationHealth",
    "Retrieval",
    "ViewHealth",
    "alignment",
    "chance_median_rank",
    "chance_of_no_difference",
    "chance_recall",
    "class_prototypes",
    "classify",
    "clear",
    "compare_neighbourhoods",
    "crossings",
    "differences",
    "distortion",
    "distortion_within",
    "effective_rank",
    "interval",
    "mean_cosine",
    "mean_similarity_to_nearest",
    "means",
    "modality_gap",
    "neighbour_overlap",
    "neighbours_before_and_after",
    "occurrences",
    "operators_before_and_after",
    "pair_groups",
    "partner_ranks",
    "rank_differences",
    "rank_figures",
    "rank_intervals",
    "ranks_of_partners",
    "reached",
    "recall_by_group",
    "relation_health",
    "retrieval",
    "retrieve",
    "scores_of",
    "share_intervals",
    "skewness",
    "uniformity",
    "view_health",
]
