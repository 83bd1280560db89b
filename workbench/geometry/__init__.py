"""Neighbour graphs, kernels and diffusion operators."""

from workbench.geometry.diffusion import (
    Kernel,
    Normalisation,
    Operator,
    median_distance,
    squared_distances,
)
from workbench.geometry.neighbours import nearest_neighbours

__all__ = [
    "Kernel",
    "Normalisation",
    "Operator",
    "median_distance",
    "nearest_neighbours",
    "squared_distances",
]
