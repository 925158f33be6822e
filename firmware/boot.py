"""Nothing to do before main.py: the badge has no network."""
