"""Measures on plain arrays."""

from workbench.evaluation.neighbourhoods import cosine_neighbours, neighbour_overlap
from workbench.evaluation.retrieval import (
    Retrieval,
    chance_median_rank,
    chance_recall,
    partner_ranks,
    retrieval,
)

__all__ = [
    "Retrieval",
    "chance_median_rank",
    "chance_recall",
    "cosine_neighbours",
    "neighbour_overlap",
    "partner_ranks",
    "retrieval",
]
