"""Where held-out pairs are while a training moves them.

Take `LiveMap`.
"""
