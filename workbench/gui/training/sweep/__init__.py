"""A sweep of α: its plot, and what is known at the α of the slider.

Take `SweepPanel`.
"""
