"""Bugs that somebody planted on purpose: the simulator must find each of them."""
