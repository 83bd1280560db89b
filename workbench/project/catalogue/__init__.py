"""Items and pairs of a project in one SQLite file, and how a scan changes them."""
