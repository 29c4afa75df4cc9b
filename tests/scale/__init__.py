"""Retrieval over many passages: how long it takes, how large it gets, what it misses: `make scale`."""
