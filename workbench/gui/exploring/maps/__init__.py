"""One to four maps beside each other, each with its choices.

Take `MapGrid`.
"""
