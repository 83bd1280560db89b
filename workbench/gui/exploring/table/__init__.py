"""All items in a table, filtered and sorted behind the page.

Take `ItemsTable`.
"""
