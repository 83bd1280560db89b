"""The runs of a project: their table, their figures side by side, and what is changed in them.

Take `RunsCard`.
"""
