"""A sweep of α: heads of several α trained beside each other in one pass.

Take `train_sweep` and `AlphaSweep`.
"""
