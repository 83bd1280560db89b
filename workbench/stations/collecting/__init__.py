"""Collecting: from folders and files of records to the items of a project."""
