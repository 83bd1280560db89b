"""What Explore knows, as objects without widgets: a test or a script can drive and read them.

Take `ExploreState`; panels subscribe to its signals.
"""
