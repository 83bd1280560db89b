"""Adapters: the models of each library behind the interface of an encoder."""
