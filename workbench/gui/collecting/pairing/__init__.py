"""Which items belong together, and how pairs are divided.

Take the cards of the Data page.
"""
