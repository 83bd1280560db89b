"""Two-dimensional maps of embeddings."""

from workbench.maps.by_umap import umap_map
from workbench.maps.moving import Frame, MovingProjection
from workbench.maps.partners import NEAREST, nearest_rows, neighbours_kept, partners_found
from workbench.maps.placing import PlacesAmong
from workbench.maps.projection import (
    MapMethod,
    Plane,
    pca_map,
    plane_of_blocks,
    principal_plane,
    turn_onto,
)
from workbench.maps.umap_neighbours import METRICS, MapMetric
from workbench.maps.umap_worker import keep_umap_ready, let_go_of_umap

__all__ = [
    "METRICS",
    "NEAREST",
    "Frame",
    "MapMethod",
    "MapMetric",
    "MovingProjection",
    "PlacesAmong",
    "Plane",
    "keep_umap_ready",
    "let_go_of_umap",
    "nearest_rows",
    "neighbours_kept",
    "partners_found",
    "pca_map",
    "plane_of_blocks",
    "principal_plane",
    "turn_onto",
    "umap_map",
]
