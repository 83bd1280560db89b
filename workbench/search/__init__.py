"""Nearest neighbours over embeddings."""

from workbench.search.nearest import NearestRows

__all__ = ["NearestRows"]
