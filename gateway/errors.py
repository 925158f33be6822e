"""The gateway's errors."""


class GatewayError(Exception):
    """What stops the gateway; the text says what was wrong, where, and what to do."""


class ConfigError(GatewayError):
    """A configuration or registry file that cannot be used."""


class OutboxError(GatewayError):
    """A database that cannot be opened, read or written."""


class RadioError(GatewayError):
    """A radio that cannot scan, connect or write."""
