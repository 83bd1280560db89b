"""The folders and tables of a project, each a row with its options.

Take `Folders`.
"""
