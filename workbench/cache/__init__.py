"""Embeddings on disk."""

from workbench.cache.embeddings import EmbeddingCache, Header, prepare_cache

__all__ = ["EmbeddingCache", "Header", "prepare_cache"]
