"""Encoding on a Ray cluster: what runs on its nodes, and how batches come back in order.

Ray's tasks and actors are used, not Ray Data: batches must be cut as one machine cuts them, with
known contents left out, for the vectors to be the same to the byte; a file that crashes its reader
must be found instead of being read again and again; and files may have to be sent from here. Ray
Data has no source that is fed from outside while its actors live.
"""
