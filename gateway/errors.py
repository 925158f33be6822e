"""The gateway's errors."""


class GatewayError(Exception):
    """What stops the gateway; the text says what was wrong, where, and what to do."""


class ConfigError(GatewayError):
    """A configuration or registry file that cannot be used."""


class OutboxError(GatewayError):
    """A database that cannot be opened, read or written."""


class DiskError(OutboxError):
    """A disk that fails, or is read-only: not the database's fault, and perhaps over soon."""


class DiskFullError(DiskError):
    """No space is left for the database."""


class DamageError(OutboxError):
    """A database that is not as it was written, or of an earlier version."""


class RadioError(GatewayError):
    """A radio that cannot scan, connect or write."""
