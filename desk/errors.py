"""The desk's errors."""


class DeskError(Exception):
    """Base of the desk's errors: one line on what was wrong, where, and what to do."""


class ConfigError(DeskError):
    """A configuration that cannot be used."""


class StoreError(DeskError):
    """A database that cannot be opened, read or written."""


class ControlError(DeskError):
    """A control socket that cannot be opened or reached."""
