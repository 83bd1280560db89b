"""Two-dimensional maps of embeddings."""

from workbench.maps.by_umap import METRICS, MapMetric, umap_map
from workbench.maps.moving import Frame, MovingProjection
from workbench.maps.partners import NEAREST, nearest_rows, neighbours_kept, partners_found
from workbench.maps.placing import PlacesAmong
from workbench.maps.projection import MapMethod, Plane, pca_map, principal_plane, turn_onto

__all__ = [
    "METRICS",
    "NEAREST",
    "Frame",
    "MapMethod",
    "MapMetric",
    "MovingProjection",
    "PlacesAmong",
    "Plane",
    "nearest_rows",
    "neighbours_kept",
    "partners_found",
    "pca_map",
    "principal_plane",
    "turn_onto",
    "umap_map",
]
