"""The spaces of a project: which there are, and their rows for who compares them.

Take `list_spaces` to offer them, and `read_compared_space` to measure in one. Their names are read
and written by `workbench.project.SpaceName`.
"""
