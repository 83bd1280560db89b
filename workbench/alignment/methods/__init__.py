"""The methods: a table of entries with their settings, and the plug-ins that add to it.

Take `methods`, `find_method`, `fit` and `train`.
"""
