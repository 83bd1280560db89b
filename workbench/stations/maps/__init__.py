"""2-D maps of a space, kept with the recipe that made them, and where new items lie on one.

Take `make_map`, `read_map` and `Placer`.
"""
