"""The settings of the methods: ranges, units and a sentence of help a field.

Take `MethodSettings`, which all are, and one class a method.
"""
