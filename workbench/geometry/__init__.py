"""Neighbour graphs, groups of near rows, kernels and diffusion operators."""

from workbench.geometry.diffusion import (
    Kernel,
    Normalisation,
    Operator,
    Scale,
    median_distance,
    squared_distances,
)
from workbench.geometry.grouping import near_groups
from workbench.geometry.lengths import (
    common_scale,
    common_scale_of,
    of_usual_size,
    unit_differences,
    unit_rows,
)
from workbench.geometry.neighbourhood_loss import neighbourhood_loss
from workbench.geometry.neighbours import Neighbourhoods, find_neighbours, nearest_neighbours
from workbench.geometry.rows import RowSource

__all__ = [
    "Kernel",
    "Neighbourhoods",
    "Normalisation",
    "Operator",
    "RowSource",
    "Scale",
    "common_scale",
    "common_scale_of",
    "find_neighbours",
    "median_distance",
    "near_groups",
    "nearest_neighbours",
    "neighbourhood_loss",
    "of_usual_size",
    "squared_distances",
    "unit_differences",
    "unit_rows",
]
