"""Beside the maps: one item, several items, or the answers to a question.

Take `InspectorPanel`.
"""
