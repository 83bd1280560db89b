"""Labelling: what the user says about items, and what is worth asking next.

The program proposes; who answers is the user, and the answers are kept with the project.
"""
