"""Two-dimensional maps of embeddings."""

from workbench.maps.moving import Frame, MovingProjection
from workbench.maps.partners import NEAREST, nearest_rows, neighbours_kept, partners_found
from workbench.maps.projection import MapMethod, pca_map, umap_map

__all__ = [
    "NEAREST",
    "Frame",
    "MapMethod",
    "MovingProjection",
    "nearest_rows",
    "neighbours_kept",
    "partners_found",
    "pca_map",
    "umap_map",
]
