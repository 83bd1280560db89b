"""Two-dimensional maps of embeddings."""

from workbench.maps.projection import MapMethod, pca_map, umap_map

__all__ = ["MapMethod", "pca_map", "umap_map"]
