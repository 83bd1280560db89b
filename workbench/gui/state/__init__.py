"""What the window knows, as objects without widgets.

Pages and panels subscribe to them; a test or a script can drive and read them in their place.
"""
