"""The choice of what all maps are coloured by, and the legend of a scale.

Take `ColourBox`.
"""
