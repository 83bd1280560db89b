"""Methods that are solved at once: Procrustes, ASIF, ridge regression, canonical correlations.

Each takes `TrainingData` and returns an `AlignedSpace`.
"""
