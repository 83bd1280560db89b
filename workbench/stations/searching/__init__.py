"""Questions in any modality, answered by a run's joint space, and why an answer is there.

Take `Searcher`, `query`, `ask_runs`, the search index and the training pairs behind an answer.
"""
