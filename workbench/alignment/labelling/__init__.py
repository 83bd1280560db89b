"""Labelling: which items to ask a person about next, who may be their partners, and whom to doubt.

Of the rooms above, a station reads the project and the answers that were given.
"""
