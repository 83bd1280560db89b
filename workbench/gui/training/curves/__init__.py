"""The curves of a training that runs, or of a run kept before.

Take `CurveView`.
"""
