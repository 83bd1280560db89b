"""Zero-shot classification: items named by classes that are given in words or shown by examples.

`zero_shot` measures runs on it, side by side. Evaluation has a short form of its own.
"""
