"""All items as columns, filters over them, clusters, and selections written to a file.

Take `ItemColumns`, `filter_items`, `cluster_items`, `find_items` and `export_selection`.
"""
