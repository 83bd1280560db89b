"""Nearest neighbours over embeddings."""

from workbench.search.clustered import ClusteredRows, Clusters
from workbench.search.clustering import LEAST_RECALL, cluster_rows
from workbench.search.index_file import read_clusters, write_clusters
from workbench.search.means import nearest_centres, spherical_means
from workbench.search.nearest import NearestRows

__all__ = [
    "LEAST_RECALL",
    "ClusteredRows",
    "Clusters",
    "NearestRows",
    "cluster_rows",
    "nearest_centres",
    "read_clusters",
    "spherical_means",
    "write_clusters",
]
