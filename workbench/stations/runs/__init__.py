"""Runs: what one was made of, and what was read of it.

`data` has the embeddings and pairs that a run was made of; `store` keeps its heads and rows, read
once for everybody who looks, asks, places or explains.
"""
