"""From items to their embeddings in the cache, by a frozen encoder a modality.

Take `encode`, `fetch_encoder`, and what is known of the caches that a project has.
"""
