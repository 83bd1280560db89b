"""Out of a project and into another: a run is exported, imported, and asked without its project.

Taken from here: `export`, `export_sizes`, `import_bundle` and `search`.
"""
