"""The folder of a run: recipe, curves and ladder, and how it is made, renamed and deleted."""
