"""Collecting: from a project's folders and tables to its items and pairs.

`scan` writes them to the catalogue, `Preview` only says what it would find. Here are also the
sample project and what could not be taken.
"""
