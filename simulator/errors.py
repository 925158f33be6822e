"""The simulator's one error."""


class SimulatorError(Exception):
    """Something the simulator cannot work without; the text says what to do about it."""
