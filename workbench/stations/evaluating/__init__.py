"""What a run is worth on pairs it has never seen, as a whole, by class and by item.

Take `evaluate`, `compare`, and the inspector of single items with their figures.
"""
