"""From embeddings and pairs to a run with trained heads, and what is shown meanwhile.

Take `align`, `resume`, the sweep of α and the pairs that a live map follows.
"""
