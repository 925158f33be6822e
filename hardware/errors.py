"""What goes wrong with the hardware's data."""


class HardwareError(Exception):
    """Data that cannot be used; the message names the file and says what to do."""
