"""The Studies page's parts: what could be studied, a study's figure and table, and its jobs."""
