"""Embeddings on disk."""

from workbench.cache.embeddings import EmbeddingCache, Header, card_difference
from workbench.cache.layout import prepare_cache

__all__ = ["EmbeddingCache", "Header", "card_difference", "prepare_cache"]
