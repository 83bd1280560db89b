"""What α gives and costs, as two large numbers beside its sliders.

Take `TwoNumbers` and `NumbersFeed`.
"""
