"""Scripts that run on the board: each has a main(), whose result goes to the host as JSON."""
